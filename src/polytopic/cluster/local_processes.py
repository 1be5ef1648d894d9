"""Processes of this machine, one thread each."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from typing import Any

from polytopic.cluster.engines import Engine

__all__ = ["LocalProcesses"]

_WATCH = 1.0
"""Seconds between two looks at who started a worker: orphans are not to work on for nobody."""


class LocalProcesses(Engine):
    """Processes started for one run by loky, joblib's, which needs no guard around ``__main__``.

    One that is killed takes all the others with it: they are started anew.
    """

    def __init__(self, n_processes: int) -> None:
        self.slots = n_processes
        self._pool = self._start()

    def submit(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        future: Future[Any] = self._pool.submit(function, *args)
        return future

    def renew(self) -> None:
        try:
            self._pool.submit(int)
        except BrokenExecutor:
            self.close()
            self._pool = self._start()

    def close(self) -> None:
        self._pool.shutdown(wait=True, kill_workers=True)

    def _start(self) -> Any:
        from joblib.externals.loky import ProcessPoolExecutor

        return ProcessPoolExecutor(self.slots, initializer=_end_with, initargs=(os.getpid(),))


def _end_with(parent: int) -> None:
    """Have this process end soon after the one that started it, which may be killed.

    A Ctrl-C reaches both: it is for that one to answer.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_WATCH)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
