"""Passes over the tokens: phi drawn or its mean, and the topics of documents given phi."""

from __future__ import annotations

from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray

from polytopic.topics.lda.kernels.gibbs_phi import draw_gammas, gather_moves, mean_gammas, scale
from polytopic.topics.lda.kernels.gibbs_state import (
    Fixed,
    GibbsState,
    divide,
    key_at,
    padded,
    share,
)
from polytopic.topics.lda.kernels.gibbs_sweeps import Tokens, sweep_dense
from polytopic.topics.lda.kernels.gibbs_words import sweep_words

__all__ = ["draw", "run_pass", "set_phi", "sweep"]

_WORD_BLOCKS = 64
"""Blocks whose sums are added in their order, whatever the number of threads: part of what is
computed."""


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
        n_parts = _parts(state.n_tokens, state.counts.size)
    edges = divide(0, n_documents, n_parts)
    for part in range(len(edges) - 1):
        set_phi(state, alpha, eta, key_at(key, 2 * part), pool, fixed)
        sweep(state, alpha, key_at(key, 2 * part + 1), pool, edges[part], edges[part + 1])


def set_phi(
    state: GibbsState,
    alpha: NDArray[np.float64],
    eta: NDArray[np.float64],
    key: int | None,
    pool: Executor,
    fixed: Fixed | None,
) -> NDArray[np.float32]:
    """Draw phi given the counts, or without a key take its mean.

    The answer (P,) is each topic's scale, 1 / (tokens + prior) of the mean; 0 of given topics.
    """
    n_terms, n_topics = len(state.counts), state.n_topics
    edges = divide(0, n_terms, _WORD_BLOCKS)
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

    share(state, pool, len(totals), draw)
    whole = totals.sum(0)
    factors = np.zeros(state.phi.shape[1], np.float32)
    np.divide(1.0, whole, out=factors[:n_topics], where=whole > 0.0, casting="same_kind")
    if fixed is None:
        fixed = Fixed(np.zeros(0, np.int64), np.zeros((n_terms, 0), np.float32))
    weights = padded(alpha, len(factors))

    def rescale(worker: int, block: int) -> None:
        scale(
            state.phi, factors, fixed.topics, fixed.rows, weights, state.masses,
            edges[block], edges[block + 1],
        )  # fmt: skip

    share(state, pool, len(totals), rescale)
    factors[fixed.topics] = 0.0
    return factors


def sweep(
    state: GibbsState,
    alpha: NDArray[np.float64],
    key: int,
    pool: Executor,
    first: int,
    last: int,
    initial: bool = False,
    scales: NDArray[np.float32] | None = None,
) -> None:
    """Draw the topics of documents ``first`` to ``last``, in blocks that workers take in turn.

    Given the ``scales`` of a mean phi, a token's own count is left out of it.
    """
    weights = padded(alpha, state.phi.shape[1])
    own = np.zeros(0, np.float32) if scales is None else scales
    if state.elsewhere is not None:
        state.elsewhere(state, weights, key, (first, last), initial, own)
        return
    n_blocks = 1 if state.n_workers == 1 else min(16 * state.n_workers, (last - first) // 64)
    edges = divide(first, last, max(1, n_blocks))
    tokens = Tokens(state.words, state.offsets, state.topics)

    def work(worker: int, block: int) -> None:
        counts = state.moves[worker - 1] if worker else state.counts
        span = edges[block], edges[block + 1]
        draw(tokens, state.phi, weights, state.masses, counts, key, span, initial, own)

    share(state, pool, len(edges) - 1, work)


def draw(
    tokens: Tokens,
    phi: NDArray[np.float32],
    weights: NDArray[np.float32],
    masses: NDArray[np.float32],
    counts: NDArray[np.int32],
    key: int,
    span: tuple[int, int],
    initial: bool,
    scales: NDArray[np.float32],
) -> None:
    """Draw the topics of documents ``span``, by words where there are ``masses``."""
    if masses.shape[1]:
        sweep_words(
            tokens, phi, weights, masses, counts, np.uint64(key), *span, initial, scales
        )  # fmt: skip
    else:
        sweep_dense(tokens, phi, weights, counts, np.uint64(key), *span, initial, scales)


def _parts(n_tokens: int, n_cells: int) -> int:
    """Parts of a pass such that draws of phi take a part of the time that tokens take."""
    return max(1, min(8, n_tokens // (2 * n_cells)))
