"""Engines and tasks that go wrong, for the tests of what works over a cluster."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from polytopic.cluster.engines import Threads


class Twice(Threads):
    """Two attempts at each task, both of which are done."""

    def submit(self, function: Any, *args: Any) -> Future[Any]:
        super().submit(function, *args)
        return super().submit(function, *args)


class Failing:
    """A task in threads that fails from a number of calls on, with what is told."""

    def __init__(self, task: Callable[[Any], Any], after: int, told: str) -> None:
        self.task, self.left, self.told = task, after, told

    def __call__(self, given: Any) -> Any:
        self.left -= 1
        if self.left < 0:
            raise OSError(self.told)
        return self.task(given)
