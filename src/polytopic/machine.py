"""Threads and memory of the machine a program runs on."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from polytopic.errors import InputError

__all__ = [
    "ProcessSetting",
    "free_memory",
    "hand_back_memory",
    "one_blas_thread",
    "one_openmp_thread",
    "resolve_threads",
]


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


class ProcessSetting:
    """A setting that a process has once, held at a value while code runs that needs it there.

    Threads that need the same value run side by side, those that need another one wait; the last to
    leave puts back what was there before. A forked child, which has one thread only, begins with
    what was there before.

    Parameters
    ----------
    put : callable
        Takes a value, sets it, and gives back a function that undoes that.
    """

    def __init__(self, put: Callable[[Any], Callable[[], None]]) -> None:
        self._put = put
        self._turn = threading.Condition()
        self._holders: Counter[int] = Counter()
        self._value: Any = None
        self._undo: Callable[[], None] = lambda: None
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin_anew)

    @contextmanager
    def at(self, value: Any) -> Iterator[None]:
        """The setting at ``value`` inside.

        Raises
        ------
        InputError
            If this thread holds it at another value already.
        """
        me = threading.get_ident()
        with self._turn:
            if self._value != value and self._holders[me]:
                raise InputError(
                    f"nested: code that needs {value!r} was called inside code that needs "
                    f"{self._value!r}. Call it afterwards."
                )
            self._turn.wait_for(lambda: self._value == value or not self._holders.total())
            if not self._holders.total():
                self._undo, self._value = self._put(value), value
            self._holders[me] += 1
        try:
            yield
        finally:
            with self._turn:
                if self._holders[me]:  # a child forked inside holds it no more
                    self._holders[me] -= 1
                if not self._holders.total():
                    self._put_back()
                    self._turn.notify_all()

    def _put_back(self) -> None:
        self._undo()
        self._undo, self._value = lambda: None, None
        self._holders.clear()

    def _begin_anew(self) -> None:
        self._turn = threading.Condition()
        self._put_back()


def _limit_blas(n_threads: int) -> Callable[[], None]:
    import scipy.linalg  # noqa: F401  (brings a library of its own, which must be there to be found)
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    limited = ThreadpoolController().limit(limits=n_threads, user_api="blas")
    return limited.restore_original_limits  # type: ignore[no-any-return]


_BLAS = ProcessSetting(_limit_blas)


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """NumPy's and SciPy's linear algebra on one thread inside, as before outside.

    How a product or a factorisation is divided among threads decides in which order numbers are
    added up, and with that their last bits: what a model begins from would be another thing on a
    machine with another number of processors.
    """
    with _BLAS.at(1):
        yield


def _limit_openmp(n_threads: int) -> Callable[[], None]:
    import sklearn.cluster  # noqa: F401  (brings the library, which must be there to be found)
    from threadpoolctl import ThreadpoolController

    limited = ThreadpoolController().limit(limits=n_threads, user_api="openmp")
    return limited.restore_original_limits  # type: ignore[no-any-return]


_OPENMP = ProcessSetting(_limit_openmp)


@contextmanager
def one_openmp_thread() -> Iterator[None]:
    """scikit-learn's loops on one thread inside, for the reason of :func:`one_blas_thread`: the
    threads of its k-means add their sums in the order in which they end.
    """
    with _OPENMP.at(1):
        yield


def hand_back_memory() -> None:
    """Let the C library return freed memory to the system, where it can (glibc's malloc_trim).

    The threads that split the texts leave their heaps full of holes, which would otherwise stand
    beside the counts at the moment when memory is at its peak.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def free_memory() -> float | None:
    """Bytes that can be had without swapping, where the system says."""
    told = Path("/proc/meminfo")
    if told.exists():
        for line in told.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return 1024.0 * float(line.split()[1])
    names = getattr(os, "sysconf_names", {})
    if "SC_AVPHYS_PAGES" in names and "SC_PAGE_SIZE" in names:
        return float(os.sysconf("SC_AVPHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
    return None
