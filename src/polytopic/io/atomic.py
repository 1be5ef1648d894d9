"""Replacing a file in one step, so that a full disk or a kill leaves the old one whole."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from polytopic.io.locking import PARTIAL, claimed, hidden, holds

__all__ = ["allocate", "make_folder", "remove_empty", "replacing", "sync_folder"]


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside ``path`` to write to; flushed to the disk, it takes its place at the end.

    Whatever goes wrong inside or at the end, ``path`` stays as it was and the part is taken away.
    A link is followed. One process at a time writes to a place.

    Raises
    ------
    OSError
        If the system refuses, or ``path`` is no plain file (a device, a pipe).
    InputError
        If another process is writing there.
    """
    target = _plain(path)
    if holds(target.parent):
        with _replacing(target) as partial:
            yield partial
        return
    with claimed(target), _replacing(target) as partial:
        yield partial


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    partial = hidden(target, PARTIAL)
    try:
        yield partial
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(target)
        sync_folder(target.parent)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def make_folder(path: Path) -> list[Path]:
    """Make a folder and those above it; the ones that were not there, the innermost first.

    Raises
    ------
    OSError
        If the system refuses; what was made is taken away again.
    """
    made: list[Path] = []
    for folder in (path, *path.parents):
        if folder.exists():
            break
        made.append(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        remove_empty(made)
        raise
    if made:
        sync_folder(made[-1].parent)
    return made


def remove_empty(folders: list[Path]) -> None:
    """Take back folders that :func:`make_folder` made, as far as nothing is in them."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def allocate(file: IO[bytes], length: int) -> None:
    """Give a file its length, with room on the disk for all of it where the system can promise it.

    A mapped file without that room ends the process at the moment when the disk is full.

    Raises
    ------
    OSError
        If there is no room.
    """
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, length)
    else:
        file.truncate(length)


def sync_folder(path: Path) -> None:
    """Have the names in a folder on the disk, where the system can: renaming alone does not."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _plain(path: Path) -> Path:
    """The file that a path names in the end, behind links."""
    target = path.resolve() if path.is_symlink() else path
    if target.exists() and not target.is_file():
        code = errno.EISDIR if target.is_dir() else errno.EINVAL
        reason = os.strerror(code) if target.is_dir() else "it is a device or a pipe, no file"
        raise OSError(code, reason)
    return target
