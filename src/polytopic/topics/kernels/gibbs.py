"""LDA by partially collapsed Gibbs sampling: the state of a chain and its passes.

A pass draws the topics given the assignments, phi_k ~ Dirichlet(eta_k + n_k), and then each token's
topic given phi with theta integrated out, p(z_i = k) ~ (n_dk^-i + alpha_k) phi_kw. Both are exact
Gibbs steps of LDA's posterior (Magnusson, Jonsson, Villani & Broman 2018). Documents are
independent in the second and have each their own stream of random numbers: any number of threads
gives the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import gammaln, xlogy

from polytopic.embeddings.kernels.random import stream
from polytopic.topics.kernels.gibbs_likelihood import (
    count_documents,
    count_words,
    documents_term,
    topics_term,
)
from polytopic.topics.kernels.gibbs_phi import draw_gammas, gather_moves, mean_gammas, scale
from polytopic.topics.kernels.gibbs_simd import LANES
from polytopic.topics.kernels.gibbs_sweeps import BLOCK, sweep_dense, sweep_sparse

__all__ = [
    "Fixed",
    "GibbsState",
    "doc_topic_counts",
    "expand",
    "grow",
    "log_likelihood",
    "prepare",
    "run_pass",
    "shape_eta",
    "topic_word_counts",
    "warm_priors",
]

DENSE_TOPICS = 256
"""Up to so many topics every one is weighed for a token; above, a document's own and the rest."""

_WORD_BLOCKS = 64
_FIRST_DOCUMENTS, _GROWTH = 64, 1.3
_WARMTH = 0.1, 0.4


@dataclass(frozen=True)
class Fixed:
    """Topics that are given and not drawn: numbers (L,) and their rows (V, L) float32."""

    topics: NDArray[np.int64]
    rows: NDArray[np.float32]


@dataclass
class GibbsState:
    """A chain over N tokens: ``topics`` (N,) is the state, the rest follows from it.

    ``words`` (N,) int32 and ``offsets`` (D + 1,) int64 are the documents. ``counts`` is (V, P),
    P >= K padded to whole vectors; ``moves`` holds what workers after the first add to it.
    """

    words: NDArray[np.int32]
    offsets: NDArray[np.int64]
    topics: NDArray[Any]
    n_topics: int
    counts: NDArray[np.int32]
    moves: list[NDArray[np.int32]]
    phi: NDArray[np.float32]
    masses: NDArray[np.float32]

    @property
    def n_workers(self) -> int:
        return 1 + len(self.moves)


def expand(counts: sparse.csr_matrix) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Documents' words, each as often as it occurs, and where each document begins."""
    words = np.repeat(counts.indices.astype(np.int32, copy=False), counts.data)
    numbers = np.concatenate([[0], np.cumsum(counts.data, dtype=np.int64)])
    return words, numbers[counts.indptr]


def shape_eta(eta: float | NDArray[Any], n_terms: int, n_topics: int) -> NDArray[np.float64]:
    """Eta of shape (1, 1), (V, 1) or (V, K), from a number, (V,) or (K, V)."""
    values = np.asarray(eta, dtype=np.float64)
    if values.ndim == 0:
        return values.reshape(1, 1)
    if values.ndim == 1:
        return np.ascontiguousarray(values.reshape(n_terms, 1))
    return np.ascontiguousarray(values.reshape(n_topics, n_terms).T)


