"""The memory that the sampler is said to take is what it takes."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy import sparse

from polytopic.counts import as_counts, total_tokens
from polytopic.errors import InputError
from polytopic.topics.lda import sampler_memory
from polytopic.topics.lda.gibbs_run import Chain
from polytopic.topics.lda.kernels import gibbs
from polytopic.topics.lda.prior_rules import alpha_rule, eta_rule


def corpus(n_documents: int, n_terms: int, mean: float) -> sparse.csr_matrix:
    rng = np.random.default_rng(0)
    made = sparse.random(n_documents, n_terms, 20 / n_terms, "csr", random_state=rng)
    made.data[:] = rng.poisson(mean, made.nnz) + 1
    return as_counts(made)


@pytest.mark.parametrize(
    ("n_documents", "n_terms", "n_topics", "n_threads"),
    [(20_000, 100, 5, 1), (500, 8_000, 40, 3), (3_000, 1_000, 300, 2)],
    ids=["tokens weigh", "tables of threads weigh", "many topics"],
)
def test_the_sum_is_the_measured_peak(
    n_documents: int, n_terms: int, n_topics: int, n_threads: int
) -> None:
    counts = corpus(n_documents, n_terms, 2.0)
    chain = Chain(
        counts, n_topics, alpha_rule(0.1, n_topics), eta_rule(0.01, n_topics, n_terms), 2,
        start_passes=1, samples=1, seed=0, n_threads=n_threads,
    )  # fmt: skip
    chain.run()  # compiled code is no part of it
    del chain.state
    chain.__post_init__()
    tracemalloc.start()
    try:
        chain.run()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    said = sampler_memory.bytes_needed(
        total_tokens(counts), n_documents, n_terms, n_topics, n_threads
    )
    assert 0.8 * peak <= said <= 1.2 * peak


@pytest.mark.parametrize("block", [1, 7, 1 << 18])
def test_words_are_written_block_by_block(block: int) -> None:
    counts = corpus(50, 40, 1.0)
    counts = sparse.vstack([counts[:0], sparse.csr_matrix((2, 40)), counts, counts[:3] * 0],
                           format="csr")  # fmt: skip
    counts.eliminate_zeros()
    words, offsets = gibbs.expand(counts, block)
    dense = counts.toarray().astype(int)
    expected = [np.repeat(np.arange(40), row) for row in dense]
    assert np.array_equal(words, np.concatenate(expected))
    assert np.array_equal(offsets, np.concatenate([[0], np.cumsum(dense.sum(1))]))


def test_more_than_is_free_is_refused_with_what_can_be_typed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sampler_memory, "free_memory", lambda: 1e5)
    with pytest.raises(InputError, match=r"with 5 topics and 2 threads .*--set method=online"):
        sampler_memory.refuse_too_many(corpus(2_000, 100, 2.0), 5, 2)


def test_tokens_beyond_what_float32_counts_are_all_counted() -> None:
    counts = as_counts(np.array([[2**24], [1], [1], [1]]))
    assert total_tokens(counts) == 2**24 + 3
