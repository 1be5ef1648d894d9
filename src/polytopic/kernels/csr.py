"""The gate for sparse matrices: SciPy's compiled functions, like ours, trust bounds and columns.

A matrix whose arrays were changed by hand, or that a damaged file holds, would have them read and
write memory that is not their own. It is checked here once, whoever made it, before any of them
sees it.
"""

from __future__ import annotations

from typing import Any, NamedTuple, NoReturn

import numpy as np
from numpy.typing import DTypeLike, NDArray
from scipy import sparse

from polytopic.errors import InputError
from polytopic.kernels.arrays import native, refuse_masked

__all__ = ["Csr", "as_csr", "csr_of"]

LARGEST_SIDE = 2**31 - 1
"""Rows or columns of a matrix: kernels number both in 32 bits."""

_REBUILD = "Build it anew, as with scipy.sparse.csr_matrix(dense) or from coordinates."


class Csr(NamedTuple):
    """A CSR matrix of shape (D, V) as kernels take it: (D+1,), (P,), (P,)."""

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    data: NDArray[np.float32]


def as_csr(source: Any, name: str, dtype: DTypeLike | None = None) -> sparse.csr_matrix:
    """A SciPy sparse matrix of any format as sound CSR: checked, sorted, without duplicates.

    Parameters
    ----------
    source : sparse matrix or array of two dimensions
        It is left as it was. Where it is sound already and of the right type, arrays are shared.
    name : str
        What an error calls it.
    dtype : data type, optional
        What entries become before duplicates are added up.

    Returns
    -------
    csr_matrix
        Column numbers in bounds and ascending within a row, row bounds from 0 to nnz, entries in
        the machine's byte order. Stored zeros stay.

    Raises
    ------
    InputError
        If its arrays do not fit each other or its shape.

    >>> from scipy import sparse
    >>> as_csr(sparse.coo_array(([1, 2], ([0, 0], [1, 1])), shape=(1, 2)), "counts").toarray()
    array([[0, 3]])
    """
    if source.ndim != 2:
        raise InputError(f"{name}: has {source.ndim} dimension(s), expected 2 (rows, columns).")
    if max(source.shape) > LARGEST_SIDE:
        raise InputError(f"{name}: shape {source.shape}. At most {LARGEST_SIDE:,} a side are read.")
    _check_parts(source, name)
    if source.format not in ("csr", "csc", "bsr"):
        source = _converted(source, name)
    data, indices, indptr = _sound(source.data), native(source.indices), native(source.indptr)
    if data.dtype.kind not in "biufc":
        raise InputError(f"{name}: entries of type {data.dtype}. Pass numbers.")
    data = data if dtype is None else data.astype(dtype, copy=False)
    made = type(source)((data, indices, indptr), shape=source.shape)  # nothing remembered is kept
    matrix: sparse.csr_matrix = sparse.csr_matrix(made)
    if not matrix.has_canonical_format:
        wide = np.int64 if matrix.dtype.kind in "biu" else matrix.dtype  # sums of bytes overflow
        matrix = matrix.astype(wide, copy=True)
        matrix.sum_duplicates()
    return matrix


def csr_of(
    data: NDArray[Any], indices: NDArray[Any], indptr: NDArray[Any], shape: Any, name: str
) -> sparse.csr_matrix:
    """The CSR matrix of the three arrays that a file holds, as :func:`as_csr` checks it.

    Raises
    ------
    InputError
        If they are no matrix of that shape.
    """
    whole = isinstance(shape, (list, tuple)) and len(shape) == 2
    if not (whole and all(type(side) is int and 0 <= side <= LARGEST_SIDE for side in shape)):
        raise InputError(f"{name}: its shape {shape!s:.60} is none of a matrix.")
    try:
        made = sparse.csr_matrix((data, indices, indptr), shape=tuple(shape))
    except (ValueError, TypeError, IndexError) as error:
        raise InputError(f"{name}: is no sound sparse matrix: {error}.") from None
    return as_csr(made, name)


def _check_parts(source: Any, name: str) -> None:
    """The arrays that a sparse matrix of any format is made of, before SciPy walks along them."""
    for part in vars(source).values():
        refuse_masked(part, name)
    if source.format in ("csr", "csc", "bsr"):
        _check_compressed(source, name)
    elif source.format == "lil":
        _check_lists(source, name)
    elif source.format == "dia":
        offsets, data = np.asarray(source.offsets), source.data
        if offsets.ndim != 1 or data.ndim != 2 or len(data) != len(offsets):
            _refuse(name, f"{len(data)} diagonals beside {offsets.size} offsets")
    else:
        _check_coordinates(source, name)


