"""Counts that lie in files: a matrix in pieces, of which only the rows asked for are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from scipy import sparse

from polytopic.scratch import empty, is_bounded, look

__all__ = ["MappedCounts", "documents_left", "row_blocks", "rows_taken"]

_BLOCK = 8192
"""Documents that are gathered at a time: a megabyte of pairs for every hundred terms of one."""


_SCATTERED = 512
"""Documents from all over a file that are read at a time, each with sixteen pages around it."""

_MOST_NARROW = (1 << 31) - 1
"""Pairs up to which 32 bits number their places: of more, SciPy's kernels take 64."""


class MappedCounts:
    """Counts (D, V) as CSR pieces of whole documents, one after the other.

    The pieces' arrays may be maps of files, read when they are looked at. Of SciPy's matrices it
    has what reads rows and sums; ``tocsr`` takes all of it into memory.

    Parameters
    ----------
    pieces : sequence of CSR matrices of V columns
        Checked: see :func:`polytopic.kernels.csr.csr_of`.
    n_terms : int
        V.
    """

    dtype = np.dtype(np.int32)

    pieces: Sequence[sparse.csr_matrix]

    def __init__(self, pieces: Sequence[sparse.csr_matrix], n_terms: int) -> None:
        self.pieces = tuple(pieces)
        self.starts = np.cumsum([0, *(piece.shape[0] for piece in pieces)], dtype=np.int64)
        self.shape = int(self.starts[-1]), n_terms
        self.nnz = sum(int(piece.nnz) for piece in pieces)
        self._whole: sparse.csr_matrix | None = None

    @property
    def indptr(self) -> NDArray[np.int64]:
        """Where each document's pairs begin, as if all were in one array; shape (D+1,)."""
        lengths = [np.diff(piece.indptr) for piece in self.pieces]
        bounds = np.zeros(self.shape[0] + 1, dtype=np.int64)
        if lengths:
            np.cumsum(np.concatenate(lengths), out=bounds[1:])
        return bounds

    def __getitem__(self, rows: Any) -> sparse.csr_matrix:
        """The documents of a slice, a mask or row numbers, in that order, in memory."""
        if isinstance(rows, slice):
            first, last, step = rows.indices(self.shape[0])
            if step == 1:
                return self._run(first, max(first, last))
        numbers = np.arange(self.shape[0])[rows].reshape(-1)
        places = np.searchsorted(self.starts, numbers, side="right") - 1
        found = [(place, np.flatnonzero(places == place)) for place in np.unique(places)]
        begins, lengths = np.zeros((2, len(numbers)), dtype=np.int64)
        for place, own in found:
            bounds, local = self.pieces[place].indptr, numbers[own] - self.starts[place]
            begins[own], lengths[own] = bounds[local], bounds[local + 1] - bounds[local]
        ends = np.concatenate([[0], np.cumsum(lengths)])
        indices, data = np.empty(ends[-1], np.int32), np.empty(ends[-1], self.dtype)
        for place, own in found:
            for some in np.split(own, range(_SCATTERED, len(own), _SCATTERED)):
                within = np.arange(lengths[some].sum())
                within -= np.repeat(np.cumsum(lengths[some]) - lengths[some], lengths[some])
                source = within + np.repeat(begins[some], lengths[some])
                target = within + np.repeat(ends[some], lengths[some])
                indices[target] = self.pieces[place].indices[source]
                data[target] = self.pieces[place].data[source]
                look()
        shape = len(numbers), self.shape[1]
        taken = sparse.csr_matrix((data, indices, ends), shape=shape, copy=False)
        taken.has_canonical_format = True
        return taken

    def _run(self, first: int, last: int) -> sparse.csr_matrix:
        """The documents from ``first`` up to ``last``: of one piece, its own arrays' parts."""
        found = []
        for begin, piece in zip(self.starts, self.pieces, strict=False):
            low, high = max(first - begin, 0), min(last - begin, piece.shape[0])
            if low < high:
                found.append(row_run(piece, low, high))
        if len(found) == 1:
            return found[0]
        if not found:
            return self._empty(0)
        joined: sparse.csr_matrix = sparse.vstack(found, format="csr", dtype=self.dtype)
        joined.has_canonical_format = True
        return joined

    def chosen(self, rows: NDArray[np.int64]) -> MappedCounts:
        """The documents ``rows``, in that order, left in their files."""
        return _Chosen(self, rows)

    def sum(self, axis: int | None = None, dtype: DTypeLike | None = None) -> Any:
        """Sums of documents (axis 1), shape (D,), of terms (axis 0), shape (V,), or of all."""
        parts = [piece.sum(axis=axis, dtype=dtype or np.int64) for piece in self.pieces]
        if axis is None:
            return sum(parts)
        flat = [np.asarray(part).ravel() for part in parts]
        if axis == 1:
            return np.concatenate(flat) if flat else np.zeros(0, dtype or np.int64)
        return np.sum(flat, axis=0) if flat else np.zeros(self.shape[1], dtype or np.int64)

    def holding(self) -> NDArray[np.int64]:
        """In how many documents each term stands, shape (V,)."""
        found = np.zeros(self.shape[1], dtype=np.int64)
        for piece in self.pieces:
            found += np.bincount(piece.indices[piece.data > 0], minlength=self.shape[1])
        return found

    def columns(self, numbers: NDArray[np.integer]) -> sparse.csr_matrix:
        """Some terms of all documents, in memory; shape (D, number of terms)."""
        if not self.pieces:
            return self._empty(0)[:, numbers]
        chosen: sparse.csr_matrix = sparse.vstack(
            [piece[:, numbers] for piece in self.pieces], format="csr"
        )
        return chosen

    def arrays(self) -> Iterator[NDArray[Any]]:
        """What a digest of the whole is made of."""
        for piece in self.pieces:
            yield from (piece.indptr, piece.indices, piece.data)

    def _empty(self, n_documents: int) -> sparse.csr_matrix:
        bounds = np.zeros(n_documents + 1, dtype=np.int32)
        parts = np.zeros(0, self.dtype), np.zeros(0, np.int32), bounds
        return sparse.csr_matrix(parts, shape=(n_documents, self.shape[1]))

    def tocsr(self) -> sparse.csr_matrix:
        """All of it as one matrix: in memory, or in files inside :func:`polytopic.scratch.bounded`.

        There it is made once, and nobody writes to it.
        """
        if not self.pieces:
            return self._empty(self.shape[0])
        if self._whole is not None:
            return self._whole
        bounds = self.indptr
        kind = np.int64 if max(self.nnz, self.shape[1]) > _MOST_NARROW else np.int32
        indices, data = empty(self.nnz, kind), empty(self.nnz, self.dtype)
        first = 0
        for piece in self.pieces:
            last = first + int(piece.nnz)
            indices[first:last], data[first:last] = piece.indices, piece.data
            first = last
        parts: Any = data, indices, bounds.astype(kind)
        whole: sparse.csr_matrix = sparse.csr_matrix(parts, shape=self.shape, copy=False)
        whole.has_canonical_format = True
        if is_bounded():
            self._whole = whole
        return whole


