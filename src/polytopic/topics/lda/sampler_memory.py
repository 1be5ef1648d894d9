"""What LDA's sampler takes of the memory, and the refusal of what does not fit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.counts import total_tokens
from polytopic.errors import InputError
from polytopic.machine import free_memory
from polytopic.topics.lda.kernels.gibbs_state import widths

__all__ = ["LARGEST_INT32", "bytes_needed", "refuse_too_many"]

LARGEST_INT32 = (1 << 31) - 1
"""In which tokens of a term and topic are counted."""

_WORD, _NUMBER, _OFFSET = 4, 4, 8
"""Bytes of a token's word, of a count or a weight of a term and topic, of a document's begin."""

_ANSWERS = 3
"""Tables (K, V) beside the state when a sample is taken: the sum, the counts added to it, a row's
work or the mean."""


def bytes_needed(
    n_tokens: int, n_documents: int, n_terms: int, n_topics: int, n_workers: int
) -> int:
    """The most that a chain holds at a time, beside the counts it is given.

    A word and a topic a token; a table of counts for each worker, and one of phi.
    """
    places, n_masses, kind = widths(n_topics)
    tokens = n_tokens * (_WORD + np.dtype(kind).itemsize)
    tables = n_terms * _NUMBER * ((n_workers + 1) * places + n_masses)
    answers = _ANSWERS * n_topics * n_terms * _NUMBER
    return tokens + tables + answers + _OFFSET * (n_documents + 1)


def refuse_too_many(
    counts: sparse.csr_matrix,
    n_topics: int,
    n_workers: int,
    weights: NDArray[np.floating] | None = None,
    *,
    held: bool = True,
) -> None:
    """Refuse counts (D, V) of which the sampler cannot hold every token, by ``weights`` (V,).

    ``held``: whether this process holds them, or others do.

    Raises
    ------
    InputError
        If a term occurs more often than it counts, or the memory that is free does not do.
    """
    n_documents, n_terms = counts.shape
    tokens = total_tokens(counts)
    by_term = counts.sum(axis=0, dtype=np.float64)
    if weights is not None:
        by_term = np.asarray(by_term) * weights
    most = float(np.max(by_term))
    instead = (
        'Use method="online" (--set method=online), which works with counts and does not hold '
        "tokens."
    )
    if most > LARGEST_INT32:
        raise InputError(
            f"counts: one term occurs {most:,.0f} times; the sampler counts up to "
            f"{LARGEST_INT32:,}. {instead}"
        )
    room = free_memory()
    needed = bytes_needed(tokens if held else 0, n_documents, n_terms, n_topics, n_workers)
    if room is not None and needed > room:
        raise InputError(
            f"counts: hold {tokens:,} tokens, and the sampler keeps each of them: with "
            f"{n_topics:,} topics and {n_workers} threads it takes {1e-9 * needed:,.1f} GB, of "
            f"which {1e-9 * room:,.1f} GB are free. {instead}"
        )
