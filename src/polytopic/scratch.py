"""Arrays that grow with the documents: in memory, or in files where a run is to stay small.

Inside :func:`bounded` what :func:`empty` gives lies in files without a name, and a thread sees to
it that of these, and of maps of other files, no more than some megabytes count as memory of the
process: the rest is left to the system's cache, and is read again where it is looked at again. What
is computed is the same to the last bit.
"""

from __future__ import annotations

import math
import mmap
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any
from weakref import WeakSet

import numpy as np
from numpy.typing import DTypeLike, NDArray

from polytopic.errors import InputError
from polytopic.machine import hand_back_memory

__all__ = ["RESIDENT", "bounded", "empty", "is_bounded", "look", "watched", "zeros"]

_SMALL = 1 << 22
"""Bytes up to which an array stays in memory: files for less would be many."""

RESIDENT = 128 << 20
"""Bytes of mapped files that count as memory of the process, before they are let go: a few shards,
so that what is looked at again soon is still there."""

_SECONDS = 0.01
"""Between two looks at what is mapped. In this time a kernel reads a few tens of megabytes."""

_HANDED_BACK = 2.0
"""Seconds after which freed memory goes back to the system: matrices that come and go in another
order at each step would leave holes of hundreds of megabytes."""

_maps: WeakSet[mmap.mmap] = WeakSet()
_folders: list[Path | None] = []
_watches: list[_Watch] = []


def is_bounded() -> bool:
    """Whether large arrays lie in files now."""
    return bool(_folders)


def empty(shape: int | tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """An array that is not filled, as NumPy's; inside :func:`bounded` a large one lies in a file.

    Raises
    ------
    InputError
        If the disk has no room for the file.
    """
    kind = np.dtype(dtype)
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    size = math.prod(sizes) * kind.itemsize
    if not _folders or size < _SMALL:
        return np.empty(sizes, kind)
    held = _in_file(size, _folders[-1])
    return np.frombuffer(held, dtype=kind).reshape(sizes)


def zeros(shape: int | tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """The same, filled with zeros."""
    kind = np.dtype(dtype)
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    if not _folders or math.prod(sizes) * kind.itemsize < _SMALL:
        return np.zeros(sizes, kind)
    return empty(sizes, kind)  # a file begins as zeros


def watched(array: NDArray[Any]) -> NDArray[Any]:
    """A map of a file (``numpy.memmap``), which :func:`bounded` may let go of from now on."""
    held: Any = array.base
    if isinstance(held, mmap.mmap):
        _maps.add(held)
    return array


@contextmanager
def bounded(folder: Path | None = None, resident: int = RESIDENT) -> Iterator[None]:
    """Keep large arrays in files while the block runs, and little of mapped files in memory.

    Parameters
    ----------
    folder : Path, optional
        Whose disk the files lie on, without a name: they are gone when the arrays are. It need not
        be there yet. By default the system's folder of temporary files.
    resident : int
        Bytes of mapped files that may count as memory of the process. Where the system does not
        say how many do (all but Linux), none are let go of by hand.
    """
    _folders.append(folder)
    try:
        with _watching(resident) if sys.platform == "linux" else nullcontext():
            yield
    finally:
        _folders.remove(folder)


@contextmanager
def _watching(resident: int) -> Iterator[None]:
    watch, done = _Watch(resident), threading.Event()
    watcher = threading.Thread(target=watch.until, args=(done,), daemon=True)
    watcher.start()
    _watches.append(watch)
    try:
        yield
    finally:
        _watches.remove(watch)
        done.set()
        watcher.join()


def _in_file(size: int, folder: Path | None) -> mmap.mmap:
    whole = None if folder is None else folder.absolute()
    place = whole and next(one for one in (whole, *whole.parents) if one.is_dir())
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            if hasattr(os, "posix_fallocate"):  # a hole would end the process on a full disk
                os.posix_fallocate(file.fileno(), 0, size)
            else:
                file.truncate(size)
            held = mmap.mmap(file.fileno(), size)
    except OSError as error:
        raise InputError(
            f"{place or tempfile.gettempdir()}: there is no room for {size / 1e6:,.0f} MB that "
            f"are not to stay in memory ({error.strerror or error}). Free some space, or leave out "
            "--memory."
        ) from None
    _maps.add(held)
    return held


class _Watch:
    """Lets go of all maps whenever more than ``resident`` bytes of them count."""

    def __init__(self, resident: int) -> None:
        self.resident = resident
        self.floor: int | None = None  # programs and libraries, which stay

    def look(self) -> None:
        shared = _shared_bytes()
        if self.floor is None or shared > self.floor + self.resident:
            _let_go()
            self.floor = _shared_bytes()

    def until(self, done: threading.Event) -> None:
        """Look again and again, and have what was freed between other things handed back."""
        trimmed = time.monotonic()
        while not done.wait(_SECONDS):
            self.look()
            if time.monotonic() - trimmed > _HANDED_BACK:
                hand_back_memory()
                trimmed = time.monotonic()


def look() -> None:
    """Let go of maps now if more of them count than may; inside :func:`bounded` alone.

    For who reads rows from all over a file: the system maps sixteen pages around each, more in a
    hundredth of a second than a whole pass from one end to the other.
    """
    if _watches:
        _watches[-1].look()


def _shared_bytes() -> int:
    """Bytes of this process that a file backs."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 (hundred times a second)
        return int(file.read().split()[2]) * os.sysconf("SC_PAGE_SIZE")


def _let_go() -> None:
    for held in list(_maps):
        with suppress(ValueError, OSError):  # closed meanwhile
            held.madvise(mmap.MADV_DONTNEED)