def _check_compressed(source: Any, name: str) -> None:
    data, indices, indptr = source.data, source.indices, source.indptr
    blocks = (1, 1)
    if source.format == "bsr":
        if data.ndim != 3 or 0 in data.shape[1:]:
            _refuse(name, f"blocks of shape {data.shape}")
        blocks = data.shape[1:]
        if any(side % block for side, block in zip(source.shape, blocks, strict=True)):
            _refuse(name, f"blocks of shape {blocks} in a matrix of shape {source.shape}")
    elif data.ndim != 1:
        _refuse(name, f"data of shape {data.shape}")
    rows, columns = (side // block for side, block in zip(source.shape, blocks, strict=True))
    if source.format == "csc":
        rows, columns = columns, rows
    for part, what in ((indices, "indices"), (indptr, "indptr")):
        if part.ndim != 1 or part.dtype.kind not in "iu":
            _refuse(name, f"{what} of type {part.dtype} and shape {part.shape}")
    if len(indptr) != rows + 1:
        _refuse(name, f"indptr has {len(indptr)} entries, {rows + 1} are expected")
    if len(indices) != len(data):
        _refuse(name, f"{len(indices)} indices beside {len(data)} entries")
    if int(indptr[0]) != 0 or int(indptr[-1]) > len(indices):
        _refuse(name, f"indptr runs from {int(indptr[0])} to {int(indptr[-1])}")
    if (indptr[1:] < indptr[:-1]).any():
        _refuse(name, f"indptr descends at {int((indptr[1:] < indptr[:-1]).argmax()) + 1}")
    if len(indices) and not 0 <= int(indices.min()) <= int(indices.max()) < columns:
        low, high = int(indices.min()), int(indices.max())
        _refuse(name, f"indices hold {low if low < 0 else high}, expected 0 to {columns - 1}")


def _check_lists(source: Any, name: str) -> None:
    rows, data = source.rows, source.data
    if len(rows) != source.shape[0] or len(data) != source.shape[0]:
        _refuse(name, f"{len(rows)} and {len(data)} lists for {source.shape[0]} rows")
    if any(len(row) != len(entries) for row, entries in zip(rows, data, strict=True)):
        _refuse(name, "a row has more columns than entries, or fewer")
    if any(not 0 <= column < source.shape[1] for row in rows for column in row):
        _refuse(name, f"a column lies outside 0 to {source.shape[1] - 1}")


def _check_coordinates(source: Any, name: str) -> None:
    if source.format == "coo":
        places, data = (source.row, source.col), source.data
    elif source.format == "dok":
        keys = np.array([*source.keys()], dtype=np.int64).reshape(-1, 2)
        places, data = (keys[:, 0], keys[:, 1]), keys[:, 0]
    else:
        _refuse(name, f"its format {source.format!r} is not known")
    for place, side, what in zip(places, source.shape, ("row", "column"), strict=True):
        if place.ndim != 1 or place.dtype.kind not in "iu" or place.shape != data.shape:
            _refuse(name, f"{what}s of type {place.dtype} and shape {place.shape}")
        if place.size and not 0 <= int(place.min()) <= int(place.max()) < side:
            low, high = int(place.min()), int(place.max())
            _refuse(name, f"{what} {low if low < 0 else high}, expected 0 to {side - 1}")


def _converted(source: Any, name: str) -> Any:
    """CSR of a matrix in another format, built from its checked parts."""
    try:
        if source.format == "coo":
            parts = (_sound(source.data), (native(source.row), native(source.col)))
            source = sparse.coo_matrix(parts, shape=source.shape)
        elif source.format == "dia":
            diagonals = (_sound(source.data), native(np.asarray(source.offsets)))
            source = sparse.dia_matrix(diagonals, shape=source.shape)
        return source.tocsr()
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        _refuse(name, str(error))


def _sound(data: NDArray[Any]) -> NDArray[Any]:
    """Entries of a type that SciPy computes with."""
    return native(data).astype(np.float32) if data.dtype.type is np.float16 else native(data)


def _refuse(name: str, what: str) -> NoReturn:
    raise InputError(f"{name}: is no sound sparse matrix: {what}. {_REBUILD}")
