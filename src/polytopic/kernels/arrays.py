"""The gate for arrays: checked once, from callers and from files alike, before compiled code."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError

__all__ = [
    "bytes_of",
    "check_ids",
    "check_offsets",
    "checked_rows",
    "native",
    "refuse_hole",
    "refuse_masked",
    "refuse_other_rows",
]


def check_offsets(offsets: Any, total: int, name: str) -> NDArray[np.int64]:
    """Bounds of rows, int64 of shape (n + 1,), from 0 to ``total`` and never descending.

    Raises
    ------
    InputError
        If they are something else.
    """
    bounds = np.asarray(offsets)
    if bounds.ndim != 1 or bounds.dtype.kind not in "iu" or bounds.size == 0:
        raise InputError(
            f"{name}: {bounds.dtype} of shape {bounds.shape}. Bounds of rows are whole numbers, "
            "one more than there are rows."
        )
    if int(bounds[0]) != 0 or int(bounds[-1]) != total:
        raise InputError(
            f"{name}: run from {int(bounds[0])} to {int(bounds[-1])}, expected 0 to {total}. "
            "Pass the bounds of these entries."
        )
    if (bounds[1:] < bounds[:-1]).any():
        row = int((bounds[1:] < bounds[:-1]).argmax())
        raise InputError(f"{name}: row {row} ends before it begins. Bounds of rows ascend.")
    return np.ascontiguousarray(native(bounds), dtype=np.int64)


def check_ids(ids: Any, size: int, name: str, *, lowest: int = 0) -> NDArray[Any]:
    """Whole numbers in a row, each from ``lowest`` to below ``size``; contiguous, of its own type.

    Raises
    ------
    InputError
        If they are something else.
    """
    numbers = np.asarray(ids)
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu":
        raise InputError(
            f"{name}: {numbers.dtype} of shape {numbers.shape}, expected whole numbers in a row."
        )
    if numbers.size:
        low, high = int(numbers.min()), int(numbers.max())
        if low < lowest or high >= size:
            wrong = low if low < lowest else high
            raise InputError(f"{name}: holds {wrong}, expected {lowest} to {size - 1}.")
    return np.ascontiguousarray(native(numbers))


def native(array: NDArray[Any]) -> NDArray[Any]:
    """The array in the machine's byte order; itself if it is so already."""
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def refuse_masked(values: Any, name: str) -> None:
    """Refuse a masked array, whose hidden entries would come back as numbers.

    Raises
    ------
    InputError
        If ``values`` is one.
    """
    if isinstance(values, np.ma.MaskedArray):
        raise InputError(
            f"{name}: is a masked array, and what is masked would be read as numbers. "
            "Pass values.filled(0), or drop those rows."
        )


def checked_rows(name: str, rows: Any, n_documents: int) -> NDArray[np.float32]:
    """What stands beside the documents as a float32 matrix.

    Raises
    ------
    InputError
        If it is no matrix of finite numbers with one row a document; ``name`` is what it is called.
    """
    refuse_masked(rows, name)
    try:
        matrix = np.asarray(rows, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{name}: holds what is no number ({error}). Pass a matrix of numbers."
        ) from None
    refuse_other_rows(name, matrix.shape, n_documents)
    if not np.isfinite(matrix).all():
        refuse_hole(name, int((~np.isfinite(matrix).all(axis=1)).argmax()))
    return matrix


def refuse_other_rows(name: str, shape: tuple[int, ...], n_documents: int) -> None:
    """Raise :class:`InputError` if it is no shape of a row a document."""
    if len(shape) != 2 or shape[0] != n_documents:
        raise InputError(
            f"{name}: an array of shape {shape} beside {n_documents} documents. Pass a "
            "matrix with one row a document, in their order."
        )


def refuse_hole(name: str, row: int) -> NoReturn:
    """Raise :class:`InputError` of a row that holds no number."""
    raise InputError(f"{name}: row {row} holds NaN or infinity. Fill or drop that document.")


def bytes_of(array: NDArray[Any]) -> memoryview:
    """The bytes of a contiguous array of plain numbers, none of them copied.

    >>> bytes(bytes_of(np.array([1, 2], dtype=np.uint8)))
    b'\\x01\\x02'
    """
    return array.reshape(-1).view(np.uint8).data
