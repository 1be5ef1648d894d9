"""Online variational Bayes against a plain NumPy twin and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import psi
from sklearn.decomposition import LatentDirichletAllocation

from polytopic.errors import InputError
from polytopic.topics.lda import online_bayes as online
from polytopic.topics.lda.kernels.digamma import exp_digamma
from polytopic.topics.lda.prior_rules import Asymmetric

V, K, D = 60, 7, 40


def batch(seed: int, documents: int = D) -> sparse.csr_matrix:
    rng = np.random.default_rng(seed)
    dense = rng.poisson(0.6, (documents, V)).astype(np.float32)
    dense[min(3, documents - 1)] = 0
    return sparse.csr_matrix(dense)


def learn(
    state: online.OnlineTopics, counts: sparse.csr_matrix, *, n_documents: float, batch_size: int
) -> None:
    """One pass over ``counts`` in their order, a batch after the other."""
    for first in range(0, counts.shape[0], batch_size):
        part = counts[first : first + batch_size]
        found = online.e_step(state, part)
        step = online.rate(state.updates, 10.0, 0.7)
        online.m_step(state, part, found, n_documents=n_documents, step=step)


def expected_log(parameters: NDArray[np.float64]) -> NDArray[np.float64]:
    logs: NDArray[np.float64] = psi(parameters) - psi(parameters.sum(axis=-1, keepdims=True))
    return logs


def twin_e_step(
    counts: sparse.csr_matrix,
    topics: NDArray[np.float64],
    alpha: NDArray[np.float64],
    tolerance: float,
    max_sweeps: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Algorithm 2 of Hoffman, Blei & Bach (2010), line by line: gamma and statistics (K, V)."""
    beta = np.exp(expected_log(topics))
    gammas, statistics = np.ones((counts.shape[0], len(alpha))), np.zeros_like(topics)
    for d, gamma in enumerate(gammas):
        row = counts[[d]].toarray()[0].astype(np.float64)
        for _ in range(max_sweeps):
            theta = np.exp(expected_log(gamma))
            phi = theta[:, None] * beta
            phi /= phi.sum(axis=0)
            new = alpha + phi @ row
            change = np.abs(new - gamma).mean()
            gamma[:] = new
            if change < tolerance:
                break
        phi = np.exp(expected_log(gamma))[:, None] * beta
        statistics += phi / phi.sum(axis=0) * row
    return gammas, statistics


def test_exp_digamma_keeps_its_stated_error() -> None:
    values = np.concatenate(
        [np.geomspace(0.0120, 1e7, 200_000), np.linspace(0.02, 20.0, 100_000)]
    ).astype(np.float32)
    out = np.empty_like(values)
    exp_digamma(values, out)
    wanted = np.exp(psi(values.astype(np.float64)))
    assert np.max(np.abs(out / wanted - 1.0)) < 2e-7


def test_exp_digamma_of_tiny_values_is_zero() -> None:
    out = np.full(4, np.nan, dtype=np.float32)
    exp_digamma(np.array([1e-30, 1e-6, 1e-3, 0.01], dtype=np.float32), out)
    np.testing.assert_array_equal(out, 0.0)


@pytest.mark.parametrize("eta", [np.full(V, 0.3), np.linspace(0.1, 2.0, K * V).reshape(K, V)])
def test_updates_match_the_numpy_twin(eta: NDArray[np.float64]) -> None:
    alpha = np.linspace(0.1, 1.5, K)
    state = online.start_topics(V, alpha, eta, random_state=1)
    topics = state.parameters().astype(np.float64)
    for t in range(4):
        counts = batch(t)
        step = online.rate(t, 2.0, 0.6)
        posterior = online.e_step(state, counts, tolerance=1e-4, max_sweeps=200)
        gamma, statistics = twin_e_step(counts, topics, alpha, 1e-4, 200)
        np.testing.assert_allclose(posterior.gamma[:, :K], gamma, rtol=2e-3, atol=2e-3)
        online.m_step(state, counts, posterior, n_documents=500, step=step)
        topics = (1 - step) * topics + step * (eta + 500 / D * statistics)
        np.testing.assert_allclose(state.parameters(), topics, rtol=3e-3, atol=1e-3)
    assert state.updates == 4


