"""Arrays as a safetensors file, written and read without being held a second time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open

__all__ = ["digest_of", "pieces", "read_pieces", "write_pieces"]

_TYPES = {
    "uint64": "U64", "int64": "I64", "float64": "F64", "float32": "F32", "uint32": "U32",
    "int32": "I32", "float16": "F16", "uint16": "U16", "int16": "I16", "int8": "I8",
    "uint8": "U8", "bool": "BOOL",
}  # fmt: skip
"""What safetensors calls the types of numbers, in the order in which it writes them."""

_DTYPES = {short: np.dtype(name) for name, short in _TYPES.items()}

_RANK = {name: place for place, name in enumerate(_TYPES)}

_ALIGNED = 8
"""The header is filled up with blanks to a multiple of so many bytes, as safetensors does."""

_PIECE = 1 << 24
"""Bytes handed on at a time: of an array that is not in one piece no more is copied."""


def pieces(arrays: Mapping[str, NDArray[Any]]) -> Iterator[bytes | memoryview]:
    """The bytes that ``safetensors.numpy.save`` makes of arrays, from the first to the last.

    Raises
    ------
    KeyError
        If an array holds no plain numbers.
    """
    order = sorted(arrays, key=lambda name: (_RANK[arrays[name].dtype.name], name))
    header, end = {}, 0
    for name in order:
        array = arrays[name]
        begin, end = end, end + array.nbytes
        header[name] = {
            "dtype": _TYPES[array.dtype.name],
            "shape": list(array.shape),
            "data_offsets": [begin, end],
        }
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNED)
    yield len(text).to_bytes(8, "little") + text
    for name in order:
        yield from _bytes_of(arrays[name])


def _bytes_of(array: NDArray[Any]) -> Iterator[memoryview]:
    """An array's numbers, little end first, row after row."""
    if array.nbytes == 0:
        return
    plain = array.dtype.newbyteorder("<")
    if array.flags.c_contiguous and array.dtype == plain:
        whole = array.reshape(-1).view(np.uint8).data
        yield from (whole[i : i + _PIECE] for i in range(0, len(whole), _PIECE))
        return
    rows = max(1, _PIECE * len(array) // array.nbytes) if array.ndim else 1
    table = np.atleast_1d(array)
    for first in range(0, len(table), rows):
        part = np.ascontiguousarray(table[first : first + rows], dtype=plain)
        yield part.reshape(-1).view(np.uint8).data


def digest_of(arrays: Mapping[str, NDArray[Any]]) -> str:
    """SHA-256 of those bytes, in hexadecimal digits."""
    digest = hashlib.sha256()
    for piece in pieces(arrays):
        digest.update(piece)
    return digest.hexdigest()


def write_pieces(arrays: Mapping[str, NDArray[Any]], path: Path) -> None:
    """Write them to a file.

    Raises
    ------
    OSError
        If the system refuses.
    """
    with path.open("wb") as file:
        for piece in pieces(arrays):
            file.write(piece)


def read_pieces(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a safetensors file, each read to its place.

    Raises
    ------
    OSError, SafetensorError, LookupError, ValueError, MemoryError
        If it cannot be read, its header and length do not agree, or it holds no plain numbers.
    """
    with safe_open(path, framework="np"):  # its header is sound, and its arrays fill the file
        pass
    found = {}
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
        header.pop("__metadata__", None)
        for name, entry in header.items():
            array = np.empty(entry["shape"], _DTYPES[entry["dtype"]].newbyteorder("<"))
            file.seek(8 + size + entry["data_offsets"][0])
            if file.readinto(array.reshape(-1).view(np.uint8).data) != array.nbytes:  # type: ignore[attr-defined,unused-ignore]
                raise ValueError("it ends too early")
            found[name] = array
    return found
