"""Random walks along the edges of a directed graph (Perozzi et al. 2014; Grover & Leskovec 2016).

Each walk draws from the stream of its own number, so that walks may be divided among threads in any
way and stay the same to the bit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import uint64
from numpy.typing import NDArray

from polytopic.embeddings.kernels.negatives import pair_columns
from polytopic.kernels.compiling import compiled
from polytopic.kernels.random import below, mix, step, stream

__all__ = [
    "Network",
    "Steps",
    "Walks",
    "mark_one_way",
    "random_walks",
    "restart_ends",
    "transition_table",
    "walk_pairs",
]

_LOW = np.uint64(0xFFFFFFFF)
"""The lower 32 of 64 random bits."""

_11 = np.uint64(11)
_UNIT = 1.0 / 9007199254740992.0
"""2^-53: 53 random bits to [0, 1)."""

_TRIES = 256
"""Draws that a biased step may reject, besides one for each edge, before its edges are weighed one
by one, which takes as long. With p and q from 1/4 to 4, one step in ten million rejects so many."""


class Network(NamedTuple):
    """A graph as CSR, rows sorted: ``indptr`` (N+1,), ``indices`` and positive weights (M,)."""

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    weights: NDArray[np.float64]


class Steps(NamedTuple):
    """Alias tables of the edges that leave each node, (M,) each, laid out as the graph."""

    second: NDArray[np.int32]
    threshold: NDArray[np.uint64]


class Walks(NamedTuple):
    """W walks of at most L nodes: ``ids[bounds[w]:bounds[w + 1]]``.

    ``where`` (W L,): the places of ``ids`` (W L,) if every walk were of full length.
    """

    ids: NDArray[np.int32]
    where: NDArray[np.int64]
    bounds: NDArray[np.int64]


@compiled()
def transition_table(indptr: NDArray[np.int64], weights: NDArray[np.float64]) -> Steps:
    """An alias table for the edges that leave each node, all in the layout of the CSR graph.

    Edge ``indptr[u] + c`` is kept if 32 random bits are below its entry in ``threshold``; if not,
    edge ``indptr[u] + second[...]`` is taken. Edge e of node u is drawn with probability
    weights[e] / sum, off by at most 2^-32.

    Parameters
    ----------
    indptr : int64 array of shape (N+1,)
    weights : float64 array of shape (M,)
        Positive.

    Returns
    -------
    Steps
    """
    second = np.empty(len(weights), np.int32)
    threshold = np.empty(len(weights), np.uint64)
    for node in range(len(indptr) - 1):
        low, high = indptr[node], indptr[node + 1]
        if low == high:
            continue
        share = weights[low:high] * ((high - low) / weights[low:high].sum())
        other, chance = pair_columns(share)
        for column in range(high - low):
            second[low + column] = other[column]
            threshold[low + column] = uint64(np.rint(chance[column] * 4294967296.0))
    return Steps(second, threshold)


@compiled(inline="always")
def _edge(bits: int, low: int, degree: int, steps: Steps) -> int:
    """One of the ``degree`` edges from ``low`` on, by 64 random bits."""
    edge = np.int64(low) + np.int64(below(bits, degree))
    if (uint64(bits) & _LOW) >= steps.threshold[edge]:
        edge = np.int64(low) + np.int64(steps.second[edge])
    return edge  # type: ignore[return-value]


@compiled()
def _has_edge(indptr: NDArray[np.int64], indices: NDArray[np.int32], tail: int, head: int) -> bool:
    """Whether there is an edge from ``tail`` to ``head``, by bisection of its sorted row."""
    low, high = indptr[tail], indptr[tail + 1]
    while low < high:
        middle = (low + high) // 2
        if indices[middle] < head:
            low = middle + 1
        else:
            high = middle
    return low < indptr[tail + 1] and indices[low] == head


@compiled()
def _bias(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    before: int,
    follower: int,
    p: float,
    q: float,
) -> float:
    """Grover & Leskovec's bias of a step to ``follower``, where ``before`` is the node before."""
    if follower == before:
        return 1.0 / p
    return 1.0 if _has_edge(indptr, indices, before, follower) else 1.0 / q


@compiled()
def _weighed_edge(
    network: Network,
    node: int,
    before: int,
    p: float,
    q: float,
    share: float,
) -> int:
    """An edge of ``node`` by the biased weights of all of them; ``share`` is even from 0 to 1."""
    indptr, indices, weights = network
    low, high = indptr[node], indptr[node + 1]
    largest = weights[low:high].max()
    total = 0.0
    for edge in range(low, high):
        total += weights[edge] / largest * _bias(indptr, indices, before, indices[edge], p, q)
    left = share * total
    for edge in range(low, high - 1):
        left -= weights[edge] / largest * _bias(indptr, indices, before, indices[edge], p, q)
        if left < 0.0:
            return edge
    return high - 1


