"""Hand-written gradients against plain dense references and finite differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import sparse

from polytopic.nets import (
    CountsBatch,
    Product,
    ShiftBatchNorm,
    SparseCounts,
    UsageFloor,
    dropout,
    likelihood,
    mixture_log_likelihood,
    softmax_log_likelihood,
    sparse_products,
    topic_overlap,
    topic_softmax_log_likelihood,
    weighted_bag,
)
from polytopic.nets import likelihood_in_parts as sweeping
from polytopic.nets.layers import row_products
from polytopic.nets.likelihood import unit_variance

B, V, K = 5, 7, 3


@pytest.fixture
def dense() -> np.ndarray:
    counts = np.random.default_rng(0).poisson(0.7, (B, V))
    counts[2] = 0
    return counts


@pytest.fixture
def batch(dense: np.ndarray) -> CountsBatch:
    counts = SparseCounts(sparse.csr_matrix(dense), torch.device("cpu")).batch(np.arange(B))
    fields = vars(counts) | {"values": counts.values.double(), "totals": counts.totals.double()}
    fields.pop("documents", None)
    return CountsBatch(**fields)


def _random(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).double()


def test_softmax_likelihood_equals_the_dense_formula(dense: np.ndarray, batch: CountsBatch) -> None:
    features, weight, bias = _random(B, K), _random(K, V, seed=2), _random(V, seed=3)
    expected = (torch.from_numpy(dense) * (features @ weight + bias).log_softmax(1)).sum(1)
    assert torch.allclose(softmax_log_likelihood(features, weight, bias, batch), expected)


def test_softmax_likelihood_gradient(batch: CountsBatch) -> None:
    inputs = (_random(B, K), _random(K, V, seed=2), _random(V, seed=3))
    inputs = tuple(value.requires_grad_() for value in inputs)
    assert torch.autograd.gradcheck(lambda *a: softmax_log_likelihood(*a, batch), inputs)


@pytest.mark.parametrize("part", [V, 2 * V, 100 * V])
def test_parts_of_a_batch_give_what_the_whole_gives(
    batch: CountsBatch, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = (_random(B, K), _random(K, V, seed=2), _random(V, seed=3))
    inputs = tuple(value.requires_grad_() for value in inputs)
    whole = softmax_log_likelihood(*inputs, batch)
    monkeypatch.setattr(sweeping, "_PART", part)
    swept = sweeping.swept_log_likelihood(*inputs, batch)
    assert torch.allclose(swept, whole)
    for upstream in (torch.full((B,), 0.3).double(), _random(B, seed=4)):
        ours = torch.autograd.grad(swept, inputs, upstream, retain_graph=True)
        theirs = torch.autograd.grad(whole, inputs, upstream, retain_graph=True)
        assert all(torch.allclose(a, b) for a, b in zip(ours, theirs, strict=True))
    assert torch.autograd.gradcheck(lambda *a: sweeping.swept_log_likelihood(*a, batch), inputs)
    with torch.no_grad():
        assert torch.allclose(sweeping.swept_log_likelihood(*inputs, batch), whole)


def test_large_batches_go_in_parts(batch: CountsBatch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likelihood, "LARGEST_BUFFER", 0)
    inputs = _random(B, K), _random(K, V, seed=2), _random(V, seed=3).requires_grad_()
    found = softmax_log_likelihood(*inputs, batch)
    assert "Swept" in type(found.grad_fn).__name__


def test_mixture_likelihood_equals_the_dense_formula(dense: np.ndarray, batch: CountsBatch) -> None:
    theta, beta = _random(B, K).softmax(1), _random(K, V, seed=2).softmax(1)
    expected = (torch.from_numpy(dense) * (theta @ beta).log()).sum(1)
    found = mixture_log_likelihood(theta, beta.t().contiguous(), batch)
    assert torch.allclose(found, expected)


def test_mixture_likelihood_gradient(batch: CountsBatch) -> None:
    theta = _random(B, K).softmax(1).requires_grad_()
    beta = _random(K, V, seed=2).softmax(1).t().contiguous().requires_grad_()
    assert torch.autograd.gradcheck(lambda t, b: mixture_log_likelihood(t, b, batch), (theta, beta))


def test_topic_softmax_is_the_mixture_of_softmaxes(batch: CountsBatch) -> None:
    """Also with logits far from zero."""
    theta, logits = _random(B, K).softmax(1), 30 * _random(V, K, seed=2) + 500
    logits.requires_grad_()
    expected = mixture_log_likelihood(theta, logits.softmax(0), batch)
    found = topic_softmax_log_likelihood(theta, logits, batch)
    assert torch.allclose(found, expected)
    upstream = _random(B, seed=4)
    ours, theirs = (torch.autograd.grad(v, logits, upstream)[0] for v in (found, expected))
    assert torch.allclose(ours, theirs)


def test_topic_softmax_gradient(batch: CountsBatch) -> None:
    inputs = _random(B, K).softmax(1).requires_grad_(), _random(V, K, seed=2).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda theta, logits: topic_softmax_log_likelihood(theta, logits, batch), inputs
    )


def test_weighted_bag_is_a_sparse_product(dense: np.ndarray, batch: CountsBatch) -> None:
    rows = _random(V, 4).requires_grad_()
    assert torch.allclose(
        weighted_bag(rows, batch.values, batch), torch.from_numpy(dense).double() @ rows
    )
    assert torch.autograd.gradcheck(lambda r: weighted_bag(r, batch.values, batch), (rows,))


def test_the_gradient_of_a_large_table_holds_the_rows_that_occur(
    dense: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    dense[:, [0, 3]] = 0
    batch = SparseCounts(sparse.csr_matrix(dense), torch.device("cpu")).batch(np.arange(B))
    table, upstream = _random(V, 4).float(), _random(B, 4, seed=2).float()
    whole, parts = table.clone().requires_grad_(), table.clone().requires_grad_()
    weighted_bag(whole, batch.values, batch).backward(upstream)
    monkeypatch.setattr(likelihood, "LARGEST_TABLE", 0)
    weighted_bag(parts, batch.values, batch).backward(upstream)
    assert whole.grad is not None
    assert parts.grad is not None
    assert not whole.grad.is_sparse
    occur = dense.any(axis=0).nonzero()[0]
    assert parts.grad.coalesce().indices()[0].tolist() == occur.tolist()
    assert torch.equal(parts.grad.to_dense(), whole.grad)


def test_loops_and_tensor_products_over_pairs_agree(batch: CountsBatch) -> None:
    """What other devices run: gathers and sparse products."""
    places, rows, documents = sparse_products.pairs_of(batch), _random(V, K), _random(B, K, seed=2)
    counts = torch.zeros(B, V).double()
    counts[batch.documents, batch.terms] = batch.values
    dots = (documents @ rows.t())[batch.documents, batch.terms]
    assert torch.allclose(sparse_products.pair_dots(rows, documents, places), dots)
    assert torch.allclose(sparse_products.weighted_sums(rows, batch.values, places), counts @ rows)
    outer = sparse_products.outer_sums(documents, batch.values, places, V)
    assert torch.allclose(outer, counts.t() @ documents)
    matrix = sparse_products._matrix(batch.values, places, V)
    assert torch.allclose(torch.sparse.mm(matrix, rows), counts @ rows)
    assert torch.allclose(torch.sparse.mm(matrix.t(), documents), counts.t() @ documents)


def test_sums_by_term_are_those_pair_after_pair(batch: CountsBatch) -> None:
    """What adding pair after pair gives; terms that do not occur are zeros."""
    places, documents = sparse_products.pairs_of(batch), _random(B, K, seed=2).float()
    found = sparse_products.outer_sums(documents, batch.values, places, V + 2)
    expected = np.zeros((V + 2, K), np.float32)
    for d, t, weight in zip(batch.documents, batch.terms, batch.values, strict=True):
        exact = expected[t] + (weight * documents[d].double()).numpy()
        expected[t] = exact.astype(np.float32)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert not found[V:].any()


def test_row_products_gradient() -> None:
    assert torch.autograd.gradcheck(row_products, (_random(K, V).requires_grad_(),))


@pytest.mark.parametrize("power", [0.25, 0.5])
def test_unit_variance_gradient(power: float) -> None:
    weight, root = _random(K, V).requires_grad_(), _random(K, K, seed=2).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda w, r: unit_variance(w, r @ r.t(), power, 1e-3), (weight, root)
    )


@pytest.mark.parametrize("power", [0.0, 0.25, 0.5])
def test_product_decoder_is_batch_normalisation_written_out(
    batch: CountsBatch, power: float
) -> None:
    """At power .5 it is torch's own batch norm of theta W, to rounding."""
    decoder = (
        Product(_random(K, V, seed=2), _random(V, seed=3), torch.ones(V), power=power)
        .double()
        .train()
    )
    theta = _random(B, K).softmax(1)
    logits = theta @ decoder.weight
    centred = logits - logits.mean(0)
    plain = centred * (logits.var(0, unbiased=False) + 1e-3).pow(-power) + decoder.background
    if power == 0.5:
        own = torch.nn.functional.batch_norm(logits, None, None, training=True, eps=1e-3)
        assert torch.allclose(plain, own + decoder.background)
    counts = torch.zeros(B, V, dtype=torch.float64)
    counts[batch.documents, batch.terms] = batch.values
    expected = (counts * plain.log_softmax(1)).sum(1)
    assert torch.allclose(decoder.log_likelihood(theta, batch), expected)


