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

_COMPILER = re.compile(
    r"^(?P<start>[0-9a-f]+)-(?P<end>[0-9a-f]+) r-[x-]p [^\n]*libllvmlite[^\n]*\n"
    r"(?:[A-Z][^\n]*\n)*?Anonymous: +(?P<written>\d+) kB",
    re.MULTILINE,
)
"""A part of the compiler's file that is mapped read-only, and how much of it was written to."""


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
    """Let the system take back the pages of numba's compiler, some 60 MB, until they are needed.

    Once kernels are loaded they run without it. Only parts mapped from its file are given back of
    which no page was ever written to, so a page that is used again after all is read anew. Linux
    only; elsewhere nothing is done.
    """
    maps = Path("/proc/self/smaps")
    advise = getattr(ctypes.CDLL(None), "madvise", None) if sys.platform == "linux" else None
    if advise is None or not maps.exists():
        return
    text = maps.read_text(encoding="utf-8", errors="replace")
    for found in _COMPILER.finditer(text):
        if int(found["written"]) == 0:
            start, end = int(found["start"], 16), int(found["end"], 16)
            advise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _DONT_NEED)
