"""Matrices in files: npz archives of NumPy and SciPy, and MatrixMarket; of graphs and of counts."""

from __future__ import annotations

import lzma
import math
import tokenize
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.errors import InputError
from polytopic.io.opening import open_bytes
from polytopic.io.packed import FREE_BYTES, MOST_RATIO

__all__ = ["COUNTS", "GRAPH", "Kind", "is_matrix_market", "read_matrix_market", "read_npz"]


@dataclass(frozen=True)
class Kind:
    """What a matrix is, for errors: itself, what it is of, the files it comes in; its shape."""

    matrix: str
    whole: str
    files: str
    square: bool


GRAPH = Kind("adjacency matrix", "graph", "an edge list, a .mtx or an .npz file", square=True)
COUNTS = Kind("matrix of counts", "corpus", "an .npz or an .mm file", square=False)

_BANNER = b"%%matrixmarket"
_FREE_ROWS = 1_000_000
"""Rows that a matrix may have without as many bytes in its file: most may be empty."""

_PREFIXES = ("", "adj_matrix.", "adj_")
"""Of the arrays of a CSR matrix: SciPy's own, and those of sparse graph archives."""

_REASON = 200
"""Characters of a library's message that are shown: some hold the file."""

_DAMAGED = (
    zipfile.BadZipFile, OSError, EOFError, ValueError, TypeError, zlib.error, lzma.LZMAError,
    NotImplementedError, RuntimeError, OverflowError, tokenize.TokenError, SyntaxError,
)  # fmt: skip
"""What NumPy, SciPy and zipfile raise for files that are not what they say."""


def read_npz(path: Path, kind: Kind = GRAPH) -> tuple[sparse.csr_matrix, list[str] | None]:
    """The CSR matrix of an .npz archive, and the names of its nodes if it has them.

    Only plain arrays are read, none of which can hold code; sizes are checked in the archive's
    list and in each array's header before memory is taken.

    Raises
    ------
    FileMissingError, InputError
        If the file is missing, no archive, cut short, or lacks the arrays of a CSR matrix.
    """
    with open_bytes(path, kind.files) as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                return _read_archive(path, archive, kind)
        except _DAMAGED as error:
            if isinstance(error, InputError):
                raise
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise InputError(
                f"{path}: cannot be read ({reason[:_REASON]}). Restore a copy of the file."
            ) from None


