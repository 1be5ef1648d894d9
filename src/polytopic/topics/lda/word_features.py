"""A topic-word prior that is log-linear in word vectors, and how its weights are learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import gammaln, psi

__all__ = ["FeaturePrior", "fit_prior", "log_posterior", "word_features"]

_LIMIT = 30.0
"""Logarithms of pseudo-counts stay between minus and plus this."""


@dataclass(frozen=True)
class FeaturePrior:
    """eta_kv = exp(rho_v . lambda_k + b_k).

    Attributes
    ----------
    weights : float64 array of shape (K, E)
        lambda.
    bias : float64 array of shape (K,)
        b: the logarithm of a topic's pseudo-counts for a word of average features.
    """

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    @classmethod
    def flat(cls, n_topics: int, dim: int, eta: float) -> FeaturePrior:
        """The prior of plain LDA: ``eta`` for each term in each topic."""
        return cls(np.zeros((n_topics, dim)), np.full(n_topics, np.log(eta)))

    def eta(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pseudo-counts, shape (K, V), of features of shape (V, E)."""
        logits = self.weights @ features.T + self.bias[:, None]
        return np.asarray(np.exp(np.clip(logits, -_LIMIT, _LIMIT)))


def word_features(vectors: ArrayLike) -> NDArray[np.float64]:
    """Features rho of words from their vectors, shape (V, E): columns centred, rows of length one.

    So scaled, a weight lambda ~ N(0, s^2 I) gives rho_v . lambda ~ N(0, s^2) for every word,
    whatever model the vectors come from. A row without length stays zero: such a word has the
    topic's average pseudo-count.
    """
    centred = np.asarray(vectors, dtype=np.float64)
    centred = centred - centred.mean(axis=0)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    unit = np.divide(centred, lengths, out=np.zeros_like(centred), where=lengths > 1e-9)
    return np.asarray(unit)


def log_posterior(
    prior: FeaturePrior,
    counts: sparse.csr_array[Any, Any],
    features: NDArray[np.float64],
    *,
    scale: float,
    base: float,
) -> tuple[float, FeaturePrior]:
    """log p(words | topics, lambda, b) + log p(lambda, b), up to a constant, and its gradient.

    The topics' distributions are integrated out (Mimno & McCallum 2008, section 3, with topics
    over words in place of documents over topics)::

        L = sum_k [ln G(eta_k.) - ln G(eta_k. + n_k.) + sum_v (ln G(eta_kv + n_kv) - ln G(eta_kv))]
            - |lambda|^2 / (2 scale^2) - sum_k (b_k - log base)^2 / 2
        dL/d eta_kv = psi(eta_k.) - psi(eta_k. + n_k.) + psi(eta_kv + n_kv) - psi(eta_kv)

    Parameters
    ----------
    prior : FeaturePrior
    counts : CSR array of shape (K, V)
        n_kv, tokens of each term in each topic.
    features : array of shape (V, E)
    scale : float
        Deviation of the weights.
    base : float
        Pseudo-count that the biases are drawn to.

    Returns
    -------
    value : float
    gradient : FeaturePrior
        By weights and bias.
    """
    logits = prior.weights @ features.T + prior.bias[:, None]
    eta = np.exp(np.clip(logits, -_LIMIT, _LIMIT))
    rows, columns, n = _entries(counts)
    tokens = np.bincount(rows, weights=n, minlength=len(eta))
    own, total = eta[rows, columns], eta.sum(axis=1)
    shift = prior.bias - np.log(base)
    value = (
        float((gammaln(total) - gammaln(total + tokens)).sum())
        + float((gammaln(own + n) - gammaln(own)).sum())
        - float((prior.weights**2).sum()) / (2 * scale**2)
        - float((shift**2).sum()) / 2
    )
    slope = np.repeat((psi(total) - psi(total + tokens))[:, None], eta.shape[1], axis=1)
    slope[rows, columns] += psi(own + n) - psi(own)
    slope *= eta
    slope[np.abs(logits) > _LIMIT] = 0.0
    by_weights = slope @ features - prior.weights / scale**2
    return value, FeaturePrior(by_weights, slope.sum(axis=1) - shift)


def fit_prior(
    prior: FeaturePrior,
    counts: Any,
    features: NDArray[np.float64],
    *,
    scale: float = 1.0,
    base: float = 0.01,
    iterations: int = 20,
) -> FeaturePrior:
    """The prior after L-BFGS on :func:`log_posterior` from ``prior`` on; it never gets worse.

    Parameters
    ----------
    prior : FeaturePrior
    counts : array of shape (K, V), dense or sparse
    features : array of shape (V, E)
    scale, base : float
        As in :func:`log_posterior`.
    iterations : int
        Of L-BFGS, at most. Inside a sampler a few are enough.
    """
    table = sparse.csr_array(counts)
    shape = prior.weights.shape

    def negative(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        moved = _unpack(parameters, shape)
        value, slope = log_posterior(moved, table, features, scale=scale, base=base)
        return -value, -_pack(slope)

    start = _pack(prior)
    found = minimize(
        negative, start, jac=True, method="L-BFGS-B", options={"maxiter": iterations, "maxcor": 20}
    )
    return _unpack(found.x, shape) if found.fun <= negative(start)[0] else prior


def _pack(prior: FeaturePrior) -> NDArray[np.float64]:
    return np.concatenate([prior.weights.ravel(), prior.bias])


def _unpack(parameters: NDArray[np.float64], shape: tuple[int, int]) -> FeaturePrior:
    size = shape[0] * shape[1]
    return FeaturePrior(parameters[:size].reshape(shape), parameters[size:])


def _entries(
    counts: sparse.csr_array[Any, Any],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Row, column and count of the entries above zero."""
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    n = np.asarray(counts.data, dtype=np.float64)
    seen = n > 0
    return rows[seen], counts.indices[seen].astype(np.int64), n[seen]
