"""One mutant tried: what is allowed to come out, how long it may take and how much it may hold."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import resource
import shutil
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from polytopic.errors import PolytopicError

from lab.fuzzing.target import Content, Target, write_content

__all__ = ["MEMORY", "SECONDS", "TIMES_SIZE", "Verdict", "judged", "limited", "quiet", "try_mutant"]

SECONDS = 5.0
"""The longest that one input may take."""
MEMORY = 500 << 20
"""Bytes that one input may take above what its own size justifies..."""
TIMES_SIZE = 50
"""... which is so many times the bytes of the file."""
_ADDRESS_SPACE = 4 << 30
"""Room for addresses above what the process has: a lie about a size ends in a MemoryError."""
_LONGEST_MESSAGE = 2000


class Verdict(NamedTuple):
    """How a case ended: ``kind`` is "" if it was read or refused in one line."""

    kind: str
    detail: str


class _TooSlow(BaseException):
    """Raised in the middle of a case that takes too long."""


def _alarm(number: int, frame: Any) -> None:
    raise _TooSlow


def limited() -> None:
    """Bound the addresses of this process, so that a lying header cannot take the machine."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    size = pages * resource.getpagesize() + _ADDRESS_SPACE
    resource.setrlimit(resource.RLIMIT_AS, (size, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.disable()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Nothing of what the reader prints reaches the terminal."""
    with contextlib.ExitStack() as stack:
        nowhere = stack.enter_context(Path(os.devnull).open("w"))
        saved = [(stream, os.dup(stream.fileno())) for stream in (sys.__stdout__, sys.__stderr__)]  # type: ignore[union-attr]
        for stream, _ in saved:
            stream.flush()  # type: ignore[union-attr]
            os.dup2(nowhere.fileno(), stream.fileno())  # type: ignore[union-attr]
        try:
            with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
                yield
        finally:
            for stream, number in saved:
                os.dup2(number, stream.fileno())  # type: ignore[union-attr]
                os.close(number)


def judged(call: Callable[[], Any]) -> tuple[Verdict, str]:
    """Make a call: a verdict, and the message if it was refused in one line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call()
    except _TooSlow:
        return Verdict(f"took more than {SECONDS:g} seconds", _where(sys.exc_info()[2])), ""
    except PolytopicError as error:
        return _judge_message(error), str(error)
    except BaseException as error:  # noqa: BLE001 (a panic of a library below is a BaseException)
        kind = f"{type(error).__name__} in {_where(error.__traceback__)}"
        return Verdict(kind, f"{error!s:.300}"), ""
    return Verdict("", ""), ""


def try_mutant(target: Target, content: Content, place: Path) -> tuple[Verdict, str]:
    """Read ``content`` in the empty folder ``place``, which is emptied afterwards.

    A verdict, and the message if the input was refused.
    """
    place.mkdir(parents=True, exist_ok=True)
    path = write_content(content, place)
    before = _reset_peak()
    signal.signal(signal.SIGALRM, _alarm)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        verdict, message = judged(lambda: target.read(path))
    except _TooSlow:  # between the call and the end of its judging
        verdict, message = Verdict(f"took more than {SECONDS:g} seconds", ""), ""
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        shutil.rmtree(place, ignore_errors=True)
    taken = _peak() - before
    allowed = MEMORY + TIMES_SIZE * sum(len(data) for data in content.values())
    if not verdict.kind and taken > allowed:
        verdict = Verdict("took too much memory", f"{taken >> 20} MB")
    return verdict, message


def _judge_message(error: PolytopicError) -> Verdict:
    message = str(error)
    where = _where(error.__traceback__)
    if "\n" in message.strip():
        return Verdict(f"a message of several lines from {where}", f"{message!r:.300}")
    if not message.strip() or len(message) > _LONGEST_MESSAGE:
        return Verdict(f"a message of {len(message)} characters from {where}", f"{message:.300}")
    return Verdict("", "")


def _where(trace: Any) -> str:
    """The last place in the package, and the last of all, that a traceback names."""
    frames = traceback.extract_tb(trace)
    own = [frame for frame in frames if "polytopic" in frame.filename]
    parts = []
    for frame in [*own[-1:], *frames[-1:]]:
        text = f"{Path(frame.filename).name}:{frame.name}:{frame.lineno}"
        if text not in parts:
            parts.append(text)
    return " < ".join(reversed(parts))


def _reset_peak() -> int:
    """Start a new peak of the resident memory; what is held now, in bytes."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _peak() -> int:
    return _status("VmHWM")


def _status(name: str) -> int:
    with Path("/proc/self/status").open() as lines:
        for line in lines:
            if line.startswith(name):
                return int(line.split()[1]) << 10
    return 0
