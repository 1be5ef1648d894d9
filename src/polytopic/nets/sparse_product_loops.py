"""Loops over the observed (document, term) pairs of a batch, compiled; one thread, any dtype."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled

__all__ = ["column_max", "outer_sums", "pair_dots", "weighted_sums"]

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.int64]


@compiled(fastmath=True)
def pair_dots(
    rows: Floats, documents: Floats, terms: Integers, ends: Integers, out: Floats
) -> None:
    """out_i = documents_d . rows_t for each pair i = (d, t); ``ends``: where each document ends."""
    first = 0
    for d in range(len(ends)):
        for i in range(first, ends[d]):
            t = terms[i]
            total = documents[d, 0] * rows[t, 0]
            for k in range(1, rows.shape[1]):
                total += documents[d, k] * rows[t, k]
            out[i] = total
        first = ends[d]


@compiled(fastmath=True)
def weighted_sums(
    rows: Floats, weights: Floats, terms: Integers, ends: Integers, out: Floats
) -> None:
    """out_d = sum of w_i rows_t over the pairs of document d."""
    first = 0
    for d in range(len(ends)):
        out[d] = 0
        for i in range(first, ends[d]):
            t, weight = terms[i], weights[i]
            for k in range(rows.shape[1]):
                out[d, k] += weight * rows[t, k]
        first = ends[d]


@compiled()
def _by_term(
    terms: Integers, ends: Integers, last: Integers, documents: Integers, places: Integers
) -> None:
    """Documents and places of the pairs, (P,) each, term by term; ``last`` (V,): where each ends.

    The pairs of a term keep their order.
    """
    last[:] = 0
    for t in terms:
        last[t] += 1
    begin = 0
    for t in range(len(last)):
        last[t], begin = begin, begin + last[t]
    first = 0
    for d in range(len(ends)):
        for i in range(first, ends[d]):
            place = last[terms[i]]
            documents[place], places[place] = d, i
            last[terms[i]] = place + 1
        first = ends[d]


@compiled(fastmath=True)
def outer_sums(
    documents: Floats, weights: Floats, terms: Integers, ends: Integers, out: Floats
) -> None:
    """out_t = sum of w_i documents_d over the pairs i = (d, t): the transpose of weighted_sums.

    Term by term: a row of ``out`` is visited once, and the documents' stay in the cache.
    """
    last = np.empty(len(out), np.int64)
    rows, places = np.empty(len(terms), np.int64), np.empty(len(terms), np.int64)
    _by_term(terms, ends, last, rows, places)
    first = 0
    for t in range(len(out)):
        out[t] = 0
        for i in range(first, last[t]):
            d, weight = rows[i], weights[places[i]]
            for k in range(documents.shape[1]):
                out[t, k] += weight * documents[d, k]
        first = last[t]


@compiled()
def column_max(rows: Floats, out: Floats) -> None:
    """out_k = the largest of column k."""
    out[:] = rows[0]
    for v in range(1, len(rows)):
        for k in range(rows.shape[1]):
            value = rows[v, k]
            if value > out[k]:
                out[k] = value
