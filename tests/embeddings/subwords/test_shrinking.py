"""Quantised files of classifiers: nearly the model, the longest rows left, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.errors import InputError

QUICK: dict[str, Any] = {"dim": 8, "bucket": 300, "random_state": 0}


def many_words() -> tuple[list[str], list[str]]:
    """More rows than there are centroids, so that codes are rounded."""
    rng = np.random.default_rng(3)
    kinds = rng.integers(0, 3, 600)
    texts = [" ".join([f"{'abc'[k]}{i}" for i in rng.integers(0, 200, 6)] + ["x"]) for k in kinds]
    return texts, [f"k{k}" for k in kinds]


@pytest.mark.parametrize("norms", [False, True])
@pytest.mark.parametrize("width", [1, 2, 3])
def test_a_quantised_file_is_nearly_the_model(norms: bool, width: int, tmp_path: Path) -> None:
    texts, labels = many_words()
    model = pt.FastTextClassifier(epochs=10, word_ngrams=2, learning_rate=0.5, **QUICK)
    model.set_params(spaces=True).fit(texts, labels)
    whole = model.write_binary(tmp_path / "m.bin")
    small = model.write_quantised(tmp_path / "m.ftz", width=width, norms=norms)
    back = pt.FastTextClassifier.read_binary(small)
    assert small.stat().st_size < whole.stat().st_size
    assert back._input.shape == model._input.shape
    error = np.linalg.norm(back._input - model._input) / np.linalg.norm(model._input)
    assert 0 < error < (0.1 if width == 1 else 0.5)
    assert np.mean(back.predict(texts) == model.predict(texts)) > 0.97
    again = model.write_quantised(tmp_path / "n.ftz", width=width, norms=norms)
    assert again.read_bytes() == small.read_bytes()


@pytest.mark.filterwarnings("ignore::polytopic.errors.EmptyDocumentsWarning")
@pytest.mark.parametrize("grams", [0, 300])
def test_the_longest_rows_are_left(grams: int, tmp_path: Path) -> None:
    texts, labels = many_words()
    model = pt.FastTextClassifier(dim=8, epochs=10, learning_rate=0.5, random_state=0, spaces=True)
    model.set_params(word_ngrams=2 if grams else 1, bucket=grams).fit(texts, labels)
    back = pt.FastTextClassifier.read_binary(
        model.write_quantised(tmp_path / "m.ftz", keep=400, width=1)
    )
    assert len(back._input) == 400
    sizes = np.linalg.norm(model._input, axis=1)
    n = len(model.vocabulary_)
    order = [row for row in np.argsort(-sizes) if row != model.vocabulary_.columns(["</s>"])[0]]
    wanted = [model.vocabulary_.terms[row] for row in sorted(order[:399]) if row < n]
    assert [term for term in back.vocabulary_.terms if term != "</s>"] == wanted
    assert "</s>" in back.vocabulary_.terms
    places = model.vocabulary_.columns(back.vocabulary_.terms)
    np.testing.assert_allclose(back._input[: len(places)], model._input[places], atol=0.05)
    assert back.score(texts, labels) > 0.5
    pt.load(back.save(tmp_path / "again")).predict(texts[:3])
    with pytest.raises(InputError, match="model: is a quantised one"):
        back.write_quantised(tmp_path / "n.ftz")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"keep": 0}, "keep: is 0. Give a number of rows"),
        ({"width": 0}, "width: is 0. Give a number of columns, 1 to 8"),
        ({"width": 9}, "width: is 9"),
    ],
)
def test_what_cannot_be_quantised_is_refused(
    options: dict[str, int], message: str, tmp_path: Path
) -> None:
    model = pt.FastTextClassifier(**QUICK).fit(["a b", "c d"], ["x", "y"])
    with pytest.raises(InputError) as caught:
        model.write_quantised(tmp_path / "m.ftz", **options)
    assert message in str(caught.value)
