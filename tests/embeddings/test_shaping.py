"""Vectors after training: without what all share, and nearer to a lexicon's relations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.errors import FileMissingError, InputError, InputTypeError


@pytest.fixture
def vectors() -> pt.WordVectors:
    rng = np.random.default_rng(0)
    matrices = (rng.normal(size=(2, 60, 8)) * np.arange(1, 9) + 5).astype(np.float32)
    return pt.WordVectors([f"w{i}" for i in range(60)], *matrices)


def test_the_top_is_what_a_principal_component_analysis_finds(vectors: pt.WordVectors) -> None:
    found = vectors.all_but_the_top(2)
    for name in ("input", "output"):
        matrix = getattr(vectors, name).astype(np.float64)
        centred = matrix - matrix.mean(axis=0)
        _, _, directions = np.linalg.svd(centred, full_matrices=False)
        wanted = centred - centred @ directions[:2].T @ directions[:2]
        np.testing.assert_allclose(getattr(found, name), wanted, atol=1e-4)
    assert list(found) == list(vectors)
    np.testing.assert_array_equal(vectors.all_but_the_top().input, vectors.all_but_the_top(1).input)


def test_retrofitting_is_faruquis(vectors: pt.WordVectors, tmp_path: Path) -> None:
    """Against the loop of his program: its words in row order, each moved in its turn."""
    lexicon = {"w3": ["w1", "w2", "nope"], "w1": ["w3"], "w9": ["w9"], "no": ["w1"]}
    moved = {word: vectors[word].astype(np.float64) for word in vectors}
    for _ in range(4):
        for word in ("w1", "w3"):
            near = [other for other in lexicon[word] if other in moved]
            total = len(near) * vectors[word].astype(np.float64)
            for other in near:
                total = total + moved[other]
            moved[word] = total / (2 * len(near))
    found = vectors.retrofit(lexicon, iterations=4)
    np.testing.assert_allclose(found.input, np.stack(list(moved.values())), rtol=1e-6)
    assert np.shares_memory(found.output, vectors.output)
    file = tmp_path / "lexicon.txt"
    file.write_text("w3 w1 w2 nope\nw1 w3\n\nw9 w9\nno w1\n", encoding="utf-8")
    np.testing.assert_array_equal(vectors.retrofit(file, iterations=4).input, found.input)


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (
            lambda v: v.all_but_the_top(0),
            InputError,
            "n: is 0. Give a number of directions",
        ),
        (lambda v: v.all_but_the_top(8), InputError, "n: is 8"),
        (lambda v: v.retrofit({}), InputError, "lexicon: no two related words"),
        (lambda v: v.retrofit({"w1": ["w1", "x"]}), InputError, "lexicon: no two related words"),
        (lambda v: v.retrofit({"w1": ["w2"]}, iterations=0), InputError, "iterations: is 0"),
        (lambda v: v.retrofit("none.txt"), FileMissingError, "none.txt: no such file"),
        (lambda v: v.retrofit(["w1"]), InputTypeError, "lexicon: of type list"),
    ],
)
def test_what_cannot_be_done_is_refused(
    vectors: pt.WordVectors, ask: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        ask(vectors)
    assert message in str(caught.value)
