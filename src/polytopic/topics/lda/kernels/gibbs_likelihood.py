"""The collapsed joint log-likelihood log p(w, z | alpha, eta) of assignments, and their counts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled

__all__ = ["count_documents", "count_words", "documents_term", "topics_term"]


@compiled()
def count_words(
    words: NDArray[np.int32],
    topics: NDArray[Any],
    counts: NDArray[np.int32],
) -> None:
    """Add the topics of all tokens to ``counts`` (V, P)."""
    for i in range(len(words)):
        counts[words[i], topics[i]] += 1


@compiled()
def documents_term(
    offsets: NDArray[np.int64],
    topics: NDArray[Any],
    alpha: NDArray[np.float64],
    first: int,
    last: int,
) -> float:
    """log p(z | alpha) of documents ``first`` to ``last``; ``alpha`` is (K,) float64."""
    n_topics = len(alpha)
    numbers = np.zeros(n_topics, np.int64)
    met = np.empty(n_topics, np.int64)
    starts = np.empty(n_topics)
    for place in range(n_topics):
        starts[place] = math.lgamma(alpha[place])
    whole = alpha.sum()
    base, term = math.lgamma(whole), 0.0
    for d in range(first, last):
        n_met = 0
        for i in range(offsets[d], offsets[d + 1]):
            k = np.int64(topics[i])
            if numbers[k] == 0:
                met[n_met] = k
                n_met += 1
            numbers[k] += 1
        term += base - math.lgamma(whole + (offsets[d + 1] - offsets[d]))
        for j in range(n_met):
            k = met[j]
            term += math.lgamma(alpha[k] + numbers[k]) - starts[k]
            numbers[k] = 0
    return term


@compiled()
def topics_term(
    counts: NDArray[np.int32],
    eta: NDArray[np.float64],
    n_topics: int,
    first: int,
    last: int,
    totals: NDArray[np.float64],
    priors: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The part of log p(w | z, eta) by words ``first`` to ``last``, for each topic (K,).

    Adds to ``totals`` and ``priors`` (K,) the sums of the counts and of eta over these words.
    """
    by_word, by_topic = eta.shape[0] > 1, eta.shape[1] > 1
    term = np.zeros(n_topics)
    known, start = -1.0, 0.0
    for w in range(first, last):
        for k in range(n_topics):
            prior = eta[w if by_word else 0, k if by_topic else 0]
            priors[k] += prior
            count = counts[w, k]
            if count == 0:
                continue
            if prior <= 0.0:
                term[k] = -np.inf
                continue
            if prior != known:
                known, start = prior, math.lgamma(prior)
            totals[k] += count
            term[k] += math.lgamma(count + prior) - start
    return term


@compiled()
def count_documents(
    offsets: NDArray[np.int64],
    topics: NDArray[Any],
    n_topics: int,
    first: int,
    last: int,
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Topics and their numbers in documents ``first`` to ``last``: indptr, indices, data of CSR."""
    numbers = np.zeros(n_topics, np.int32)
    indptr = np.zeros(last - first + 1, np.int64)
    room = 0
    for d in range(first, last):
        room += min(n_topics, offsets[d + 1] - offsets[d])
    indices, data = np.empty(room, np.int32), np.empty(room, np.int32)
    n = 0
    for d in range(first, last):
        begin = n
        for i in range(offsets[d], offsets[d + 1]):
            k = np.int64(topics[i])
            if numbers[k] == 0:
                indices[n] = k
                n += 1
            numbers[k] += 1
        indices[begin:n].sort()
        for j in range(begin, n):
            data[j] = numbers[indices[j]]
            numbers[indices[j]] = 0
        indptr[d - first + 1] = n
    return indptr, indices[:n].copy(), data[:n].copy()