def prepare(
    words: NDArray[np.int32],
    offsets: NDArray[np.int64],
    n_terms: int,
    n_topics: int,
    *,
    n_workers: int = 1,
    topics: NDArray[Any] | None = None,
    dense: bool | None = None,
) -> GibbsState:
    """A chain at the assignment ``topics`` (N,); without it, ``grow`` it or the tokens are in 0."""
    dense = n_topics <= DENSE_TOPICS if dense is None else dense
    unit = LANES if dense else BLOCK
    places = -(-n_topics // unit) * unit
    n_masses = 0 if dense else -(-(places // BLOCK + 1) // LANES) * LANES
    kind = np.uint16 if n_topics <= 1 << 16 else np.uint32
    state = GibbsState(
        words,
        offsets,
        np.zeros(len(words), kind) if topics is None else np.array(topics, kind),
        n_topics,
        _aligned((n_terms, places), np.int32),
        [_aligned((n_terms, places), np.int32) for _ in range(n_workers - 1)],
        _aligned((n_terms, places), np.float32),
        _aligned((n_terms, n_masses), np.float32),
    )
    if topics is not None:
        count_words(words, state.topics, state.counts)
    return state


def grow(
    state: GibbsState,
    alpha: NDArray[np.float64],
    eta: NDArray[np.float64],
    key: int,
    pool: Executor,
    fixed: Fixed | None = None,
) -> None:
    """Give all tokens a first topic, in growing batches of documents.

    A batch's tokens are drawn given the mean topics of the batches before it, the first from the
    prior. This is a start far better than chance: it stands for about ten passes.
    """
    state.topics[:] = 0
    for counts in (state.counts, *state.moves):
        counts[:] = 0
    n_documents, first, last = len(state.offsets) - 1, 0, _FIRST_DOCUMENTS
    step = 0
    while first < n_documents:
        last = min(last, n_documents)
        _set_phi(state, alpha, eta, None, pool, fixed)
        _sweep(state, alpha, _key(key, step), pool, first, last, initial=True)
        first, last = last, last + max(_FIRST_DOCUMENTS, int(last * (_GROWTH - 1.0)))
        step += 1


def run_pass(
    state: GibbsState,
    alpha: NDArray[np.float64],
    eta: NDArray[np.float64],
    key: int,
    pool: Executor,
    fixed: Fixed | None = None,
    n_parts: int | None = None,
) -> None:
    """Draw all tokens' topics anew; phi is drawn before each of ``n_parts`` parts of documents.

    ``alpha`` is (K,), ``eta`` as of ``shape_eta``, ``key`` any number below 2^64, another for each
    pass. More parts mix better and draw phi more often; the default weighs one against the other.
    """
    n_documents = len(state.offsets) - 1
    if n_parts is None:
        n_parts = _parts(len(state.words), state.counts.size)
    edges = _edges(0, n_documents, n_parts)
    for part in range(len(edges) - 1):
        _set_phi(state, alpha, eta, _key(key, 2 * part), pool, fixed)
        _sweep(state, alpha, _key(key, 2 * part + 1), pool, edges[part], edges[part + 1])


def warm_priors(
    state: GibbsState,
    alpha: NDArray[np.float64],
    eta: NDArray[np.float64],
    step: int,
    n_steps: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Priors for pass ``step`` of ``n_steps`` before the chain proper, falling to those asked.

    They begin where they weigh ``_WARMTH`` of the data, and fall by the same factor each pass:
    topics stay soft until they have found their place. The passes after it are the exact chain's.
    """
    left = 1.0 - step / n_steps
    n_documents, n_terms = len(state.offsets) - 1, len(state.counts)
    factors = []
    for prior, cells, warmth in (
        (alpha, n_documents * len(alpha), _WARMTH[0]),
        (eta, n_terms * state.n_topics, _WARMTH[1]),
    ):
        mean = float(prior[prior > 0.0].mean())
        begin = max(1.0, warmth * len(state.words) / cells / mean)
        factors.append(begin**left)
    return alpha * factors[0], eta * factors[1]


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


def log_likelihood(
    state: GibbsState,
    alpha: NDArray[np.float64],
    eta: NDArray[np.float64],
    pool: Executor,
    fixed: Fixed | None = None,
) -> float:
    """log p(w, z | alpha, eta), theta and phi integrated out; nats, of the whole corpus.

    Given topics count with the log of their rows. -inf where a token has a topic of eta 0.
    """
    n_terms, n_topics = len(state.counts), state.n_topics
    edges = _edges(0, len(state.offsets) - 1, _WORD_BLOCKS)
    documents = np.zeros(len(edges) - 1)

    def by_documents(worker: int, block: int) -> None:
        documents[block] = documents_term(
            state.offsets, state.topics, alpha, edges[block], edges[block + 1]
        )

    _share(state, pool, len(documents), by_documents)
    word_edges = _edges(0, n_terms, _WORD_BLOCKS)
    terms, totals, priors = (np.zeros((len(word_edges) - 1, n_topics)) for _ in range(3))

    def by_words(worker: int, block: int) -> None:
        span = word_edges[block], word_edges[block + 1]
        for moves in state.moves:
            gather_moves(state.counts, moves, *span)
        terms[block] = topics_term(state.counts, eta, n_topics, *span, totals[block], priors[block])

    _share(state, pool, len(terms), by_words)
    prior = priors.sum(0)
    free = prior > 0.0
    by_topic = terms.sum(0)
    by_topic[free] += gammaln(prior[free]) - gammaln(totals.sum(0)[free] + prior[free])
    if fixed is not None:
        numbers = state.counts[:, fixed.topics]
        by_topic[fixed.topics] = xlogy(numbers, fixed.rows.astype(np.float64)).sum(0)
    return float(documents.sum() + by_topic.sum())


def _set_phi(
    state: GibbsState,
    alpha: NDArray[np.float64],
    eta: NDArray[np.float64],
    key: int | None,
    pool: Executor,
    fixed: Fixed | None,
) -> None:
    """Draw phi given the counts, or without a key take its mean."""
    n_terms, n_topics = len(state.counts), state.n_topics
    edges = _edges(0, n_terms, _WORD_BLOCKS)
    totals = np.zeros((len(edges) - 1, n_topics))

    def draw(worker: int, block: int) -> None:
        span = edges[block], edges[block + 1]
        for moves in state.moves:
            gather_moves(state.counts, moves, *span)
        if key is None:
            mean_gammas(state.counts, eta, n_topics, *span, state.phi, totals[block])
        else:
            draw_gammas(
                state.counts, eta, n_topics, np.uint64(key), *span, state.phi, totals[block]
            )

    _share(state, pool, len(totals), draw)
    whole = totals.sum(0)
    factors = np.zeros(state.phi.shape[1], np.float32)
    np.divide(1.0, whole, out=factors[:n_topics], where=whole > 0.0, casting="same_kind")
    if fixed is None:
        fixed = Fixed(np.zeros(0, np.int64), np.zeros((n_terms, 0), np.float32))
    weights = _padded(alpha, len(factors))

    def rescale(worker: int, block: int) -> None:
        scale(
            state.phi, factors, fixed.topics, fixed.rows, weights, state.masses,
            edges[block], edges[block + 1],
        )  # fmt: skip

    _share(state, pool, len(totals), rescale)


def _sweep(
    state: GibbsState,
    alpha: NDArray[np.float64],
    key: int,
    pool: Executor,
    first: int,
    last: int,
    initial: bool = False,
) -> None:
    """Draw the topics of documents ``first`` to ``last``, in blocks that workers take in turn."""
    n_blocks = 1 if state.n_workers == 1 else min(16 * state.n_workers, (last - first) // 64)
    edges = _edges(first, last, max(1, n_blocks))
    weights = _padded(alpha, state.phi.shape[1])
    masses = (state.masses,) if state.masses.shape[1] else ()
    sweep: Callable[..., None] = sweep_sparse if masses else sweep_dense

    def work(worker: int, block: int) -> None:
        counts = state.moves[worker - 1] if worker else state.counts
        sweep(
            state.words, state.offsets, state.topics, state.phi, weights, *masses, counts,
            np.uint64(key), edges[block], edges[block + 1], initial,
        )  # fmt: skip

    _share(state, pool, len(edges) - 1, work)


def _share(
    state: GibbsState, pool: Executor, n_tasks: int, work: Callable[[int, int], None]
) -> None:
    """``work(worker, task)`` for all tasks; a worker takes the next one when it is done."""
    tasks = iter(range(n_tasks))

    def run(worker: int) -> None:
        for task in tasks:
            work(worker, task)

    if state.n_workers == 1:
        run(0)
    else:
        list(pool.map(run, range(state.n_workers)))


def _parts(n_tokens: int, n_cells: int) -> int:
    """Parts of a pass such that draws of phi take a part of the time that tokens take."""
    return max(1, min(8, n_tokens // (2 * n_cells)))


def _edges(first: int, last: int, n: int) -> NDArray[np.int64]:
    n = max(1, min(n, last - first))
    return first + (np.arange(n + 1, dtype=np.int64) * (last - first)) // n


def _key(key: int, number: int) -> int:
    return int(stream(np.uint64(key), np.uint64(number)))


def _padded(alpha: NDArray[np.float64], size: int) -> NDArray[np.float32]:
    weights = _aligned((size,), np.float32)
    weights[: len(alpha)] = alpha
    return weights


def _aligned(shape: tuple[int, ...], kind: Any) -> NDArray[Any]:
    """Zeros that begin at a cache line."""
    size = int(np.prod(shape)) * np.dtype(kind).itemsize
    room = np.zeros(size + 64, np.uint8)
    start = -room.ctypes.data % 64
    aligned: NDArray[Any] = room[start : start + size].view(kind).reshape(shape)
    return aligned
