"""How a command ends before its time: signals, a refused write, a reader that has gone."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

__all__ = ["INTERRUPTED", "as_interruption", "ends_in_one_line"]

INTERRUPTED = 130
"""Exit code after Ctrl-C; after another signal it is 128 and its number."""

_SIGNALS = ("SIGTERM", "SIGHUP")
"""What else than Ctrl-C asks a program to end: service managers, a closed terminal."""


@contextmanager
def as_interruption() -> Iterator[list[int]]:
    """Let the signals that ask a program to end do what Ctrl-C does; those that came.

    A signal that is ignored, as under nohup, stays so. In a thread nothing is changed.
    """
    received: list[int] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        received.append(number)
        raise KeyboardInterrupt

    before = {}
    with suppress(ValueError):  # signals belong to the main thread
        for name in _SIGNALS:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) == signal.SIG_DFL:
                before[number] = signal.signal(number, interrupt)
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def ends_in_one_line() -> Iterator[None]:
    """What ends a command from outside becomes an exit code and one line, no traceback."""
    with as_interruption() as received:
        try:
            try:
                yield
            finally:
                sys.stdout.flush()
        except KeyboardInterrupt:
            raise _interrupted(received) from None
        except SystemExit as stop:
            if stop.code == INTERRUPTED:
                cause = getattr(stop.__context__, "__cause__", None)  # typer's own, of no command
                told = not isinstance(cause, KeyboardInterrupt)
                raise _interrupted(received, told=told) from None
            raise
        except BrokenPipeError:
            _close_stdout()
            sys.exit(1)
        except OSError as error:
            _close_stdout()
            place = error.filename or "standard output"
            raise _failed(
                f"{place}: {error.strerror or error}. Free some space, or mend what is in the way, "
                "and start the command again."
            ) from None


def _interrupted(received: list[int], *, told: bool = False) -> SystemExit:
    if not told:
        _say("interrupted. Nothing was left half written; start the same command again.")
    return SystemExit(128 + received[-1] if received else INTERRUPTED)


def _failed(text: str) -> SystemExit:
    _say(text)
    return SystemExit(1)


def _say(text: str) -> None:
    from polytopic.cli._terminal import one_line

    with suppress(OSError):
        print(f"polytopic: {one_line(text)}", file=sys.stderr)


def _close_stdout() -> None:
    """Nothing more is flushed to it: that would fail again when the interpreter ends."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
