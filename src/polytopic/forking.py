"""What a fork leaves behind: the threads of polars, which reads and writes tables.

A forked process has one thread, whatever its parent had. Where the parent has used polars, the
child would wait for polars's threads without end, so it is told in one line instead. All else works
in a forked child: models train and answer there to the same bits.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from polytopic.errors import InputError

__all__ = ["refuse_lost_threads", "threads_are_lost"]

_WORKER = re.compile(r"polars-\d+\s*")
"""Name of a thread that polars computes on; it has others, which are not waited for."""

_lost = False
_had = False


def threads_are_lost() -> bool:
    """Whether this process was forked from one that had used polars."""
    return _lost


def refuse_lost_threads(what: str) -> None:
    """Raise where ``what``, which needs polars's threads, would wait for them without end.

    Raises
    ------
    InputError
        In a process forked from one that had used polars.
    """
    if _lost:
        raise InputError(
            f"{what}: needs threads that this process lost when it was forked, after tables had "
            "been read or written. Do that before the fork, or start processes with "
            'multiprocessing.get_context("spawn").'
        )


def _look() -> None:
    """Before a fork: whether polars has threads to lose."""
    global _had
    tasks = Path("/proc/self/task")
    if "polars" not in sys.modules:
        _had = False
    elif tasks.exists():
        _had = any(_WORKER.fullmatch(_name(task)) for task in tasks.iterdir())
    else:
        _had = True


def _name(task: Path) -> str:
    try:
        return (task / "comm").read_text(encoding="utf-8", errors="replace")
    except OSError:  # it has ended meanwhile
        return ""


def _note() -> None:
    """In the child: they are lost."""
    global _lost
    _lost = _lost or _had


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_look, after_in_child=_note)
