"""Documents as weighted sums of word vectors: static embeddings of the corpus itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.counts import documents_holding
from polytopic.embeddings import ppmi_vectors
from polytopic.errors import InputError

__all__ = ["IDF_POWER", "OwnVectors", "document_vectors", "term_weights", "unit_rows"]

IDF_POWER = 2.0
"""Exponent of log(D / document count) in a document's vector."""

_LEAST_IDF = 0.05
"""log(D / document count) of a term in 95 of 100 documents; commoner ones keep this weight."""

_NO_LENGTH = 1e-9
"""A row that is shorter has no direction."""


@dataclass(frozen=True)
class OwnVectors:
    """Word vectors of a corpus, (V, E), and the terms' weights, (V,), by which they are summed."""

    vectors: NDArray[np.float32]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, counts: sparse.csr_matrix, dim: int, seed: int) -> Self:
        """Of counts (D, V): vectors from which documents terms share, weights from how many.

        A term that this gives no vector, such as one that stands everywhere, has a direction drawn
        at random, so that documents of such terms alone are told apart by their counts.
        """
        vectors = ppmi_vectors(counts, dim, random_state=seed)
        bare = ~vectors.any(axis=1)
        if bare.any():
            rng = np.random.default_rng([seed, 1])
            drawn = rng.standard_normal((int(bare.sum()), vectors.shape[1]), dtype=np.float32)
            vectors[bare] = unit_rows(drawn)
        return cls(vectors, term_weights(counts))

    @classmethod
    def restored(cls, arrays: Mapping[str, NDArray[Any]], n_terms: int, dim: int) -> Self | None:
        """Those that a saved model holds, or None.

        Raises
        ------
        InputError
            If they are of another vocabulary, or have other dimensions.
        """
        if "own/vectors" not in arrays:
            return None
        own = cls(arrays["own/vectors"], arrays["own/weights"])
        if own.vectors.shape != (n_terms, dim) or own.weights.shape != (n_terms,):
            raise InputError(f"word vectors of shape {own.vectors.shape} for {n_terms} terms")
        return own

    def of_documents(self, counts: sparse.csr_matrix) -> NDArray[np.float32]:
        """Documents, (D, E), each by itself; see :func:`document_vectors`."""
        found = document_vectors(counts, self.vectors, self.weights)
        return found.astype(np.float32, copy=False)


def term_weights(counts: sparse.csr_matrix) -> NDArray[np.float32]:
    """ln(D / D_v)^2 of each term, (V,), D_v documents hold it: what stands everywhere says least.

    As smooth inverse frequencies do (Arora, Liang & Ma, ICLR 2017), by documents.
    """
    documents = documents_holding(counts)
    idf = np.log(counts.shape[0] / np.maximum(documents, 1)).clip(_LEAST_IDF) ** IDF_POWER
    return np.asarray(idf, dtype=np.float32)


def document_vectors(
    counts: sparse.csr_matrix, vectors: NDArray[np.float32], term_weight: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Weighted sums of the vectors of documents' terms, of length one or zero, shape (D, E)."""
    damped = sparse.csr_matrix(
        (np.log1p(counts.data) * term_weight[counts.indices], counts.indices, counts.indptr),
        shape=counts.shape,
    )
    return unit_rows(np.asarray(damped @ vectors))


def unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows at length one; those without length are zero."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: NDArray[np.float32] = np.divide(
        rows, lengths, out=np.zeros_like(rows), where=lengths > _NO_LENGTH
    )
    return unit
