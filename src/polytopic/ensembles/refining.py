"""Topics that several runs agree on, fitted to the documents: a few passes of EM from there."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

__all__ = ["refined"]

Floats = NDArray[np.float64]

PASSES = 20
"""Passes of EM: 10 to 40 gain in held-out NPMI and purity on 20ng-5k, nyt-10k and snippets
(``benchmarks/consensus.py``); most of it is won by then."""

ETA, ALPHA = 0.01, 0.1
"""Counts added to each term of a topic, and to each topic of a document: the usual sparse priors of
LDA."""

BLOCK = 1 << 22
"""Numbers held at once while observed pairs are scored."""


def refined(
    beta: NDArray[Any], theta: NDArray[Any], counts: sparse.csr_matrix, *, passes: int = PASSES
) -> Floats:
    """Topics (K, V) after some passes of EM over counts (D, V), from ``beta`` and theta (D, K).

    Each pass shares the tokens out, q_dwk ~ theta_dk beta_kw, and counts them again::

        beta_kw ~ eta + sum_d n_dw q_dwk,  theta_dk ~ alpha + sum_w n_dw q_dwk

    which is probabilistic latent semantic analysis (Hofmann, UAI 1999) with Dirichlet priors. It
    keeps to the topics that it starts from, and gives each its words by all documents at once.
    """
    counts = sparse.csr_matrix(counts, dtype=np.float64)
    topics, shares = (np.asarray(values, dtype=np.float64) for values in (beta, theta))
    for _ in range(passes):
        ratio = _ratios(topics, shares, counts)
        words = topics * (ratio.T @ shares).T
        shares = _rows_to_one(shares * (ratio @ topics.T) + ALPHA)
        topics = _rows_to_one(words + ETA)
    return topics


def _ratios(topics: Floats, shares: Floats, counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Counts divided by the mixture's probability of their terms, at the observed pairs only."""
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    by_term = np.ascontiguousarray(topics.T)
    ratio = counts.copy()
    step = max(BLOCK // len(topics), 1)
    for start in range(0, len(rows), step):
        block = slice(start, start + step)
        mixed = np.einsum("nk,nk->n", shares[rows[block]], by_term[counts.indices[block]])
        ratio.data[block] /= np.maximum(mixed, np.finfo(np.float64).tiny)
    return ratio


def _rows_to_one(values: Floats) -> Floats:
    return np.asarray(values / values.sum(axis=1, keepdims=True))
