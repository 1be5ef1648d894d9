"""LDA by partially collapsed Gibbs sampling: the state of a chain and its passes.

A pass draws the topics given the assignments, phi_k ~ Dirichlet(eta_k + n_k), and then each token's
topic given phi with theta integrated out, p(z_i = k) ~ (n_dk^-i + alpha_k) phi_kw. Both are exact
Gibbs steps of LDA's posterior (Magnusson, Jonsson, Villani & Broman 2018). Documents are
independent in the second and have each their own stream of random numbers: any number of threads
gives the same bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import gammaln, xlogy

from polytopic.mapped_counts import MappedCounts
from polytopic.scratch import empty
from polytopic.topics.lda.kernels.gibbs_likelihood import (
    count_documents,
    documents_term,
    topics_term,
)
from polytopic.topics.lda.kernels.gibbs_passes import run_pass
from polytopic.topics.lda.kernels.gibbs_phi import gather_moves
from polytopic.topics.lda.kernels.gibbs_start import (
    begin_pass,
    begin_step,
    grow,
    start_passes,
    warm_priors,
)
from polytopic.topics.lda.kernels.gibbs_state import Fixed, GibbsState, divide, prepare, share
from polytopic.topics.lda.term_weights import Rounding, tokens_of

__all__ = [
    "Fixed",
    "GibbsState",
    "begin_pass",
    "begin_step",
    "divide",
    "doc_topic_counts",
    "expand",
    "expand_each",
    "grow",
    "judged_blocks",
    "log_likelihood",
    "prepare",
    "run_pass",
    "shape_eta",
    "start_passes",
    "topic_word_counts",
    "warm_priors",
]

_WORD_BLOCKS = 64
"""Blocks whose sums are added in their order, whatever the number of threads: part of what is
computed."""

_BLOCK_PAIRS = 1 << 15
"""Pairs of document and term that become words at a time: half a megabyte of work."""


def expand_each(
    counts: sparse.csr_matrix | MappedCounts,
    documents: int = 25_000,
    weights: NDArray[np.floating] | None = None,
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
    """``expand`` of some documents after the other: pieces as they are, or so many at a time."""
    if isinstance(counts, MappedCounts):
        yield from (expand(piece, weights=weights) for piece in counts.pieces)
        return
    for first in range(0, counts.shape[0], documents):
        yield expand(counts[first : first + documents], weights=weights)


def expand(
    counts: sparse.csr_matrix | MappedCounts,
    block: int = _BLOCK_PAIRS,
    weights: NDArray[np.floating] | None = None,
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Documents' words, each as often as it occurs, and where each document begins.

    ``block``: pairs that are turned into words at a time; beside the answer only they are held.
    ``weights`` (V,): how often a word stands for one that occurs once, in whole numbers.
    """
    if isinstance(counts, MappedCounts):
        return _expand_pieces(counts, block, weights)
    n_pairs, indptr = counts.nnz, counts.indptr
    rounding = None if weights is None else Rounding(weights, indptr)
    starts = range(0, n_pairs, block)
    words = empty(tokens_of(counts, weights), np.int32)
    offsets = np.zeros(len(indptr), dtype=np.int64)
    used = 0
    for start in starts:
        indices = counts.indices[start : start + block].astype(np.int32, copy=False)
        numbers = counts.data[start : start + block].astype(np.int64)
        if rounding is not None:
            numbers = rounding.next(start, indices, numbers)
        ends = np.cumsum(numbers) + used
        first, last = np.searchsorted(indptr, (start, start + len(numbers)), side="right")
        offsets[first:last] = ends[indptr[first:last] - start - 1]
        words[used : ends[-1]] = np.repeat(indices, numbers)
        used = int(ends[-1])
    return words, offsets


