"""Matrices stored in fewer bytes: float16, or int8 with one number a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import CheckpointError, InputError
from polytopic.io.schemas import Array, check_arrays

__all__ = ["DTYPES", "packed", "unpacked"]

DTYPES = ("float32", "float16", "int8")
"""What a matrix can be stored as."""

_LARGEST = 127.0
"""Of int8, on both sides of zero."""

_SCALE = "_scale"
"""Ends the name of the numbers, one a row, by which int8 is multiplied."""

_SIDES = {"input": "V", "output": "V", "negative": "V", "rows": "R"}
"""Matrices of a folder of vectors, and the letter of how many rows they have."""

_ROWS = 1 << 14
"""Rows turned at a time."""


def packed(
    name: str, matrix: NDArray[np.float32] | None, dtype: str
) -> dict[str, NDArray[Any] | None]:
    """The arrays by which a matrix of shape (V, E) is stored.

    int8: a row r is scale x whole numbers, scale = max |r| / 127, so that no number is off by more
    than half the scale.

    Raises
    ------
    InputError
        If ``dtype`` is none of ``DTYPES``, or a number is beyond float16 (65,504).
    """
    if dtype not in DTYPES:
        raise InputError(f"dtype: {dtype!r} is unknown. Pick one of {', '.join(DTYPES)}.")
    if matrix is None or dtype == "float32":
        return {name: matrix}
    if dtype == "float16":
        with np.errstate(over="ignore"):
            half = matrix.astype(np.float16)
        if not np.isfinite(half).all():
            raise InputError(f"dtype: {name} holds numbers beyond float16 (65,504). Use float32.")
        return {name: half}
    whole = np.empty(matrix.shape, dtype=np.int8)
    scale = np.empty(len(matrix), dtype=np.float32)
    for start in range(0, len(matrix), _ROWS):
        rows = matrix[start : start + _ROWS].astype(np.float64)
        largest = np.abs(rows).max(axis=1) / _LARGEST
        scale[start : start + _ROWS] = largest
        whole[start : start + _ROWS] = np.rint(rows / np.where(largest > 0, largest, 1)[:, None])
    return {name: whole, name + _SCALE: scale}


def unpacked(arrays: Mapping[str, NDArray[Any]], where: str) -> dict[str, NDArray[Any]]:
    """The arrays of a folder, matrices as float32 again.

    Raises
    ------
    CheckpointError
        If an array is of another type or shape than :func:`packed` gives.
    """
    found = dict(arrays)
    names = [name for name in _SIDES if name in found]
    table: dict[str, Array] = {"input": Array("V", "E", kind="float32")}
    for name in names:
        kind = found[name].dtype.name
        if kind not in DTYPES:
            raise CheckpointError(f"{where}: {name} is of type {kind}. Restore a copy.")
        table[name] = Array(_SIDES[name], "E", kind=kind)
        if kind == "int8":
            table[name + _SCALE] = Array(_SIDES[name], kind="float32", low=0)
    check_arrays(found, table, where)
    for name in names:
        if found[name].dtype == np.int8:
            scale = found.pop(name + _SCALE)
            found[name] = found[name].astype(np.float32) * scale[:, None]
        else:
            found[name] = found[name].astype(np.float32, copy=False)
    return found
