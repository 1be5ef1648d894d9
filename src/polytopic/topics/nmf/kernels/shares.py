"""What each topic has of a document, the topics held, one document after another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled
from polytopic.kernels.csr import Csr
from polytopic.topics.lda.kernels.inference_sweeps import Until

__all__ = ["divergence_block", "squares_block"]


_TINY = np.float32(1e-30)
"""What divides is at least this: a term that all of a document's topics have lost, a topic of no
length."""

_ZERO, _ONE = np.float32(0.0), np.float32(1.0)


@compiled(fastmath=True)
def divergence_block(
    documents: Csr,
    first: int,
    last: int,
    rows: NDArray[np.float32],
    until: Until,
    theta: NDArray[np.float32],
) -> None:
    """Shares of documents ``first`` to ``last`` that least diverge (Kullback-Leibler) from them.

    theta_k <- theta_k sum_v x_v phi_kv / (theta . phi_v) / sum_v x_v, from equal shares on: the
    multiplicative update of Lee & Seung (NIPS 2000) where topics sum to one. It has one optimum.

    Parameters
    ----------
    documents : Csr of shape (D, V)
        Weights, positive.
    rows : float32, shape (V, Kp)
        phi by terms, topics padded by zeros.
    theta : float32, shape (D, K), written
        1 / K for documents without terms.
    """
    indptr, indices, data = documents
    n_topics, width = theta.shape[1], rows.shape[1]
    share = np.zeros(width, dtype=np.float32)
    found = np.zeros(width, dtype=np.float32)
    for document in range(first, last):
        begin, end = indptr[document], indptr[document + 1]
        share[:n_topics] = _ONE / np.float32(n_topics)
        total = _ZERO
        for place in range(begin, end):
            total += data[place]
        sweep = 0
        while sweep < until.max_sweeps and total > _ZERO:
            found[:] = _ZERO
            for place in range(begin, end):
                row = rows[indices[place]]
                mixed = _ZERO
                for k in range(width):
                    mixed += share[k] * row[k]
                ratio = data[place] / max(mixed, _TINY)
                for k in range(width):
                    found[k] += ratio * row[k]
            mass = _ZERO
            for k in range(n_topics):
                found[k] *= share[k]
                mass += found[k]
            if not mass > _ZERO:
                break
            moved = _ZERO
            for k in range(n_topics):
                new = found[k] / mass
                moved += abs(new - share[k])
                share[k] = new
            sweep += 1
            if moved <= until.tolerance:
                break
        theta[document] = share[:n_topics]


@compiled(fastmath=True)
def squares_block(
    documents: Csr,
    first: int,
    last: int,
    rows: NDArray[np.float32],
    gram: NDArray[np.float32],
    until: Until,
    theta: NDArray[np.float32],
) -> None:
    """Shares of documents ``first`` to ``last`` by non-negative least squares.

    h >= 0 with the least sum_v (x_v - h . phi_v)^2, by coordinate descent (Cichocki & Phan 2009)
    from zero on; theta = h / sum h.

    Parameters
    ----------
    documents, rows, theta
        As in :func:`divergence_block`.
    gram : float32, shape (K, K)
        phi phi^T.
    """
    indptr, indices, data = documents
    n_topics = theta.shape[1]
    weight = np.zeros(n_topics, dtype=np.float32)
    slope = np.zeros(n_topics, dtype=np.float32)
    for document in range(first, last):
        weight[:] = _ZERO
        slope[:] = _ZERO
        for place in range(indptr[document], indptr[document + 1]):
            row = rows[indices[place]]
            for k in range(n_topics):
                slope[k] -= data[place] * row[k]
        mass = _ZERO
        for _ in range(until.max_sweeps):
            moved = _ZERO
            for k in range(n_topics):
                new = max(_ZERO, weight[k] - slope[k] / max(gram[k, k], _TINY))
                step = new - weight[k]
                if step != _ZERO:
                    weight[k] = new
                    moved += abs(step)
                    for j in range(n_topics):
                        slope[j] += step * gram[k, j]
            mass = _ZERO
            for k in range(n_topics):
                mass += weight[k]
            if moved <= until.tolerance * mass:
                break
        if mass > _ZERO:
            for k in range(n_topics):
                theta[document, k] = weight[k] / mass
        else:
            theta[document] = _ONE / np.float32(n_topics)
