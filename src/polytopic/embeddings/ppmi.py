"""Word vectors of a corpus from its counts alone: randomised SVD of a PPMI matrix."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from polytopic.kernels.csr import as_csr
from polytopic.machine import one_blas_thread
from polytopic.mapped_counts import MappedCounts, rows_taken

__all__ = ["ppmi_vectors"]

_SHORTEST = 1e-6
"""A vector that is shorter has no direction: its term stands beside no other."""

_NULL = 1e-12
"""Share of the largest squared singular value at which a direction of float32 numbers is noise."""

_OVERSAMPLING = 20
"""Columns of the randomised range finder beside those wanted: Halko, Martinsson & Tropp (2011)
advise 5 to 10; with twice as many two power iterations do."""

_BLOCK = 512
"""Rows of the matrix that are weighed at a time."""

_SMALLEST = np.float32(1e-12)
"""Singular values below are none: a power of 0 would be infinite where the exponent is negative."""


@one_blas_thread()
def ppmi_vectors(
    counts: sparse.csr_matrix | MappedCounts,
    dim: int = 200,
    *,
    n_contexts: int = 4096,
    max_documents: int = 50_000,
    exponent: float = 0.25,
    n_iterations: int = 2,
    random_state: int = 0,
) -> NDArray[np.float32]:
    """Vectors of the V terms from how often they share a document.

    The positive pointwise mutual information of terms and context terms over documents (Bullinaria
    & Levy 2007; Levy & Goldberg, NeurIPS 2014), M = max(0, log(D n_ij / (n_i n_j))), is factored as
    M ~ U S W' by a randomised SVD (Halko, Martinsson & Tropp 2011, algorithm 4.4); the vectors are
    the rows of U S^exponent (Levy, Goldberg & Dagan, TACL 2015, section 3.3), scaled to length one.

    Parameters
    ----------
    counts : CSR matrix of shape (D, V)
    dim : int
        E, at most the number of contexts.
    n_contexts : int
        The most frequent terms serve as contexts; memory is 4 V n_contexts bytes.
    max_documents : int
        Larger corpora are sampled down to this many documents.
    exponent : float
        Weight of the singular values: 0 whitens, 1 keeps them whole.
    n_iterations : int
        Power iterations of the SVD.
    random_state : int
        Seed of the sample and of the SVD.

    Returns
    -------
    float32 array of shape (V, E)
        Rows of length one; zeros for terms that share no document with a context.

    >>> import numpy as np
    >>> from scipy import sparse
    >>> pairs = sparse.csr_matrix(np.kron(np.eye(2), np.ones((3, 4))))
    >>> vectors = ppmi_vectors(pairs, dim=2)
    >>> bool(vectors[0] @ vectors[1] > 0.99), bool(abs(vectors[0] @ vectors[4]) < 0.01)
    (True, True)
    """
    rng = np.random.default_rng(random_state)
    presence = _presence(counts, max_documents, rng)
    matrix = _ppmi(presence, n_contexts)
    factor, values = _randomized_svd(matrix, min(dim, min(matrix.shape)), n_iterations, rng)
    vectors = factor * np.maximum(values, _SMALLEST) ** np.float32(exponent)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > _SHORTEST)
    padded = np.zeros((counts.shape[1], dim), dtype=np.float32)
    padded[:, : scaled.shape[1]] = scaled
    return padded


def _presence(
    counts: sparse.csr_matrix | MappedCounts, max_documents: int, rng: np.random.Generator
) -> sparse.csr_matrix:
    """Which term is in which document, as float32 ones, of a sample of the documents."""
    if counts.shape[0] > max_documents:
        counts = rows_taken(
            counts, np.sort(rng.choice(counts.shape[0], max_documents, replace=False))
        )
    elif isinstance(counts, MappedCounts):
        counts = counts[:]
    counts = as_csr(counts, "counts")
    ones = np.ones(counts.nnz, dtype=np.float32)
    return sparse.csr_matrix((ones, counts.indices, counts.indptr), shape=counts.shape)


def _ppmi(presence: sparse.csr_matrix, n_contexts: int) -> NDArray[np.float32]:
    """Dense (V, C) PPMI, filled a block of contexts at a time; a term is no context of itself."""
    n_documents, n_terms = presence.shape
    frequency = np.bincount(presence.indices, minlength=n_terms).astype(np.float32)
    contexts = np.sort(np.argsort(-frequency, kind="stable")[:n_contexts])
    by_term = sparse.csr_matrix(presence.T)
    by_context = sparse.csc_matrix(presence)
    matrix = np.empty((n_terms, len(contexts)), dtype=np.float32)
    seen = np.maximum(frequency, 1.0)
    for start in range(0, len(contexts), _BLOCK):
        block = contexts[start : start + _BLOCK]
        joint = (by_term @ by_context[:, block]).toarray()
        joint[block, np.arange(len(block))] = 0.0
        joint *= np.float32(n_documents) / seen[block]
        joint /= seen[:, None]
        np.log(np.maximum(joint, 1.0, out=joint), out=joint)
        matrix[:, start : start + len(block)] = joint
    return matrix


def _randomized_svd(
    matrix: NDArray[np.float32], rank: int, n_iterations: int, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The leading left singular vectors and values."""
    width = min(rank + _OVERSAMPLING, min(matrix.shape))
    basis = matrix @ rng.standard_normal((matrix.shape[1], width), dtype=np.float32)
    for _ in range(n_iterations):
        basis = matrix @ _orthonormal(matrix.T @ _orthonormal(basis))
    basis = _orthonormal(basis)
    projected = (basis.T @ matrix).astype(np.float64)
    squares, left = linalg.eigh(projected @ projected.T)
    order = np.argsort(-squares)[:rank]
    values = np.sqrt(np.maximum(squares[order], 0.0)).astype(np.float32)
    factor = basis @ left[:, order].astype(np.float32)
    return factor * _signs(factor, rng), values


def _signs(factor: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """1 or -1 a column: a singular vector has no sign of its own, and libraries differ in theirs.

    Each is turned towards a random direction, which unlike its largest entry has no ties.
    """
    towards = rng.standard_normal(len(factor)) @ factor.astype(np.float64)
    return np.where(towards < 0, np.float32(-1), np.float32(1))


def _orthonormal(basis: NDArray[np.float32]) -> NDArray[np.float32]:
    """An orthonormal basis of the same span, through the Gram matrix; null directions turn zero.

    A few times as fast as Householder QR on tall matrices, and exact enough between iterations.
    """
    wide = basis.astype(np.float64)
    squares, axes = linalg.eigh(wide.T @ wide)
    kept = squares > squares.max() * _NULL
    scale = np.where(kept, 1.0 / np.sqrt(np.where(kept, squares, 1.0)), 0.0)
    return np.asarray(wide @ (axes * scale), dtype=np.float32)
