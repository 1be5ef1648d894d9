"""Files of directed graphs: edge lists line by line, adjacency matrices in npz archives."""

from __future__ import annotations

import gzip
import math
import re
import zipfile
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.errors import FileMissingError, InputError

__all__ = ["EdgeList", "read_edges", "read_npz"]

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")
_COMMENT = ("#", "%")
_HEADINGS = {
    "source", "target", "from", "to", "src", "dst", "head", "tail", "fromnodeid", "tonodeid",
    "citing", "cited", "node1", "node2", "id1", "id2", "u", "v", "start", "end",
}  # fmt: skip


@dataclass(frozen=True)
class EdgeList:
    """M edges as rows of ``nodes``, with their weights."""

    nodes: list[Any]
    sources: NDArray[np.int64]
    targets: NDArray[np.int64]
    weights: NDArray[np.float64]


def read_edges(path: Path, *, weights: bool) -> EdgeList:
    """Read an edge list; see ``Graph.read`` for the format.

    Raises
    ------
    FileMissingError, InputError
        If the file is missing, not UTF-8, or a row cannot be used.
    """
    position: dict[str, int] = {}
    sources, targets, values = array("q"), array("q"), array("d")
    separator: str | None = None
    first = True
    for number, line in _lines(path):
        if first:
            separator = next((mark for mark in ("\t", ",", ";") if mark in line), None)
        fields = [field.strip() for field in line.split(separator)]
        if first:
            first = False
            if _is_heading(fields):
                continue
        _check_fields(path, number, fields)
        sources.append(position.setdefault(fields[0], len(position)))
        targets.append(position.setdefault(fields[1], len(position)))
        values.append(_weight(path, number, fields[2]) if weights and len(fields) == 3 else 1.0)
    if not sources:
        raise InputError(f"{path}: holds no edges. A line holds a source and a target.")
    return EdgeList(
        _names(position),
        np.frombuffer(sources, np.int64),
        np.frombuffer(targets, np.int64),
        np.frombuffer(values, np.float64),
    )


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """(row number from 1, line) of every line that is neither empty nor a comment."""
    if not path.exists():
        raise FileMissingError(f"{path}: no such file. Name an edge list or an .npz file.")
    number = 0
    try:
        with _opened(path) as lines:
            for number, raw in enumerate(lines, 1):
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
                if line and not line.startswith(_COMMENT):
                    yield number, line
    except UnicodeDecodeError:
        raise InputError(
            f"{path}: row {number} is not UTF-8. Save the file as UTF-8 text."
        ) from None
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read ({error}). Name a readable text file.") from None


def _opened(path: Path) -> BinaryIO | gzip.GzipFile:
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")


def _is_heading(fields: list[str]) -> bool:
    named = len(fields) >= 2 and {field.lower().strip("\"'") for field in fields[:2]} <= _HEADINGS
    return named or (len(fields) == 3 and not _is_number(fields[2]))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _check_fields(path: Path, number: int, fields: list[str]) -> None:
    if len(fields) not in (2, 3) or not all(fields[:2]):
        filled = sum(map(bool, fields))
        raise InputError(
            f"{path}: row {number} has {filled} column{'s' if filled != 1 else ''}. A row holds "
            "a source, a target and maybe a weight, apart by tabs, commas, semicolons or blanks."
        )


def _weight(path: Path, number: int, text: str) -> float:
    value = float(text) if _is_number(text) else math.nan
    if not 0.0 <= value < math.inf:
        raise InputError(
            f'{path}: row {number} has weight "{text}". Weights are finite and not negative; '
            "if the third column is no weight, read with weights=False."
        )
    return value


def _names(position: dict[str, int]) -> list[Any]:
    """The names in row order: int if each is a whole number in its usual form, else str."""
    names = list(position)
    whole = all(_WHOLE.fullmatch(name) for name in names)
    return [int(name) for name in names] if whole else list(names)


def read_npz(path: Path) -> tuple[sparse.csr_matrix, list[str] | None]:
    """The adjacency matrix of an .npz archive, and the names of its nodes if it has them.

    Only plain arrays are read, none of which can hold code.

    Raises
    ------
    FileMissingError, InputError
        If the file is missing, no archive, cut short, or lacks the arrays of a CSR matrix.
    """
    if not path.exists():
        raise FileMissingError(f"{path}: no such file. Name an edge list or an .npz file.")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            prefix = "adj_matrix." if "adj_matrix.data" in entries else ""
            wanted = [f"{prefix}{part}" for part in ("data", "indices", "indptr", "shape")]
            missing = [name for name in wanted if name not in entries]
            if missing:
                raise InputError(
                    f"{path}: holds no array {missing[0]}. Write the adjacency matrix as CSR with "
                    "scipy.sparse.save_npz(path, matrix)."
                )
            data, indices, indptr, shape = (_member(archive, entries[name]) for name in wanted)
            names = _member(archive, entries["node_names"]) if "node_names" in entries else None
        if "format" in entries and not prefix and not _is_csr(path):
            raise InputError(f"{path}: is not in CSR form. Save matrix.tocsr().")
        rows, columns = (int(size) for size in shape)
        matrix = sparse.csr_matrix((data, indices, indptr), shape=(rows, columns))
        matrix.check_format(full_check=True)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, TypeError, zlib.error) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: cannot be read ({error}). Restore a copy of the file.") from None
    return matrix, None if names is None else [str(name).strip() for name in names.ravel()]


def _is_csr(path: Path) -> bool:
    with np.load(path, allow_pickle=False) as arrays:
        return arrays["format"].item() in (b"csr", "csr")


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> NDArray[Any]:
    """One array of an archive, refused before memory is taken if it claims more than it holds."""
    with archive.open(info) as stream:
        version = np.lib.format.read_magic(stream)
        read = (
            np.lib.format.read_array_header_1_0
            if version == (1, 0)
            else np.lib.format.read_array_header_2_0
        )
        shape, _, dtype = read(stream)
        if dtype.hasobject or math.prod(shape) * dtype.itemsize > info.file_size:
            raise ValueError(f"array {info.filename} is not what its header says")
    with archive.open(info) as stream:
        return np.asarray(np.lib.format.read_array(stream, allow_pickle=False))
