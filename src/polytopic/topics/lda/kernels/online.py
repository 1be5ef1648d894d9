"""Online variational Bayes for LDA: kernels of the E-step, the statistics and the update."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled
from polytopic.kernels.csr import Csr
from polytopic.kernels.subnormals import flush_subnormals, restore_subnormals
from polytopic.topics.lda.kernels.digamma import exp_digamma
from polytopic.topics.lda.kernels.inference_sweeps import Until

__all__ = ["Posterior", "e_step_block", "term_rows_block", "topic_totals_block", "update_block"]


class Posterior(NamedTuple):
    """What the E-step found for a batch.

    Attributes
    ----------
    gamma : float32, shape (B, Kp)
        Dirichlet parameters of theta; columns from K on are padding.
    weights : float32, shape (B, Kp)
        exp(digamma(gamma)).
    ratios : float32, shape (P,)
        c_dw / (weights_d . rows_w).
    sweeps : int32, shape (B,)
    """

    gamma: NDArray[np.float32]
    weights: NDArray[np.float32]
    ratios: NDArray[np.float32]
    sweeps: NDArray[np.int32]


_SMALLEST = np.float32(1e-30)
"""A term that all of a document's topics have lost divides by this, not by zero."""

_ZERO, _ONE = np.float32(0.0), np.float32(1.0)


@compiled(fastmath=True, inline="always")
def _product(weight: NDArray[np.float32], row: NDArray[np.float32]) -> np.float32:
    """weight . row, kept above zero."""
    total = _ZERO
    for k in range(len(row)):
        total += weight[k] * row[k]
    return max(total, _SMALLEST)


@compiled(fastmath=True)
def e_step_block(
    counts: Csr,
    first: int,
    last: int,
    rows: NDArray[np.float32],
    alpha: NDArray[np.float32],
    until: Until,
    n_topics: int,
    posterior: Posterior,
) -> None:
    """Settle the variational posterior of documents ``first`` to ``last``.

    gamma_dk = alpha_k + sum_w c_dw phi_dwk, phi_dwk ~ exp(digamma(gamma_dk)) rows_wk (Hoffman,
    Blei & Bach 2010, algorithm 2, E-step; the exp(-digamma(sum gamma)) of E[log theta] cancels).
    A document stops when the mean absolute change of its gamma is below ``tolerance``.

    Parameters
    ----------
    counts : Csr
    rows : float32, shape (V, Kp)
        exp(E[log beta]), topics padded by zeros.
    alpha : float32, shape (Kp,)
        Padded by ones, which keeps digamma finite.
    n_topics : int
        K.
    posterior : Posterior, written
        Its gamma, padded by ones, is where to start.
    """
    before = flush_subnormals()
    indptr, indices, data = counts
    tolerance, max_sweeps = until
    gamma, weights, ratios, sweeps = posterior
    width = rows.shape[1]
    new = np.empty(width, dtype=np.float32)
    goal = np.float32(tolerance * n_topics)
    for document in range(first, last):
        begin, end = indptr[document], indptr[document + 1]
        old, weight = gamma[document], weights[document]
        exp_digamma(old, weight)
        done, change = 0, goal + _ONE
        while done < max_sweeps and change >= goal:
            new[:] = _ZERO
            for pair in range(begin, end):
                row = rows[indices[pair]]
                ratio = data[pair] / _product(weight, row)
                for k in range(width):
                    new[k] += ratio * row[k]
            change = _ZERO
            for k in range(width):
                value = alpha[k] + weight[k] * new[k]
                change += abs(value - old[k])
                old[k] = value
            exp_digamma(old, weight)
            done += 1
        for pair in range(begin, end):
            ratios[pair] = data[pair] / _product(weight, rows[indices[pair]])
        sweeps[document] = done
    restore_subnormals(before)


@compiled(fastmath=True)
def update_block(
    by_term: Csr,
    first: int,
    last: int,
    weights: NDArray[np.float32],
    rows: NDArray[np.float32],
    eta: NDArray[np.float32],
    rate: float,
    scale: float,
    topics: NDArray[np.float32],
) -> None:
    """Move the topics at terms ``first`` to ``last`` towards the batch.

    lambda_w = (1 - rate) lambda_w + rate (eta_w + scale sum_d c_dw phi_dw), scale = D / batch
    (Hoffman, Blei & Bach 2010, algorithm 2). Documents are added in their order.

    Parameters
    ----------
    by_term : Csr
        The batch turned round: the documents of each term, and their ratios.
    weights : float32, shape (B, Kp)
    rows : float32, shape (V, Kp)
    eta : float32, shape (V, 1) or (V, Kp)
    rate, scale : float
    topics : float32, shape (V, Kp), updated
        lambda.
    """
    before = flush_subnormals()
    term_ptr, documents, ratios = by_term
    width = rows.shape[1]
    kept, gain = np.float32(1.0 - rate), np.float32(rate * scale)
    pull = np.float32(rate)
    sums = np.empty(width, dtype=np.float32)
    for term in range(first, last):
        sums[:] = _ZERO
        for pair in range(term_ptr[term], term_ptr[term + 1]):
            weight, ratio = weights[documents[pair]], ratios[pair]
            for k in range(width):
                sums[k] += ratio * weight[k]
        row, topic = rows[term], topics[term]
        if eta.shape[1] == 1:
            prior = eta[term, 0]
            for k in range(width):
                topic[k] = kept * topic[k] + pull * prior + gain * row[k] * sums[k]
        else:
            for k in range(width):
                topic[k] = kept * topic[k] + pull * eta[term, k] + gain * row[k] * sums[k]
    restore_subnormals(before)


@compiled(fastmath=True)
def topic_totals_block(
    topics: NDArray[np.float32], first: int, last: int, totals: NDArray[np.float64]
) -> None:
    """Write the sums over terms ``first`` to ``last`` of (V, Kp) topics to totals, (Kp,)."""
    totals[:] = 0.0
    for term in range(first, last):
        for k in range(topics.shape[1]):
            totals[k] += topics[term, k]


@compiled(fastmath=True)
def term_rows_block(
    topics: NDArray[np.float32],
    scales: NDArray[np.float32],
    terms: NDArray[np.int32],
    first: int,
    last: int,
    rows: NDArray[np.float32],
) -> None:
    """Write exp(digamma(lambda_wk)) scales_k to the rows of terms[first:last].

    ``scales`` is exp(-digamma(sum_w lambda_wk)), zero where topics are padding.
    """
    before = flush_subnormals()
    for place in range(first, last):
        term = terms[place]
        exp_digamma(topics[term], rows[term])
        for k in range(topics.shape[1]):
            rows[term, k] *= scales[k]
    restore_subnormals(before)
