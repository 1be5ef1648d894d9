"""Threads and memory of the machine a program runs on."""

from __future__ import annotations

import ctypes
import os
import re
import sys
from pathlib import Path

from polytopic.errors import InputError

__all__ = ["hand_back_compiler", "hand_back_memory", "resolve_threads"]

_DONT_NEED = 4
"""MADV_DONTNEED of madvise(2)."""


def resolve_threads(n_threads: int | None) -> int:
    """The number of threads to use: ``n_threads``, or one a processor.

    Raises
    ------
    InputError
        If it is below one.
    """
    if n_threads is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    if n_threads < 1:
        raise InputError(f"n_threads: is {n_threads}. Give 1 or more, or None for all processors.")
    return n_threads


def hand_back_memory() -> None:
    """Let the C library return freed memory to the system, where it can (glibc's malloc_trim).

    The threads that split the texts leave their heaps full of holes, which would otherwise stand
    beside the counts at the moment when memory is at its peak.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def hand_back_compiler() -> None:
    """Let the system take back the pages of numba's compiler, some 50 MB, until they are needed.

    Once kernels are loaded they run without it. Its code is mapped from a file and never written
    to, so a page that is called again after all is read anew. Linux only; elsewhere nothing is
    done.
    """
    maps = Path("/proc/self/maps")
    if sys.platform != "linux" or not maps.exists():
        return
    advise = getattr(ctypes.CDLL(None), "madvise", None)
    pattern = re.compile(r"([0-9a-f]+)-([0-9a-f]+) r-xp .*libllvmlite")
    for found in map(pattern.match, maps.read_text(encoding="utf-8").splitlines()):
        if found is not None and advise is not None:
            start, end = int(found[1], 16), int(found[2], 16)
            advise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _DONT_NEED)
