"""Kernels of NTM against NumPy and differences of the cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from polytopic.topics.lda.kernels.inference import csr_arrays
from polytopic.topics.ntm.kernels import ranking as kernels
from polytopic.topics.ntm.kernels.ranking import COSTS
from polytopic.topics.ntm.kernels.steps import NO_MOMENTS, Step
from polytopic.topics.ntm.term_net import sigmoid


def small_problem(seed: int = 0) -> tuple[sparse.csr_matrix, np.ndarray, np.ndarray]:
    """Counts (20, 9), lt (9, 5) and W1 (20, 5)."""
    rng = np.random.default_rng(seed)
    counts = sparse.csr_matrix((rng.random((20, 9)) < 0.4).astype(np.float32))
    lt = sigmoid(rng.normal(size=(9, 5))).astype(np.float32)
    return counts, lt, rng.normal(size=(20, 5)).astype(np.float32)


def softmax(rows: np.ndarray) -> np.ndarray:
    e = np.exp(rows - rows.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def rank(
    counts: sparse.csr_matrix, lt: np.ndarray, weights: np.ndarray, *, margin: float = 1.0,
    cost: str = "log-margin", rate: float = 0.0, candidates: int = 1, shrink: float = 1.0,
    scale: float = 1.0, turned: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """W1 afterwards, slopes by lt, and totals."""
    moved, slopes, totals = weights.copy(), np.zeros_like(lt), np.zeros(3)
    kernels.rank_lane(
        kernels.Lane(np.arange(len(weights)), 0, 1), csr_arrays(counts), 7,
        np.ones(len(lt), np.float32), lt, kernels.Rows(moved, np.empty(0, np.float32)), slopes,
        kernels.Rule(margin, COSTS.index(cost), candidates, shrink, Step(rate), scale, turned),
        totals, NO_MOMENTS,
    )  # fmt: skip
    return moved, slopes, totals


def test_binary_search_finds_what_a_row_holds() -> None:
    row = np.array([9, 2, 3, 5, 8, 1], np.int32)  # the row is places 1 to 4
    assert [t for t in range(10) if kernels.holds(row, 1, 5, t)] == [2, 3, 5, 8]
    assert not kernels.holds(row, 2, 2, 3)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("cost", COSTS)
def test_slopes_are_those_of_finite_differences(cost: str, turned: bool) -> None:
    """With a margin that no pair reaches the cost is smooth, and draws depend on no value."""
    counts, lt, weights = small_problem()
    lt *= np.float32(0.9)
    about: dict[str, Any] = {"margin": 50.0, "cost": cost, "turned": turned}
    rate, step = 1e-3, 3e-3
    moved, slopes, _ = rank(counts, lt, weights, rate=rate, **about)

    def total(lt: np.ndarray, weights: np.ndarray) -> float:
        return float(rank(counts, lt, weights, **about)[2][0])

    for row, k in [(0, 0), (3, 2), (8, 4)]:
        up, down = lt.copy(), lt.copy()
        up[row, k] += step
        down[row, k] -= step
        difference = (total(up, weights) - total(down, weights)) / (2 * step)
        assert slopes[row, k] == pytest.approx(difference, rel=0.02, abs=0.05)
    for row, k in [(0, 0), (7, 3), (19, 4)]:
        up, down = weights.copy(), weights.copy()
        up[row, k] += 10 * step
        down[row, k] -= 10 * step
        difference = (total(lt, up) - total(lt, down)) / (20 * step)
        found = (weights[row, k] - moved[row, k]) / rate
        assert found == pytest.approx(difference, rel=0.02, abs=0.05)


def test_a_pair_s_other_document_never_holds_the_term() -> None:
    """Two documents hold all terms of each other but one: only that one makes pairs."""
    counts = sparse.csr_matrix(np.array([[1, 1, 1], [1, 1, 0]], np.float32))
    lt, weights = np.full((3, 2), 0.5, np.float32), np.zeros((2, 2), np.float32)
    _, slopes, totals = rank(counts, lt, weights)
    assert totals[1] == 1.0
    assert totals[0] == pytest.approx(1.0)
    assert not slopes[:2].any()


def test_pairs_beyond_the_margin_move_nothing() -> None:
    counts, lt, weights = small_problem()
    moved, slopes, totals = rank(counts, lt, weights, margin=-50.0, rate=1.0)
    assert totals[0] == totals[2] == 0.0
    assert totals[1] > 0
    assert np.array_equal(moved, weights)
    assert not slopes.any()


def test_more_candidates_are_harder() -> None:
    counts, lt, weights = small_problem()
    one, four = (rank(counts, lt, weights, margin=50.0, candidates=n)[2] for n in (1, 4))
    assert four[0] / four[1] > one[0] / one[1]


def test_shares_and_sums_of_terms_are_those_of_numpy() -> None:
    counts, lt, weights = small_problem()
    counts.data[:] = np.arange(1, counts.nnz + 1) % 3 + 1
    arrays = counts.indptr.astype(np.int64), counts.indices, counts.data
    shares = np.zeros_like(lt)
    kernels.share_pairs(*arrays, lt, weights, 0, 1, 8, shares)
    theta, dense = softmax(weights), counts.toarray()
    ratio = dense / (theta @ lt.T)
    assert shares == pytest.approx(lt * (ratio.T @ theta), rel=1e-4)
    assert shares.sum() == pytest.approx(dense.sum(), rel=1e-5)
    rows = np.empty_like(weights)
    kernels.sum_terms(*arrays, lt, 2.0, 0.5, 0, 20, rows)
    expected = 2.0 * dense @ lt / np.sqrt(np.maximum(dense.sum(1, keepdims=True), 1))
    assert rows == pytest.approx(expected, rel=1e-4, abs=1e-5)
    scores = np.empty(3, np.float32)
    kernels.score_pairs(lt, weights, np.array([0, 4, 8]), np.array([5, 0, 19]), scores)
    assert scores == pytest.approx((theta @ lt.T)[[5, 0, 19], [0, 4, 8]], rel=1e-5)


def test_decay_shrinks_rows() -> None:
    counts, lt, weights = small_problem()
    moved, _, _ = rank(counts, lt, weights, rate=0.0, shrink=0.5)
    assert moved == pytest.approx(0.5 * weights, rel=1e-6)


def test_costs_are_those_of_their_names() -> None:
    """One pair: term 0 stands in document 0 and not in document 1."""
    counts = sparse.csr_matrix(np.array([[1, 1], [0, 1]], np.float32))
    rng = np.random.default_rng(3)
    lt = rng.uniform(0.1, 0.9, (2, 3)).astype(np.float32)
    weights = rng.normal(size=(2, 3)).astype(np.float32)
    high, low = softmax(weights) @ lt[0]
    expected = {
        "margin": 2 - high + low,
        "log-margin": 2 - np.log(high) + np.log(low),
        "cross-entropy": np.log1p(np.exp(low - high)),
        "binary-cross-entropy": -np.log(high) - np.log(1 - low),
    }
    for cost, value in expected.items():
        totals = rank(counts, lt, weights, margin=2.0, cost=cost)[2]
        assert totals == pytest.approx([value, 1, 1], rel=1e-5), cost
    turned = rank(counts, lt, weights, margin=2.0, cost="margin", turned=True)[2]
    assert turned[0] == pytest.approx(2 - low + high, rel=1e-5)


def test_a_scale_is_of_the_slopes_and_not_of_the_cost_that_is_told() -> None:
    counts, lt, weights = small_problem()
    (one, by_one, told), (ten, by_ten, told_ten) = (
        rank(counts, lt, weights, margin=50.0, rate=1e-3, scale=scale) for scale in (1.0, 10.0)
    )
    assert by_ten == pytest.approx(10 * by_one, rel=1e-4)
    assert weights - ten == pytest.approx(10 * (weights - one), rel=1e-3, abs=1e-6)
    assert told == pytest.approx(told_ten)


def test_gathered_slopes_are_those_a_plain_step_would_take() -> None:
    counts, lt, weights = small_problem()
    moved, slopes, _ = rank(counts, lt, weights, margin=50.0, rate=1e-3)
    gathered, again = np.empty_like(weights), np.zeros_like(lt)
    still = weights.copy()
    kernels.rank_lane(
        kernels.Lane(np.arange(20), 0, 1), csr_arrays(counts), 7, np.ones(9, np.float32), lt,
        kernels.Rows(still, np.empty(0, np.float32)), again,
        kernels.Rule(50.0, 1, 1, 1.0, Step(1e-3)), np.zeros(3), gathered,
    )  # fmt: skip
    assert np.array_equal(still, weights)
    assert np.array_equal(again, slopes)
    assert 1e-3 * gathered == pytest.approx(weights - moved, rel=1e-3, abs=1e-6)
