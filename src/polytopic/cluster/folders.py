"""Files in a folder that every worker sees: written by renaming, read as maps."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from polytopic.errors import ClusterError, InputError

__all__ = ["Span", "put", "put_parts", "read_array", "read_span", "write_array"]


class Span(NamedTuple):
    """A file that holds entries ``first`` to ``last`` of a long array of numbers."""

    path: str
    first: int
    last: int


def write_array(path: Path, array: NDArray[Any]) -> Path:
    """Write an array as a file of NumPy's, whole or not at all, and give back its path.

    It is not flushed to the disk: what a machine that goes down has lost is computed again.

    Raises
    ------
    OSError
        If the system refuses.
    """
    partial = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    try:
        with partial.open("wb") as file:
            np.save(file, array, allow_pickle=False)
        os.replace(partial, path)  # noqa: PTH105 (a name that another attempt may have taken)
    finally:
        partial.unlink(missing_ok=True)
    return path


def put(folder: Path, name: str, array: NDArray[Any]) -> str:
    """The path of a file for the workers, written by who gives out the work.

    Raises
    ------
    ClusterError
        If it cannot be written.
    """
    try:
        return str(write_array(folder / name, array))
    except OSError as error:
        raise ClusterError(
            f"{folder}: cannot be written ({error.strerror or error}). Free some space, or name a "
            "checkpoint elsewhere; with one, nothing is lost."
        ) from None


def put_parts(
    folder: Path, name: str, parts: Iterable[NDArray[Any]], kind: DTypeLike, size: int
) -> NDArray[Any]:
    """One file of several arrays, of ``size`` entries together, and a map of it.

    It is not filled through a map, which would end the process where the disk is full.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    place, descr = folder / name, np.lib.format.dtype_to_descr(np.dtype(kind))
    header = {"descr": descr, "fortran_order": False, "shape": (size,)}
    try:
        with place.open("wb") as file:
            np.lib.format.write_array_header_1_0(file, header)
            for part in parts:
                file.write(np.ascontiguousarray(part).data)
    except OSError as error:
        raise InputError(
            f"{folder}: cannot be written ({error.strerror or error}). Free some space, or name a "
            "checkpoint elsewhere."
        ) from None
    return read_array(place)


def read_array(path: str | Path) -> NDArray[Any]:
    """The array of a file, a map of it; what is written there stays in memory."""
    try:
        return np.asarray(np.load(path, mmap_mode="c", allow_pickle=False))
    except ValueError:  # without entries there is nothing to map
        return np.asarray(np.load(path, allow_pickle=False))


def read_span(files: Sequence[Span], first: int, last: int, dtype: DTypeLike) -> NDArray[Any]:
    """Entries ``first`` to ``last`` of the array that lies in several files; a copy.

    Raises
    ------
    LookupError
        If they are not all there.
    """
    found = np.empty(last - first, dtype)
    held = 0
    for file in files:
        begin, end = max(first, file.first), min(last, file.last)
        if begin < end:
            part = read_array(file.path)[begin - file.first : end - file.first]
            found[begin - first : end - first] = part
            held += end - begin
    if held != last - first:
        raise LookupError(f"entries {first} to {last}: only {held} are in the files")
    return found
