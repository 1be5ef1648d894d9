"""CVB0 of documents, the topics given: sweeps over a document's terms, four at a time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled
from polytopic.kernels.csr import Csr
from polytopic.kernels.subnormals import flush_subnormals, restore_subnormals
from polytopic.topics.lda.kernels.gibbs_simd import address
from polytopic.topics.lda.kernels.inference_simd import (
    GROUP,
    LANES,
    distance,
    share_anew,
    share_first,
)

__all__ = ["N_LINES", "Room", "Until", "infer_block"]

N_LINES = 3
"""Rows of K floats that ``infer_block`` works in."""


class Until(NamedTuple):
    """A document is settled when a sweep moves at most ``tolerance`` of it, or after so many."""

    tolerance: float | np.float32
    max_sweeps: int


class Room(NamedTuple):
    """What a thread works in, for documents of up to L terms, L a multiple of ``GROUP``.

    ``weights`` (L Kp,), ``numbers`` (2 L,), ``lines`` (N_LINES, Kp), ``places`` (L,).
    """

    weights: NDArray[np.float32]
    numbers: NDArray[np.float32]
    lines: NDArray[np.float32]
    places: NDArray[np.int64]


_TINY = np.float32(1e-30)
"""A term to which no topic gives mass tells nothing: its quotient is left out."""

_ONE = np.float32(1.0)
_ZERO = np.float32(0.0)


@compiled(fastmath=True)
def infer_block(
    counts: Csr,
    first: int,
    last: int,
    rows: NDArray[np.float32],
    alpha: NDArray[np.float32],
    until: Until,
    largest: int,
    room: Room,
    theta: NDArray[np.float32],
    sweeps: NDArray[np.int32],
) -> None:
    """Documents ``first`` to ``last``; see :mod:`~.inference`. Writes theta and sweeps."""
    old = flush_subnormals()
    indptr, indices, data = counts
    tolerance, max_sweeps = until
    weights, numbers, lines, places = room
    totals, before, spare = lines[0], lines[1], lines[2]
    for document in range(first, last):
        begin, end = indptr[document], indptr[document + 1]
        terms, numbers_of = indices[begin:end], data[begin:end]
        size = _ZERO
        for place in range(len(terms)):
            size += numbers_of[place]
        goal = tolerance * size
        for k in range(len(alpha)):  # from an array to a slice takes a second to compile
            totals[k] = alpha[k]
        if len(terms) * rows.shape[1] > largest:
            done = _settle_large(
                terms, numbers_of, rows, alpha, goal, max_sweeps, totals, before, spare
            )
        else:
            spare[:] = _ZERO
            _lay_out(terms, numbers_of, rows, spare, numbers, places)
            done = _settle(len(terms), goal, max_sweeps, alpha, weights, numbers, lines, places)
        sweeps[document] = done
        _normalise(totals, theta[document])
    restore_subnormals(old)


@compiled(fastmath=True)
def _lay_out(
    terms: NDArray[np.int32],
    counts: NDArray[np.float32],
    rows: NDArray[np.float32],
    zeros: NDArray[np.float32],
    numbers: NDArray[np.float32],
    places: NDArray[np.int64],
) -> None:
    """Where the terms' rows are, and their counts; zeros fill up the last group."""
    rows_at, row_bytes, n_terms = address(rows), 4 * rows.shape[1], len(terms)
    for place in range(-(-n_terms // GROUP) * GROUP):
        at = place + place // GROUP * GROUP
        places[place], numbers[at] = address(zeros), _ZERO
        if place < n_terms:
            places[place] = rows_at + row_bytes * np.int64(terms[place])
            numbers[at] = counts[place]


@compiled(fastmath=True)
def _settle(
    n_terms: int,
    goal: float,
    max_sweeps: int,
    alpha: NDArray[np.float32],
    weights: NDArray[np.float32],
    numbers: NDArray[np.float32],
    lines: NDArray[np.float32],
    places: NDArray[np.int64],
) -> int:
    """Sweeps until one moves at most ``goal`` tokens; returns how many."""
    n_vectors, n_groups = len(alpha) // LANES, -(-n_terms // GROUP)
    totals, before, alpha_at = address(lines[0]), address(lines[1]), address(alpha)
    weights_at, numbers_at = address(weights), address(numbers)
    group_bytes = 4 * GROUP * len(alpha)
    for done in range(max_sweeps):
        for group in range(n_groups):
            i, at = GROUP * group, weights_at + group * group_bytes
            if done == 0:
                share_first(
                    places[i], places[i + 1], places[i + 2], places[i + 3],
                    at, numbers_at + 8 * i, totals, alpha_at, n_vectors,
                )  # fmt: skip
            else:
                share_anew(
                    places[i], places[i + 1], places[i + 2], places[i + 3],
                    at, numbers_at + 8 * i, totals, alpha_at, n_vectors,
                )  # fmt: skip
        moved = distance(totals, before, n_vectors)
        if n_terms == 0 or (done > 0 and moved <= goal):
            return done + 1
    return max_sweeps


@compiled(fastmath=True)
def _settle_large(
    terms: NDArray[np.int32],
    counts: NDArray[np.float32],
    rows: NDArray[np.float32],
    alpha: NDArray[np.float32],
    goal: float,
    max_sweeps: int,
    totals: NDArray[np.float32],
    sums: NDArray[np.float32],
    before: NDArray[np.float32],
) -> int:
    """Expectation maximisation of a document, without shares; returns the sweeps taken."""
    width = rows.shape[1]
    for done in range(1, max_sweeps + 1):
        for k in range(width):
            before[k], sums[k] = totals[k], _ZERO
        for place in range(len(terms)):
            row, total = rows[terms[place]], _ZERO
            for k in range(width):
                total += totals[k] * row[k]
            ratio = counts[place] / total if total > _TINY else _ZERO
            for k in range(width):
                sums[k] += ratio * row[k]
        for k in range(width):
            totals[k] = alpha[k] + before[k] * sums[k]
        if _distance(totals, before) <= goal:
            return done
    return max_sweeps


@compiled(fastmath=True)
def _distance(left: NDArray[np.float32], right: NDArray[np.float32]) -> np.float32:
    """Half the sum of absolute differences: the tokens that changed topic."""
    total = _ZERO
    for k in range(len(left)):
        total += abs(left[k] - right[k])
    return total * np.float32(0.5)


@compiled(fastmath=True)
def _normalise(totals: NDArray[np.float32], theta: NDArray[np.float32]) -> None:
    """Write the totals, divided by their sum."""
    total = 0.0
    for k in range(len(theta)):
        total += totals[k]
    for k in range(len(theta)):
        theta[k] = totals[k] / total
