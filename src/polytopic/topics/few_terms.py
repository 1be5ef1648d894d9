"""Inference of a few documents by the rows of their own terms, where a vocabulary has many more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.kernels.csr import Csr
from polytopic.mapped_counts import MappedCounts
from polytopic.topics.documents import each_part
from polytopic.topics.lda.kernels.inference import csr_arrays, infer_documents, term_rows

__all__ = ["infer_mixture", "rows_of_their_terms"]

_FEW = 4
"""Times the pairs of the documents that a vocabulary must have for its other terms to be left."""


def infer_mixture(
    counts: sparse.csr_matrix | MappedCounts,
    topics: NDArray[np.floating],
    alpha: NDArray[np.floating],
    *,
    n_threads: int,
) -> NDArray[np.float32]:
    """theta of documents by CVB0, shape (D, K); see :func:`infer_documents`."""

    def answer(part: sparse.csr_matrix) -> NDArray[np.float32]:
        documents, rows = rows_of_their_terms(part, topics)
        theta, _ = infer_documents(*documents, rows, alpha, n_threads=n_threads)
        return theta

    return each_part(answer, counts)


def rows_of_their_terms(
    counts: sparse.csr_matrix, topics: NDArray[np.floating]
) -> tuple[Csr, NDArray[np.float32]]:
    """Documents, and topics (K, V) as the rows of terms that their columns number.

    Of a few documents only the columns of their terms are read and laid out anew, which one text
    would otherwise wait for; terms keep their order, so the bits are the same.
    """
    indptr, indices, data = csr_arrays(counts)
    if 0 < _FEW * counts.nnz < counts.shape[1]:
        used, places = np.unique(indices, return_inverse=True)
        indices, topics = places.astype(np.int32), topics[:, used]
    return Csr(indptr, indices, data), term_rows(topics)
