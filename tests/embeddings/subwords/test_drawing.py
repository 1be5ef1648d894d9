"""Rows drawn and texts averaged by threads: the bits of one thread that does it all."""

from __future__ import annotations

import numpy as np
import pytest

import polytopic as pt
from polytopic.embeddings.kernels.documents import mean_rows
from polytopic.embeddings.subwords.drawing import means_of_texts, uniform_rows


@pytest.mark.parametrize("n_threads", [1, 3])
@pytest.mark.parametrize("shape", [(4001, 51), (7, 3), (1, 1), (0, 5), (20000, 8)])
def test_rows_are_those_of_one_draw_and_so_is_what_comes_after(
    shape: tuple[int, int], n_threads: int
) -> None:
    one, shared = np.random.default_rng(3), np.random.default_rng(3)
    wanted = (one.random(shape, dtype=np.float32) - np.float32(0.5)) * np.float32(2 / shape[1])
    np.testing.assert_array_equal(uniform_rows(shared, *shape, n_threads), wanted)
    for draw in (lambda rng: rng.random(3, dtype=np.float32), lambda rng: rng.permutation(9)):
        np.testing.assert_array_equal(draw(shared), draw(one))


@pytest.mark.parametrize("n_threads", [1, 4])
@pytest.mark.parametrize("n", [0, 2, 50])
def test_means_are_those_of_one_thread(n: int, n_threads: int) -> None:
    rng = np.random.default_rng(0)
    bounds = np.concatenate([[0], np.cumsum(rng.integers(0, 5, n))]).astype(np.int64)
    rows = rng.integers(0, 9, bounds[-1]).astype(np.int32)
    matrix, wanted = rng.random((9, 6), dtype=np.float32), np.empty((n, 6), np.float32)
    mean_rows(rows, bounds, matrix, 0, n, wanted)
    np.testing.assert_array_equal(means_of_texts(bounds, rows, matrix, n_threads), wanted)


def test_a_classifiers_bits_are_those_of_any_number_of_threads() -> None:
    texts = [f"w{i % 7} w{i % 5} w{i % 3}" for i in range(60)]
    labels = [i % 3 for i in range(60)]
    chances = [
        pt.FastTextClassifier(dim=5, word_ngrams=2, bucket=99, random_state=1, n_threads=n)
        .fit(texts, labels)
        .predict_proba(texts)
        for n in (1, 2, 3)
    ]
    np.testing.assert_array_equal(chances[0], chances[1])
    np.testing.assert_array_equal(chances[0], chances[2])
