"""Rows of words that are means of several rows, as fastText's are of a word's n-grams.

A block copies the means of its words and trains those. How far a mean has moved is then added to
each of its rows, as fastText adds the gradient of a mean to each (Bojanowski et al., TACL 2017),
scaled as in :mod:`.rounds`: c counts the uses of a row, by all words that have it.

The rows lie anywhere in hundreds of megabytes, so each is read and written once a round: first
the uses of rows are listed, then dealt out by rows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.kernels.simd import prefetch, row
from polytopic.embeddings.kernels.simd_rows import gain, mean
from polytopic.kernels.compiling import compiled

__all__ = ["NO_GRAMS", "Grams", "add_to_grams", "ask_row", "compose", "moved"]

_AHEAD = 8
"""Rows that are asked for before they are needed."""

_LINE = 4
"""Rows whose places share a cache line, 2 to this power: they are of one thread."""

_TABLE = 256
"""Uses for which 1 - exp(-s c) is looked up; more than that are reckoned."""


class Grams(NamedTuple):
    """The rows of each word: ``rows[starts[w]:starts[w + 1]]``; no words at all for none.

    ``numbers``: of the same shape as ``rows``, which they number without gaps, those of the first
    words first: what is kept of every row lies closer together.
    """

    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    numbers: NDArray[np.int32]

    @classmethod
    def of(cls, starts: NDArray[np.int64], rows: NDArray[np.int32]) -> Grams:
        """With the rows' numbers."""
        return cls(starts, rows, numbered(rows, int(rows.max(initial=-1)) + 1))

    def n_rows(self) -> int:
        """How many different rows the words have."""
        return int(self.numbers.max(initial=-1)) + 1


@compiled()
def numbered(rows: NDArray[np.int32], n_rows: int) -> NDArray[np.int32]:
    """Numbers of rows below ``n_rows``, in the order in which they first come."""
    numbers, found, n = np.empty(len(rows), np.int32), np.full(n_rows, -1, np.int32), 0
    for g in range(len(rows)):
        if found[rows[g]] < 0:
            found[rows[g]] = n
            n += 1
        numbers[g] = found[rows[g]]
    return numbers


NO_GRAMS = Grams(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32))


@compiled()
def compose(
    matrix: NDArray[np.float32],
    words: NDArray[np.int32],
    n: int,
    grams: Grams,
    copies: NDArray[np.float32],
    origins: NDArray[np.float32],
) -> None:
    """Write the means of the first ``n`` words to ``copies`` and ``origins``."""
    starts, rows, _ = grams
    dim, most = matrix.shape[1], 0
    for k in range(n):
        most = max(most, starts[words[k] + 1] - starts[words[k]])
    xs = np.empty(most, np.int64)
    for k in range(n):
        begin, end = starts[words[k]], starts[words[k] + 1]
        if k + 1 < n:
            for g in range(starts[words[k + 1]], starts[words[k + 1] + 1]):
                ask_row(matrix, rows[g])
        for g in range(begin, end):
            xs[g - begin] = row(matrix, rows[g])
        share = np.float32(1.0) / np.float32(max(end - begin, 1))
        mean(row(origins, k), xs, end - begin, dim, share)
        for d in range(dim):
            copies[k, d] = origins[k, d]


@compiled()
def moved(copies: NDArray[np.float32], origins: NDArray[np.float32], n: int) -> None:
    """Turn the first ``n`` copies into what they changed by."""
    for k in range(n):
        for d in range(origins.shape[1]):
            copies[k, d] -= origins[k, d]


@compiled()
def add_to_grams(
    matrix: NDArray[np.float32],
    changes: NDArray[np.float32],
    used: tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.int64]],
    n_blocks: int,
    grams: Grams,
    place: NDArray[np.int32],
    strength: float,
    part: int,
    parts: int,
) -> None:
    """Add the changes of words to a part of their rows: number div 16 mod 4 mod parts = part.

    As :func:`~.rounds.add`, with the uses of rows for the uses of words. ``changes`` (B, R, P) of
    the words of ``used``, of :class:`~.rounds.Used` of B blocks. ``place`` (one a number) is -1
    before and afterwards.
    """
    rows, numbers, blocks, addresses, each = _of_part(changes, used, n_blocks, grams, part, parts)
    own, counts, bounds, xs = _dealt(rows, numbers, blocks, addresses, each, n_blocks, place)
    known = -np.expm1(-strength * np.arange(_TABLE))
    for k in range(len(own)):
        if k + _AHEAD < len(own):
            ask_row(matrix, own[k + _AHEAD])
        scale = np.float32(_scale(counts[k], strength, known))
        begin, end = bounds[k], bounds[k + 1]
        gain(row(matrix, own[k]), xs[begin:end], end - begin, matrix.shape[1], scale)


