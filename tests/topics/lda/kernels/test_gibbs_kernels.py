"""The Gibbs sampler: its draws, its target distribution, and the same bits for any threads."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import numpy as np
import pytest
from numba import njit
from numpy.typing import NDArray
from scipy import sparse, stats
from scipy.special import gammaln

from polytopic.kernels.random import mix, step, stream
from polytopic.topics.lda.kernels import gamma, gibbs
from polytopic.topics.lda.kernels.gibbs_simd import LANES, address, pick

KINDS = pytest.mark.parametrize("dense", [True, False], ids=["dense", "sparse"])


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    with ThreadPoolExecutor(4) as executor:
        yield executor


def corpus(seed: int = 0, n_documents: int = 300, n_terms: int = 40) -> sparse.csr_matrix:
    rng = np.random.default_rng(seed)
    counts = rng.poisson(0.6, (n_documents, n_terms))
    counts[7] = 0
    counts[-1] = 0
    return sparse.csr_matrix(counts.astype(np.int32))


def likelihood(
    words: NDArray[np.int64],
    documents: NDArray[np.int64],
    topics: NDArray[np.int64],
    alpha: NDArray[np.float64],
    eta: NDArray[np.float64],
) -> float:
    """log p(w, z | alpha, eta) written out; ``eta`` is (K, V), zeros are words left out."""
    n_documents, (n_topics, n_terms) = documents.max() + 1, eta.shape
    by_document, by_word = np.zeros((n_documents, n_topics)), np.zeros((n_topics, n_terms))
    np.add.at(by_document, (documents, topics), 1)
    np.add.at(by_word, (topics, words), 1)
    value = gammaln(alpha.sum()) - gammaln(alpha.sum() + by_document.sum(1))
    total = value.sum() + (gammaln(by_document + alpha) - gammaln(alpha)).sum()
    total += (gammaln(eta.sum(1)) - gammaln(eta.sum(1) + by_word.sum(1))).sum()
    seen = by_word > 0
    return float(total + (gammaln(by_word[seen] + eta[seen]) - gammaln(eta[seen])).sum())


@njit
def _picks(row, weights, uniforms, places):  # type: ignore[no-untyped-def]
    n = len(row) // LANES
    scratch = np.empty(LANES * (n + 2), np.float32)
    for i in range(len(uniforms)):
        places[i] = pick(address(row), address(weights), address(scratch), n, uniforms[i])


@njit
def _gammas(shape, floor, key, values):  # type: ignore[no-untyped-def]
    state = stream(key, 1)
    for i in range(len(values)):
        if shape < 1.0:
            values[i], state = gamma.small_gamma(shape, floor, state)
        else:
            values[i], state = gamma.gamma(shape, state)


@pytest.mark.parametrize("size", [16, 64, 208])
def test_pick_draws_in_proportion_and_never_a_zero(size: int) -> None:
    rng = np.random.default_rng(size)
    row = rng.gamma(0.5, size=size).astype(np.float32)
    row[rng.random(size) < 0.3] = 0.0
    weights = rng.random(size, dtype=np.float32)
    uniforms = rng.random(400_000, dtype=np.float32)
    uniforms[:2] = 0.0, np.nextafter(np.float32(1.0), np.float32(0.0))
    places = np.empty(len(uniforms), np.int64)
    _picks(row, weights, uniforms, places)
    product = row.astype(np.float64) * weights
    numbers = np.bincount(places, minlength=size)
    assert (numbers[product == 0.0] == 0).all()
    expected = product / product.sum() * len(uniforms)
    common = expected > 5
    statistic = ((numbers[common] - expected[common]) ** 2 / expected[common]).sum()
    assert stats.chi2.sf(statistic, common.sum()) > 1e-4


def test_pick_of_nothing_is_minus_one() -> None:
    places = np.empty(1, np.int64)
    nothing = np.zeros(32, np.float32)
    _picks(nothing, nothing, np.full(1, 0.5, np.float32), places)
    assert places[0] == -1


@pytest.mark.parametrize("shape", [1.0, 1.01, 3.7, 250.5])
def test_gamma_draws_follow_the_gamma_distribution(shape: float) -> None:
    values = np.empty(200_000)
    _gammas(shape, 0.0, np.uint64(3), values)
    assert stats.kstest(values, stats.gamma(shape).cdf).pvalue > 1e-3


@pytest.mark.parametrize("shape", [0.01, 0.1, 0.9])
def test_small_gamma_draws_follow_the_gamma_distribution_above_what_is_negligible(
    shape: float,
) -> None:
    values = np.empty(300_000)
    _gammas(shape, gamma.small_gamma_floor(shape), np.uint64(4), values)
    below = stats.gamma(shape).cdf(gamma.NEGLIGIBLE)
    error = np.sqrt(below * (1 - below) / len(values))
    assert abs((values == 0.0).mean() - below) < 4 * error + 1e-12
    kept = values[values > 0.0]
    assert kept.min() >= gamma.NEGLIGIBLE
    spread = stats.kstest(stats.gamma(shape).cdf(kept), stats.uniform(below, 1 - below).cdf)
    assert spread.pvalue > 1e-3


def test_dense_sweep_is_its_numpy_twin(pool: Executor) -> None:
    words, offsets = gibbs.expand(corpus(1))
    rng = np.random.default_rng(2)
    n_topics, start = 20, rng.integers(0, 20, len(words))
    alpha, eta = rng.random(n_topics), gibbs.shape_eta(0.1, 40, n_topics)
    state = gibbs.prepare(words, offsets, 40, n_topics, topics=start)
    gibbs.run_pass(state, alpha, eta, 11, pool, n_parts=1)
    phi, places = state.phi, np.arange(32).reshape(2, LANES).T.ravel()
    key, expected = stream(np.uint64(11), np.uint64(1)), start.copy()
    weights = np.zeros(32, np.float32)
    weights[:n_topics] = alpha
    for d, (begin, end) in enumerate(itertools.pairwise(offsets)):
        numbers = np.bincount(start[begin:end], minlength=32).astype(np.float32)
        draws = stream(np.uint64(key), np.uint64(d))
        for i in range(begin, end):
            numbers[expected[i]] -= 1
            draws = step(np.uint64(draws))
            uniform = (int(mix(np.uint64(draws))) >> 40) / 2**24
            products = (phi[words[i]] * (numbers + weights)).astype(np.float64)[places]
            sums = np.cumsum(products)
            expected[i] = places[np.searchsorted(sums, uniform * sums[-1], side="right")]
            numbers[expected[i]] += 1
    np.testing.assert_array_equal(state.topics, expected)


@KINDS
def test_likelihood_and_counts_are_those_written_out(dense: bool, pool: Executor) -> None:
    matrix = corpus(3)
    words, offsets = gibbs.expand(matrix)
    documents = np.repeat(np.arange(matrix.shape[0]), np.diff(offsets))
    rng = np.random.default_rng(4)
    n_topics = 70
    topics = rng.integers(0, n_topics, len(words))
    alpha = rng.random(n_topics) + 0.05
    for eta in (0.02, rng.random(40) + 0.01, rng.random((n_topics, 40)) + 0.01):
        state = gibbs.prepare(words, offsets, 40, n_topics, topics=topics, dense=dense, n_workers=2)
        shaped = gibbs.shape_eta(eta, 40, n_topics)
        full = np.broadcast_to(np.asarray(eta, dtype=float), (n_topics, 40))
        value = gibbs.log_likelihood(state, alpha, shaped, pool)
        assert value == pytest.approx(likelihood(words, documents, topics, alpha, full), rel=1e-11)
        gibbs.run_pass(state, alpha, shaped, 5, pool)
        value = gibbs.log_likelihood(state, alpha, shaped, pool)
        new = state.topics.astype(np.int64)
        assert value == pytest.approx(likelihood(words, documents, new, alpha, full), rel=1e-11)
        table = np.zeros((n_topics, 40), np.int32)
        np.add.at(table, (new, words), 1)
        np.testing.assert_array_equal(gibbs.topic_word_counts(state), table)
        by_document = gibbs.doc_topic_counts(state, 5, 200)
        expected = [np.bincount(new[a:b], minlength=n_topics)
                    for a, b in itertools.pairwise(offsets[5:201])]  # fmt: skip
        np.testing.assert_array_equal(by_document.toarray(), expected)
        assert by_document.has_canonical_format


@KINDS
def test_long_runs_visit_assignments_as_often_as_enumeration_says(
    dense: bool, pool: Executor
) -> None:
    words, offsets = np.array([0, 0, 1, 1, 2, 2], np.int32), np.array([0, 3, 6])
    documents = np.repeat([0, 1], 3)
    alpha = np.array([0.4, 0.9])
    full = np.array([[0.3, 0.6, 0.2], [0.5, 0.3, 0.8]])
    eta = gibbs.shape_eta(full, 3, 2)
    every = np.array(list(itertools.product([0, 1], repeat=6)))
    logs = np.array([likelihood(words, documents, z, alpha, full) for z in every])
    exact = np.exp(logs - logs.max())
    exact /= exact.sum()
    state = gibbs.prepare(words, offsets, 3, 2, topics=np.zeros(6), dense=dense)
    n_batches, length = 40, 400
    visits = np.zeros((n_batches, 64))
    powers = 2 ** np.arange(5, -1, -1)
    for batch in range(n_batches):
        for i in range(length):
            gibbs.run_pass(state, alpha, eta, batch * length + i, pool, n_parts=1 + i % 2)
            visits[batch, int(state.topics @ powers)] += 1 / length
    error = visits.std(0, ddof=1) / np.sqrt(n_batches)
    assert np.abs(visits.mean(0) - exact).max() < 0.02
    scores = (visits.mean(0) - exact) / np.maximum(error, 1e-3)
    assert np.abs(scores).max() < 4.5


@KINDS
def test_joint_distribution_by_geweke(dense: bool, pool: Executor) -> None:
    """Prior draws and a chain that also redraws the words give the same moments (Geweke 2004)."""
    n_topics, n_terms, lengths = 3, 4, np.array([5, 1, 4, 6])
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    alpha, eta = np.array([0.5, 1.0, 0.8]), np.array([0.6, 0.3, 0.9, 0.5])
    rng = np.random.default_rng(6)
    shaped = gibbs.shape_eta(eta, n_terms, n_topics)

    def moments(words: NDArray[np.int32], topics: NDArray[np.int64]) -> list[float]:
        table = np.zeros((n_topics, n_terms))
        np.add.at(table, (topics, words), 1)
        documents = np.array([np.bincount(topics[a:b], minlength=n_topics)
                              for a, b in itertools.pairwise(offsets)])  # fmt: skip
        return [*table.sum(1), *table[0], (table**2).sum(), (documents**2).sum(), table.max()]

    def emit(topics: NDArray[np.int64], phi: NDArray[np.float64]) -> NDArray[np.int32]:
        cumulative = np.cumsum(phi, axis=1)
        cumulative /= cumulative[:, -1:]
        aims = rng.random(len(topics))[:, None]
        return (cumulative[topics] <= aims).sum(1).astype(np.int32)

    prior = []
    for _ in range(8000):
        theta = rng.dirichlet(alpha, len(lengths))
        topics = np.concatenate([
            rng.choice(n_topics, n, p=row) for n, row in zip(lengths, theta, strict=True)
        ])  # fmt: skip
        prior.append(moments(emit(topics, rng.dirichlet(eta, n_topics)), topics))
    chain, phi = [], rng.dirichlet(eta, n_topics)
    for i in range(12_000):
        words = emit(topics, phi)
        state = gibbs.prepare(words, offsets, n_terms, n_topics, topics=topics, dense=dense)
        gibbs.run_pass(state, alpha, shaped, i, pool, n_parts=1)
        topics, phi = state.topics.astype(np.int64), state.phi[:, :n_topics].T.astype(np.float64)
        chain.append(moments(words, topics))
    first, second = np.array(prior), np.array(chain)
    batches = second.reshape(60, -1, second.shape[1]).mean(1)
    error = np.sqrt(first.var(0) / len(first) + batches.var(0, ddof=1) / len(batches))
    assert np.abs((first.mean(0) - second.mean(0)) / error).max() < 4


@KINDS
@pytest.mark.parametrize("eta", ["number", "terms", "topics"])
def test_threads_and_interruptions_change_no_bit(dense: bool, eta: str, pool: Executor) -> None:
    words, offsets = gibbs.expand(corpus(8, 1000))
    n_topics = 70
    rng = np.random.default_rng(9)
    alpha = rng.random(n_topics)
    shape = {"number": (), "terms": (40,), "topics": (n_topics, 40)}[eta]
    shaped = gibbs.shape_eta(rng.random(shape) + 0.01, 40, n_topics)
    results = []
    for n_workers in (1, 2, 4):
        state = gibbs.prepare(words, offsets, 40, n_topics, n_workers=n_workers, dense=dense)
        gibbs.grow(state, alpha, shaped, 1, pool)
        gibbs.run_pass(state, alpha, shaped, 2, pool, n_parts=3)
        if n_workers == 2:  # goes on from the assignment alone
            state = gibbs.prepare(
                words, offsets, 40, n_topics, n_workers=3, dense=dense, topics=state.topics
            )
        gibbs.run_pass(state, alpha, shaped, 3, pool)
        results.append((state.topics, gibbs.log_likelihood(state, alpha, shaped, pool)))
    for topics, value in results[1:]:
        np.testing.assert_array_equal(topics, results[0][0])
        assert value == results[0][1]


@KINDS
def test_planted_topics_are_found(dense: bool, pool: Executor) -> None:
    rng = np.random.default_rng(10)
    n_topics, n_terms = 6, 60
    planted = np.kron(np.eye(n_topics), np.ones(10)) + 0.01
    planted /= planted.sum(1, keepdims=True)
    theta = rng.dirichlet(np.full(n_topics, 0.2), 600)
    matrix = sparse.csr_matrix(
        np.array([rng.multinomial(60, row) for row in theta @ planted]).astype(np.int32)
    )
    words, offsets = gibbs.expand(matrix)
    alpha, eta = np.full(n_topics, 0.2), gibbs.shape_eta(0.05, n_terms, n_topics)
    state = gibbs.prepare(words, offsets, n_terms, n_topics, dense=dense)
    gibbs.grow(state, alpha, eta, 1, pool)
    for i in range(60):
        warm = gibbs.warm_priors(state, alpha, eta, i, 40) if i < 40 else (alpha, eta)
        gibbs.run_pass(state, *warm, 100 + i, pool)
    found = gibbs.topic_word_counts(state) + 0.05
    found /= found.sum(1, keepdims=True)
    distance = np.abs(planted[:, None] - found[None]).sum(2) / 2
    assert sorted(distance.argmin(1)) == list(range(n_topics))
    assert distance.min(1).max() < 0.08


@KINDS
def test_a_word_of_eta_zero_never_enters_the_topic(dense: bool, pool: Executor) -> None:
    words, offsets = gibbs.expand(corpus(11))
    n_topics = 5
    eta = np.full((n_topics, 40), 0.1)
    eta[0, :20] = 0.0
    eta[1:, 5] = 0.0
    eta[0, 5] = 0.1
    alpha, shaped = np.full(n_topics, 0.3), gibbs.shape_eta(eta, 40, n_topics)
    state = gibbs.prepare(words, offsets, 40, n_topics, dense=dense)
    gibbs.grow(state, alpha, shaped, 1, pool)
    for i in range(20):
        gibbs.run_pass(state, alpha, shaped, i, pool)
        counts = gibbs.topic_word_counts(state)
        assert counts[eta == 0.0].sum() == 0
    assert counts[0, 5] == (words == 5).sum()
    assert np.isfinite(gibbs.log_likelihood(state, alpha, shaped, pool))
    state = gibbs.prepare(words, offsets, 40, n_topics, topics=np.zeros(len(words)))
    assert gibbs.log_likelihood(state, alpha, shaped, pool) == -np.inf


@KINDS
def test_given_topics_keep_their_rows(dense: bool, pool: Executor) -> None:
    words, offsets = gibbs.expand(corpus(12))
    rng = np.random.default_rng(13)
    rows = rng.dirichlet(np.ones(40), 2).T.astype(np.float32)
    fixed = gibbs.Fixed(np.array([1, 3]), rows)
    alpha, eta = np.full(4, 0.3), gibbs.shape_eta(0.1, 40, 4)
    state = gibbs.prepare(words, offsets, 40, 4, dense=dense)
    gibbs.grow(state, alpha, eta, 1, pool, fixed)
    for i in range(3):
        gibbs.run_pass(state, alpha, eta, i, pool, fixed)
        np.testing.assert_array_equal(state.phi[:, [1, 3]], rows)
    documents = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    counts = gibbs.topic_word_counts(state)
    full = np.full((4, 40), 0.1)
    value = likelihood(words, documents, state.topics.astype(np.int64), alpha, full)
    for k, row in zip((1, 3), rows.T.astype(np.float64), strict=True):
        own = gammaln(counts[k] + 0.1) - gammaln(0.1)
        value -= own.sum() + gammaln(4.0) - gammaln(4.0 + counts[k].sum())
        value += counts[k] @ np.log(row)
    assert gibbs.log_likelihood(state, alpha, eta, pool, fixed) == pytest.approx(value, rel=1e-9)


def test_more_topics_than_16_bits_hold(pool: Executor) -> None:
    words, offsets = np.array([0, 1, 1, 0], np.int32), np.array([0, 2, 4])
    n_topics = 70_000
    alpha, eta = np.full(n_topics, 1e-4), gibbs.shape_eta(0.1, 2, n_topics)
    state = gibbs.prepare(words, offsets, 2, n_topics, topics=np.full(4, n_topics - 1))
    gibbs.run_pass(state, alpha, eta, 1, pool)
    assert state.topics.dtype == np.uint32
    assert state.topics.max() < n_topics
    assert gibbs.topic_word_counts(state).sum() == 4
