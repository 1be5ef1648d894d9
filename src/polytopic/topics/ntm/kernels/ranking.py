"""NTM: ranking pairs of a term and a document in blocks of documents, and sums over documents.

A block is a few documents of a shuffled corpus: their topics are computed once, they are each
other's documents without a term, and their rows are moved once. Blocks share no row, so they may
be divided among threads in any way; what goes to the terms is gathered a lane at a time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import uint64
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled
from polytopic.kernels.csr import Csr
from polytopic.kernels.random import below, mix, step, stream, uniform
from polytopic.topics.ntm.kernels.steps import Rows, Step, by_logits, move_row

__all__ = [
    "BLOCK",
    "COSTS",
    "Lane",
    "Rows",
    "Rule",
    "holds",
    "rank_lane",
    "score_pairs",
    "share_pairs",
    "softmax",
    "sum_terms",
]

BLOCK = 128
"""Documents that serve each other as negatives."""

_ZERO, _ONE = np.float32(0.0), np.float32(1.0)
_SMALLEST = np.float32(1e-20)
"""A score of 0 has a logarithm: scores are sums of products of shares, far above."""

COSTS = ("margin", "log-margin", "cross-entropy", "binary-cross-entropy")
"""By the number that a :class:`Rule` holds."""

_TRIES = 16
"""Draws for each candidate: a term that stands in nearly every document of a block is left out of
it."""


class Lane(NamedTuple):
    """Every ``n_lanes``-th block of some documents, each of them at most once, from ``lane`` on."""

    documents: NDArray[np.int64]
    lane: int
    n_lanes: int


class Rule(NamedTuple):
    """How a pair is judged: by ``cost``, a number of COSTS, the hardest of ``candidates``.

    ``scale`` multiplies its slopes; ``turned``: the two documents change places in the cost. Rows
    are first multiplied by ``shrink``, and moved by ``step``.
    """

    margin: float
    cost: int
    candidates: int
    shrink: float
    step: Step
    scale: float = 1.0
    turned: bool = False


@compiled(inline="always")
def holds(indices: NDArray[np.int32], begin: int, end: int, term: int) -> bool:
    """Whether a sorted CSR row, ``indices[begin:end]``, holds a term: by binary search."""
    low, high = begin, end
    while low < high:
        middle = (low + high) >> 1
        if indices[middle] < term:
            low = middle + 1
        else:
            high = middle
    return low < end and indices[low] == term


@compiled(fastmath=True, inline="always")
def softmax(row: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Write softmax(row) to ``out``, both of shape (K,)."""
    top = row[0]
    for k in range(1, len(row)):
        top = max(top, row[k])
    total = _ZERO
    for k in range(len(row)):
        value = np.exp(row[k] - top)
        out[k] = value
        total += value
    scale = _ONE / total
    for k in range(len(row)):
        out[k] *= scale


@compiled(fastmath=True, inline="always")
def _dot(a: NDArray[np.float32], b: NDArray[np.float32]) -> np.float32:
    total = _ZERO
    for k in range(len(a)):
        total += a[k] * b[k]
    return total


