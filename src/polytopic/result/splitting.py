"""Dividing a topic: which part its words speak for, and what of a document belongs to each part."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.errors import InputError
from polytopic.machine import one_blas_thread

__all__ = ["PARTS_SUM", "parts_of", "shares_of_parts"]

PARTS_SUM = 10_000
"""p(part | word) is kept in whole ten-thousandths: files are small and equal on every machine."""

_LEAST_SHARE = 1e-3
"""A document with less of the topic says nothing of its parts, and is divided as the whole is."""

_LEAST_TOKENS = 1.0
"""Tokens of the topic that a document has at least where it is clustered."""

_SMOOTHING = 1.0
"""Tokens of every word that are divided as the whole topic is: a word seen once is no proof."""

_DIMENSIONS = 50
"""Singular vectors that documents are clustered by."""

_RESTARTS = 10
_BLOCK = 1 << 14
"""Documents whose words are divided among all topics at a time."""


def parts_of(
    counts: sparse.csr_matrix,
    doc_topic: NDArray[np.float32],
    topic_word: NDArray[np.float32],
    topic: int,
    n_parts: int,
) -> NDArray[np.int64]:
    """p(part | word) of one topic in ten-thousandths, shape (m, V), columns summing to PARTS_SUM.

    The documents' tokens of the topic, as square roots of shares, are clustered by k-means on their
    leading singular vectors (their distances are then Hellinger's), with one seed; a word belongs
    to parts as its tokens do. The part with most tokens is the first.

    Raises
    ------
    InputError
        If fewer than ``n_parts`` groups of documents can be told apart.
    """
    tokens = _tokens_of(counts, doc_topic, topic_word, topic)
    lengths = np.asarray(tokens.sum(axis=1)).ravel()
    rows = np.flatnonzero(lengths >= _LEAST_TOKENS)
    groups = _clustered(tokens[rows], lengths[rows], n_parts)
    if groups is None:
        raise InputError(
            f"split: topic {topic} has too few different documents for {n_parts} parts. Ask for "
            "fewer, or leave it whole."
        )
    places = sparse.csr_matrix(
        (np.ones(len(rows)), (groups, np.arange(len(rows)))), shape=(n_parts, len(rows))
    )
    held = (places @ tokens[rows]).toarray()
    held = held[np.argsort(-held.sum(axis=1), kind="stable")]
    shares = held.sum(axis=1, keepdims=True) / held.sum()
    likely = (held + _SMOOTHING * shares) / (held.sum(axis=0) + _SMOOTHING)
    parts = np.floor(likely * PARTS_SUM).astype(np.int64)
    parts[0] += PARTS_SUM - parts.sum(axis=0)
    return np.asarray(parts)


def shares_of_parts(
    counts: sparse.csr_matrix,
    doc_topic: NDArray[np.float32],
    topic_word: NDArray[np.float32],
    topic: int,
    parts: NDArray[np.int64],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The parts' own p(word | part), (m, V), and their shares in each document's topic, (D, m).

    Rows of both lie on the simplex.
    """
    likely = parts / PARTS_SUM
    phi = topic_word[topic].astype(np.float64)
    joint = likely * phi
    sizes = joint.sum(axis=1, keepdims=True)
    if not (sizes > 0).all():
        raise InputError(f"split: a part of topic {topic} would have no word. Ask for fewer parts.")
    whole = (sizes / sizes.sum()).ravel()
    tokens = _tokens_of(counts, doc_topic, topic_word, topic)
    own = tokens @ likely.T
    shares = (own + whole) / (own.sum(axis=1, keepdims=True) + 1.0)
    return (joint / sizes).astype(np.float32), shares.astype(np.float32)


def _tokens_of(
    counts: sparse.csr_matrix,
    doc_topic: NDArray[np.float32],
    topic_word: NDArray[np.float32],
    topic: int,
) -> sparse.csr_matrix:
    """The tokens of each document that are the topic's: n_dv p(topic | d, v), shape (D, V)."""
    blocks = list(_blocks_of(counts, doc_topic, topic_word, topic))
    return sparse.csr_matrix(sparse.vstack(blocks, format="csr", dtype=np.float64))


def _blocks_of(
    counts: sparse.csr_matrix,
    doc_topic: NDArray[np.float32],
    topic_word: NDArray[np.float32],
    topic: int,
) -> Iterator[sparse.csr_matrix]:
    by_word = np.ascontiguousarray(topic_word.T)
    n_documents, n_terms = counts.shape
    for start in range(0, max(n_documents, 1), _BLOCK):
        block = counts[start : start + _BLOCK].astype(np.float64)
        theta = doc_topic[start : start + _BLOCK]
        asked = np.repeat(theta[:, topic] > _LEAST_SHARE, np.diff(block.indptr))
        rows = np.repeat(np.arange(block.shape[0]), np.diff(block.indptr))[asked]
        columns = block.indices[asked]
        data = np.zeros(block.nnz)
        whole = np.einsum("ik,ik->i", theta[rows], by_word[columns], dtype=np.float64)
        joint = theta[rows, topic].astype(np.float64) * by_word[columns, topic]
        data[asked] = block.data[asked] * np.divide(
            joint, whole, out=np.zeros_like(whole), where=whole > 0
        )
        yield sparse.csr_matrix((data, block.indices, block.indptr), shape=(len(theta), n_terms))


def _clustered(
    tokens: sparse.csr_matrix, lengths: NDArray[Any], n_parts: int
) -> NDArray[np.int64] | None:
    """The group of each document, or None where so many cannot be told apart."""
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.utils.extmath import randomized_svd
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    if len(lengths) < n_parts or tokens.nnz == 0:
        return None
    roots = tokens.copy()
    roots.data = np.sqrt(roots.data / np.repeat(lengths, np.diff(tokens.indptr)))
    wanted = min(_DIMENSIONS, *(side - 1 for side in roots.shape))
    # k-means divides its sums among threads of its own: their number would decide the last bits
    one = threadpool_limits(1, user_api="openmp")
    with one, one_blas_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        if wanted < 1:
            return None
        left, sizes, _ = randomized_svd(roots, wanted, random_state=0)
        model = KMeans(n_parts, n_init=_RESTARTS, random_state=0)
        groups = model.fit_predict(left * sizes, sample_weight=lengths)
    return groups.astype(np.int64) if len(np.unique(groups)) == n_parts else None
