"""Counts as the models read them: a canonical CSR matrix, checked once, never made dense."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.errors import InputError, InputTypeError
from polytopic.kernels.arrays import native, refuse_masked
from polytopic.kernels.csr import as_csr
from polytopic.mapped_counts import MappedCounts, row_blocks
from polytopic.scratch import empty

__all__ = [
    "LARGEST_COUNT",
    "as_counts",
    "as_matrix",
    "counts_in",
    "document_lengths",
    "documents_holding",
    "documents_of",
    "holds_terms",
    "in_memory",
    "term_totals",
    "told_without_terms",
    "total_tokens",
    "whole_counts",
]

_ROWS = 1 << 15
"""Documents summed at a time: SciPy turns all of a matrix to the type of its sums."""

LARGEST_COUNT = 2**30
"""Of one term in one document: below what 32 bits hold, with room for rounding."""


def as_counts(values: Any, name: str = "counts", *, mapped: bool = False) -> sparse.csr_matrix:
    """Turn a Corpus, any SciPy sparse matrix or a dense array into checked CSR counts.

    Parameters
    ----------
    values : Corpus, sparse matrix or array, shape (D, V)
        Non-negative whole numbers.
    name : str
        What an error calls the input.
    mapped : bool
        Whether counts that lie in files, checked when they were mapped, are left there: the answer
        is then :class:`~polytopic.mapped_counts.MappedCounts`, which reads rows as a matrix does.

    Returns
    -------
    csr_matrix of float32, shape (D, V)
        Sorted, without duplicates or stored zeros. ``values`` itself is left as it was; the
        columns' numbers may be its own, so nobody writes to them.

    Raises
    ------
    InputError
        If it is not two-dimensional, empty, not numeric, or holds NaN, infinite, negative or
        fractional entries; the message names row and column.

    >>> as_counts([[2, 0], [0, 1]]).nnz
    2
    """
    held: Any = counts_in(values)
    if isinstance(held, MappedCounts):
        return held if mapped else in_memory(held)  # type: ignore[return-value]
    matrix = as_matrix(held, name)
    if matrix.shape[0] == 0:
        raise InputError(
            f"{name}: Found array with 0 sample(s) (shape={matrix.shape}) while a minimum of 1 is "
            "required: no documents. Check how the corpus was read."
        )
    if matrix.shape[1] == 0:
        raise InputError(
            f"{name}: Found array with 0 feature(s) (shape={matrix.shape}) while a minimum of 1 is "
            "required: no terms. Loosen min_df, max_df or the stop words."
        )
    _check_entries(matrix, name)
    data = matrix.data.astype(np.float32)
    if not data.all():
        counts: sparse.csr_matrix = matrix.astype(np.float32)
        counts.eliminate_zeros()
        return counts
    shared = (data, matrix.indices, matrix.indptr)
    counts = sparse.csr_matrix(shared, shape=matrix.shape, copy=False)
    counts.has_canonical_format = True  # as_csr saw to it
    return counts


def whole_counts(values: Any, name: str = "counts") -> sparse.csr_matrix:
    """Counts as int32, shape (D, V): checked as :func:`as_counts` does, and empty ones allowed.

    Arrays are shared where they are sound already. Counts in files were checked when mapped.
    """
    held = counts_in(values)
    if isinstance(held, MappedCounts):
        return held.tocsr()
    matrix = as_matrix(held, name)
    _check_entries(matrix, name)
    if matrix.nnz and not matrix.data.all():
        matrix = matrix.copy()
        matrix.eliminate_zeros()
    return matrix.astype(np.int32, copy=False)


def document_lengths(counts: Any) -> NDArray[np.float64]:
    """Tokens of each document of counts (D, V), shape (D,): exact, of float32 too."""
    if getattr(counts, "format", "") != "csr":  # pieces are summed one by one
        return np.asarray(counts.sum(axis=1), dtype=np.float64).ravel()
    parts = [np.zeros(0)]
    for _, block in row_blocks(counts, _ROWS):
        exact = block if block.dtype.kind in "iu" else block.astype(np.float64)
        parts.append(np.asarray(exact.sum(axis=1), dtype=np.float64).ravel())
    return np.concatenate(parts)


def term_totals(counts: Any) -> NDArray[np.int64]:
    """Tokens of each term of checked counts (D, V), shape (V,): exact up to 2^53 of one."""
    totals = np.zeros(counts.shape[1], dtype=np.int64)
    for _, block in row_blocks(counts, _ROWS):
        found = np.bincount(block.indices, weights=block.data, minlength=len(totals))
        totals += found.astype(np.int64)
    return totals


def total_tokens(counts: Any) -> int:
    """Tokens of counts (D, V), exact: a sum in float32 is not, from 2^24 on."""
    return int(counts.sum(dtype=np.float64))


def documents_holding(counts: Any) -> NDArray[np.int64]:
    """In how many documents of checked counts (D, V) each term stands, shape (V,)."""
    if isinstance(counts, MappedCounts):
        return counts.holding()
    found = np.zeros(counts.shape[1], dtype=np.int64)
    for _, block in row_blocks(counts, _ROWS):
        found += np.bincount(block.indices, minlength=len(found))
    return found


def documents_of(counts: Any, rows: NDArray[np.int64]) -> Any:
    """Some documents of checked counts; those that lie in files stay there."""
    return counts.chosen(rows) if isinstance(counts, MappedCounts) else counts[rows]


def in_memory(counts: Any) -> sparse.csr_matrix:
    """Checked counts as CSR of float32, as :func:`as_counts` gives them."""
    if isinstance(counts, MappedCounts):
        counts = counts.tocsr()
    if counts.dtype == np.float32:
        return counts  # type: ignore[no-any-return]
    data = empty(counts.nnz, np.float32)
    data[:] = counts.data
    shared = data, counts.indices, counts.indptr
    held = sparse.csr_matrix(shared, shape=counts.shape, copy=False)
    held.has_canonical_format = True
    return held


def holds_terms(counts: Any) -> NDArray[np.bool_]:
    """Which documents of counts (D, V) hold a term, shape (D,): the others have no topic."""
    return document_lengths(counts) > 0


def told_without_terms(n_empty: int, n_documents: int) -> str:
    """One sentence on documents that hold no term; "" if there are none.

    >>> told_without_terms(671, 12_000)
    '671 of 12,000 documents hold no term of the vocabulary and have no topic.'
    """
    if not n_empty:
        return ""
    verbs = ("holds", "has") if n_empty == 1 else ("hold", "have")
    return (
        f"{n_empty:,} of {n_documents:,} documents {verbs[0]} no term of the vocabulary and "
        f"{verbs[1]} no topic."
    )


def counts_in(values: Any) -> Any:
    """The counts of a Corpus; anything else, a data frame with a column "counts" too, as it is."""
    held = hasattr(values, "vocabulary") and hasattr(values, "counts")
    return values.counts if held else values


def as_matrix(source: Any, name: str) -> sparse.csr_matrix:
    """Any SciPy sparse matrix, or a dense array, as sound CSR of real numbers.

    Raises
    ------
    InputError
        If it is no two-dimensional table of real numbers, a masked array, or a sparse matrix whose
        arrays do not fit each other.
    """
    if isinstance(source, MappedCounts):
        return source.tocsr()
    if not sparse.issparse(source):
        return sparse.csr_matrix(_dense(source, name))
    matrix = as_csr(source, name)
    if matrix.dtype.kind == "c":
        raise InputError(f"{name}: Complex data not supported. Pass real counts.")
    return matrix


def _dense(source: Any, name: str) -> NDArray[Any]:
    refuse_masked(source, name)
    try:
        array = np.asarray(source)
        if array.dtype == object or array.dtype.kind in "US":
            array = array.astype(np.float64)
    except (TypeError, ValueError) as error:
        kind = InputTypeError if isinstance(error, TypeError) else InputError
        raise kind(
            f"{name}: cannot be read as a table of numbers ({error!s:.90}). Pass a Corpus, a "
            "sparse matrix or an array of counts of shape (documents, terms); for raw text use "
            "Corpus.from_texts."
        ) from None
    if array.dtype.kind == "c":
        raise InputError(f"{name}: Complex data not supported. Pass real counts.")
    if array.dtype.kind not in "biuf":
        raise InputError(
            f"{name}: entries of type {array.dtype} are not counts. Pass whole numbers."
        )
    if array.ndim != 2:
        raise InputError(
            f"{name}: has {array.ndim} dimension(s), expected 2 (documents, terms). "
            "Reshape your data: a single document is array.reshape(1, -1)."
        )
    return native(array).astype(np.float32) if array.dtype.type is np.float16 else native(array)


def _check_entries(matrix: sparse.csr_matrix, name: str) -> None:
    data = matrix.data
    if data.dtype.kind == "b" or not data.size:
        return
    if data.dtype.kind == "f":
        wrong = ~np.isfinite(data)
        if wrong.any():
            raise InputError(
                f"{name}: {_where(matrix, wrong)} is {data[wrong.argmax()]}; it holds NaN or "
                "infinity. Counts are finite: drop or fill those entries."
            )
    wrong = data < 0
    if wrong.any():
        raise InputError(
            f"{name}: {_where(matrix, wrong)} is {data[wrong.argmax()]:g}. Negative values in data "
            "are no counts; word vectors and centred features cannot stand here."
        )
    if data.max() > LARGEST_COUNT:
        wrong = data > LARGEST_COUNT
        raise InputError(
            f"{name}: {_where(matrix, wrong)} is {data[wrong.argmax()]:.6g}, and counts go up to "
            f"{LARGEST_COUNT:,}. Look for the step that made it, or scale the counts down."
        )
    if data.dtype.kind == "f":
        wrong = data != np.floor(data)
        if wrong.any():
            raise InputError(
                f"{name}: {_where(matrix, wrong)} is {data[wrong.argmax()]:g}. Topic models read "
                "whole counts, not weights such as tf-idf: pass corpus.counts or "
                "CountVectorizer's output."
            )


def _where(matrix: sparse.csr_matrix, wrong: NDArray[np.bool_]) -> str:
    position = int(wrong.argmax())
    row = int(np.searchsorted(matrix.indptr, position, side="right")) - 1
    return f"the entry in row {row}, column {int(matrix.indices[position])}"
