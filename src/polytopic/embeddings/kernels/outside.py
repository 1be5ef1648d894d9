"""Noise words that need more than a draw: none of the window's, and those in place of contexts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.kernels.arguments import Noise
from polytopic.embeddings.kernels.negatives import draw
from polytopic.embeddings.kernels.simd import row
from polytopic.kernels.compiling import compiled
from polytopic.kernels.random import mix, step, stream

__all__ = ["draw_inputs", "keep_outside", "stream_of_inputs"]

_INPUTS = np.uint64(0xBB67AE8584CAA73B)
"""Mixed into the key (the first digits of sqrt 3), so that noise words on the side of the inputs
draw from streams of their own."""


@compiled()
def keep_outside(
    ids: NDArray[np.int32],
    begin: int,
    end: int,
    noise: NDArray[np.float32],
    rows: NDArray[np.int64],
    first: int,
    n: int,
) -> int:
    """Drop the noise rows of words that stand in ``ids[begin:end]``.

    ``rows[first]`` is the address of a centre's own output row, those behind it, to ``n`` in all,
    of rows of ``noise``. Those that stay move up; how many rows there are then.
    """
    left = 1
    for r in range(1, n):
        found = False
        for j in range(begin, end):
            found |= rows[first + r] == row(noise, ids[j])
        if not found:
            rows[first + left] = rows[first + r]
            left += 1
    return left


@compiled()
def stream_of_inputs(key: int, place: int) -> int:
    """The state that the noise words in place of the contexts of a centre are drawn from."""
    return stream(np.uint64(key) ^ _INPUTS, place)


@compiled()
def draw_inputs(
    state: int,
    noise: Noise,
    ids: NDArray[np.int32],
    begin: int,
    end: int,
    matrix: NDArray[np.float32],
    ms: NDArray[np.int64],
    n: int,
) -> tuple[int, int]:
    """Draw noise words in place of ``ids[begin:end]``, and leave out those that are among them.

    The addresses of their rows of ``matrix`` are put behind the first ``n`` of ``ms``; the state to
    go on from, and how many there are then.
    """
    for _ in range(noise.negative):
        state = step(state)
        word = draw(mix(state), noise.table)
        found = False
        for j in range(begin, end):
            found |= ids[j] == word
        if not found:
            ms[n] = row(matrix, word)
            n += 1
    return state, n