@compiled()
def _of_part(
    changes: NDArray[np.float32],
    used: tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.int64]],
    n_blocks: int,
    grams: Grams,
    part: int,
    parts: int,
) -> tuple[
    NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int64], NDArray[np.float32]
]:
    """The uses of the rows of a part by words, block after block.

    Returns
    -------
    rows, numbers, blocks : int32 arrays of shape (n,)
    addresses : int64 array of shape (n,)
        Of the words' changes.
    counts : float32 array of shape (n,)
        How often the words are tokens.
    """
    starts, rows, numbers = grams
    mine = np.array([quarter % parts == part for quarter in range(4)])
    most = 1
    words, counts, n_rows = used
    for b in range(n_blocks):
        for word in words[b, : n_rows[b, 0]]:
            most += starts[word + 1] - starts[word]
    own, own_numbers, blocks = (
        np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.int32),
    )  # fmt: skip
    xs, each, n = np.empty(most, np.int64), np.empty(most, np.float32), 0
    for b in range(n_blocks):
        for k in range(n_rows[b, 0]):
            word, x, count = words[b, k], row(changes[b], k), counts[b, 0, k]
            for g in range(starts[word], starts[word + 1]):
                own[n], own_numbers[n], blocks[n], xs[n], each[n] = rows[g], numbers[g], b, x, count
                n += mine[(numbers[g] >> _LINE) & 3]  # no branch that nobody can predict
    return own[:n], own_numbers[:n], blocks[:n], xs[:n], each[:n]


@compiled()
def _dealt(
    rows: NDArray[np.int32],
    numbers: NDArray[np.int32],
    blocks: NDArray[np.int32],
    xs: NDArray[np.int64],
    each: NDArray[np.float32],
    n_blocks: int,
    place: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.int64], NDArray[np.int64]]:
    """Uses by rows: the rows (R,), their counts in each block, bounds (R + 1,) and addresses."""
    own, places = np.empty(len(rows) + 1, np.int32), np.empty(len(rows), np.int32)
    counts = np.zeros((len(rows), n_blocks), np.float32)
    bounds, n = np.zeros(len(rows) + 1, np.int64), 0
    for i in range(len(rows)):  # again without a branch: own[n] stays if it is new
        known = place[numbers[i]]
        p = n if known < 0 else known
        place[numbers[i]], own[n], places[i] = p, rows[i], p
        n += known < 0
        bounds[p + 1] += 1
        counts[p, blocks[i]] += each[i]
    total = 0
    for k in range(n):
        total, bounds[k + 1] = total + bounds[k + 1], total
    dealt = np.empty(len(rows), np.int64)
    for i in range(len(rows)):
        dealt[bounds[places[i] + 1]] = xs[i]
        bounds[places[i] + 1] += 1
        place[numbers[i]] = -1
    bounds[0] = 0
    return own[:n], counts[:n], bounds[: n + 1], dealt


@compiled(inline="always")
def _scale(counts: NDArray[np.float32], strength: float, known: NDArray[np.float64]) -> float:
    """What the changes of a row are multiplied by, used so often by each block."""
    together, single, several = 0.0, 0.0, 0
    for b in range(len(counts)):
        if counts[b] > 0.0:
            together += counts[b]
            single += _way(counts[b], strength, known)
            several += 1
    return _way(together, strength, known) / single if several > 1 and single > 0.0 else 1.0


@compiled(inline="always")
def _way(count: float, strength: float, known: NDArray[np.float64]) -> float:
    """1 - exp(-strength count), of a whole count."""
    return known[int(count)] if count < len(known) else -np.expm1(-strength * count)


@compiled(inline="always")
def ask_row(matrix: NDArray[np.float32], r: int) -> None:
    """Bring a row to the cache."""
    start = row(matrix, r)
    for place in range(0, 4 * matrix.shape[1], 64):
        prefetch(start + place)
