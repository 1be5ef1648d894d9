"""Edge sampling with negative edges: LINE (Tang et al., WWW 2015), with both ends corrupted."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from polytopic.embeddings.kernels.negatives import draw
from polytopic.embeddings.kernels.random import mix, step, stream

__all__ = ["edges_negative"]


@njit(nogil=True, fastmath=True, cache=True, inline="always")
def _pull(
    label: float,
    fixed: NDArray[np.float32],
    kept: int,
    moved: NDArray[np.float32],
    row: int,
    change: NDArray[np.float32],
    rate: np.float32,
) -> float:
    """One step on ``moved[row]``, that of ``fixed[kept]`` gathered in ``change``; gives the loss.

    The loss is log(1 + exp(-dot)) of an edge (label 1), log(1 + exp(dot)) of a negative (label 0),
    in nats; the sigmoid is exact.
    """
    dot = np.float32(0.0)
    for dimension in range(len(change)):
        dot += fixed[kept, dimension] * moved[row, dimension]
    slope = rate * np.float32(label - 1.0 / (1.0 + math.exp(-float(dot))))
    for dimension in range(len(change)):
        change[dimension] += slope * moved[row, dimension]
        moved[row, dimension] += slope * fixed[kept, dimension]
    signed = float(dot) if label == 0.0 else -float(dot)
    return max(signed, 0.0) + math.log1p(math.exp(-abs(signed)))


@njit(nogil=True, fastmath=True, cache=True)
def edges_negative(
    tails: NDArray[np.int32],
    heads: NDArray[np.int32],
    edge_first: NDArray[np.int32],
    edge_second: NDArray[np.int32],
    edge_threshold: NDArray[np.uint64],
    start: int,
    stop: int,
    key: int,
    negative: int,
    head_first: NDArray[np.int32],
    head_second: NDArray[np.int32],
    head_threshold: NDArray[np.uint64],
    tail_negative: int,
    tail_first: NDArray[np.int32],
    tail_second: NDArray[np.int32],
    tail_threshold: NDArray[np.uint64],
    source: NDArray[np.float32],
    target: NDArray[np.float32],
    rate: float,
    totals: NDArray[np.float64],
) -> None:
    """Stochastic gradient steps on sampled edges, in place.

    Draw number i takes an edge u -> v by its weight, then ``negative`` other heads v' and
    ``tail_negative`` other tails u', and descends

        -log sigmoid(s_u . t_v) - sum_v' log sigmoid(-s_u . t_v') - sum_u' log sigmoid(-s_u' . t_v)

    (Tang et al. 2015, equation 7, has the first sum; Khosla et al. 2019, equation 4, both). A noise
    node that is u or v is left out.

    Parameters
    ----------
    tails, heads : int32 arrays of shape (M,)
        The edges.
    edge_first, edge_second, edge_threshold : arrays of shape (M,)
        Alias table over the edges.
    start, stop : int
        The numbers of the draws; draw i draws from ``stream(key, i)``.
    key : int
    negative, tail_negative : int
        Noise nodes for the head, and for the tail, of each edge.
    head_first, ..., tail_threshold : arrays of shape (N,)
        Alias tables over the nodes.
    source, target : float32 arrays of shape (N, E), written
        They may be one array (first-order proximity, equation 4 of Tang et al.).
    rate : float
        Learning rate.
    totals : float64 array of shape (2,), written
        The loss in nats and the number of edges are added.
    """
    dim = source.shape[1]
    step_size = np.float32(rate)
    change = np.empty(dim, np.float32)
    loss = 0.0
    for number in range(start, stop):
        state = step(stream(key, number))
        edge = draw(mix(state), edge_first, edge_second, edge_threshold)
        tail, head = tails[edge], heads[edge]
        change[:] = 0.0
        for _ in range(tail_negative):
            state = step(state)
            other = draw(mix(state), tail_first, tail_second, tail_threshold)
            if other != tail and other != head:
                loss += _pull(0.0, target, head, source, other, change, step_size)
        for dimension in range(dim):
            target[head, dimension] += change[dimension]
        change[:] = 0.0
        loss += _pull(1.0, source, tail, target, head, change, step_size)
        for _ in range(negative):
            state = step(state)
            other = draw(mix(state), head_first, head_second, head_threshold)
            if other != tail and other != head:
                loss += _pull(0.0, source, tail, target, other, change, step_size)
        for dimension in range(dim):
            source[tail, dimension] += change[dimension]
    totals[0] += loss
    totals[1] += stop - start
