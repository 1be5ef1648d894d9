"""Rows of words that are means of several rows, as fastText's are of a word's n-grams.

A block copies the means of its words and trains those. How far a mean has moved is then added to
each of its rows, as fastText adds the gradient of a mean to each (Bojanowski et al., TACL 2017),
scaled as in :mod:`.rounds`: c counts the uses of a row, by all words that have it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.kernels.simd import prefetch, row
from polytopic.kernels.compiling import compiled

__all__ = ["NO_GRAMS", "Grams", "add_to_grams", "ask_row", "compose", "moved"]

_AHEAD = 8  # rows


class Grams(NamedTuple):
    """The rows of each word: ``rows[starts[w]:starts[w + 1]]``; no words at all for none."""

    starts: NDArray[np.int64]
    rows: NDArray[np.int32]


NO_GRAMS = Grams(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32))


@compiled(fastmath={"contract", "reassoc", "nsz"})
def compose(
    matrix: NDArray[np.float32],
    words: NDArray[np.int32],
    n: int,
    grams: Grams,
    copies: NDArray[np.float32],
    origins: NDArray[np.float32],
) -> None:
    """Write the means of the first ``n`` words to ``copies`` and ``origins``."""
    starts, rows = grams
    dim = matrix.shape[1]
    for k in range(n):
        begin, end = starts[words[k]], starts[words[k] + 1]
        if k + 1 < n:
            first = starts[words[k + 1]]
            for g in range(first, min(starts[words[k + 1] + 1], first + _AHEAD)):
                ask_row(matrix, rows[g])
        target, other = copies[k], origins[k]
        for d in range(dim):
            target[d] = 0.0
        for g in range(begin, end):
            if g + _AHEAD < end:
                ask_row(matrix, rows[g + _AHEAD])
            source = matrix[rows[g]]
            for d in range(dim):
                target[d] += source[d]
        share = np.float32(1.0) / np.float32(max(end - begin, 1))
        for d in range(dim):
            target[d] *= share
            other[d] = target[d]


@compiled()
def moved(copies: NDArray[np.float32], origins: NDArray[np.float32], n: int) -> None:
    """Turn the first ``n`` copies into what they changed by."""
    for k in range(n):
        for d in range(origins.shape[1]):
            copies[k, d] -= origins[k, d]


@compiled()
def add_to_grams(
    matrix: NDArray[np.float32],
    changes: tuple[NDArray[np.float32], ...],
    used: tuple[tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.int64]], ...],
    n_blocks: int,
    grams: Grams,
    sums: NDArray[np.float64],
    strength: float,
    part: int,
    parts: int,
) -> None:
    """Add the changes of words to their rows r with r mod 4 mod parts = part.

    As :func:`~.rounds.add`, with the uses of rows for the uses of words. ``sums`` (4, rows of the
    matrix) is zero before and afterwards.
    """
    starts, rows = grams
    mine = np.array([quarter % parts == part for quarter in range(4)])
    for b in range(n_blocks):
        words, counts, n_rows = used[b]
        for k in range(n_rows[0]):
            for g in range(starts[words[k]], starts[words[k] + 1]):
                if mine[rows[g] & 3]:
                    sums[3, rows[g]] += counts[0, k]
        for k in range(n_rows[0]):
            for g in range(starts[words[k]], starts[words[k] + 1]):
                r = rows[g]
                if mine[r & 3] and sums[3, r] > 0.0:
                    sums[0, r] += sums[3, r]
                    sums[1, r] += 1.0
                    sums[2, r] -= np.expm1(-strength * sums[3, r])
                    sums[3, r] = 0.0
    for b in range(n_blocks):
        words, n = used[b][0], used[b][2][0]
        for k in range(n):
            source, end = changes[b][k], starts[words[k] + 1]
            for g in range(starts[words[k]], end):
                if g + _AHEAD < end and mine[rows[g + _AHEAD] & 3]:
                    ask_row(matrix, rows[g + _AHEAD])
                r = rows[g]
                if mine[r & 3]:
                    scale = np.float32(1.0)
                    if sums[1, r] > 1.0 and sums[2, r] > 0.0:
                        scale = np.float32(-np.expm1(-strength * sums[0, r]) / sums[2, r])
                    target = matrix[r]
                    for d in range(matrix.shape[1]):
                        target[d] += scale * source[d]
    for b in range(n_blocks):
        words, n = used[b][0], used[b][2][0]
        for k in range(n):
            for g in range(starts[words[k]], starts[words[k] + 1]):
                if mine[rows[g] & 3]:
                    for place in range(3):
                        sums[place, rows[g]] = 0.0


@compiled(inline="always")
def ask_row(matrix: NDArray[np.float32], r: int) -> None:
    """Bring a row to the cache."""
    start = row(matrix, r)
    for place in range(0, 4 * matrix.shape[1], 64):
        prefetch(start + place)