def _expand_pieces(
    counts: MappedCounts, block: int, weights: NDArray[np.floating] | None
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The same of counts in pieces, each read once."""
    words = empty(tokens_of(counts, weights), np.int32)
    offsets = np.zeros(counts.shape[0] + 1, dtype=np.int64)
    for first, piece in zip(counts.starts, counts.pieces, strict=False):
        used = offsets[first]
        found, bounds = expand(piece, block, weights)
        words[used : used + len(found)] = found
        offsets[first + 1 : first + len(bounds)] = used + bounds[1:]
    return words, offsets


def shape_eta(eta: float | NDArray[Any], n_terms: int, n_topics: int) -> NDArray[np.float64]:
    """Eta of shape (1, 1), (V, 1) or (V, K), from a number, (V,) or (K, V)."""
    values = np.asarray(eta, dtype=np.float64)
    if values.ndim == 0:
        return values.reshape(1, 1)
    if values.ndim == 1:
        return np.ascontiguousarray(values.reshape(n_terms, 1))
    return np.ascontiguousarray(values.reshape(n_topics, n_terms).T)


def topic_word_counts(state: GibbsState) -> NDArray[np.int32]:
    """Tokens by topic and term, (K, V) int32."""
    total = state.counts[:, : state.n_topics].T.copy()
    for moves in state.moves:
        total += moves[:, : state.n_topics].T
    return total


def doc_topic_counts(
    state: GibbsState, first: int = 0, last: int | None = None
) -> sparse.csr_matrix:
    """Tokens by document and topic of documents ``first`` to ``last``, CSR int32."""
    last = len(state.offsets) - 1 if last is None else last
    indptr, indices, data = count_documents(
        state.offsets, state.topics, state.n_topics, first, last
    )
    return sparse.csr_matrix((data, indices, indptr), shape=(last - first, state.n_topics))


def judged_blocks(n_documents: int) -> NDArray[np.int64]:
    """Edges of the blocks of documents whose likelihoods are added in their order."""
    return divide(0, n_documents, _WORD_BLOCKS)


def _documents_terms(
    state: GibbsState, alpha: NDArray[np.float64], pool: Executor
) -> NDArray[np.float64]:
    edges = judged_blocks(len(state.offsets) - 1)
    documents = np.zeros(len(edges) - 1)

    def by_documents(worker: int, block: int) -> None:
        documents[block] = documents_term(
            state.offsets, state.topics, alpha, edges[block], edges[block + 1]
        )

    share(state, pool, len(documents), by_documents)
    return documents


def log_likelihood(
    state: GibbsState,
    alpha: NDArray[np.float64],
    eta: NDArray[np.float64],
    pool: Executor,
    fixed: Fixed | None = None,
    documents: NDArray[np.float64] | None = None,
) -> float:
    """log p(w, z | alpha, eta), theta and phi integrated out; nats, of the whole corpus.

    Given topics count with the log of their rows. -inf where a token has a topic of eta 0.
    ``documents``: log p(z | alpha) of ``judged_blocks``, where the tokens are elsewhere.
    """
    n_terms, n_topics = len(state.counts), state.n_topics
    if documents is None:
        documents = _documents_terms(state, alpha, pool)
    word_edges = divide(0, n_terms, _WORD_BLOCKS)
    terms, totals, priors = (np.zeros((len(word_edges) - 1, n_topics)) for _ in range(3))

    def by_words(worker: int, block: int) -> None:
        span = word_edges[block], word_edges[block + 1]
        for moves in state.moves:
            gather_moves(state.counts, moves, *span)
        terms[block] = topics_term(state.counts, eta, n_topics, *span, totals[block], priors[block])

    share(state, pool, len(terms), by_words)
    prior = priors.sum(0)
    free = prior > 0.0
    by_topic = terms.sum(0)
    by_topic[free] += gammaln(prior[free]) - gammaln(totals.sum(0)[free] + prior[free])
    if fixed is not None:
        numbers = state.counts[:, fixed.topics]
        by_topic[fixed.topics] = xlogy(numbers, fixed.rows.astype(np.float64)).sum(0)
    return float(documents.sum() + by_topic.sum())
