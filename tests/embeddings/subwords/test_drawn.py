"""Rows kept where texts touch them: the matrix, and what comes after, are those of a whole draw."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

import polytopic as pt
from polytopic.embeddings.subwords.drawing import uniform_rows
from polytopic.embeddings.subwords.drawn import DrawnRows

N_ROWS = 6000


def touched(n: int) -> np.ndarray:
    return np.random.default_rng(n).integers(0, N_ROWS, n).astype(np.int32)


@pytest.mark.parametrize("n_threads", [1, 3])
@pytest.mark.parametrize("dim", [1, 7, 8])
@pytest.mark.parametrize("n", [0, 1, 40, 9000])
def test_rows_are_those_of_a_whole_draw(n: int, dim: int, n_threads: int) -> None:
    one, other, rows = np.random.default_rng(5), np.random.default_rng(5), touched(n)
    wanted = uniform_rows(one, N_ROWS, dim, 1)
    drawn, numbers = DrawnRows.drawn(other, N_ROWS, dim, rows, n_threads)
    assert len(drawn.values) == len(set(rows.tolist()))
    np.testing.assert_array_equal(drawn.values[numbers], wanted[rows])
    np.testing.assert_array_equal(drawn.whole(n_threads), wanted)
    np.testing.assert_array_equal(other.permutation(9), one.permutation(9))


@pytest.mark.parametrize("n", [0, 40, 9000])
@pytest.mark.parametrize("asked", [0, 3, 700])
def test_what_was_learned_and_what_was_not_is_found(n: int, asked: int) -> None:
    rows, wanted = touched(n), uniform_rows(np.random.default_rng(5), N_ROWS, 7, 1)
    drawn = DrawnRows.drawn(np.random.default_rng(5), N_ROWS, 7, rows, 2)[0]
    drawn.values[:] += 1
    wanted[np.unique(rows)] += 1
    others = np.concatenate([touched(asked + 1), rows[: asked // 2]])
    matrix, numbers = drawn.of(others, 2)
    assert len(matrix) <= len(others)
    np.testing.assert_array_equal(matrix[numbers], wanted[others])
    np.testing.assert_array_equal(drawn.whole(1), wanted)


def test_rows_that_are_all_kept_are_handed_on() -> None:
    matrix, rows = np.ones((4, 2), np.float32), np.array([3, 0, 3], np.int32)
    found, numbers = DrawnRows(4, matrix).of(rows, 1)
    assert found is matrix and numbers is rows and DrawnRows(4, matrix).whole(1) is matrix


def test_a_classifier_takes_no_memory_for_rows_that_no_text_touches() -> None:
    texts = ["cold pizza", "warm pizza", "red car", "fast car"] * 5
    model = pt.FastTextClassifier(dim=100, word_ngrams=2, random_state=0)
    model.fit(texts, [text[-1] for text in texts])
    tracemalloc.start()
    model.fit(texts, [text[-1] for text in texts])
    model.predict(["a fast pizza that is red"])
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert used < 100e6, "two million rows would be 800 MB"