def test_one_sweep_matches_the_twin_to_float_precision() -> None:
    alpha, eta = np.full(K, 0.2), np.full(V, 0.1)
    state = online.start_topics(V, alpha, eta, random_state=2)
    counts = batch(5)
    posterior = online.e_step(state, counts, tolerance=0.0, max_sweeps=1)
    gamma, statistics = twin_e_step(counts, state.parameters().astype(float), alpha, 0.0, 1)
    np.testing.assert_allclose(posterior.gamma[:, :K], gamma, rtol=3e-6)
    online.m_step(state, counts, posterior, n_documents=D, step=1.0)
    np.testing.assert_allclose(state.parameters(), eta + statistics, rtol=2e-5)
    np.testing.assert_allclose(posterior.gamma[3, :K], alpha, rtol=1e-6)


def peer(seed: int) -> LatentDirichletAllocation:
    """Each document takes 25 sweeps, so that no difference hangs on when one stops."""
    return LatentDirichletAllocation(
        K, doc_topic_prior=0.2, topic_word_prior=0.1, learning_decay=0.6, learning_offset=5.0,
        total_samples=300, mean_change_tol=0.0, max_doc_update_iter=25, random_state=seed,
    )  # fmt: skip


def test_partial_fits_match_scikit_learn() -> None:
    model, rng = peer(3), np.random.RandomState(3)
    first = rng.gamma(100.0, 0.01, (K, V))
    alpha, eta = np.full(K, 0.2), np.full(V, 0.1)
    state = online.start_topics(V, alpha, eta, topics=first)
    for t in range(5):
        counts = batch(10 + t)
        model.partial_fit(counts)
        start = rng.gamma(100.0, 0.01, (D, K))
        found = online.e_step(state, counts, start=start, tolerance=0.0, max_sweeps=25)
        # scikit-learn counts batches from 1
        step = online.rate(t + 1, 5.0, 0.6)
        online.m_step(state, counts, found, n_documents=300, step=step)
    np.testing.assert_allclose(state.parameters(), model.components_, rtol=2e-4, atol=1e-4)
    same = online.start_topics(V, alpha, eta, topics=model.components_)
    found = online.e_step(same, batch(30), tolerance=0.0, max_sweeps=25)
    theta = found.gamma[:, :K] / found.gamma[:, :K].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(theta, model.transform(batch(30)), rtol=1e-4, atol=1e-5)


def test_bound_matches_scikit_learn() -> None:
    model, counts = peer(4).partial_fit(batch(1)), batch(2)
    state = online.start_topics(V, np.full(K, 0.2), np.full(V, 0.1), topics=model.components_)
    found = online.e_step(state, counts, tolerance=1e-5, max_sweeps=500)
    gamma = found.gamma[:, :K].astype(np.float64)
    wanted = model._approx_bound(counts, gamma, sub_sampling=True)
    assert online.bound(state, counts, found, n_documents=300) == pytest.approx(wanted, rel=1e-6)
    plain = model._approx_bound(counts, gamma, sub_sampling=False)
    assert online.bound(state, counts, found) == pytest.approx(plain, rel=1e-6)


def test_whole_passes_raise_the_bound() -> None:
    counts = batch(7, 80)
    state = online.start_topics(V, np.full(K, 0.2), np.full(V, 0.1), random_state=0)
    bounds = []
    for _ in range(8):
        found = online.e_step(state, counts, tolerance=1e-5, max_sweeps=500)
        bounds.append(online.bound(state, counts, found))
        online.m_step(state, counts, found, n_documents=80, step=1.0)
    assert np.all(np.diff(bounds) > 0.0)


