"""Noise words that are none of a window's."""

from __future__ import annotations

import numpy as np

from polytopic.embeddings.kernels.arguments import Noise
from polytopic.embeddings.kernels.negatives import alias_table
from polytopic.embeddings.kernels.outside import draw_inputs, keep_outside, stream_of_inputs
from polytopic.kernels.random import stream

MATRIX = np.zeros((6, 4), np.float32)


def addresses(words: list[int]) -> np.ndarray:
    return np.array([MATRIX.ctypes.data + 16 * word for word in words], dtype=np.int64)


def test_rows_of_words_in_the_window_are_dropped_and_the_rest_keep_their_order() -> None:
    ids = np.array([5, 2, 0, 4], dtype=np.int32)
    rows = addresses([1, 0, 3, 2, 5, 3, 0])
    n = keep_outside(ids, 1, 3, MATRIX, rows, 1, 6)
    assert n == 4
    assert rows[:5].tolist() == addresses([1, 0, 3, 5, 3]).tolist()


def test_words_in_place_of_others_are_none_of_them() -> None:
    noise = Noise(200, alias_table(np.ones(6, np.int64), 1.0))
    ids = np.array([5, 2, 0, 4], dtype=np.int32)
    ms = np.full(201, -1, dtype=np.int64)
    state, n = draw_inputs(stream_of_inputs(np.uint64(3), 9), noise, ids, 1, 3, MATRIX, ms, 1)
    assert set(ms[1:n].tolist()) == set(addresses([1, 3, 4, 5]).tolist())
    assert ms[0] == -1
    again = draw_inputs(state, noise, ids, 1, 3, MATRIX, ms.copy(), 0)
    assert again[0] != state


def test_words_in_place_of_contexts_have_streams_of_their_own() -> None:
    keys = [np.uint64(k) for k in range(50)]
    assert not {stream_of_inputs(k, 7) for k in keys} & {stream(k, 7) for k in keys}
