"""Weights of terms: documents of which what stands everywhere counts for less."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.counts import documents_holding, total_tokens
from polytopic.errors import InputError
from polytopic.mapped_counts import MappedCounts

__all__ = ["KINDS", "Rounding", "fixed_point", "tokens_of", "weighed", "weights_of", "whole"]

KINDS = ("idf", "information", "tempered")

_BITS = 16
"""Of a weight's fraction: sums of such whole numbers are exact in any order, and as fine as the
weights of a million terms need."""

ONE, HALF = 1 << _BITS, 1 << (_BITS - 1)
"""A token, and half of one, in fixed point."""

_ROWS = 8192
"""Documents that are added up at a time."""


def weights_of(asked: Any, counts: sparse.csr_matrix | MappedCounts) -> NDArray[np.float32] | None:
    """The weight of each term (V,), such that the tokens of ``counts`` weigh one in the mean.

    "idf": ln(1 + D / D_v), of D documents that hold terms D_v hold term v. "information":
    ln(1 + N / N_v), of N tokens N_v are of v (Wilson & Chew 2010, LogWeight). "tempered": its
    square root, half way to a weight of one. Terms that do not occur count as if once. An array is
    scaled.

    Raises
    ------
    InputError
        If an array is not V positive numbers.
    """
    if asked is None:
        return None
    uses = np.asarray(counts.sum(axis=0, dtype=np.float64)).ravel()
    if isinstance(asked, str):
        held = documents_holding(counts) if asked == "idf" else uses
        whole = counts.shape[0] if asked == "idf" else uses.sum()
        values = np.log1p(whole / np.maximum(held, 1.0))
        values = np.sqrt(values) if asked == "tempered" else values
    else:
        values = _given(asked, len(uses))
    return np.asarray(values * (uses.sum() / (uses @ values)), dtype=np.float32)


def _given(asked: Any, n_terms: int) -> NDArray[np.float64]:
    try:
        values = np.asarray(asked, dtype=np.float64)
    except (TypeError, ValueError):
        values = np.zeros(0)
    if values.shape != (n_terms,):
        raise InputError(
            f"term_weights: shape {values.shape} for {n_terms} terms. Give one number a term, "
            '"idf", "information" or "tempered".'
        )
    if not (np.isfinite(values).all() and (values > 0).all()):
        raise InputError(
            "term_weights: hold numbers that are not above zero. Give positive ones; a term that "
            "should not count at all is left out of the corpus."
        )
    return np.asarray(values / values.max())


def weighed(counts: sparse.csr_matrix, weights: NDArray[np.floating]) -> sparse.csr_matrix:
    """Counts times the weights of their terms, CSR float32."""
    data = (counts.data * weights[counts.indices]).astype(np.float32)
    return sparse.csr_matrix((data, counts.indices, counts.indptr), shape=counts.shape)


# ---- whole numbers of tokens -------------------------------------------------------------------


def fixed_point(weights: NDArray[np.floating]) -> NDArray[np.int64]:
    """Weights as whole numbers of which ``ONE`` is a token."""
    return np.maximum(np.rint(weights.astype(np.float64) * ONE), 1.0).astype(np.int64)


class Rounding:
    """Whole tokens from weighed ones: what a term is rounded by the next one of its document bears.

    After each term a document has the whole tokens nearest to what its terms so far weigh. A
    document's answer is its own, in whatever pieces its terms come.
    """

    def __init__(self, weights: NDArray[np.floating], indptr: NDArray[Any]) -> None:
        self.units, self.indptr = fixed_point(weights), indptr
        self._carried = HALF

    def next(
        self, first: int, indices: NDArray[Any], data: NDArray[np.integer]
    ) -> NDArray[np.int64]:
        """Tokens of the pairs from number ``first`` on; pairs come in their order."""
        units = data.astype(np.int64) * self.units[indices]
        bounds = np.searchsorted(self.indptr, (first, first + len(units)))
        begins = np.unique(self.indptr[bounds[0] : bounds[1]]).astype(np.int64) - first
        sums = np.cumsum(units)
        lengths = np.diff(np.concatenate([[0], begins, [len(units)]]))
        raised = np.concatenate([[self._carried], HALF - (sums - units)[begins]])
        after = sums + np.repeat(raised, lengths)
        if len(after):
            self._carried = int(after[-1])
        return np.asarray((after >> _BITS) - ((after - units) >> _BITS))


def whole(counts: sparse.csr_matrix, weights: NDArray[np.floating]) -> sparse.csr_matrix:
    """Counts times weights in whole tokens, CSR int32; see :class:`Rounding`.

    >>> counts = sparse.csr_matrix([[1, 1, 1, 1], [0, 0, 3, 0]])
    >>> whole(counts, np.array([0.5, 0.5, 1.5, 1.5])).toarray().tolist()
    [[1, 0, 2, 1], [0, 0, 5, 0]]
    """
    tokens = Rounding(weights, counts.indptr).next(0, counts.indices, counts.data)
    found = sparse.csr_matrix(
        (tokens.astype(np.int32), counts.indices.copy(), counts.indptr.copy()), shape=counts.shape
    )
    found.eliminate_zeros()
    return found


def tokens_of(
    counts: sparse.csr_matrix | MappedCounts, weights: NDArray[np.floating] | None
) -> int:
    """Whole tokens of all documents, weighed if there are weights; some documents at a time."""
    if weights is None:
        return total_tokens(counts)
    units, total = fixed_point(weights), 0
    for first in range(0, counts.shape[0], _ROWS):
        rows = counts[first : first + _ROWS]
        total += int(((rows.astype(np.int64) @ units + HALF) >> _BITS).sum())
    return total
