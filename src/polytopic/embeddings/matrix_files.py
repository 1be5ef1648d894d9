"""Adjacency matrices of directed graphs in files: npz archives of NumPy, and MatrixMarket."""

from __future__ import annotations

import io
import lzma
import math
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.errors import InputError
from polytopic.io.opening import open_bytes
from polytopic.io.packed import FREE_BYTES, MOST_RATIO

__all__ = ["is_matrix_market", "read_matrix_market", "read_npz"]

_BANNER = b"%%matrixmarket"
_FREE_NODES = 1_000_000
"""Nodes that a matrix may have without as many bytes in its file: most may have no edge."""

_PREFIXES = ("", "adj_matrix.", "adj_")
"""Of the arrays of a CSR matrix: SciPy's own, and those of sparse graph archives."""

_DAMAGED = (
    zipfile.BadZipFile, OSError, EOFError, ValueError, TypeError, zlib.error, lzma.LZMAError,
    NotImplementedError, RuntimeError, OverflowError, tokenize.TokenError, SyntaxError,
)  # fmt: skip
"""What NumPy, SciPy and zipfile raise for files that are not what they say."""


def read_npz(path: Path) -> tuple[sparse.csr_matrix, list[str] | None]:
    """The adjacency matrix of an .npz archive, and the names of its nodes if it has them.

    Only plain arrays are read, none of which can hold code; sizes are checked in the archive's
    list and in each array's header before memory is taken.

    Raises
    ------
    FileMissingError, InputError
        If the file is missing, no archive, cut short, or lacks the arrays of a CSR matrix.
    """
    with open_bytes(path, "an edge list, a .mtx or an .npz file") as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                return _read_archive(path, archive)
        except _DAMAGED as error:
            if isinstance(error, InputError):
                raise
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise InputError(
                f"{path}: cannot be read ({reason}). Restore a copy of the file."
            ) from None


def _read_archive(
    path: Path, archive: zipfile.ZipFile
) -> tuple[sparse.csr_matrix, list[str] | None]:
    entries = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
    prefix = next((p for p in _PREFIXES if f"{p}data" in entries), "")
    wanted = [f"{prefix}{part}" for part in ("data", "indices", "indptr", "shape")]
    missing = [name for name in wanted if name not in entries]
    if missing:
        raise InputError(
            f"{path}: holds no array {missing[0]}. Write the adjacency matrix as CSR with "
            "scipy.sparse.save_npz(path, matrix)."
        )
    read = [name for name in (*wanted, "format", "node_names") if name in entries]
    size = path.stat().st_size
    inflated = sum(entries[name].file_size for name in read)
    if inflated > max(FREE_BYTES, MOST_RATIO * size):
        raise InputError(
            f"{path}: its {size:,} bytes unpack to {inflated:,}, which no graph does. If you trust "
            "it, write it again with scipy.sparse.save_npz(path, matrix, compressed=False)."
        )
    if "format" in entries and not prefix:
        form = _member(archive, entries["format"], "US")
        if form.item() not in (b"csr", "csr"):
            raise InputError(f"{path}: is not in CSR form. Save matrix.tocsr().")
    kinds = ("biuf", "iu", "iu", "iu")
    data, indices, indptr, shape = (
        _member(archive, entries[name], kind) for name, kind in zip(wanted, kinds, strict=True)
    )
    names = _member(archive, entries["node_names"], "US") if "node_names" in entries else None
    rows, columns = (int(size) for size in shape)
    matrix = sparse.csr_matrix((data, indices, indptr), shape=(rows, columns))
    matrix.check_format(full_check=True)
    return matrix, None if names is None else [_text(name) for name in names.ravel().tolist()]


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, kinds: str) -> NDArray[Any]:
    """One array of an archive, refused before memory is taken if it claims more than it holds."""
    with archive.open(info) as stream:
        version = np.lib.format.read_magic(stream)
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"array {info.filename} is of version {version}")
        read = (
            np.lib.format.read_array_header_1_0
            if version == (1, 0)
            else np.lib.format.read_array_header_2_0
        )
        shape, _, dtype = read(stream)
        if dtype.hasobject or math.prod(shape) * dtype.itemsize > info.file_size:
            raise ValueError(f"array {info.filename} is not what its header says")
        if dtype.kind not in kinds:
            raise ValueError(f"array {info.filename} is of type {dtype}")
    with archive.open(info) as stream:
        return np.asarray(np.lib.format.read_array(stream, allow_pickle=False))


def _text(name: str | bytes) -> str:
    return (name.decode("utf-8") if isinstance(name, bytes) else name).strip()


# ---- MatrixMarket --------------------------------------------------------------------------


def is_matrix_market(path: Path) -> bool:
    """Whether a file begins as MatrixMarket does."""
    with open_bytes(path, "an edge list, a .mtx or an .npz file") as stream:
        return stream.read(len(_BANNER)).lower() == _BANNER


def read_matrix_market(path: Path) -> tuple[Any, list[int]]:
    """The square matrix of a MatrixMarket file and its nodes, numbered from 1 as the file does.

    Raises
    ------
    FileMissingError, InputError
        If it is missing, malformed, complex or not square, or its sizes cannot be.
    """
    from scipy.io import mmread

    with open_bytes(path) as stream:
        content = stream.read()
    n_nodes = _checked_sizes(path, content)
    try:
        matrix = sparse.coo_matrix(mmread(io.BytesIO(content)))
    except (*_DAMAGED, MemoryError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise InputError(
            f"{path}: is no whole MatrixMarket file ({reason}). Fetch it again."
        ) from None
    return matrix, list(range(1, n_nodes + 1))


def _checked_sizes(path: Path, content: bytes) -> int:
    """N, once the line of sizes fits the bytes there are."""
    lines = content.split(b"\n", 1000)
    banner = lines[0].decode("ascii", "replace").lower().split()
    if banner[1:2] != ["matrix"] or banner[2:3] not in (["coordinate"], ["array"]):
        raise InputError(f"{path}: row 1 says no matrix in coordinates or as an array.")
    if banner[3:4] == ["complex"]:
        raise InputError(f"{path}: holds complex numbers, and weights are real. Drop a part.")
    place = next((i for i, line in enumerate(lines[1:], 1) if not _is_remark(line)), None)
    sizes = lines[place].split() if place is not None else []
    wanted = 3 if banner[2] == "coordinate" else 2
    if len(sizes) != wanted or not all(s.isdigit() and len(s) < 19 for s in sizes):
        raise InputError(
            f"{path}: has no line of {wanted} sizes after its remarks. Fetch it again."
        )
    rows, columns, *entries = map(int, sizes)
    if rows != columns:
        raise InputError(f"{path}: is {rows:,} x {columns:,}, but an adjacency matrix is square.")
    least = 4 * entries[0] if entries else 2 * rows * columns
    halved = 2 if banner[4:5] not in ([], ["general"]) and not entries else 1
    if least // halved > len(content) + 2 or rows > max(_FREE_NODES, len(content)):
        what = f"{entries[0]:,} entries in " if entries else ""
        raise InputError(
            f"{path}: says {what}{rows:,} rows, too many for {len(content):,} bytes. "
            "Fetch it again, or correct its line of sizes."
        )
    return rows


def _is_remark(line: bytes) -> bool:
    return line.startswith(b"%") or not line.strip()
