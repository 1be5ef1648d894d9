"""Opening files of word vectors, and the errors that all their readers and writers share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import FileMissingError, InputError, PolytopicError
from polytopic.io.atomic import replacing
from polytopic.io.leaving import quoted
from polytopic.io.packed import kind_of_path, open_unpacked, packed_writer

__all__ = ["open_bytes", "refuse_not_finite", "writing"]

_CHECKED = 1 << 22
"""Numbers looked at together, so that a mapped file is not copied whole."""


@contextmanager
def open_bytes(path: Path, what: str = "a file of word vectors") -> Iterator[IO[bytes]]:
    """A file as bytes; what is packed (.gz, .bz2, .xz, .zst, .zip) is unpacked within bounds.

    ``what``: the kind of file that belongs there, for the message.

    Raises
    ------
    FileMissingError, InputError
        If there is no such file, it may not be read, or what is packed is damaged or too large.
    """
    try:
        with open_unpacked(path) as stream:
            yield stream
    except FileMissingError:
        raise FileMissingError(f"{path}: no such file. Name {what}.") from None
    except PolytopicError:
        raise
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}).") from None


@contextmanager
def writing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write; it takes its name once it is whole. Packed as its ending says.

    Raises
    ------
    InputError
        If it cannot be written, or the disk is full; the file is then as it was.
    """
    if _kind(path) == "a folder":
        raise InputError(f"{path}: is a folder, and a file is to be written. Name another path.")
    if _kind(path.parent) != "a folder":
        raise FileMissingError(f"{path}: there is no folder {path.parent}. Make it first.")
    try:
        with replacing(path) as partial, partial.open("wb") as raw:
            stream = packed_writer(raw, path)
            yield stream
            stream.close()
    except PolytopicError:
        raise
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror or error}). "
            "Free some space or name another place; what was there before is unchanged."
        ) from None


def _kind(path: Path) -> str:
    """As :func:`kind_of_path`, but "" for what is not there."""
    try:
        return kind_of_path(path)
    except FileMissingError:
        return ""


def refuse_not_finite(path: Path, terms: Sequence[str], matrix: NDArray[np.float32]) -> None:
    """Refuse NaN and infinite numbers, naming the row."""
    step = max(1, _CHECKED // max(matrix.shape[1], 1))
    for start in range(0, len(matrix), step):
        fine = np.isfinite(matrix[start : start + step]).all(axis=1)
        if not fine.all():
            row = start + int(np.argmin(fine))
            place = f"row {row + 1} of {len(matrix)}"
            raise InputError(
                f"{path}: the vector of {quoted(terms[row])} ({place}) holds NaN or infinite "
                "numbers. Fetch the file again."
            )
