"""One process at a time writes to a place: a lock that ends with the process that holds it."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

from polytopic.errors import InputError

__all__ = ["LOCK", "PARTIAL", "BusyError", "claimed", "hidden", "holds"]

PARTIAL = ".partial-"
"""How the names of what is not whole begin: they belong to this program and may be removed."""

LOCK = PARTIAL + "lock"
"""The file inside a folder, or before a file's name, that a writer holds."""

_LONGEST = 255
"""Bytes of a name, in the usual file systems."""

_guard = threading.RLock()
_held: dict[Path, tuple[Any, int]] = {}
"""Locks of this process: the lock and how many times it was asked for."""


class BusyError(InputError):
    """Another process is writing to the same place."""

    code: ClassVar[str] = "PT108"


@contextmanager
def claimed(path: Path) -> Iterator[None]:
    """Be the only process that writes to a folder, or to a file, while the block runs.

    A process may claim a place again that it holds. A process that was killed holds nothing: the
    file it leaves is no lock.

    Raises
    ------
    BusyError
        If another process holds it.
    OSError
        If the system refuses to make the lock's file.
    """
    place = _lock_of(path)
    _take(place, path)
    try:
        yield
    finally:
        _give_back(place)


def holds(folder: Path) -> bool:
    """Whether this process holds a folder."""
    with _guard:
        return (folder.resolve() / LOCK) in _held


def hidden(path: Path, prefix: str) -> Path:
    """The path beside ``path`` whose name begins with ``prefix``, and is never too long."""
    name = prefix + path.name
    if len(os.fsencode(name)) > _LONGEST:
        name = prefix + hashlib.sha256(os.fsencode(path.name)).hexdigest()
    return path.with_name(name)


def _lock_of(path: Path) -> Path:
    whole = path.resolve()
    return whole / LOCK if whole.is_dir() else hidden(whole, LOCK + "-")


def _take(place: Path, path: Path) -> None:
    from filelock import FileLock, Timeout

    with _guard:
        lock, times = _held.get(place, (None, 0))
        if lock is None:
            lock = FileLock(place, timeout=0, thread_local=False)
            try:
                lock.acquire()
            except Timeout:
                raise BusyError(
                    f"{path}: another process{_holder(place)} is writing there. Wait until it is "
                    "done, or name another place."
                ) from None
            with suppress(OSError):
                place.write_text(str(os.getpid()), encoding="ascii")
        _held[place] = lock, times + 1


def _give_back(place: Path) -> None:
    with _guard:
        lock, times = _held.pop(place)
        if times > 1:
            _held[place] = lock, times - 1
            return
        with suppress(OSError):  # first the name: who opens it later makes a new file
            place.unlink(missing_ok=True)
        lock.release()


def _holder(place: Path) -> str:
    try:
        told = place.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return f" ({told})" if told.isdecimal() else ""
