"""Random walks against their exact transition probabilities, and the pairs made of them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import sparse, stats

from polytopic.embeddings.kernels.negatives import weighted_table
from polytopic.graphs.kernels.walks import (
    Network,
    Walks,
    mark_one_way,
    random_walks,
    restart_ends,
    transition_table,
    walk_pairs,
)

KEY = np.uint64(2**63 + 11)

WEIGHTS = np.array(
    [
        [0.0, 1.0, 2.0, 0.0, 0.5],
        [3.0, 0.0, 1.0, 1.0, 0.0],
        [1.0, 0.0, 0.0, 4.0, 2.0],
        [0.0, 2.0, 1.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, 0.0],
    ]
)
"""Node 4 is left by no edge."""


def walks(
    starts: np.ndarray,
    length: int,
    p: float = 1.0,
    q: float = 1.0,
    first: int = 0,
    weights: np.ndarray = WEIGHTS,
) -> list[list[int]]:
    """The walks as lists of nodes."""
    graph = sparse.csr_matrix(weights)
    indptr, indices = graph.indptr.astype(np.int64), graph.indices.astype(np.int32)
    steps = transition_table(indptr, graph.data)
    ids = np.empty(len(starts) * length, np.int32)
    where = np.empty(len(ids), np.int64)
    bounds = np.empty(len(starts) + 1, np.int64)
    n = random_walks(
        Network(indptr, indices, graph.data), steps, starts.astype(np.int32), first, length, KEY,
        p, q, Walks(ids, where, bounds),
    )  # fmt: skip
    assert n == bounds[-1]
    for walk in range(len(starts)):
        places = where[bounds[walk] : bounds[walk + 1]]
        assert places.tolist() == [(first + walk) * length + i for i in range(len(places))]
    return [ids[low:high].tolist() for low, high in itertools.pairwise(bounds)]


def test_transition_table_holds_the_exact_probabilities() -> None:
    rng = np.random.default_rng(0)
    graph = sparse.random(60, 60, 0.2, format="csr", random_state=rng)
    graph.data = rng.gamma(0.3, size=graph.nnz) + 1e-9
    second, threshold = transition_table(graph.indptr.astype(np.int64), graph.data)
    for node in range(60):
        row = slice(graph.indptr[node], graph.indptr[node + 1])
        degree = row.stop - row.start
        kept = threshold[row] / 2.0**32
        chance = (kept + np.bincount(second[row], 1.0 - kept, degree)) / max(degree, 1)
        assert chance == pytest.approx(graph.data[row] / graph.data[row].sum(), abs=2e-10)


def test_weighted_table_never_draws_an_entry_of_weight_zero() -> None:
    weights = np.random.default_rng(1).gamma(0.2, size=5000)
    weights[::3] = 0.0
    first, second, threshold = weighted_table(weights)
    kept = threshold / 2.0**32
    chance = np.bincount(first, kept, 5000) + np.bincount(second, 1.0 - kept, 5000)
    assert (chance[::3] < 1e-9).all()
    assert chance / 5000 == pytest.approx(weights / weights.sum(), abs=1e-12)


def second_order(
    before: int, node: int, p: float, q: float, weights: np.ndarray = WEIGHTS
) -> np.ndarray:
    """Grover & Leskovec's probabilities of the step from ``node``, reached from ``before``."""
    bias = np.where(weights[before] > 0, 1.0, 1.0 / q)
    bias[before] = 1.0 / p
    return weights[node] * bias / (weights[node] * bias).sum()


@pytest.mark.parametrize(("p", "q"), [(1.0, 1.0), (0.25, 4.0), (4.0, 0.5)])
def test_steps_have_their_exact_probabilities(p: float, q: float) -> None:
    n = 60_000
    found = walks(np.zeros(n), 3, p, q)
    steps = np.array([walk[1] for walk in found])
    expected = WEIGHTS[0] / WEIGHTS[0].sum()
    seen = np.bincount(steps, minlength=5)
    assert stats.chisquare(seen[expected > 0], n * expected[expected > 0]).pvalue > 1e-4
    for node in (1, 2):
        after = np.array([walk[2] for walk in found if walk[1] == node])
        chance = second_order(0, node, p, q)
        seen = np.bincount(after, minlength=5)
        assert seen[chance == 0].sum() == 0
        expected = len(after) * chance[chance > 0]
        assert stats.chisquare(seen[chance > 0], expected).pvalue > 1e-4


TWO_SIDES = np.zeros((7, 7))
TWO_SIDES[:3, 3:] = [[1.0, 2.0, 0.5, 1e-3], [3.0, 1.0, 1.0, 1e3], [0.5, 4.0, 2.0, 1.0]]
TWO_SIDES[3:, :3] = TWO_SIDES[:3, 3:].T * [0.5, 2.0, 1.0]
"""No triangle: every node lies on one of two sides, so that no step has a bias of 1."""


@pytest.mark.parametrize(
    ("p", "q"), [(300.0, 300.0), (1e3, 2e3), (1e9, 1e9), (1e9, 3e8), (1e-9, 1.0), (1.0, 1e-9)]
)
def test_steps_stay_exact_where_nearly_all_are_rejected(p: float, q: float) -> None:
    """p = q rejects p - 1 of p draws there: some steps are drawn so, the others weighed."""
    n = 40_000
    found = walks(np.zeros(n), 3, p, q, weights=TWO_SIDES)
    for node in (3, 4):
        after = np.array([walk[2] for walk in found if walk[1] == node])
        chance = second_order(0, node, p, q, TWO_SIDES)
        expected = len(after) * chance
        seen = np.bincount(after, minlength=7)
        rare = expected < 1e-3  # p or q of 1e-9: the step is as good as certain
        assert seen[rare].sum() == 0
        assert seen.sum() == len(after)
        if (~rare).sum() > 1:
            assert (
                stats.chisquare(
                    seen[~rare], expected[~rare] * seen.sum() / expected[~rare].sum()
                ).pvalue
                > 1e-4
            )


