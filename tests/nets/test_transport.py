"""Sinkhorn's plan against a NumPy reference, and the penalty against differences of the dual."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from making import E, K, V, make, random
from scipy import optimize
from scipy.special import logsumexp

from polytopic.errors import InputError
from polytopic.nets import REGULARIZERS, embedding_clustering, topic_overlap
from polytopic.nets.transport import sinkhorn_plan, transport_cost

EXACT = {"max_iterations": 20_000, "tolerance": 1e-13}


def reference(cost: np.ndarray, alpha: float, iterations: int = 2_000) -> tuple[np.ndarray, float]:
    """(plan, value of the regularised minimum) by Sinkhorn in log space throughout."""
    n_rows, n_columns = cost.shape
    f = np.zeros(n_rows)
    for _ in range(iterations):
        g = -np.log(n_columns) - logsumexp(f[:, None] - alpha * cost, axis=0)
        f = -np.log(n_rows) - logsumexp(g - alpha * cost, axis=1)
    plan = np.exp(f[:, None] + g - alpha * cost)
    entropy = -(plan[plan > 0] * np.log(plan[plan > 0])).sum()
    return plan, float((plan * cost).sum() - entropy / alpha)


def some_cost(scale: float = 1.0) -> np.ndarray:
    return scale * np.random.default_rng(2).random((4, 9))


@pytest.mark.parametrize("scale", [0.1, 1.0, 5.0])
def test_the_plan_is_the_reference_s(scale: float) -> None:
    cost = some_cost(scale)
    plan = sinkhorn_plan(torch.from_numpy(cost), alpha=20.0, **EXACT)
    assert plan.numpy() == pytest.approx(reference(cost, 20.0)[0], abs=1e-9)
    assert plan.sum(1).numpy() == pytest.approx(np.full(4, 1 / 4))
    assert plan.sum(0).numpy() == pytest.approx(np.full(9, 1 / 9))


def test_a_sharp_plan_is_the_linear_programme_s() -> None:
    cost = np.random.default_rng(5).random((4, 8))
    margins = np.vstack([np.kron(np.eye(4), np.ones(8)), np.kron(np.ones(4), np.eye(8))])
    shares = np.r_[np.full(4, 1 / 4), np.full(8, 1 / 8)]
    best = optimize.linprog(cost.ravel(), A_eq=margins, b_eq=shares)
    plan = sinkhorn_plan(torch.from_numpy(cost), alpha=2_000.0, max_iterations=20_000)
    assert float((plan * torch.from_numpy(cost)).sum()) == pytest.approx(best.fun, abs=2e-3)


@pytest.mark.parametrize("size", [30.0, 1e3, 1e5])
def test_distant_vectors_give_a_finite_plan_in_float32(size: float) -> None:
    """Plain iterations would divide zero by zero: exp(-20 cost) is zero everywhere."""
    cost = torch.from_numpy(size * (1 + some_cost())).float()
    plan = sinkhorn_plan(cost, alpha=20.0)
    assert torch.isfinite(plan).all()
    assert plan.sum(1).numpy() == pytest.approx(np.full(4, 1 / 4), rel=1e-3)


def test_the_gradient_is_that_of_the_regularised_minimum() -> None:
    cost = torch.from_numpy(some_cost()).requires_grad_()
    transport_cost(cost, alpha=5.0, **EXACT).backward()
    step = 1e-5
    for place in [(0, 0), (1, 4), (3, 8)]:
        moved = np.zeros(cost.shape)
        moved[place] = step
        above, below = (reference(some_cost() + sign * moved, 5.0, 300)[1] for sign in (1, -1))
        assert cost.grad is not None
        assert float(cost.grad[place]) == pytest.approx((above - below) / (2 * step), abs=1e-8)


def test_clustering_is_the_cost_of_the_plan_between_vectors() -> None:
    topics, words = random(K, E, seed=1), random(V, E, seed=2)
    cost = torch.cdist(topics, words).square()
    plan, _ = reference(cost.numpy(), 20.0)
    found = embedding_clustering(topics, words, **EXACT)
    assert float(found) == pytest.approx(float((plan * cost.numpy()).sum()), rel=1e-6)


def test_clustering_draws_topics_apart() -> None:
    """Topics that begin in one place end in the words' clusters, one each."""
    generator = torch.Generator().manual_seed(0)
    centers = 2 * torch.eye(3)
    words = (centers[:, None] + 0.1 * torch.randn(3, 20, 3, generator=generator)).view(-1, 3)
    topics = (0.1 * torch.randn(3, 3, generator=generator)).requires_grad_()
    for _ in range(60):
        (gradient,) = torch.autograd.grad(embedding_clustering(topics, words), topics)
        topics = (topics - 0.5 * gradient).detach().requires_grad_()
    nearest = torch.cdist(topics.detach(), centers).argmin(1)
    assert sorted(nearest.tolist()) == [0, 1, 2]


def test_penalties_by_name_read_what_a_decoder_has() -> None:
    for kind in ("embedding", "distance"):
        decoder = make(kind)
        overlap = REGULARIZERS["topic_overlap"](decoder)
        rows = decoder.weight
        if kind == "embedding":
            rows = (decoder.weight - decoder.weight.mean(0)) @ decoder.word_vectors.t()
        assert overlap.item() == pytest.approx(topic_overlap(rows).item())
        clustering = REGULARIZERS["embedding_clustering"](decoder)
        assert clustering.item() > 0
        clustering.backward()
        assert decoder.weight.grad is not None
    with pytest.raises(InputError, match="embedding_clustering: a Mixture decoder has no word"):
        REGULARIZERS["embedding_clustering"](make("mixture"))
