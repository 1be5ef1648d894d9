"""Arrays of a safetensors file as maps of the file: nothing is read before it is looked at."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import CheckpointError, FileMissingError
from polytopic.io.folder import read_header
from polytopic.io.records import parse_record
from polytopic.scratch import watched

__all__ = ["map_folder", "map_tensors"]

_TYPES = {
    "F32": "<f4", "F64": "<f8", "F16": "<f2", "I64": "<i8", "I32": "<i4", "U8": "|u1", "I8": "|i1",
}  # fmt: skip
_LENGTH = 8
"""Bytes of the length of the header, as safetensors has it."""

_LONGEST_HEADER = 100_000_000
"""Of safetensors itself."""


def map_folder(path: str | Path, kind: str) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Arrays and record of a saved folder, the arrays read-only maps of its file.

    The checksum is not verified, since that would read the file; sizes are.

    Raises
    ------
    FileMissingError, CheckpointError
        If it is missing, damaged, of a newer format or of another kind.
    """
    header = read_header(path)
    folder = Path(path)
    if header["kind"] != kind:
        raise CheckpointError(f"{folder}: holds a {header['kind']}, not a {kind}.")
    file = folder / header["arrays"]
    if not file.is_file():
        raise CheckpointError(f"{file}: is missing. Restore a copy, or save it again.")
    return map_tensors(file), header["about"]


def map_tensors(path: str | Path) -> dict[str, NDArray[Any]]:
    """The arrays of a safetensors file as read-only maps.

    Raises
    ------
    FileMissingError, CheckpointError
        If it is missing, or its header does not fit its size.
    """
    file = Path(path)
    if not file.is_file():
        raise FileMissingError(f"{file}: no such file.")
    size = file.stat().st_size
    try:
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(_LENGTH), "little")
            if length > min(size - _LENGTH, _LONGEST_HEADER):
                raise CheckpointError(f"{file}: is cut short or altered. Restore a copy.")
            content = stream.read(length)
    except (OSError, MemoryError) as error:
        raise CheckpointError(f"{file}: cannot be read ({error}). Restore a copy.") from None
    header = parse_record(content, str(file), "Restore a copy.")
    header.pop("__metadata__", None)
    begin = _LENGTH + length
    return {str(name): _mapped(file, entry, begin, size) for name, entry in header.items()}


def _mapped(file: Path, entry: Any, begin: int, size: int) -> NDArray[Any]:
    wrong = CheckpointError(f"{file}: holds an array whose size is wrong. Restore a copy.")
    try:
        dtype = np.dtype(_TYPES[entry["dtype"]])
        shape = tuple(entry["shape"])
        first, last = entry["data_offsets"]
        whole = all(type(number) is int and number >= 0 for number in (*shape, first, last))
        fits = whole and last - first == math.prod(shape) * dtype.itemsize
    except (KeyError, TypeError, ValueError):
        raise wrong from None
    if not fits or last > size - begin:
        raise wrong
    if first == last:
        return np.empty(shape, dtype=dtype)
    return watched(np.memmap(file, dtype=dtype, mode="r", offset=begin + first, shape=shape))
