"""Who stands beside whom: windows summed row by row over an index of positions.

The positions of each word are listed first (a counting sort); then each word's row is summed in one
dense array of V numbers, which stays in the processor's cache, and written out in column order. So
nothing is ever sorted as a whole. Weights are whole numbers: sums are exact, and the same however
the rows, or the text, are divided.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import uint64
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled

__all__ = ["Desk", "compact", "count_rows", "index_positions", "merge_rows"]

_DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
"""A de Bruijn sequence: its product with a single bit has that bit's place in the upper six
(Leiserson, Prokop & Randall 1998)."""

_58, _1 = np.uint64(58), np.uint64(1)
_PLACES = np.zeros(64, dtype=np.int64)
for _bit in range(64):
    _PLACES[(0x03F79D71B4CB0A89 << _bit & 0xFFFFFFFFFFFFFFFF) >> 58] = _bit

_SHORT = 8
"""Rows with fewer entries than one in 64 * 8 columns are sorted, others read off a bit set."""


class Desk(NamedTuple):
    """Where rows are summed, and where what was found is written.

    ``sums`` (V,), ``touched`` (V+1,), ``bits`` (ceil(V / 64),): ``sums`` and ``bits`` hold zeros,
    before and after. ``columns``, ``values``: room for the entries.
    """

    sums: NDArray[np.int64]
    touched: NDArray[np.int32]
    bits: NDArray[np.uint64]
    columns: NDArray[np.int32]
    values: NDArray[np.int64]

    @classmethod
    def of(cls, n_terms: int, n_entries: int) -> Desk:
        """Room for V terms and so many entries."""
        return cls(
            np.zeros(n_terms, np.int64),
            np.empty(n_terms + 1, np.int32),
            np.zeros((n_terms + 63) // 64, np.uint64),
            np.empty(n_entries, np.int32),
            np.empty(n_entries, np.int64),
        )


@compiled()
def compact(
    ids: NDArray[np.int32],
    bounds: NDArray[np.int64],
    first: int,
    goes_on: bool,
    tokens: NDArray[np.int32],
    n: int,
) -> int:
    """Append the words of a slice to ``tokens[:n]``, with -1 between sentences.

    Parameters
    ----------
    ids : int32 array of shape (n_ids,)
        Negative: words outside the vocabulary, left out.
    bounds : int64 array of shape (S+1,)
        Sentence s is ``ids[bounds[s]:bounds[s + 1]]``.
    first : int
        Where in ``ids`` to begin.
    goes_on : bool
        ``ids[first]`` belongs to the sentence that ``tokens[:n]`` ends with.
    tokens : int32 array, written
        Room for the words and S + 1 marks.

    Returns
    -------
    int
        The new n.
    """
    open_sentence = goes_on
    for sentence in range(len(bounds) - 1):
        start, stop = max(bounds[sentence], first), bounds[sentence + 1]
        if stop <= start:
            continue
        if not open_sentence and n > 0 and tokens[n - 1] >= 0:
            tokens[n] = -1
            n += 1
        for place in range(start, stop):
            token = ids[place]
            if token >= 0:
                tokens[n] = token
                n += 1
        open_sentence = False
    return n


@compiled()
def index_positions(
    tokens: NDArray[np.int32],
    n: int,
    starts: NDArray[np.int64],
    positions: NDArray[np.int32],
) -> None:
    """Where each word stands: word v at ``positions[starts[v]:starts[v + 1]]``, ascending.

    Parameters
    ----------
    tokens : int32 array
        ``tokens[:n]`` is indexed; -1 ends a sentence.
    starts : int64 array of shape (V+1,), written
    positions : int32 array of shape (n,), written
    """
    starts[:] = 0
    for place in range(n):
        if tokens[place] >= 0:
            starts[tokens[place] + 1] += 1
    for word in range(1, len(starts)):
        starts[word] += starts[word - 1]
    for place in range(n):
        word = tokens[place]
        if word >= 0:
            positions[starts[word]] = place
            starts[word] += 1
    for word in range(len(starts) - 1, 0, -1):
        starts[word] = starts[word - 1]
    starts[0] = 0


@compiled()
def count_rows(
    tokens: NDArray[np.int32],
    fresh: int,
    starts: NDArray[np.int64],
    positions: NDArray[np.int32],
    first: int,
    last: int,
    weights: NDArray[np.int64],
    symmetric: bool,
    desk: Desk,
    lengths: NDArray[np.int32],
) -> int:
    """Rows ``first`` to ``last`` of the co-occurrence matrix of ``tokens``.

    A pair counts if its right word stands at ``fresh`` or later, so that a text may be cut
    anywhere if each piece begins with the ``window`` tokens before it.

    Parameters
    ----------
    tokens : int32 array
        -1 ends a sentence.
    starts, positions : arrays of shapes (V+1,) and (n,)
        Of :func:`index_positions`.
    weights : int64 array of shape (window+1,)
        Weight of a neighbour at each distance; the first is not used.
    symmetric : bool
        Neighbours on both sides; else on the left only.
    desk : Desk
        The entries are written, row after row, columns ascending.
    lengths : int32 array of shape (last - first,), written
        Entries of each row.

    Returns
    -------
    int
        How many entries were written.
    """
    sums, touched = desk.sums, desk.touched
    window, n = len(weights) - 1, len(tokens)
    written = 0
    for word in range(first, last):
        n_touched = 0
        for entry in range(starts[word], starts[word + 1]):
            place = positions[entry]
            if place >= fresh:
                for distance in range(1, min(window, place) + 1):
                    other = tokens[place - distance]
                    if other < 0:
                        break
                    touched[n_touched] = other
                    n_touched += sums[other] == 0
                    sums[other] += weights[distance]
            if symmetric:
                for distance in range(1, min(window, n - 1 - place) + 1):
                    other = tokens[place + distance]
                    if other < 0:
                        break
                    if place + distance >= fresh:
                        touched[n_touched] = other
                        n_touched += sums[other] == 0
                        sums[other] += weights[distance]
        lengths[word - first] = n_touched
        written = _emit(n_touched, desk, written)
    return written


@compiled()
def merge_rows(
    run_starts: NDArray[np.int64],
    run_columns: NDArray[np.int32],
    run_values: NDArray[np.int64],
    desk: Desk,
    lengths: NDArray[np.int32],
) -> int:
    """The sum of several matrices over the same rows.

    Parameters
    ----------
    run_starts : int64 array of shape (n_runs, n_rows+1)
        Row r of run i is ``run_columns[run_starts[i, r]:run_starts[i, r + 1]]``.
    run_columns, run_values : arrays
        The entries of all runs.
    desk, lengths
        As in :func:`count_rows`.

    Returns
    -------
    int
        How many entries were written.
    """
    sums, touched = desk.sums, desk.touched
    written = 0
    for row in range(run_starts.shape[1] - 1):
        n_touched = 0
        for run in range(run_starts.shape[0]):
            for entry in range(run_starts[run, row], run_starts[run, row + 1]):
                other = run_columns[entry]
                touched[n_touched] = other
                n_touched += sums[other] == 0
                sums[other] += run_values[entry]
        lengths[row] = n_touched
        written = _emit(n_touched, desk, written)
    return written


@compiled()
def _emit(
    n_touched: int,
    desk: Desk,
    written: int,
) -> int:
    """Write a row's entries in column order, and leave ``sums`` and ``bits`` zero."""
    sums, touched, bits, columns, values = desk
    if n_touched * _SHORT < len(bits):
        touched[:n_touched].sort()
        for entry in range(n_touched):
            columns[written + entry] = touched[entry]
    else:
        for entry in range(n_touched):
            other = touched[entry]
            bits[other >> 6] |= _1 << uint64(other & 63)
        end = written
        for word in range(len(bits)):
            left = bits[word]
            bits[word] = 0
            while left != 0:
                lowest = left & (~left + _1)
                columns[end] = (word << 6) + _PLACES[(lowest * _DE_BRUIJN) >> _58]
                left ^= lowest
                end += 1
    for entry in range(written, written + n_touched):
        values[entry] = sums[columns[entry]]
        sums[columns[entry]] = 0
    return written + n_touched