@compiled()
def random_walks(
    network: Network,
    steps: Steps,
    starts: NDArray[np.int32],
    first: int,
    length: int,
    key: int,
    p: float,
    q: float,
    walks: Walks,
) -> int:
    """Walk from each start along edges until ``length`` nodes are seen or no edge leaves.

    A step from v, reached from t, goes to x with probability proportional to weight(v, x) times
    1/p if x is t, 1 if there is an edge from t to x, and 1/q otherwise (Grover & Leskovec, KDD
    2016, section 3.2.2, with "distance 1" read along the edges' direction). The first step, and
    every step where p = q = 1, goes by weight alone. The bias is drawn by rejection, exactly; a
    step that has rejected too much weighs all edges, which is as exact and takes a bounded time.

    Parameters
    ----------
    network : Network
    steps : Steps
        Of :func:`transition_table`.
    starts : int32 array of shape (W,)
    first : int
        The number of the first of these walks; walk w draws from ``stream(key, w)``.
    length : int
        Nodes of a walk, at most.
    key : int
    p, q : float
        Above 0.
    walks : Walks, written

    Returns
    -------
    n : int
        Nodes written.
    """
    indptr, indices, _ = network
    ids, where, bounds = walks
    biased = p != 1.0 or q != 1.0
    highest = max(1.0, 1.0 / p, 1.0 / q)
    n = 0
    for walk in range(len(starts)):
        bounds[walk] = n
        state = stream(key, first + walk)
        node, before = np.int64(starts[walk]), np.int64(-1)
        for place in range(length):
            ids[n] = node
            where[n] = (first + walk) * length + place
            n += 1
            low = indptr[node]
            degree = indptr[node + 1] - low
            if degree == 0 or place + 1 == length:
                break
            follower = np.int64(-1)
            for _ in range(_TRIES + degree):
                state = step(state)
                follower = np.int64(indices[_edge(mix(state), low, degree, steps)])
                if not biased or before < 0:
                    break
                bias = _bias(indptr, indices, before, follower, p, q)
                state = step(state)
                if float(mix(state) >> _11) * _UNIT * highest < bias:
                    break
            else:
                state = step(state)
                share = float(mix(state) >> _11) * _UNIT
                edge = _weighed_edge(network, node, before, p, q, share)
                follower = np.int64(indices[edge])
            before, node = node, follower
    bounds[len(starts)] = n
    return n


@compiled()
def restart_ends(
    network: Network,
    steps: Steps,
    starts: NDArray[np.int32],
    first: int,
    length: int,
    restart: float,
    key: int,
    sources: NDArray[np.int32],
    targets: NDArray[np.int32],
) -> int:
    """Pairs of the start of a walk and where it ends (Zhou et al., AAAI 2017, algorithm 1).

    A walk steps along edges by weight, and ends after each step with probability ``restart``, where
    no edge leaves, or with ``length`` nodes. Without dead ends and with long walks, v is the end of
    a walk from u with probability

        restart sum_{k >= 1} (1 - restart)^(k-1) (P^k)_uv,   P: weights over their sums by row,

    rooted PageRank without its stay at u. Walks that end where they began are left out. Walk w
    draws from ``stream(key, w)``, w counted from ``first``.

    Returns
    -------
    n : int
        Pairs written.
    """
    indptr, indices, _ = network
    n = 0
    for walk in range(len(starts)):
        state = stream(key, first + walk)
        node = np.int64(starts[walk])
        for _ in range(length - 1):
            low = indptr[node]
            degree = indptr[node + 1] - low
            if degree == 0:
                break
            state = step(state)
            node = np.int64(indices[_edge(mix(state), low, degree, steps)])
            state = step(state)
            if float(mix(state) >> _11) * _UNIT < restart:
                break
        if node != starts[walk]:
            sources[n], targets[n] = starts[walk], node
            n += 1
    return n


@compiled()
def walk_pairs(
    walks: Walks,
    n_walks: int,
    window: int,
    key: int,
    sources: NDArray[np.int32],
    targets: NDArray[np.int32],
) -> int:
    """Pairs of an earlier node (the source) and a later one (the target) of each walk.

    The later node at ``where[i]`` reaches back over 1 to ``window`` steps, drawn evenly from
    ``stream(key, where[i])``: nearer pairs come more often. Pairs of a node with itself are left
    out. ``sources`` and ``targets`` have room for ``window`` pairs a node.

    Returns
    -------
    n : int
        Pairs written.
    """
    ids, where, bounds = walks
    n = 0
    for walk in range(n_walks):
        for i in range(bounds[walk] + 1, bounds[walk + 1]):
            reach = 1 + np.int64(below(mix(step(stream(key, where[i]))), window))
            for j in range(max(i - reach, bounds[walk]), i):
                if ids[j] != ids[i]:
                    sources[n], targets[n] = ids[j], ids[i]
                    n += 1
    return n


@compiled()
def mark_one_way(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    sources: NDArray[np.int32],
    targets: NDArray[np.int32],
    weight: float,
    turned: NDArray[np.float32],
) -> None:
    """Write ``weight`` where no edge leads from target back to source, 0 where one does."""
    for i in range(len(sources)):
        mutual = _has_edge(indptr, indices, targets[i], sources[i])
        turned[i] = 0.0 if mutual else weight
