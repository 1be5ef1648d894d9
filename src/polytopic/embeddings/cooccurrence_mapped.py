"""A saved co-occurrence matrix whose entries stay in its file."""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic import io
from polytopic.errors import CheckpointError
from polytopic.io.mapping import map_folder
from polytopic.io.schemas import Array, check_arrays, check_record
from polytopic.kernels.csr import csr_of
from polytopic.parameters import Constraint

__all__ = ["let_go", "matrix_of", "read_counts", "row_sums"]

_BLOCK = 1 << 20
"""Entries looked at together: 8 MB with their columns."""


_MATRIX = ("data", "indices", "indptr")


def read_counts(
    path: str | Path, kind: str, about: Constraint, arrays: Mapping[str, Array], mapped: bool
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Arrays and record of a saved folder; mapped, those of the matrix are not looked at yet.

    Raises
    ------
    FileMissingError, CheckpointError
        If it is missing or damaged.
    """
    if not mapped:
        return io.read_folder(path, kind, about=about, arrays=arrays)
    held, record = map_folder(path, kind)
    check_record(record, about, str(path))
    small = {name: array for name, array in arrays.items() if name not in _MATRIX}
    if missing := sorted(arrays.keys() - held.keys()):
        raise CheckpointError(f"{path}: holds no {missing[0]}. Restore a copy.")
    check_arrays({name: held[name] for name in small}, small, str(path))
    return held, record


def matrix_of(
    path: str | Path, arrays: Mapping[str, NDArray[Any]], side: int, mapped: bool
) -> sparse.csr_matrix:
    """The CSR matrix of ``side`` rows and columns of a file's arrays.

    Maps are looked at block by block, and none of them stays in memory.

    Raises
    ------
    InputError, CheckpointError
        If they are no such matrix; mapped, also if entries are not finite and above 0.
    """
    if not mapped:
        data, indices, indptr = (arrays[name] for name in _MATRIX)
        return csr_of(data, indices, indptr, (side, side), "counts of pairs")
    data, indices = arrays["data"], arrays["indices"]
    indptr = np.array(arrays["indptr"])
    sound = (
        data.dtype == np.float32
        and indices.dtype.kind == indptr.dtype.kind == "i"
        and data.ndim == indices.ndim == indptr.ndim == 1
        and len(indptr) == side + 1
        and indptr[0] == 0
        and indptr[-1] == len(data) == len(indices)
        and not (np.diff(indptr) < 0).any()
    )
    for start in range(0, len(data) if sound else 0, _BLOCK):
        values, columns = data[start : start + _BLOCK], indices[start : start + _BLOCK]
        sound = bool(np.isfinite(values).all() and values.min() > 0)
        sound = sound and bool(columns.min() >= 0 and columns.max() < side)
        let_go(data)
        let_go(indices)
        if not sound:
            break
    if not sound:
        raise CheckpointError(f"{path}: counts of pairs: is no sound matrix. Restore a copy.")
    shape: Any = (side, side)
    matrix = sparse.csr_matrix(shape, dtype=np.float32)
    matrix.data, matrix.indices, matrix.indptr = data, indices, indptr
    return matrix


def row_sums(matrix: sparse.csr_matrix) -> NDArray[np.float64]:
    """The sum of each row, a row at a time."""
    ends, sums, read = matrix.indptr, np.empty(matrix.shape[0]), 0
    for i in range(len(sums)):
        sums[i] = matrix.data[ends[i] : ends[i + 1]].sum(dtype=np.float64)
        if ends[i + 1] - read > _BLOCK:
            read = ends[i + 1]
            let_go(matrix.data)
    let_go(matrix.data)
    return sums


def let_go(array: NDArray[Any]) -> None:
    """Give back the memory of an array that maps a file for reading; it is read again if needed.

    Arrays in memory are left alone.
    """
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, memoryview):
        base = base.obj
    if isinstance(base, mmap.mmap) and not array.flags.writeable and hasattr(base, "madvise"):
        base.madvise(mmap.MADV_DONTNEED)