def _read_archive(
    path: Path, archive: zipfile.ZipFile, kind: Kind
) -> tuple[sparse.csr_matrix, list[str] | None]:
    entries = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
    prefix = next((p for p in _PREFIXES if f"{p}data" in entries), "")
    wanted = [f"{prefix}{part}" for part in ("data", "indices", "indptr", "shape")]
    missing = [name for name in wanted if name not in entries]
    if missing:
        raise InputError(
            f"{path}: holds no array {missing[0]}. Write the {kind.matrix} as CSR with "
            "scipy.sparse.save_npz(path, matrix)."
        )
    read = [name for name in (*wanted, "format", "node_names") if name in entries]
    size = path.stat().st_size
    inflated = sum(entries[name].file_size for name in read)
    if inflated > max(FREE_BYTES, MOST_RATIO * size):
        raise InputError(
            f"{path}: its {size:,} bytes unpack to {inflated:,}, which no {kind.whole} does. "
            "If you trust it, write it again with "
            "scipy.sparse.save_npz(path, matrix, compressed=False)."
        )
    if "format" in entries and not prefix:
        form = _member(archive, entries["format"], "US")
        if form.item() not in (b"csr", "csr"):
            raise InputError(f"{path}: is not in CSR form. Save matrix.tocsr().")
    kinds = ("biuf", "iu", "iu", "iu")
    data, indices, indptr, shape = (
        _member(archive, entries[name], types) for name, types in zip(wanted, kinds, strict=True)
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
    with open_bytes(path, GRAPH.files) as stream:
        return stream.read(len(_BANNER)).lower() == _BANNER


def read_matrix_market(path: Path, kind: Kind = GRAPH) -> tuple[Any, list[int]]:
    """The matrix of a MatrixMarket file, and its rows, numbered from 1 as the file does.

    (SciPy's reader is not used: it ends the process on some damaged files.)

    Raises
    ------
    FileMissingError, InputError
        If it is missing, malformed, complex, not square where it must be, or its sizes cannot be.
    """
    with open_bytes(path, kind.files) as stream:
        content = stream.read()
    banner, (n_rows, n_columns), n_entries, body = _checked_sizes(path, content, kind)
    _, _, form, field, symmetry = banner
    width = 3 - (field == "pattern") if form == "coordinate" else 1
    wanted = width * n_entries
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        try:
            numbers = np.fromstring(body.decode("ascii"), dtype=np.float64, sep=" ")
        except (DeprecationWarning, ValueError):
            numbers = np.empty(0)
    if len(numbers) != wanted:
        raise InputError(
            f"{path}: holds not {wanted:,} numbers after its line of sizes. Fetch it again."
        )
    if form == "array":
        rows, columns = _dense_places(n_rows, n_columns, symmetry)
        values = numbers
    else:
        entries = numbers.reshape(n_entries, width)
        places, values = entries[:, :2], entries[:, 2] if width == 3 else np.ones(n_entries)
        inside = (places >= 1) & (places <= (n_rows, n_columns)) & (places == np.floor(places))
        if not inside.all():
            raise InputError(f"{path}: an entry lies outside of its {n_rows:,} rows. Correct it.")
        rows, columns = places.astype(np.int64).T - 1
    if symmetry == "symmetric":
        off = rows != columns
        rows, columns = np.append(rows, columns[off]), np.append(columns, rows[off])
        values = np.append(values, values[off])
    matrix = sparse.coo_matrix((values, (rows, columns)), shape=(n_rows, n_columns))
    return matrix, list(range(1, n_rows + 1))


def _dense_places(
    n_rows: int, n_columns: int, symmetry: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of an array's numbers: column by column, of a symmetric one below alone."""
    columns, rows = np.divmod(np.arange(n_rows * n_columns, dtype=np.int64), max(n_rows, 1))
    kept = rows >= columns if symmetry == "symmetric" else np.ones(len(rows), dtype=bool)
    return rows[kept], columns[kept]


def _checked_sizes(
    path: Path, content: bytes, kind: Kind
) -> tuple[list[str], tuple[int, int], int, bytes]:
    """The banner's words, both sides, how many entries, and what follows; once they fit the
    bytes."""
    line, _, rest = content.partition(b"\n")
    banner = line.decode("ascii", "replace").lower().split()
    if len(banner) != 5 or banner[1] != "matrix" or banner[2] not in ("coordinate", "array"):
        raise InputError(f"{path}: row 1 says no matrix in coordinates or as an array.")
    if banner[3] not in ("real", "double", "integer", "pattern") or (
        banner[4] not in ("general", "symmetric")
    ):
        raise InputError(
            f"{path}: is {' and '.join(banner[3:])[:80]}, and weights are real and not negative: "
            "real, integer or pattern, general or symmetric is read."
        )
    while rest.startswith(b"%") or rest[:1] in (b"\n", b"\r"):
        _, _, rest = rest.partition(b"\n")
    line, _, body = rest.partition(b"\n")
    sizes = line.split()
    wanted = 3 if banner[2] == "coordinate" else 2
    if len(sizes) != wanted or not all(s.isdigit() and len(s) < 19 for s in sizes):
        raise InputError(
            f"{path}: has no line of {wanted} sizes after its remarks. Fetch it again."
        )
    n_rows, n_columns, *entries = map(int, sizes)
    if n_rows != n_columns and (kind.square or banner[4] == "symmetric"):
        raise InputError(f"{path}: is {n_rows:,} x {n_columns:,}, but an {kind.matrix} is square.")
    whole = n_rows * n_columns if banner[4] == "general" else n_rows * (n_rows + 1) // 2
    n_entries = entries[0] if entries else whole
    least = (4 if entries else 2) * n_entries
    if least > len(body) + 2 or max(n_rows, n_columns) > max(_FREE_ROWS, len(content)):
        raise InputError(
            f"{path}: says {n_entries:,} entries in {n_rows:,} rows, too many for "
            f"{len(content):,} bytes. Fetch it again, or correct its line of sizes."
        )
    return banner, (n_rows, n_columns), n_entries, body
