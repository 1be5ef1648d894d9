"""The start of a chain: passes with phi's mean, and their bits for any number of threads."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

from polytopic.topics.lda.kernels import gibbs, gibbs_words
from polytopic.topics.lda.kernels.gibbs_passes import set_phi, sweep

KINDS = pytest.mark.parametrize("dense", [True, False], ids=["dense", "words"])


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    with ThreadPoolExecutor(4) as executor:
        yield executor


def corpus(seed: int, n_documents: int = 300, n_terms: int = 40) -> sparse.csr_matrix:
    counts = np.random.default_rng(seed).poisson(0.6, (n_documents, n_terms))
    counts[3] = 0
    return sparse.csr_matrix(counts.astype(np.int32))


@KINDS
def test_a_tokens_own_count_is_left_out(dense: bool, pool: Executor) -> None:
    """One token a document: its topic follows (n_wk^-i + eta) alpha_k, by the written formula."""
    n_topics, n_copies = 3, 60_000
    alpha, eta = np.array([0.5, 1.0, 0.8]), np.full((n_topics, 4), 0.2)
    start = np.array([0, 1, 2, 0, 1, 1, 2, 2, 2, 0])
    words = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 3], np.int32)
    offsets = np.arange(len(words) + 1)
    state = gibbs.prepare(words, offsets, 4, n_topics, topics=start, dense=dense)
    scales = set_phi(state, alpha, gibbs.shape_eta(eta, 4, n_topics), None, pool, None)
    table = np.zeros((n_topics, 4))
    np.add.at(table, (start, words), 1)
    whole = (table + eta).sum(1)
    np.testing.assert_allclose(scales[:n_topics], 1 / whole, rtol=1e-6)
    visits = np.zeros((len(words), n_topics))
    for key in range(n_copies // 20):
        state.topics[:] = start
        sweep(state, alpha, key, pool, 0, len(words), scales=scales)
        visits[np.arange(len(words)), state.topics] += 20 / n_copies
    others = table.T[words] - np.eye(n_topics)[start] + eta.T[words]
    expected = alpha * others / whole
    expected /= expected.sum(1, keepdims=True)
    assert np.abs(visits - expected).max() < 5 * 0.5 / np.sqrt(n_copies / 20)


@KINDS
def test_zero_pseudo_counts_and_given_topics_hold_in_the_start(dense: bool, pool: Executor) -> None:
    words, offsets = gibbs.expand(corpus(1))
    n_topics, rng = 5, np.random.default_rng(2)
    eta = np.full((n_topics, 40), 0.1)
    eta[0, :20] = 0.0
    alpha, shaped = np.full(n_topics, 0.3), gibbs.shape_eta(eta, 40, n_topics)
    row = rng.dirichlet(np.ones(40)).astype(np.float32)
    row[:5] = 0.0
    fixed = gibbs.Fixed(np.array([2]), row[:, None])
    state = gibbs.prepare(words, offsets, 40, n_topics, dense=dense)
    gibbs.grow(state, alpha, shaped, 1, pool, fixed)
    for step in range(8):
        gibbs.begin_step(state, alpha, shaped, step, 8, step, pool, fixed)
        counts = gibbs.topic_word_counts(state)
        assert counts.sum() == len(words)
        assert counts[eta == 0.0].sum() == 0
        assert counts[2, :5].sum() == 0
        np.testing.assert_array_equal(state.phi[:, 2], row)


@KINDS
def test_threads_change_no_bit_of_the_start(dense: bool, pool: Executor) -> None:
    words, offsets = gibbs.expand(corpus(3, 1000))
    n_topics = 70
    alpha, eta = np.full(n_topics, 0.1), gibbs.shape_eta(0.01, 40, n_topics)
    results: list[NDArray[np.uint16]] = []
    for n_workers in (1, 2, 4):
        state = gibbs.prepare(words, offsets, 40, n_topics, n_workers=n_workers, dense=dense)
        gibbs.grow(state, alpha, eta, 1, pool)
        for step in range(3):
            gibbs.begin_step(state, alpha, eta, step, 3, step, pool)
        gibbs.run_pass(state, alpha, eta, 9, pool)
        results.append(state.topics)
    np.testing.assert_array_equal(results[1], results[0])
    np.testing.assert_array_equal(results[2], results[0])


def test_warm_priors_fall_to_those_asked(pool: Executor) -> None:
    words, offsets = gibbs.expand(corpus(4))
    alpha, eta = np.array([0.2, 0.1, 0.1]), gibbs.shape_eta(np.full(40, 0.01), 40, 3)
    state = gibbs.prepare(words, offsets, 40, 3)
    steps = [gibbs.warm_priors(state, alpha, eta, step, 5) for step in range(6)]
    for falling in zip(*steps, strict=True):
        ratios = np.array([after / before for before, after in zip(falling, falling[1:])])  # noqa: B905, RUF007
        assert (ratios < 1).all()
        np.testing.assert_allclose(ratios, ratios.flat[0])
    np.testing.assert_allclose(steps[5][0], alpha)
    np.testing.assert_allclose(steps[5][1], eta)


def test_the_sweep_by_words_does_not_depend_on_its_blocks(pool: Executor) -> None:
    """Documents one by one, a block each, give the bits of one block."""
    words, offsets = gibbs.expand(corpus(5))
    n_topics, rng = 30, np.random.default_rng(6)
    alpha, eta = np.full(n_topics, 0.1), gibbs.shape_eta(0.05, 40, n_topics)
    state = gibbs.prepare(
        words, offsets, 40, n_topics, topics=rng.integers(0, n_topics, len(words)), dense=False
    )
    set_phi(state, alpha, eta, 7, pool, None)
    start, counts = state.topics.copy(), state.counts.copy()
    sweep(state, alpha, 8, pool, 0, 300)
    together, added = state.topics.copy(), state.counts.copy()
    state.topics[:], state.counts[:] = start, counts
    for document in range(300):
        sweep(state, alpha, 8, pool, document, document + 1)
    np.testing.assert_array_equal(state.topics, together)
    np.testing.assert_array_equal(state.counts, added)


def test_a_block_ends_before_it_has_too_many_tokens() -> None:
    offsets = np.array([0, 160_000, 240_000, 280_000, 800_000, 800_001])
    ends = [gibbs_words._block_end(offsets, first, 5) for first in range(5)]
    assert ends == [2, 3, 3, 4, 5]