@compiled(fastmath=True, inline="always")
def _add(factor: np.float32, a: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    for k in range(len(a)):
        out[k] += factor * a[k]


@compiled(fastmath=True, inline="always")
def _hardest(
    block: NDArray[np.int64], own: int, term: int, counts: Csr, row: NDArray[np.float32],
    theta: NDArray[np.float32], candidates: int, state: int,
) -> tuple[np.int64, np.float32]:  # fmt: skip
    """Of a few random documents of the block that lack a term, the one it scores highest in.

    Its place in the block, -1 where none was found, and its score.
    """
    indptr, indices, _ = counts
    best, score, found = np.int64(-1), -_ONE, 0
    for _ in range(_TRIES * candidates):
        state = step(state)
        place = np.int64(below(mix(state), len(block)))
        other = block[place]
        if place == own or holds(indices, indptr[other], indptr[other + 1], term):
            continue
        value = _dot(row, theta[place])
        if value > score:
            best, score = place, value
        found += 1
        if found >= candidates:
            break
    return best, score


@compiled(fastmath=True, inline="always")
def _cost(
    high: np.float32, low: np.float32, rule: Rule
) -> tuple[np.float32, np.float32, np.float32]:
    """The cost of a pair that scores ``high`` and ``low``, and what it falls and grows by them."""
    if rule.turned:
        high, low = low, high
    up, down = _ONE, _ONE
    if rule.cost == 1:
        high, low = max(high, _SMALLEST), max(low, _SMALLEST)
        cost = np.float32(rule.margin) - np.log(high / low)
        up, down = _ONE / high, _ONE / low
    elif rule.cost == 0:
        cost = np.float32(rule.margin) - high + low
    elif rule.cost == 2:
        odds = np.exp(low - high)
        cost = np.log(_ONE + odds)
        up = odds / (_ONE + odds)
        down = up
    else:
        high, rest = max(high, _SMALLEST), max(_ONE - low, _SMALLEST)
        cost = -np.log(high) - np.log(rest)
        up, down = _ONE / high, _ONE / rest
    if rule.turned:
        up, down = -down, -up
    return cost, np.float32(rule.scale) * up, np.float32(rule.scale) * down


@compiled(fastmath=True, inline="always")
def _open_block(
    weights: NDArray[np.float32],
    documents: NDArray[np.int64],
    shrink: float,
    theta: NDArray[np.float32],
    slope: NDArray[np.float32],
) -> None:
    """Shrink the rows of a block's documents; their topics, and slopes of zero."""
    for place in range(len(documents)):
        row = weights[documents[place]]
        if shrink != 1.0:
            for k in range(len(row)):
                row[k] *= np.float32(shrink)
        softmax(row, theta[place])
        slope[place, :] = _ZERO


@compiled(fastmath=True)
def rank_lane(
    given: Lane,
    counts: Csr,
    key: int,
    keep: NDArray[np.float32],
    term_topics: NDArray[np.float32],
    rows: Rows,
    slopes: NDArray[np.float32],
    rule: Rule,
    totals: NDArray[np.float64],
    gathered: NDArray[np.float32],
) -> None:
    """Rank each term of each document of a lane's blocks.

    The cost of a term g of a document d+ against a document d- without it, with
    ls(g, d) = lt(g) . softmax(W1[d]) (Cao et al. 2015, section 3), is by the name of ``COSTS``

        margin                 max(0, margin - ls(g, d+) + ls(g, d-))
        log-margin             max(0, margin - log ls(g, d+) + log ls(g, d-))
        cross-entropy          -log sigmoid(ls(g, d+) - ls(g, d-))
        binary-cross-entropy   -log ls(g, d+) - log(1 - ls(g, d-))

    Parameters
    ----------
    given : Lane
    counts : Csr
        With sorted rows.
    key : int
        Of the random numbers, which besides depend on the document alone.
    keep : float32, shape (V,)
        Chance of a pair to be used, by its term.
    term_topics : float32, shape (V, K)
        lt.
    rows : Rows, updated
    slopes : float32, shape (V, K), added to
        Slope of the cost by lt.
    rule : Rule
    totals : float64, shape (3,), added to
        Cost before it is scaled, pairs, and pairs that have a slope.
    gathered : float32, shape (len(documents), K) or (0, 0), written
        Slopes of the documents' logits, which then do not move.
    """
    documents, lane, n_lanes = given
    indptr, indices, _ = counts
    weights = rows.weights
    n_topics = weights.shape[1]
    theta = np.empty((BLOCK, n_topics), dtype=np.float32)
    slope = np.empty((BLOCK, n_topics), dtype=np.float32)
    for block in range(lane, (len(documents) + BLOCK - 1) // BLOCK, n_lanes):
        first = block * BLOCK
        n = min(BLOCK, len(documents) - first)
        _open_block(weights, documents[first : first + n], rule.shrink, theta, slope)
        for place in range(n):
            document = documents[first + place]
            state = stream(uint64(key), uint64(document))
            for pair in range(indptr[document], indptr[document + 1]):
                term = indices[pair]
                state = stream(state, uint64(term))
                if uniform(state) >= keep[term]:
                    continue
                row = term_topics[term]
                other, low = _hardest(
                    documents[first : first + n], place, term, counts, row, theta,
                    rule.candidates, state,
                )  # fmt: skip
                if other < 0:
                    continue
                totals[1] += 1.0
                high = _dot(row, theta[place])
                cost, up, down = _cost(high, low, rule)
                if cost <= _ZERO:
                    continue
                totals[0] += cost
                totals[2] += 1.0
                _add(-up, row, slope[place])
                _add(down, row, slope[other])
                _add(-up, theta[place], slopes[term])
                _add(down, theta[other], slopes[term])
        for place in range(n):
            square = by_logits(theta[place], slope[place])
            if len(gathered) > 0:
                gathered[first + place, :] = slope[place]
            else:
                move_row(rows, documents[first + place], slope[place], square, rule.step)


@compiled(fastmath=True)
def sum_terms(
    indptr: NDArray[np.int64], indices: NDArray[np.int32], data: NDArray[np.float32],
    values: NDArray[np.float32], scale: float, power: float,
    first: int, last: int, weights: NDArray[np.float32],
) -> None:  # fmt: skip
    """Write scale / N^power sum_g c_g values_g to the rows of documents ``first`` to ``last``.

    N is the number of a document's tokens; ``values`` (V, K), ``weights`` (D, K).
    """
    for document in range(first, last):
        row = weights[document]
        row[:] = _ZERO
        tokens = _ZERO
        for pair in range(indptr[document], indptr[document + 1]):
            _add(data[pair], values[indices[pair]], row)
            tokens += data[pair]
        if tokens > _ZERO:
            factor = np.float32(scale) / tokens ** np.float32(power)
            for k in range(len(row)):
                row[k] *= factor


@compiled(fastmath=True)
def share_pairs(
    indptr: NDArray[np.int64], indices: NDArray[np.int32], data: NDArray[np.float32],
    term_topics: NDArray[np.float32], weights: NDArray[np.float32],
    lane: int, n_lanes: int, size: int, shares: NDArray[np.float32],
) -> None:  # fmt: skip
    """Add each topic's part of the scores of a lane's blocks of ``size`` documents to ``shares``.

    c_dg ld_dk x_gk / (x_g . ld_d) goes to row g of ``shares``, (V, K); x is ``term_topics``.
    """
    n_documents, n_topics = weights.shape
    theta = np.empty(n_topics, dtype=np.float32)
    for block in range(lane, (n_documents + size - 1) // size, n_lanes):
        for document in range(block * size, min((block + 1) * size, n_documents)):
            softmax(weights[document], theta)
            for pair in range(indptr[document], indptr[document + 1]):
                row, out = term_topics[indices[pair]], shares[indices[pair]]
                factor = data[pair] / max(_dot(row, theta), _SMALLEST)
                for k in range(n_topics):
                    out[k] += factor * row[k] * theta[k]


@compiled(fastmath=True)
def score_pairs(
    term_topics: NDArray[np.float32], weights: NDArray[np.float32],
    terms: NDArray[np.int64], documents: NDArray[np.int64], scores: NDArray[np.float32],
) -> None:  # fmt: skip
    """Write ls(g, d) of pairs of terms and documents, shape (P,)."""
    theta = np.empty(weights.shape[1], dtype=np.float32)
    for place in range(len(terms)):
        softmax(weights[documents[place]], theta)
        scores[place] = _dot(term_topics[terms[place]], theta)
