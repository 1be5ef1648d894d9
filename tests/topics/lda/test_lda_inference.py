"""Topic shares of new documents: a NumPy twin, exact posteriors, planted topics, independence."""

from __future__ import annotations

import numpy as np
import pytest
from enumeration import exact
from numpy.typing import NDArray
from scipy import sparse

from polytopic.topics.lda.kernels.inference import blocks_of, infer_documents, term_rows
from polytopic.topics.lda.kernels.posterior import sample_documents

Counts = sparse.csr_matrix


def arrays(counts: Counts) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    return (
        counts.indptr.astype(np.int64),
        counts.indices.astype(np.int32),
        counts.data.astype(np.float32),
    )


def planted(
    n_topics: int, documents: int = 80, length: int = 60
) -> tuple[Counts, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """counts, topics, alpha and the theta that the documents came from; document 3 is empty."""
    rng = np.random.default_rng(n_topics)
    phi = rng.dirichlet(np.full(300, 0.05), size=n_topics) + 1e-9
    phi /= phi.sum(axis=1, keepdims=True)
    alpha = rng.uniform(0.02, 0.2, n_topics) * min(1.0, 20 / n_topics)
    theta = rng.dirichlet(alpha, size=documents)
    dense = np.array([rng.multinomial(length, row / row.sum()) for row in theta @ phi])
    dense[3] = 0
    return sparse.csr_matrix(dense.astype(np.float32)), phi, alpha, theta


def twin(
    counts: Counts, phi: NDArray[np.float64], alpha: NDArray[np.float64], sweeps: int
) -> NDArray[np.float64]:
    """CVB0 (Asuncion et al. 2009) in float64, four terms at a time."""
    theta = np.empty((counts.shape[0], len(alpha)))
    for d in range(counts.shape[0]):
        row = counts[[d]]
        gamma, totals = np.zeros((row.nnz, len(alpha))), alpha.copy()
        for _ in range(sweeps):
            for first in range(0, row.nnz, 4):
                group = slice(first, first + 4)
                new = (totals - gamma[group]) * phi[:, row.indices[group]].T
                new /= new.sum(axis=1, keepdims=True)
                totals += row.data[group] @ (new - gamma[group])
                gamma[group] = new
        theta[d] = totals / totals.sum()
    return theta


def infer(
    counts: Counts, phi: NDArray[np.float64], alpha: NDArray[np.float64], **settings: float
) -> NDArray[np.float32]:
    return infer_documents(*arrays(counts), term_rows(phi), alpha, **settings)[0]  # type: ignore[arg-type]


def test_a_few_sweeps_match_the_twin() -> None:
    counts, phi, alpha, _ = planted(20)
    found = infer(counts, phi, alpha, tolerance=0.0, max_sweeps=4)
    np.testing.assert_allclose(found, twin(counts, phi, alpha, 4), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("n_topics", [20, 150, 400])
def test_settled_documents_are_where_the_twin_settles(n_topics: int) -> None:
    counts, phi, alpha, _ = planted(n_topics, documents=12, length=30)
    theta, sweeps = infer_documents(
        *arrays(counts), term_rows(phi), alpha, tolerance=1e-6, max_sweeps=3000
    )
    assert sweeps.max() < 3000
    np.testing.assert_allclose(theta, twin(counts, phi, alpha, 300), atol=2e-4)


def test_documents_too_large_for_shares_are_settled_without() -> None:
    counts, phi, alpha, _ = planted(20, documents=12, length=400)
    found = infer(counts, phi, alpha, tolerance=1e-6, max_sweeps=3000, largest=100)
    wanted = np.empty((12, 20))
    for d in range(12):
        row, totals = counts[[d]], alpha.copy()
        for _ in range(3000):
            gamma = totals[:, None] * phi[:, row.indices]
            totals = alpha + (gamma / gamma.sum(axis=0)) @ row.data
        wanted[d] = totals / totals.sum()
    np.testing.assert_allclose(found, wanted, atol=2e-4)
    with_shares = infer(counts, phi, alpha, tolerance=1e-6, max_sweeps=3000)
    assert np.max(np.abs(found - with_shares)) < 0.02


def test_documents_of_one_token_are_exact() -> None:
    _, phi, alpha, _ = planted(20)
    counts = sparse.csr_matrix(np.eye(300, dtype=np.float32)[:40])
    share = alpha[:, None] * phi[:, :40]
    share /= share.sum(axis=0)
    wanted = (alpha[:, None] + share) / (alpha.sum() + 1.0)
    np.testing.assert_allclose(infer(counts, phi, alpha), wanted.T, rtol=1e-5)


def test_close_to_the_exact_posterior_mean() -> None:
    phi = np.array([[0.6, 0.2, 0.1, 0.1], [0.05, 0.05, 0.4, 0.5], [0.2, 0.6, 0.15, 0.05]])
    alpha = np.array([0.5, 0.8, 1.2])
    documents = [[0, 0, 2, 3, 3, 3], [0, 1, 2, 3, 0], [3, 3, 3, 3], [1, 1]]
    counts = sparse.csr_matrix(np.array([np.bincount(d, minlength=4) for d in documents]))
    wanted = np.array([exact(d, phi, alpha)[1] for d in documents])
    found = infer(counts, phi, alpha, tolerance=1e-7, max_sweeps=2000)
    assert np.max(np.abs(found - wanted)) < 0.03


def test_finds_the_shares_that_documents_came_from() -> None:
    counts, phi, alpha, theta = planted(20, length=2000)
    found = infer(counts, phi, alpha)
    kept = np.arange(80) != 3
    assert np.max(np.abs(found - theta)[kept].sum(axis=1)) < 0.12


def test_documents_without_tokens_have_the_prior_mean() -> None:
    counts, phi, alpha, _ = planted(20)
    np.testing.assert_allclose(infer(counts, phi, alpha)[3], alpha / alpha.sum(), rtol=1e-6)


def test_terms_without_any_topic_are_passed_over() -> None:
    phi = np.array([[0.5, 0.5, 0.0], [0.1, 0.9, 0.0]])
    alpha = np.array([0.4, 0.1])
    found = infer(sparse.csr_matrix([[0.0, 0.0, 3.0], [2.0, 1.0, 0.0]]), phi, alpha)
    np.testing.assert_allclose(found[0], alpha / alpha.sum(), rtol=1e-6)
    with_term = infer(sparse.csr_matrix([[2.0, 1.0, 5.0]]), phi, alpha, tolerance=1e-6)
    without = infer(sparse.csr_matrix([[2.0, 1.0, 0.0]]), phi, alpha, tolerance=1e-6)
    np.testing.assert_allclose(with_term, without, atol=1e-5)


@pytest.mark.parametrize("n_topics", [20, 400])
def test_same_bits_for_any_threads_order_and_neighbours(n_topics: int) -> None:
    counts, phi, alpha, _ = planted(n_topics, documents=700)
    whole = infer(counts, phi, alpha)
    np.testing.assert_array_equal(infer(counts, phi, alpha, n_threads=4), whole)
    np.testing.assert_array_equal(infer(counts[::-1].tocsr(), phi, alpha, n_threads=2)[::-1], whole)
    np.testing.assert_array_equal(infer(counts[[17]], phi, alpha), whole[[17]])


def test_rows_may_lie_anywhere_in_memory() -> None:
    counts, phi, alpha, _ = planted(20)
    rows = term_rows(phi)
    moved = np.empty(rows.size + 1, dtype=np.float32)[1:].reshape(rows.shape)
    moved[:] = rows
    wanted = infer_documents(*arrays(counts), rows, alpha)[0]
    for other in (moved, np.asfortranarray(rows), rows.astype(np.float64)):
        np.testing.assert_array_equal(infer_documents(*arrays(counts), other, alpha)[0], wanted)


@pytest.mark.parametrize("n_topics", [1, 20, 400])
def test_rows_are_distributions(n_topics: int) -> None:
    counts, phi, alpha, _ = planted(n_topics)
    theta = infer(counts, phi, alpha)
    assert np.all(theta > 0.0)
    np.testing.assert_allclose(theta.sum(axis=1, dtype=np.float64), 1.0, atol=1e-6)


def test_blocks_cover_all_documents_once() -> None:
    indptr = np.cumsum([0, 0, 0, 20_000, 5, 5, 9000, 0, 0]).astype(np.int64)
    for size in (1, 10, 8192, 10**9):
        blocks = blocks_of(indptr, size)
        assert [d for first, last in blocks for d in range(first, last)] == list(range(8))
    assert blocks_of(np.zeros(4, dtype=np.int64)) == [(0, 3)]


def sample(
    counts: Counts, phi: NDArray[np.float64], alpha: NDArray[np.float64], **settings: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    theta = infer(counts, phi, alpha)
    return sample_documents(*arrays(counts), term_rows(phi), alpha, theta, **settings)


def test_samples_give_the_exact_posterior() -> None:
    """20,000 sweeps: errors are a few times 1 / sqrt(20000) = .007 of deviations up to .25."""
    phi = np.array([[0.6, 0.2, 0.1, 0.1], [0.05, 0.05, 0.4, 0.5], [0.2, 0.6, 0.15, 0.05]])
    alpha = np.array([0.5, 0.2, 1.2])
    documents = [[0, 0, 2, 3, 3, 3], [0, 1, 2, 3, 0], [3, 3, 3, 3], [], [1, 1]]
    counts = sparse.csr_matrix(np.array([np.bincount(d, minlength=4) for d in documents]))
    counts.eliminate_zeros()
    mean, deviation = sample(counts, phi, alpha, samples=20_000)
    for d, words in enumerate(documents):
        _, wanted, spread = exact(words, phi, alpha)
        np.testing.assert_allclose(mean[d], wanted, atol=0.008)
        np.testing.assert_allclose(deviation[d], spread, atol=0.008)


def test_samples_do_not_depend_on_threads_order_and_neighbours() -> None:
    counts, phi, alpha, _ = planted(20, documents=300)
    whole = sample(counts, phi, alpha, samples=5, burn_in=2)
    for found in (
        sample(counts, phi, alpha, samples=5, burn_in=2, n_threads=4),
        [part[::-1] for part in sample(counts[::-1].tocsr(), phi, alpha, samples=5, burn_in=2)],
    ):
        np.testing.assert_array_equal(found[0], whole[0])
        np.testing.assert_array_equal(found[1], whole[1])
    other = sample(counts, phi, alpha, samples=5, burn_in=2, key=1)
    assert np.any(other[0] != whole[0])


def test_longer_documents_are_known_better() -> None:
    short, phi, alpha, _ = planted(20)
    long = short.copy()
    long.data *= 20
    assert sample(long, phi, alpha, samples=40)[1].mean() < 0.5 * (
        sample(short, phi, alpha, samples=40)[1].mean()
    )
