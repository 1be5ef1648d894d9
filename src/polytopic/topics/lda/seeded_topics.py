"""Topics that are not found from nothing: seeded by words, or given and locked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic import simplex
from polytopic.counts import as_counts
from polytopic.errors import InputError
from polytopic.simplex.checks import SHARES_OF_TERMS
from polytopic.text import Vocabulary
from polytopic.topics.from_vectors.priors import tell_equal_rows

__all__ = ["locked_rows", "seeded_eta", "seeded_start", "start_rows"]


def seeded_eta(
    seeds: Sequence[tuple[str, NDArray[np.int64]]],
    first: int,
    eta: NDArray[np.float64],
    n_topics: int,
    vocabulary: Vocabulary,
    *,
    strength: float,
    exclusive: bool,
    weights: NDArray[np.floating] | None = None,
) -> NDArray[np.float64]:
    """Pseudo-counts (K, V): ``eta``, and for each seed ``strength`` times the word's own count.

    Seeded topics stand from ``first`` on. ``exclusive``: seeds are 0 in all topics that they do
    not seed. ``weights`` (V,): what a token counts for.
    """
    n_terms = len(vocabulary.terms)
    rows = np.array(np.broadcast_to(eta, (n_topics, n_terms)), dtype=np.float64)
    counts = np.maximum(np.asarray(vocabulary.counts, dtype=np.float64), 1.0)
    if weights is not None:
        counts *= weights
    kept = rows.copy() if exclusive else rows
    if exclusive:
        rows[:, np.concatenate([columns for _, columns in seeds])] = 0.0
    for topic, (_, columns) in enumerate(seeds, start=first):
        rows[topic, columns] = kept[topic, columns] + strength * counts[columns]
    return rows


def seeded_start(
    seeds: Sequence[tuple[str, NDArray[np.int64]]], first: int, counts: sparse.csr_matrix, n: int
) -> NDArray[np.float32]:
    """Topics (n, V) to begin from: of the documents that hold the seeds, or of the whole corpus.

    A document counts for a seeded topic by the share of its tokens that are seeds: the words that
    stand beside the seeds come to the topic with them.
    """
    counts = as_counts(counts)
    lengths = np.maximum(np.asarray(counts.sum(axis=1, dtype=np.float64)).ravel(), 1.0)
    whole = np.asarray(counts.sum(axis=0, dtype=np.float64)).ravel() + 0.01
    rows = np.tile(whole / whole.sum(), (n, 1))
    for topic, (_, columns) in enumerate(seeds, start=first):
        held = np.asarray(counts[:, columns].sum(axis=1, dtype=np.float64)).ravel() / lengths
        beside = counts.T @ held + 1e-3 * rows[topic]
        rows[topic] = beside / beside.sum()
    return rows.astype(np.float32)


def locked_rows(locked: Any, n_topics: int, n_terms: int) -> NDArray[np.float32]:
    """Given topics (L, V), checked.

    Raises
    ------
    InputError
        If they are no distributions over the V terms, or leave no topic to learn.
    """
    rows = np.atleast_2d(simplex.check_distribution(locked, "locked_topics"))
    if rows.ndim != 2 or rows.shape[1] != n_terms:
        raise InputError(
            f"locked_topics: shape {rows.shape} for {n_terms} terms. Give rows of another model's "
            "topic_word_ over the same vocabulary."
        )
    if len(rows) >= n_topics:
        raise InputError(
            f"locked_topics: {len(rows)} of {n_topics} topics are given, none is left to learn. "
            "Raise n_topics, or use the other model's transform."
        )
    tell_equal_rows(rows, "locked_topics")
    return np.ascontiguousarray(rows, dtype=np.float32)


def start_rows(start: Any, n_topics: int, n_terms: int) -> NDArray[np.float32]:
    """Topics (K, V) to begin from, checked.

    Raises
    ------
    InputError
        If they are no distributions, or of another shape.
    """
    rows = np.asarray(simplex.check_distribution(start, "start"), dtype=np.float32)
    if rows.shape != (n_topics, n_terms):
        hint = "simplex.from_vectors(vectors, n_topics) gives such rows."
        if rows.shape == (n_terms, n_topics):
            hint = f"A row a term, with rows that sum to 1, {SHARES_OF_TERMS}"
        raise InputError(
            f"start: shape {rows.shape}, expected {(n_topics, n_terms)}: a row a topic. {hint}"
        )
    tell_equal_rows(rows, "start")
    return rows
