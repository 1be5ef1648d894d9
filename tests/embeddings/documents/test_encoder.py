"""StaticEncoder: means, SIF and uSIF against plain NumPy; folders of model2vec; distilling."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.errors import EmptyDocumentsWarning, InputError, InputTypeError

WORDS = [f"w{i}" for i in range(50)]
COUNTS = np.array([20_000, *np.arange(49, 0, -1) ** 2])


@pytest.fixture(scope="module")
def vectors() -> pt.WordVectors:
    rng = np.random.default_rng(0)
    return pt.WordVectors(
        pt.Vocabulary(WORDS, COUNTS), rng.normal(size=(50, 12)).astype(np.float32) + 0.5
    )


@pytest.fixture(scope="module")
def texts() -> list[str]:
    rng = np.random.default_rng(1)
    return [" ".join(rng.choice(WORDS, rng.integers(1, 20))) + " unseen." for _ in range(40)]


def rows_of(text: str) -> list[int]:
    return [int(word[1:]) for word in text.split() if word[0] == "w"]


def plain(vectors: pt.WordVectors, texts: list[str], weights: np.ndarray) -> np.ndarray:
    wide = vectors.input.astype(np.float64) * weights[:, None]
    return np.stack([wide[rows_of(text)].mean(axis=0) for text in texts])


def test_the_mean_is_the_mean(vectors: pt.WordVectors, texts: list[str]) -> None:
    encoder = pt.StaticEncoder(vectors, weights="mean")
    wanted = plain(vectors, texts, np.ones(50))
    np.testing.assert_allclose(encoder.encode(texts), wanted, atol=1e-6)
    np.testing.assert_allclose(encoder(texts), wanted, atol=1e-6)
    assert encoder.encode(texts[0]).shape == (12,)
    unit = encoder.encode(texts, normalize=True)
    np.testing.assert_allclose(np.linalg.norm(unit, axis=1), 1, atol=1e-6)


def test_weights_of_zipf_are_model2vecs(vectors: pt.WordVectors, texts: list[str]) -> None:
    """Its weighting by rank: sif / (sif + p), p ~ 1 / rank from 2."""
    shares = 1 / np.arange(2, 52)
    wanted = plain(vectors, texts, 1e-4 / (1e-4 + shares / shares.sum()))
    np.testing.assert_allclose(pt.StaticEncoder(vectors).encode(texts), wanted, rtol=1e-4)


def test_sif_is_aroras(vectors: pt.WordVectors, texts: list[str]) -> None:
    shares = COUNTS / COUNTS.sum()
    means = plain(vectors, texts, 1e-3 / (1e-3 + shares))
    first = np.linalg.svd(means, full_matrices=False)[2][0]
    wanted = means - np.outer(means @ first, first)
    encoder = pt.StaticEncoder(vectors, weights="sif")
    np.testing.assert_allclose(encoder.encode(texts), means, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(encoder.fit(texts).encode(texts), wanted, atol=1e-6)


def test_usif_is_ethayarajhs(vectors: pt.WordVectors, texts: list[str]) -> None:
    """His program, line by line, with five directions."""
    shares = COUNTS / COUNTS.sum()
    often = np.mean(shares > 1 - (1 - 1 / 50) ** 11)
    a = (1 - often) / (often * 0.5 * 50)
    weights = a / (0.5 * a + shares)
    means = []
    for text in texts:
        rows = rows_of(text)
        scaled = vectors.input[rows].astype(np.float64)
        scaled /= np.linalg.norm(scaled, axis=0)
        means.append((scaled * weights[rows, None]).mean(axis=0))
    wanted = np.stack(means)
    _, sizes, directions = np.linalg.svd(wanted, full_matrices=False)
    for size, direction in zip(sizes[:5], directions[:5], strict=True):
        share = size**2 / (sizes[:5] ** 2).sum()
        wanted = wanted - share * np.outer(wanted @ direction, direction)
    found = pt.StaticEncoder(vectors, weights="usif").fit(texts).encode(texts)
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_dimensions_are_principal_components(vectors: pt.WordVectors, texts: list[str]) -> None:
    wide = vectors.input.astype(np.float64)
    centred = wide - wide.mean(axis=0)
    wanted = centred @ np.linalg.svd(centred, full_matrices=False)[2][:3].T
    encoder = pt.StaticEncoder(vectors, weights="mean", dim=3)
    assert encoder.dim == 3
    signs = np.sign((encoder.vectors.input * wanted).sum(axis=0))
    np.testing.assert_allclose(encoder.vectors.input, wanted * signs, atol=1e-5)


@pytest.mark.parametrize("weights", ["zipf", "usif", "sif"])
def test_each_document_is_by_itself(
    vectors: pt.WordVectors, texts: list[str], weights: str
) -> None:
    encoder = pt.StaticEncoder(vectors, weights=weights).fit(texts)
    together = encoder.encode(texts)
    alone = np.stack([encoder.encode([text])[0] for text in texts])
    np.testing.assert_array_equal(together, alone)
    long = encoder.encode([" ".join(texts) * 200, *texts])
    np.testing.assert_array_equal(long[1:], together)


def test_texts_without_words_are_zeros_and_told(vectors: pt.WordVectors) -> None:
    encoder = pt.StaticEncoder(vectors)
    with pytest.warns(EmptyDocumentsWarning, match="2 of 3 hold no word with a vector"):
        found = encoder.encode(["nothing", "", "w1"], normalize=True)
    assert not found[:2].any()
    assert found[2].any()
    assert encoder.encode([]).shape == (0, 12)


def test_capitals_are_those_of_the_words() -> None:
    lower = pt.StaticEncoder(pt.WordVectors(["paris", "é"], np.eye(2)), weights="mean")
    assert lower.encode("PARIS É").tolist() == [0.5, 0.5]
    mixed = pt.StaticEncoder(pt.WordVectors(["Paris", "paris"], np.eye(2)), weights="mean")
    assert mixed.encode("Paris Paris paris").round(2).tolist() == [
        np.float32(0.67),
        np.float32(0.33),
    ]


@pytest.mark.parametrize("weights", ["zipf", "sif"])
def test_a_folder_keeps_all(
    vectors: pt.WordVectors, texts: list[str], weights: str, tmp_path: Path
) -> None:
    encoder = pt.StaticEncoder(vectors, weights=weights, normalize=True).fit(texts)
    back = pt.StaticEncoder.load(encoder.save(tmp_path / "m"))
    np.testing.assert_allclose(back.encode(texts), encoder.encode(texts), atol=1e-6)
    assert back.normalize
    try:
        from model2vec import StaticModel
    except ImportError:
        return
    theirs = StaticModel.from_pretrained(str(tmp_path / "m"))
    np.testing.assert_allclose(theirs.encode(texts), encoder.encode(texts), atol=1e-5)


def test_a_folder_of_pieces_of_words_needs_the_tokenizer(
    vectors: pt.WordVectors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = pt.StaticEncoder(vectors).save(tmp_path / "m")
    record = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    record["model"]["type"] = "WordPiece"
    (folder / "tokenizer.json").write_text(json.dumps(record), encoding="utf-8")
    monkeypatch.setitem(__import__("sys").modules, "tokenizers", None)
    with pytest.raises(pt.MissingExtraError, match=r"polytopic\[model2vec\]"):
        pt.StaticEncoder.load(folder)


class Teacher:
    """An encoder of single words, as a sentence-transformer is one."""

    def __init__(self, width: int) -> None:
        self.width = width

    def encode(self, words: list[str]) -> np.ndarray:
        rng = np.random.default_rng(len(words))
        return rng.normal(size=(len(words), self.width))


def test_distilled_of_another_encoder(texts: list[str]) -> None:
    encoder = pt.StaticEncoder.distil(Teacher(20), WORDS, dim=6)
    own = pt.StaticEncoder(pt.WordVectors(WORDS, Teacher(20).encode(WORDS)), dim=6)
    np.testing.assert_array_equal(encoder.encode(texts), own.encode(texts))
    assert encoder.dim == 6


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda v: pt.StaticEncoder(v, weights="idf"), InputError, "weights: 'idf' is unknown"),
        (lambda v: pt.StaticEncoder(v, dim=0), InputError, "dim: is 0. The vectors have 12"),
        (lambda v: pt.StaticEncoder(v, dim=13), InputError, "dim: is 13. The vectors have 12"),
        (lambda v: pt.StaticEncoder(v, smoothing=0), InputError, "smoothing: is 0"),
        (lambda v: pt.StaticEncoder([[1.0]]), InputTypeError, "vectors: of type list"),
        (
            lambda v: pt.StaticEncoder(pt.WordVectors(["a"], [[1.0]]), weights="sif"),
            InputError, "goes by how often words occur",
        ),
        (lambda v: pt.StaticEncoder(v, weights="sif").fit(["x"]), InputError, "texts: none holds"),
        (lambda v: pt.StaticEncoder(v).encode(["w1", 3]), InputTypeError, "texts: entry 1 is of"),
        (lambda v: pt.StaticEncoder(v).encode(None), InputTypeError, "texts: of type NoneType"),
        (lambda v: pt.StaticEncoder(v, weights="sif").fit("w1"), InputTypeError, "of type str"),
        (lambda v: pt.StaticEncoder(v, weights="usif").save("m"), InputError, 'weights: "usif"'),
        (lambda v: pt.StaticEncoder.distil(Teacher(4), WORDS), InputError, "dim: is 256"),
        (lambda v: pt.StaticEncoder.distil(3, WORDS), InputTypeError, "model: of type int"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(
    vectors: pt.WordVectors, make: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        make(vectors)
    assert message in str(caught.value)


def test_a_distilled_model_of_another_width_is_refused() -> None:
    class Odd:
        def encode(self, words: list[str]) -> Any:
            return np.ones((len(words) - 1, 4))

    with pytest.raises(InputError, match=r"shape \(49, 4\) for 50 words"):
        pt.StaticEncoder.distil(Odd(), WORDS, dim=None)
