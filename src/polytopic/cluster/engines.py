"""What an engine is: it takes a function and a task, and gives a future of the answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

__all__ = ["PATIENCE", "Engine", "Threads"]

PATIENCE = 10.0
"""Seconds that an address, or the first worker behind it, is waited for."""


class Engine(ABC):
    """Where tasks run. ``slots``: how many at a time."""

    slots: int = 1

    @abstractmethod
    def submit(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        """Have a function of this package called by a worker."""

    def everywhere(self, function: Callable[..., Any], *args: Any) -> list[Future[Any]]:
        """Have it called once by each worker, or on each machine; where all are alike, by one."""
        return [self.submit(function, *args)]

    def workers(self) -> int:
        """How many there are now. Without any, tasks would wait without end."""
        return self.slots

    def renew(self) -> None:
        """Replace what a killed worker has spoilt; called after each failure of a task."""
        return

    @abstractmethod
    def close(self) -> None:
        """Let go of what was begun for this engine alone."""


class Threads(Engine):
    """Threads of this process."""

    def __init__(self, n_threads: int) -> None:
        self.slots = n_threads
        self._pool = ThreadPoolExecutor(n_threads)

    def submit(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        return self._pool.submit(function, *args)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