def test_a_batch_holds_the_rows_asked_for(dense: np.ndarray) -> None:
    counts = SparseCounts(sparse.csr_matrix(dense), torch.device("cpu"))
    rows = np.array([4, 2, 0, 4])
    batch = counts.batch(rows)
    rebuilt = np.zeros((4, V))
    rebuilt[batch.documents.numpy(), batch.terms.numpy()] = batch.values.numpy()
    assert (rebuilt == dense[rows]).all()
    assert batch.totals.tolist() == dense[rows].sum(1).tolist()


def test_shift_batch_norm_is_torch_s_with_the_scale_fixed() -> None:
    ours = ShiftBatchNorm(K, momentum=0.2)
    theirs = torch.nn.BatchNorm1d(K, eps=1e-3, momentum=0.2)
    for seed in range(3):
        values = _random(B, K, seed=seed).float()
        assert torch.allclose(ours(values), theirs(values), atol=1e-6)
    ours.eval()
    theirs.eval()
    assert torch.allclose(ours(values), theirs(values), atol=1e-6)
    assert [name for name, _ in ours.named_parameters()] == ["bias"]


def test_dropout_keeps_the_mean_and_follows_its_generator() -> None:
    ones = torch.ones(20_000)
    dropped = dropout(ones, 0.3, torch.Generator().manual_seed(0))
    assert float(dropped.mean()) == pytest.approx(1.0, abs=0.02)
    assert float((dropped == 0).float().mean()) == pytest.approx(0.3, abs=0.02)
    assert torch.equal(dropped, dropout(ones, 0.3, torch.Generator().manual_seed(0)))
    assert dropout(ones, 0.3, None) is ones


