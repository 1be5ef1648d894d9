"""The projection of word vectors to topics that makes word and topic tell most of each other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["information", "most_informative"]

Floats = NDArray[np.floating[Any]]

_ITERATIONS = 60
"""Of L-BFGS, which begins from the centres of k-means, and so near its end; other numbers were not
compared."""


def information(
    directions: Floats, bias: Floats, unit: Floats, weight: Floats, temperature: float
) -> tuple[float, Floats, Floats]:
    """I(w; k) in nats, with its gradients by directions (K, E) and bias (K,).

    With z = u . a_k / (|a_k| temperature) + b_k, p = softmax(z) and m_k = sum_w p(w) p(k | w)::

        I = sum_w p(w) sum_k p(k | w) log(p(k | w) / m_k)
        dI / dz_wk = p(w) p(k | w) (g_wk - sum_j p(j | w) g_wj),   g = log(p(k | w) / m_k)

    Parameters
    ----------
    directions : array of shape (K, E)
        a_k, of any length above zero: only the direction counts.
    bias : array of shape (K,)
    unit : array of shape (V, E)
    weight : array of shape (V,)
        p(w), sums to one.
    temperature : float
    """
    lengths = np.linalg.norm(directions, axis=1, keepdims=True)
    axes = directions / lengths
    logits = unit @ (axes / temperature).T + bias
    logits -= logits.max(axis=1, keepdims=True)
    p = np.exp(logits)
    total = p.sum(axis=1, keepdims=True)
    p /= total
    size = np.maximum(weight @ p, np.finfo(p.dtype).tiny)
    gain = logits - np.log(total) - np.log(size)
    per_word = (p * gain).sum(axis=1)
    slope = (weight[:, None] * p) * (gain - per_word[:, None])
    by_axes = slope.T @ unit / temperature
    by_directions = (by_axes - axes * (axes * by_axes).sum(axis=1, keepdims=True)) / lengths
    return float(weight @ per_word), by_directions, slope.sum(axis=0)


def most_informative(
    unit: Floats, weight: Floats, start: Floats, temperature: float
) -> tuple[Floats, Floats]:
    """Directions (K, E) of length one and biases (K,) at a local maximum of I(w; k).

    The objective of regularised information maximisation (Krause, Perona & Gomes, NeurIPS 2010),
    with the length of each direction fixed at 1 / temperature in place of a penalty on it, by
    L-BFGS from ``start`` on.
    """
    from scipy.optimize import minimize

    n_topics, dim = start.shape
    share = weight / weight.sum()

    def negative(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        table = parameters.reshape(n_topics, dim + 1)
        value, directions, bias = information(table[:, :-1], table[:, -1], unit, share, temperature)
        return -value, -np.hstack([directions, bias[:, None]]).ravel().astype(np.float64)

    first = np.hstack([start, np.zeros((n_topics, 1))]).astype(np.float64)
    found = minimize(
        negative, first.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": _ITERATIONS}
    )
    table = found.x.reshape(n_topics, dim + 1)
    directions = table[:, :-1] / np.linalg.norm(table[:, :-1], axis=1, keepdims=True)
    return directions, table[:, -1]
