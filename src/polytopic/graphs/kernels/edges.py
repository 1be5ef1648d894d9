"""Pairs of nodes with negative pairs: LINE (Tang et al., WWW 2015), with both ends replaced."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.kernels.arguments import Table
from polytopic.embeddings.kernels.negatives import draw
from polytopic.kernels.compiling import compiled
from polytopic.kernels.random import mix, step, stream

__all__ = ["NodeNoise", "NodePairs", "pairs_negative", "sample_edges"]


class NodePairs(NamedTuple):
    """Pairs u -> v of different nodes.

    ``sources``, ``targets`` (M,): u and v; ``turned`` (M,): weight of the pair turned round as a
    negative, 0 where that is an edge; ``start``: number of the first pair.
    """

    sources: NDArray[np.int32]
    targets: NDArray[np.int32]
    turned: NDArray[np.float32]
    start: int


class NodeNoise(NamedTuple):
    """``negative`` noise targets and, with ``both``, as many noise sources a pair.

    ``targets`` and ``sources`` are their alias tables.
    """

    negative: int
    targets: Table
    sources: Table
    both: bool = True


@compiled()
def sample_edges(
    tails: NDArray[np.int32],
    heads: NDArray[np.int32],
    table: Table,
    start: int,
    key: int,
    sources: NDArray[np.int32],
    targets: NDArray[np.int32],
) -> None:
    """Draw edges by an alias table over all M of them.

    Draw number ``start + i`` draws from ``stream(key, start + i)`` and is written to ``sources[i]``
    and ``targets[i]``.
    """
    for i in range(len(sources)):
        edge = draw(mix(step(stream(key, start + i))), table)
        sources[i], targets[i] = tails[edge], heads[edge]


@compiled(fastmath=True, error_model="numpy", inline="always")
def _pull(
    label: float,
    fixed: NDArray[np.float32],
    kept: int,
    moved: NDArray[np.float32],
    row: int,
    change: NDArray[np.float32],
    rate: float,
    shrink: np.float32,
) -> float:
    """One step on ``moved[row]``, that of ``fixed[kept]`` gathered in ``change``; gives the loss.

    The loss is log(1 + exp(-dot)) of a pair (label 1), log(1 + exp(dot)) of a negative (label 0),
    in nats; the sigmoid is exact. ``moved[row]`` is first multiplied by ``shrink``.
    """
    dot = np.float32(0.0)
    for dimension in range(len(change)):
        dot += fixed[kept, dimension] * moved[row, dimension]
    tail = math.exp(-abs(float(dot)))
    share = 1.0 / (1.0 + tail)
    slope = np.float32(rate * (label - (share if dot >= 0.0 else 1.0 - share)))
    for dimension in range(len(change)):
        change[dimension] += slope * moved[row, dimension]
        moved[row, dimension] = shrink * moved[row, dimension] + slope * fixed[kept, dimension]
    signed = float(dot) if label == 0.0 else -float(dot)
    return max(signed, 0.0) + math.log1p(tail)


@compiled(fastmath=True, error_model="numpy")
def pairs_negative(
    pairs: NodePairs,
    key: int,
    noise: NodeNoise,
    source: NDArray[np.float32],
    target: NDArray[np.float32],
    rate: float,
    decay: float,
    totals: NDArray[np.float64],
) -> None:
    """Stochastic gradient steps on pairs u -> v, one after another, in place.

    With ``negative`` noise targets v' and as many noise sources u', each step descends

        -log sigmoid(s_u . t_v) - sum_v' log sigmoid(-s_u . t_v') - sum_u' log sigmoid(-s_u' . t_v)
            - turned log sigmoid(-s_v . t_u)
            + decay / 2 (|s_u|^2 + |t_v|^2 + sum_v' |t_v'|^2 + sum_u' |s_u'|^2)

    Tang et al. (2015, equation 7) have the first two terms, Khosla et al. (NERD, ECML 2019) the
    third; the fourth, the pair turned round, is what teaches direction. A noise node that is u or v
    is left out.

    Parameters
    ----------
    pairs : NodePairs
    key : int
        Pair i draws its noise from ``stream(key, start + i)``, sources before targets.
    noise : NodeNoise
    source, target : float32 arrays of shape (N, E), written
        They may be one array (one vector a node; first-order proximity, Tang et al., equation 4).
    rate, decay : float
        Learning rate and weight decay.
    totals : float64 array of shape (2,), written
        The loss in nats, without the decay, and the number of pairs are added.
    """
    sources, targets, turned, start = pairs
    negative, target_table, source_table, both = noise
    dim = source.shape[1]
    change = np.empty(dim, np.float32)
    shrink = np.float32(1.0 - rate * decay)
    whole = np.float32(1.0)
    loss = 0.0
    for i in range(len(sources)):
        state = stream(key, start + i)
        tail, head = sources[i], targets[i]
        change[:] = 0.0
        for _ in range(negative if both else 0):
            state = step(state)
            other = draw(mix(state), source_table)
            if other != tail and other != head:
                loss += _pull(0.0, target, head, source, other, change, rate, shrink)
        for dimension in range(dim):
            target[head, dimension] += change[dimension]
        change[:] = 0.0
        loss += _pull(1.0, source, tail, target, head, change, rate, shrink)
        for _ in range(negative):
            state = step(state)
            other = draw(mix(state), target_table)
            if other != tail and other != head:
                loss += _pull(0.0, source, tail, target, other, change, rate, shrink)
        for dimension in range(dim):
            source[tail, dimension] = shrink * source[tail, dimension] + change[dimension]
        weight = float(turned[i])
        if weight > 0.0:
            change[:] = 0.0
            loss += weight * _pull(0.0, source, head, target, tail, change, rate * weight, whole)
            for dimension in range(dim):
                source[head, dimension] += change[dimension]
    totals[0] += loss
    totals[1] += len(sources)