def test_topic_overlap_counts_only_what_points_together() -> None:
    assert float(topic_overlap(torch.eye(3))) == pytest.approx(0.0)
    assert float(topic_overlap(torch.tensor([[1.0, 0.0], [-1.0, 0.0]]))) == pytest.approx(0.0)
    assert float(topic_overlap(torch.tensor([[1.0, 0.0], [2.0, 0.0]]))) == pytest.approx(2.0)
    half = torch.tensor([[1.0, 0.0], [1.0, 1.0]])
    assert float(topic_overlap(half)) == pytest.approx(1.0)


def test_usage_floor_lifts_only_what_hardly_wins() -> None:
    floor = UsageFloor(4, 0.5, rate=0.1, momentum=0.5)
    theta = torch.eye(4)[[0, 1, 2, 0, 1, 2]] * 0.9 + 0.025
    for _ in range(8):
        floor.observe(theta)
    assert floor.lift[:3].tolist() == [0.0, 0.0, 0.0]
    assert float(floor.lift[3]) == pytest.approx(0.7)  # below half its even share from step 2 on
    assert torch.equal(floor(torch.zeros(2, 4))[0], floor.lift)
    asleep = UsageFloor(4, 0.0)
    asleep.observe(theta)
    assert float(asleep.lift.abs().max()) == 0.0
