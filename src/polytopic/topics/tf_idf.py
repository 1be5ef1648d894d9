"""tf-idf: what tells documents apart weighs more, and topics made of such weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

__all__ = ["at_sums_of", "inverse_document_frequencies", "smoothed_rows", "tf_idf"]

_SMOOTHING = 0.01
"""Of a topic, what all terms share by their weight in the corpus: with less than all of it a term
that no topic uses would have no likelihood in any document."""


def inverse_document_frequencies(counts: sparse.csr_matrix) -> NDArray[np.float64]:
    """idf_v = ln((1 + D) / (1 + D_v)) + 1 of counts (D, V), D_v documents hold v; shape (V,).

    Sparck Jones, Journal of Documentation 28, 1972; smoothed as scikit-learn does.

    >>> inverse_document_frequencies(sparse.csr_matrix([[3, 0], [1, 0]])).round(3).tolist()
    [1.0, 2.099]
    """
    documents = np.bincount(counts.indices, minlength=counts.shape[1])
    return np.asarray(np.log((1.0 + counts.shape[0]) / (1.0 + documents)) + 1.0)


def tf_idf(counts: sparse.csr_matrix, idf: NDArray[np.float64]) -> sparse.csr_matrix:
    """(1 + ln c_dv) idf_v, documents at length one, float32; those without terms stay empty.

    >>> tf_idf(sparse.csr_matrix([[1, 0], [3, 1]]), np.ones(2)).toarray().round(3)
    array([[1.   , 0.   ],
           [0.903, 0.43 ]], dtype=float32)
    """
    weights = (1.0 + np.log(counts.data)) * idf[counts.indices]
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    lengths = np.sqrt(np.bincount(rows, weights**2, minlength=counts.shape[0]))
    data = (weights / lengths[rows]).astype(np.float32)
    return sparse.csr_matrix((data, counts.indices, counts.indptr), shape=counts.shape)


def at_sums_of(weights: sparse.csr_matrix, counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Weights, rows scaled to sum to as much as those of ``counts`` with the same entries.

    >>> at_sums_of(sparse.csr_matrix([[0.5, 0.5]]), sparse.csr_matrix([[6, 2]])).toarray().tolist()
    [[4.0, 4.0]]
    """
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    sums, tokens = (
        np.bincount(rows, each.data, minlength=counts.shape[0]) for each in (weights, counts)
    )
    data = weights.data * (tokens / np.maximum(sums, np.finfo(np.float64).tiny))[rows]
    return sparse.csr_matrix((data, counts.indices, counts.indptr), shape=counts.shape)


def smoothed_rows(
    topics: NDArray[np.floating], shared: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Weights (K, V) as topics at sum one, with a hundredth of what all terms share, (V,).

    A row of zeros is what they share alone; a term that has no weight at all gets a little.
    """
    corpus = shared.astype(np.float64)
    corpus = corpus + max(float(corpus.mean()), np.finfo(np.float64).tiny) / len(corpus)
    corpus /= corpus.sum()
    rows = topics.astype(np.float64)
    sums = rows.sum(axis=1, keepdims=True)
    rows = np.where(sums > 0, rows / np.where(sums > 0, sums, 1.0), corpus)
    return np.asarray((1.0 - _SMOOTHING) * rows + _SMOOTHING * corpus, dtype=np.float32)
