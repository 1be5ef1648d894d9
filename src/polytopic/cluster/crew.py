"""Workers and the folder they share: tasks are given out, and given again where a worker fails.

A task is a function of this package with plain arguments. It reads files, writes its result by
renaming and returns what is small: done twice, it leaves the same files.
"""

from __future__ import annotations

import glob
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from polytopic.cluster.addresses import engine_of
from polytopic.cluster.engines import Engine
from polytopic.cluster.looking import look_around
from polytopic.errors import ClusterError, InputError, PolytopicError
from polytopic.io import PARTIAL, BusyError, claimed
from polytopic.io.locking import holds
from polytopic.io.records import in_one_line

__all__ = ["Advice", "Crew", "opened", "remove_left"]

TRIES = 3
"""Times that a task is given out: what fails so often would fail for ever."""

_AHEAD = 3
"""Tasks for each worker that are made before the first is done: none waits for the next one, and
what they need does not fill the disk."""

_LOOK = 5.0
"""Seconds between two looks at whether there are workers at all."""

_ALONE = 60.0
"""Seconds without any worker after which a run ends: those that are started anew take less."""


class Advice(NamedTuple):
    """How errors go on: another place for the folder, and what of the work is kept."""

    place: str = "another checkpoint"
    kept: str = "Nothing is lost with a checkpoint: "


OF_A_FIT = Advice()
"""Of a fit, whose checkpoint is what is kept."""


class Crew:
    """Workers of an engine, and the folder that all of them see.

    Parameters
    ----------
    engine : Engine
    near : Path or None
        The folder is made beside it; None: among the temporary files of this machine.
    advice : Advice
    """

    def __init__(self, engine: Engine, near: Path | None, advice: Advice = OF_A_FIT) -> None:
        self.engine, self.near, self.advice = engine, near, advice
        self.slots = engine.slots

    @contextmanager
    def sharing(self) -> Iterator[Path]:
        """The folder, empty, while the block runs; one that a killed run left is removed.

        Raises
        ------
        InputError
            If it cannot be made.
        ClusterError
            If a worker does not see it, may not write there, or has another version.
        """
        try:
            if self.near is None:
                folder = Path(tempfile.mkdtemp(prefix="polytopic-"))
            else:
                folder = _beside(self.near.absolute())
        except OSError as error:
            raise InputError(
                f"{self.near}: no folder can be made beside it ({error.strerror or error}). Name "
                f"{self.advice.place}."
            ) from None
        try:
            with claimed(folder):
                place = None if self.near is None else self.advice.place
                look_around(self.engine, folder, place)
                yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def each(self, function: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[Any]:
        """``function(task)`` of all tasks, as they are done, in any order.

        Raises
        ------
        ClusterError
            If a task failed three times, or no worker is left.
        PolytopicError
            What a task says of its input: it would say so again.
        """
        left = iter(tasks)
        tries = self._give_out(function, left, _AHEAD * self.slots)
        seen = time.monotonic()
        try:
            while tries:
                done, _ = wait(tries, timeout=_LOOK, return_when=FIRST_COMPLETED)
                if not done:
                    seen = self._look(seen)
                for future in done:
                    task, count = tries.pop(future)
                    error = _failure(future)
                    if error is None:
                        seen = time.monotonic()
                        yield future.result()
                        tries |= self._give_out(function, left, 1)
                        continue
                    self._judge(error, count)
                    self.engine.renew()
                    tries[self._submit(function, task)] = task, count + 1
        finally:
            for future in tries:
                future.cancel()

    def _give_out(
        self, function: Callable[[Any], Any], left: Iterator[Any], n: int
    ) -> dict[Future[Any], tuple[Any, int]]:
        """The next ``n`` tasks, as they are asked for; each at its first try."""
        return {self._submit(function, task): (task, 1) for task in islice(left, n)}

    def _submit(self, function: Callable[[Any], Any], task: Any) -> Future[Any]:
        try:
            return self.engine.submit(function, task)
        except Exception as error:  # noqa: BLE001 (an engine that broke meanwhile says so here)
            failed: Future[Any] = Future()
            failed.set_exception(error)
            return failed

    def _judge(self, error: BaseException, count: int) -> None:
        """Pass on what no other attempt would change."""
        if isinstance(error, PolytopicError):
            raise error from None
        if count == TRIES or type(error).__name__ == "KilledWorker":
            told = in_one_line(error)
            raise ClusterError(
                f"cluster: a task failed {TRIES} times, at last by {type(error).__name__}: "
                f"{told}. {self.advice.kept}mend it, and start the same again."
            ) from None

    def _look(self, seen: float) -> float:
        """When workers were last seen."""
        if self.engine.workers():
            return time.monotonic()
        if time.monotonic() - seen > _ALONE:
            raise ClusterError(
                f"cluster: no worker was there for {_ALONE:.0f} s. {self.advice.kept}start "
                "workers, and the same again."
            )
        return seen


def _beside(near: Path) -> Path:
    """A new folder beside a path. Its name is new too: what a killed run gave out may still run."""
    remove_left(near)
    near.parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=_name(near), dir=near.parent))


def remove_left(near: Path) -> None:
    """Remove the folders beside a path that runs which were killed, or failed, have left."""
    for left in near.parent.glob(f"{glob.escape(_name(near))}*"):
        with suppress(BusyError, OSError):
            if not holds(left):
                with claimed(left):
                    shutil.rmtree(left, ignore_errors=True)


def _name(near: Path) -> str:
    return f"{PARTIAL}cluster-{near.name}-"


def _failure(future: Future[Any]) -> BaseException | None:
    try:
        return future.exception()
    except CancelledError as error:
        return error


@contextmanager
def opened(
    cluster: Any, near: Path | None, n_threads: int | None = None, advice: Advice = OF_A_FIT
) -> Iterator[Crew]:
    """The workers that ``cluster=`` names, while the block runs.

    Raises
    ------
    MissingExtraError, InputError
        If the engine is not installed, or does not answer.
    """
    engine = engine_of(cluster, n_threads)
    try:
        yield Crew(engine, near, advice)
    finally:
        engine.close()