def test_same_bits_for_any_number_of_threads() -> None:
    def run(n_threads: int) -> NDArray[np.float32]:
        state = online.start_topics(V, np.full(K, 0.2), np.full(V, 0.1), random_state=5)
        for t in range(3):
            counts = batch(t, 600)
            found = online.e_step(state, counts, n_threads=n_threads)
            online.m_step(state, counts, found, n_documents=1e4, step=0.3, n_threads=n_threads)
        return state.parameters()

    one = run(1)
    np.testing.assert_array_equal(run(2), one)
    np.testing.assert_array_equal(run(4), one)


def test_each_document_is_settled_alone() -> None:
    state = online.start_topics(V, np.full(K, 0.2), np.full(V, 0.1), random_state=5)
    counts = batch(9)
    whole = online.e_step(state, counts).gamma
    turned = online.e_step(state, counts[::-1].tocsr()).gamma
    np.testing.assert_array_equal(turned[::-1], whole)
    np.testing.assert_array_equal(online.e_step(state, counts[[7]]).gamma[0], whole[7])


def test_a_stream_in_pieces_is_the_same_as_in_one() -> None:
    counts = batch(20, 130)
    whole = online.start_topics(V, np.full(K, 0.2), np.full(V, 0.1))
    learn(whole, counts, n_documents=1000, batch_size=40)
    pieces = online.start_topics(V, np.full(K, 0.2), np.full(V, 0.1))
    learn(pieces, counts[:80], n_documents=1000, batch_size=40)
    learn(pieces, counts[80:], n_documents=1000, batch_size=40)
    assert whole.updates == pieces.updates == 4
    np.testing.assert_array_equal(pieces.parameters(), whole.parameters())


def test_learning_finds_planted_topics() -> None:
    rng = np.random.default_rng(2)
    planted = rng.dirichlet(np.full(V, 0.05), size=5)
    theta = rng.dirichlet(np.full(5, 0.1), size=2000)
    counts = sparse.csr_matrix(
        np.array([rng.multinomial(50, p) for p in theta @ planted]).astype(np.float32)
    )
    state = online.start_topics(V, np.full(5, 0.1), np.full(V, 0.05), random_state=3)
    for _ in range(5):
        learn(state, counts, n_documents=2000, batch_size=100)
    distance = np.abs(state.topic_word()[:, None] - planted[None]).sum(axis=2) / 2
    assert sorted(distance.argmin(axis=0)) == list(range(5))
    assert distance.min(axis=0).max() < 0.1


def test_rates_decay_as_stated() -> None:
    assert online.rate(0, 1.0, 0.7) == 1.0
    assert online.rate(9, 1.0, 0.5) == pytest.approx(10**-0.5)


def test_optimised_concentrations_raise_the_bound() -> None:
    counts = batch(7, 80)
    state = online.start_topics(V, np.full(K, 3.0), np.full(V, 4.0), random_state=0)
    for _ in range(20):
        found = online.e_step(state, counts)
        online.m_step(state, counts, found, n_documents=80, step=1.0)
    found = online.e_step(state, counts, tolerance=1e-6, max_sweeps=1000)
    first = online.bound(state, counts, found)
    alpha = Asymmetric(state.alpha)
    alpha.fit_logs(expected_log(found.gamma[:, :K].astype(np.float64)).mean(axis=0), 1.0)
    state.alpha = alpha.values
    second = online.bound(state, counts, found)
    online.update_eta(state, step=1.0)
    assert first < second < online.bound(state, counts, found)
    assert state.alpha.shape == (K,) and np.all(state.alpha > 0.0)
    # at the maximum no other value is better
    best = online.bound(state, counts, found)
    for factor in (0.9, 1.1):
        state.eta *= np.float32(factor)
        assert online.bound(state, counts, found) < best
        state.eta /= np.float32(factor)


def test_only_a_symmetric_eta_is_optimised() -> None:
    state = online.start_topics(V, np.full(K, 0.1), np.linspace(0.1, 1.0, V))
    with pytest.raises(InputError, match="eta: differs between terms"):
        online.update_eta(state, step=0.5)
