"""Opening files of word vectors, and the errors that all their readers and writers share."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import FileMissingError, InputError, PolytopicError
from polytopic.io.atomic import replacing

__all__ = ["most_bytes", "open_bytes", "refuse_duplicates", "refuse_not_finite", "writing"]

_CHECKED = 1 << 22
_MOST_PACKED = 1032
"""Times by which gzip can shrink a file."""


@contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """A file as bytes; what is packed by gzip (.gz) is unpacked.

    Raises
    ------
    FileMissingError, InputError
        If there is no such file, or it may not be read.
    """
    if not path.exists():
        raise FileMissingError(f"{path}: no such file. Name a file of word vectors.")
    if path.is_dir():
        raise InputError(f"{path}: is a folder, and a file is to be read.")
    try:
        with path.open("rb") as raw:
            if path.suffix == ".gz":
                with gzip.GzipFile(fileobj=raw) as stream:
                    yield cast("IO[bytes]", stream)
            else:
                yield raw
    except PolytopicError:
        raise
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(
            f"{path}: is cut short or altered, or no gzip file ({error}). Fetch it again."
        ) from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}).") from None


def most_bytes(path: Path) -> int:
    """How much a file can hold: its size, or what gzip can have packed into it."""
    return path.stat().st_size * (_MOST_PACKED if path.suffix == ".gz" else 1)


@contextmanager
def writing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write; it takes its name once it is whole. Packed if the name ends in .gz.

    Raises
    ------
    InputError
        If it cannot be written, or the disk is full; the file is then as it was.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a folder, and a file is to be written. Name another path.")
    if not path.parent.is_dir():
        raise FileMissingError(f"{path}: there is no folder {path.parent}. Make it first.")
    try:
        with replacing(path) as partial:
            if path.suffix == ".gz":
                with partial.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, 0) as stream:
                    yield cast("IO[bytes]", stream)
            else:
                with partial.open("wb") as stream:
                    yield stream
    except PolytopicError:
        raise
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror or error}). "
            "Free some space or name another place; what was there before is unchanged."
        ) from None


def refuse_duplicates(path: Path, terms: Sequence[str], first_line: int = 1) -> None:
    """Refuse words that stand in two rows, naming the second one."""
    if len(set(terms)) == len(terms):
        return
    seen: dict[str, int] = {}
    for row, term in enumerate(terms):
        if term in seen:
            raise InputError(
                f'{path}: row {row + first_line} names "{term[:40]}" again, the word of row '
                f"{seen[term] + first_line}. Each word has one vector: remove one of the rows."
            )
        seen[term] = row


def refuse_not_finite(path: Path, terms: Sequence[str], matrix: NDArray[np.float32]) -> None:
    """Refuse NaN and infinite numbers, naming the row."""
    step = max(1, _CHECKED // max(matrix.shape[1], 1))
    for start in range(0, len(matrix), step):
        fine = np.isfinite(matrix[start : start + step]).all(axis=1)
        if not fine.all():
            row = start + int(np.argmin(fine))
            raise InputError(
                f'{path}: the vector of "{terms[row][:40]}" (row {row + 1} of {len(matrix)}) holds '
                "NaN or infinite numbers. Fetch the file again."
            )
