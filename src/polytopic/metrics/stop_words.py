"""Topics of words that stand everywhere: by a list, or by where the documents hold them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.counts import document_lengths, holds_terms
from polytopic.errors import InputError
from polytopic.mapped_counts import MappedCounts

__all__ = ["everywhere", "in_list"]

BLOCK = 8192
"""Documents read at once."""

MOST_FREQUENT = 0.05
"""More frequent terms than this share of the vocabulary cannot be told from ordinary ones."""


def in_list(terms: Sequence[str] | None, stop_words: str | Iterable[str]) -> NDArray[np.bool_]:
    """Which terms are among the stop words, given or of a language; shape (V,).

    Raises
    ------
    InputError
        If there are no terms, or no list for the language.
    """
    if terms is None:
        raise InputError("vocabulary: is missing. Stop words can be found by their terms only.")
    words = _language(stop_words) if isinstance(stop_words, str) else frozenset(stop_words)
    return np.array([term in words for term in terms])


def everywhere(
    beta: NDArray[np.floating],
    theta: NDArray[np.floating] | None,
    counts: sparse.csr_matrix | MappedCounts,
    top: NDArray[np.int64],
    *,
    frequent: float,
    lift: float,
) -> NDArray[np.bool_] | None:
    """Which of the top words of each topic stand everywhere, shape (K, n).

    A word does if at least ``frequent`` of the documents hold it, and the topic's documents hold it
    hardly more often than all: its *lift* is less than ``lift``. The lift of word w in topic k is

        (sum_d theta_dk n_dw / sum_d theta_dk n_d) / (sum_d n_dw / sum_d n_d),

    how often the word stands in the documents of the topic, by how often it stands in the corpus.
    It is 1 where a topic takes the same part of every document, as one of stop words does, and at
    most one by the topic's size; of large topics, the root of that takes the place of ``lift``.
    Without theta, a document's theta is the mean of p(topic | word) over its tokens.

    None if frequent terms are more than 5 % of the vocabulary, since such documents hold all words.
    """
    if isinstance(counts, MappedCounts):
        holding = counts.holding()
    else:
        holding = np.bincount(counts.indices[counts.data > 0], minlength=counts.shape[1])
    often = holding >= max(frequent * holds_terms(counts).sum(), 1)
    if often.mean() > MOST_FREQUENT:
        return None
    columns = np.unique(top[often[top]])
    found = np.zeros(top.shape, dtype=np.bool_)
    if not len(columns):
        return found
    lifts, sizes = _lifts(beta, theta, counts, columns)
    limits = np.minimum(lift, np.maximum(sizes, 1e-12) ** -0.5)
    places = np.searchsorted(columns, top).clip(max=len(columns) - 1)
    low = np.take_along_axis(lifts, places, axis=1) < limits[:, None]
    return np.asarray(often[top] & low)


def _lifts(
    beta: NDArray[np.floating],
    theta: NDArray[np.floating] | None,
    counts: sparse.csr_matrix | MappedCounts,
    columns: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The lift of some terms in each topic, (K, F), and the topics' sizes, (K,)."""
    posterior = np.asarray(beta / np.maximum(beta.sum(axis=0), 1e-30), dtype=np.float64).T
    lengths = document_lengths(counts)
    taken = counts.columns(columns) if isinstance(counts, MappedCounts) else counts[:, columns]
    chosen = sparse.csr_matrix(taken, dtype=np.float64)
    within, sizes = np.zeros((beta.shape[0], len(columns))), np.zeros(beta.shape[0])
    for start in range(0, counts.shape[0], BLOCK):
        block = slice(start, start + BLOCK)
        if theta is not None:
            rows = theta[block].astype(np.float64)
        else:
            sums = np.asarray(counts[block] @ posterior, dtype=np.float64)
            rows = sums / np.maximum(lengths[block], 1.0)[:, None]
        within += (chosen[block].T @ rows).T
        sizes += lengths[block] @ rows
    rates = within / np.maximum(sizes, 1e-300)[:, None]
    overall = np.asarray(chosen.sum(axis=0)).ravel() / lengths.sum()
    return rates / overall, sizes / sizes.sum()


def _language(name: str) -> frozenset[str]:
    from stop_words import StopWordError, get_stop_words

    try:
        return frozenset(get_stop_words(name.lower()))
    except StopWordError:
        raise InputError(
            f'stop_words: there is no list for the language "{name}". '
            'Pass a name such as "en" or "german", or a list of words.'
        ) from None