def test_walks_follow_edges_and_end_where_none_leaves() -> None:
    for walk in walks(np.arange(5).repeat(200), 8, 0.5, 2.0):
        assert all(WEIGHTS[u, v] > 0 for u, v in itertools.pairwise(walk))
        assert 4 not in walk[:-1]
        assert len(walk) == 8 or walk[-1] == 4


def test_walks_are_the_same_however_they_are_divided() -> None:
    starts = np.random.default_rng(2).integers(5, size=300)
    whole = walks(starts, 6, 0.5, 2.0)
    pieces = [
        walk
        for low, high in ((0, 1), (1, 77), (77, 300))
        for walk in walks(starts[low:high], 6, 0.5, 2.0, first=low)
    ]
    assert whole == pieces


def pairs_of(
    ids: np.ndarray, bounds: np.ndarray, window: int, where: np.ndarray | None = None
) -> np.ndarray:
    sources = np.empty(len(ids) * window, np.int32)
    targets = np.empty(len(ids) * window, np.int32)
    where = np.arange(len(ids)) if where is None else where
    n = walk_pairs(
        Walks(ids.astype(np.int32), where, bounds.astype(np.int64)), len(bounds) - 1, window, KEY,
        sources, targets,
    )  # fmt: skip
    return np.column_stack([sources[:n], targets[:n]])


def test_pairs_lead_from_earlier_to_later_within_a_walk_and_a_window() -> None:
    n, window = 40_000, 4
    pairs = pairs_of(np.arange(n), np.array([0, n // 2, n]), window)
    distance = pairs[:, 1] - pairs[:, 0]
    assert distance.min() == 1
    assert distance.max() == window
    assert ((pairs < n // 2).sum(axis=1) != 1).all()
    for step in range(1, window + 1):
        share = (window - step + 1) / window
        expected = n * share
        tolerance = 5.0 * np.sqrt(n * share * (1 - share)) + 2 * window
        assert abs((distance == step).sum() - expected) <= tolerance


def test_pairs_of_a_node_with_itself_are_left_out() -> None:
    pairs = pairs_of(np.array([3, 1, 3, 1]), np.array([0, 4]), 3)
    assert len(pairs)
    assert (pairs[:, 0] != pairs[:, 1]).all()


def test_one_way_pairs_are_those_whose_reverse_is_no_edge() -> None:
    graph = sparse.csr_matrix(WEIGHTS)
    sources, targets = (ends.ravel().astype(np.int32) for ends in np.indices((5, 5)))
    turned = np.empty(25, np.float32)
    mark_one_way(
        graph.indptr.astype(np.int64), graph.indices.astype(np.int32), sources, targets, 0.5, turned
    )
    assert turned.reshape(5, 5).tolist() == np.where(WEIGHTS.T > 0, 0.0, 0.5).tolist()


# ---- walks that end anywhere --------------------------------------------------------------------


@pytest.mark.parametrize("restart", [0.3, 1.0])
def test_ends_of_walks_are_rooted_pagerank(restart: float) -> None:
    """Where every node is left, v ends a walk from u by restart sum_k (1 - restart)^(k-1) P^k."""
    weights = WEIGHTS + np.diag(np.ones(5), 1)[:5, :5] + np.eye(5)[:, ::-1] * (1 - np.eye(5))
    graph = sparse.csr_matrix(weights)
    share = weights / weights.sum(axis=1, keepdims=True)
    exact = restart * share @ np.linalg.inv(np.eye(5) - (1.0 - restart) * share)
    indptr, indices = graph.indptr.astype(np.int64), graph.indices.astype(np.int32)
    network, steps = Network(indptr, indices, graph.data), transition_table(indptr, graph.data)
    n_walks = 60_000
    starts = np.full(n_walks, 1, np.int32)
    sources, targets = np.empty((2, n_walks), np.int32)
    n = restart_ends(network, steps, starts, 7, 500, restart, KEY, sources, targets)
    assert (sources[:n] == 1).all()
    counts = np.bincount(targets[:n], minlength=5)
    assert counts[1] == 0
    expected = n_walks * exact[1]
    counts[1] = n_walks - n
    there = expected > 0
    assert not counts[~there].any()
    assert stats.chisquare(counts[there], expected[there]).pvalue > 1e-3


def test_walks_end_at_dead_ends_and_at_their_length() -> None:
    chain = sparse.csr_matrix(np.diag(np.ones(4), 1))
    indptr, indices = chain.indptr.astype(np.int64), chain.indices.astype(np.int32)
    network, steps = Network(indptr, indices, chain.data), transition_table(indptr, chain.data)
    for length, end in ((3, 2), (100, 4)):
        sources, targets = np.empty((2, 2), np.int32)
        starts = np.array([0, 4], np.int32)
        n = restart_ends(network, steps, starts, 0, length, 1e-9, KEY, sources, targets)
        assert (sources[:n].tolist(), targets[:n].tolist()) == ([0], [end])
