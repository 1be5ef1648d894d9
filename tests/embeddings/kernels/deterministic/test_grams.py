"""Words as means of rows: composed, and their changes added to the rows, against plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from polytopic.embeddings.kernels.deterministic.grams import (
    Grams,
    add_to_grams,
    compose,
    moved,
)

ROWS, E = 30, 7
GRAMS = Grams.of(
    np.array([0, 3, 4, 8, 10]), np.array([0, 9, 5, 1, 2, 9, 9, 29, 3, 5], dtype=np.int32)
)
"""Four words; the third has a row twice, and rows are shared."""


def rows_of(word: int) -> list[int]:
    return GRAMS.rows[GRAMS.starts[word] : GRAMS.starts[word + 1]].tolist()


def test_words_are_means_and_changes_what_they_moved_by() -> None:
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(ROWS, E)).astype(np.float32)
    words = np.array([2, 0, 3], dtype=np.int32)
    copies, origins = np.full((3, 16), 7, np.float32), np.empty((3, E), np.float32)
    compose(matrix, words, 3, GRAMS, copies, origins)
    for place, word in enumerate(words.tolist()):
        np.testing.assert_allclose(copies[place, :E], matrix[rows_of(word)].mean(axis=0), rtol=1e-6)
    np.testing.assert_array_equal(copies[:, :E], origins)
    assert (copies[:, E:] == 7).all()
    copies[:, :E] += 0.5
    moved(copies, origins, 2)
    np.testing.assert_allclose(copies[:2, :E], 0.5, rtol=1e-6)
    assert (copies[2, :E] == origins[2] + np.float32(0.5)).all()


def twin(
    matrix: np.ndarray, changes: list[np.ndarray], used: list[tuple], strength: float
) -> np.ndarray:
    """Every row by itself, as the equation of the module has it."""
    found = matrix.astype(np.float64)
    for row in range(ROWS):
        uses = [
            sum(c * rows_of(w).count(row) for w, c in zip(words, counts[0], strict=True))
            for words, counts, _ in used
        ]
        single = sum(1 - np.exp(-strength * c) for c in uses if c)
        several = sum(c > 0 for c in uses) > 1
        scale = (1 - np.exp(-strength * sum(uses))) / single if several else 1.0
        for (words, _, _), change in zip(used, changes, strict=True):
            for word, moves in zip(words, change, strict=True):
                found[row] += scale * rows_of(word).count(row) * moves[:E]
    return found


@pytest.mark.parametrize("parts", [1, 2, 4])
def test_changes_are_added_to_every_row_once(parts: int) -> None:
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(ROWS, E)).astype(np.float32)
    blocks = [0, 2], [2, 1, 3], [3]
    words, counts = np.zeros((3, 3), np.int32), rng.integers(1, 9, (3, 2, 3)).astype(np.float32)
    for block, own in enumerate(blocks):
        words[block, : len(own)] = own
    n_rows = np.array([[len(own), 9] for own in blocks])
    changes = rng.normal(size=(3, 3, 16)).astype(np.float32)
    used = [(own, counts[b, :, : len(own)], 0) for b, own in enumerate(blocks)]
    moves = [changes[b, : len(own)] for b, own in enumerate(blocks)]
    wanted = twin(matrix, moves, used, 0.05)
    place = np.full(GRAMS.n_rows(), -1, np.int32)
    for part in range(parts):
        all_used = words, counts, n_rows
        add_to_grams(matrix, changes, all_used, 3, GRAMS, place, 0.05, part, parts)
    np.testing.assert_allclose(matrix, wanted, rtol=2e-5, atol=1e-5)
    assert (place == -1).all()
