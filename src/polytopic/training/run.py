"""The frame of every run: the folder it goes on from, its progress, and what an interruption does.

Nothing heavy is imported here: models that need no torch train in it too.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from numpy.typing import NDArray

from polytopic.io import holding, read_checkpoint, write_folder
from polytopic.io.schemas import Array
from polytopic.parameters import Constraint
from polytopic.progress import Advance, progress_bar
from polytopic.tracking import NOT_TRACKED, Tracking

__all__ = ["Checkpoint", "Frame", "running"]

_SECONDS = 60.0
"""Between two checkpoints: the most work that a kill, or a machine that goes down, may cost."""

_AFFORDED = 3.0
"""Seconds that writing one may take. Larger ones are written as much more rarely, so that those
that time makes due take no more than a twentieth of a run."""

_LATER = frozenset({"seconds"})
"""Entries of a record that earlier versions did not write."""

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
_SIGNALS = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
"""What asks a run to end, where the program answers it: Ctrl-C, and what commands take for it."""


class Checkpoint:
    """A folder with all that the rest of a run depends on.

    Parameters
    ----------
    path : path or None
        None: nothing is loaded nor saved.
    kind : str
        What the folder says it is.
    identity : mapping, ready for JSON
        Settings that a run must share to go on from it.
    writes : bool
        Whether this process saves; the others of a run in several only load.
    """

    def __init__(
        self, path: Path | None, kind: str, identity: Mapping[str, Any], *, writes: bool = True
    ) -> None:
        self.path, self.kind, self.identity, self.writes = path, kind, identity, writes
        self._saved, self._pause = time.monotonic(), _SECONDS

    def load(
        self, about: Mapping[str, Constraint], arrays: Mapping[str, Array]
    ) -> tuple[dict[str, NDArray[Any]], dict[str, Any]] | None:
        """Arrays and record, or None if there is none yet.

        ``about``: entries of the record beside identity and history; ``arrays``: what it holds.

        Raises
        ------
        CheckpointError
            If the files are damaged, or belong to other settings.
        """
        if self.path is None or not (self.path / "about.json").exists():
            return None
        return read_checkpoint(
            self.path, self.kind, self.identity, about=about, later=_LATER, arrays=arrays
        )

    def save(self, arrays: Mapping[str, NDArray[Any]], about: Mapping[str, Any]) -> None:
        """Write arrays and a JSON-ready record in place of what is there.

        Raises
        ------
        InputError
            If the folder cannot be written; what was there before is then unchanged.
        """
        if self.path is None or not self.writes:
            return
        started = time.monotonic()
        write_folder(self.path, self.kind, arrays, {"identity": dict(self.identity), **about})
        self._saved = time.monotonic()
        self._pause = _SECONDS * max(1.0, (self._saved - started) / _AFFORDED)

    @property
    def due(self) -> bool:
        """Whether it is time to save again."""
        return self.path is not None and time.monotonic() - self._saved > self._pause


@dataclass
class Frame:
    """What a training loop works with: ``advance(done, text)`` shows how far it is.

    ``tracking``: its trackers, to be told of steps and epochs; ``interrupted``: whether a Ctrl-C,
    or a signal that does the same, has ended it.
    """

    advance: Advance
    tracking: Tracking = NOT_TRACKED
    interrupted: bool = False
    begun: bool = False
    _within: bool = False
    _came: list[int] = field(default_factory=list)
    _handlers: dict[int, Callable[[int, FrameType | None], Any]] = field(default_factory=dict)

    def begin(self, begin: Callable[[], None]) -> None:
        """Do what comes before the first step, whole; before, a run has nothing to save."""
        with self.whole():
            begin()
            self.begun = True

    @contextmanager
    def whole(self) -> Iterator[list[int]]:
        """A step: signals that come meanwhile are answered after it.

        Yields those that have come; a long step may end early then.
        """
        self._within = True
        try:
            yield self._came
        finally:
            self._within = False
        while self._came:
            number = self._came.pop(0)
            self._handlers[number](number, None)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self._within:
            self._came.append(number)
        else:
            self._handlers[number](number, frame)

    def _listen(self, ending: ExitStack) -> None:
        """Stand before the program's own handlers, which are in the main thread only."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in _SIGNALS:
            handler = signal.getsignal(number)
            if callable(handler):
                self._handlers[number] = handler
                ending.callback(signal.signal, number, handler)
                signal.signal(number, self._receive)


@contextmanager
def running(
    checkpoint: Checkpoint,
    description: str,
    total: float,
    save: Callable[[], None] | None = None,
    *,
    shown: bool,
    tracking: Tracking = NOT_TRACKED,
) -> Iterator[Frame]:
    """Hold the checkpoint's folder and show progress, up to ``total``, while the block trains.

    Trackers are open meanwhile.

    A first Ctrl-C ends the block after a whole step, and ``save`` is called. One that comes before
    the run has begun is passed on.

    Raises
    ------
    InputError
        If the folder holds other files, cannot be made, or another process is writing there;
        or a tracker cannot be started.
    """
    with (
        holding(checkpoint.path if checkpoint.writes else None),
        tracking.opened(),
        progress_bar(description, total, shown=shown) as advance,
        ExitStack() as ending,
    ):
        run = Frame(advance, tracking)
        run._listen(ending)
        try:
            yield run
        except KeyboardInterrupt:
            if not run.begun:
                raise
            run.interrupted = True
            if save is not None:
                save()
