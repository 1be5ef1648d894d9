"""NTM's topics as distributions over terms: what is theirs of the terms' counts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["parsimonious", "topics_of"]

_ITERATIONS = 30
"""Of EM, each a product of V x K numbers."""

_LEAST = 1e-30
"""Divisions by an empty share give 0, not NaN."""

_PASSES = 2
"""Of EM over all pairs, each as long as an epoch; what a third would change was not measured."""

Shares = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def topics_of(
    shares: Shares, term_topics: NDArray[np.float32], background: NDArray[np.float64], weight: float
) -> NDArray[np.float32]:
    """p(term | topic), shape (K, V), of scored pairs.

    First those of :func:`parsimonious` from each topic's part of the scores, then two passes of EM
    over the pairs with ld held, in which the background takes its part of every pair::

        x_gk = (1 - w) phi_gk / p_g        n_gk = sum_d c_dg ld_dk x_gk / (x_g . ld_d + w)

    Parameters
    ----------
    shares : callable
        sum_d c_dg ld_dk x_gk / (x_g . ld_d) of rows x, (V, K); see ``Ranking.shares``.
    term_topics : array of shape (V, K)
        lt.
    background, weight
        p and w.
    """
    topics = parsimonious(shares(term_topics), background, weight)
    for _ in range(_PASSES):
        lift = topics.T * ((1.0 - weight) / np.maximum(background, 1e-12))[:, None]
        rows = (lift + weight).astype(np.float32)
        own = shares(rows) * lift / np.maximum(rows, np.float32(_LEAST))
        topics = parsimonious(own.astype(np.float32), background, 0.0)
    return topics


def parsimonious(
    shares: NDArray[np.float32], background: NDArray[np.float64], weight: float
) -> NDArray[np.float32]:
    """p(term | topic), shape (K, V), of counts n of shape (V, K), less what is everyone's.

    A topic's terms are drawn from (1 - w) phi_k + w p, p the corpus's own frequencies; phi_k is
    found by EM from n_k (Hiemstra, Robertson & Zaragoza, SIGIR 2004)::

        e_gk = n_gk (1 - w) phi_gk / ((1 - w) phi_gk + w p_g)        phi_gk = e_gk / sum_g e_gk

    Parameters
    ----------
    shares : array of shape (V, K)
        n, non-negative; a topic without any gets the background.
    background : array of shape (V,)
        p, sums to one.
    weight : float
        w in [0, 1): 0 gives n normalised.

    >>> counts = np.array([[5.0, 5.0], [5.0, 0.0], [0.0, 5.0]])
    >>> parsimonious(counts, np.array([0.5, 0.25, 0.25]), 0.5).round(2)
    array([[0.38, 0.62, 0.  ],
           [0.38, 0.  , 0.62]], dtype=float32)
    """
    n = shares.T.astype(np.float64)
    topics = n + _LEAST * background
    topics /= topics.sum(axis=1, keepdims=True)
    if weight > 0:
        for _ in range(_ITERATIONS):
            own = (1.0 - weight) * topics
            own *= n / np.maximum(own + weight * background, _LEAST)
            totals = own.sum(axis=1, keepdims=True)
            topics = np.where(totals > 0, own / np.maximum(totals, _LEAST), background)
    return np.asarray(topics, dtype=np.float32)