def row_run(counts: sparse.csr_matrix, first: int, last: int) -> sparse.csr_matrix:
    """The documents from ``first`` up to ``last`` of a CSR matrix, its arrays' parts shared."""
    begin, end = int(counts.indptr[first]), int(counts.indptr[last])
    parts = (
        counts.data[begin:end],
        counts.indices[begin:end],
        counts.indptr[first : last + 1] - counts.indptr[first],
    )
    found = sparse.csr_matrix(parts, shape=(last - first, counts.shape[1]), copy=False)
    found.has_canonical_format = counts.has_canonical_format
    return found


def row_blocks(counts: Any, size: int = _BLOCK) -> Iterator[tuple[slice, sparse.csr_matrix]]:
    """CSR or mapped counts, ``size`` documents at a time, and which those are.

    Sums over blocks are the same for counts in memory and in files, in whatever pieces these lie.
    """
    mapped = isinstance(counts, MappedCounts)
    for first in range(0, counts.shape[0], size):
        last = min(first + size, counts.shape[0])
        look()
        block = counts[first:last] if mapped else row_run(counts, first, last)
        yield slice(first, last), block


def rows_taken(counts: Any, rows: NDArray[np.int64]) -> sparse.csr_matrix:
    """Some documents of counts in memory. Of a large matrix in files little is mapped at a time."""
    by_pieces = is_bounded() and counts.dtype == MappedCounts.dtype
    found: sparse.csr_matrix = (_in_pieces(counts) if by_pieces else counts)[rows]
    return found


def documents_left(counts: Any, rows: NDArray[np.int64]) -> MappedCounts:
    """Some documents of CSR or mapped counts, gathered a block at a time where they are read."""
    return _in_pieces(counts).chosen(rows)


def _in_pieces(counts: Any) -> MappedCounts:
    return counts if isinstance(counts, MappedCounts) else MappedCounts([counts], counts.shape[1])


class _Chosen(MappedCounts):
    """Some documents of others: each piece is gathered when it is looked at."""

    def __init__(self, whole: MappedCounts, rows: NDArray[np.int64]) -> None:
        self.whole, self.rows = whole, rows
        self.lengths = np.diff(whole.indptr)[rows]
        self.pieces = _Blocks(whole, rows)
        self.starts = np.minimum(np.arange(len(self.pieces) + 1) * _BLOCK, len(rows))
        self.shape, self.nnz = (len(rows), whole.shape[1]), int(self.lengths.sum())
        self._whole = None

    @property
    def indptr(self) -> NDArray[np.int64]:
        return np.concatenate([[0], np.cumsum(self.lengths)]).astype(np.int64)

    def __getitem__(self, rows: Any) -> sparse.csr_matrix:
        return self.whole[self.rows[rows].reshape(-1)]


class _Blocks(Sequence[sparse.csr_matrix]):
    """Documents in blocks of one size, gathered at each use."""

    def __init__(self, whole: MappedCounts, rows: NDArray[np.int64]) -> None:
        self.whole, self.rows = whole, rows

    def __len__(self) -> int:
        return -(-len(self.rows) // _BLOCK)

    def __getitem__(self, number: Any) -> Any:
        if not 0 <= number < len(self):
            raise IndexError(number)
        return self.whole[self.rows[number * _BLOCK : (number + 1) * _BLOCK]]
