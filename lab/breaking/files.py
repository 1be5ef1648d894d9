"""Folders of an experiment: copied anew for each try, counted through, and compared."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from polytopic.io.locking import LOCK

from lab.breaking.child import run_child
from lab.breaking.events import watch

__all__ = ["copied", "count_events", "files_of", "stands"]


def copied(data: Path, target: Path) -> Path:
    """A folder replaced by a copy of ``data``."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(data, target)
    return target


def count_events(act: Callable[[], None], data: Path, folder: Path) -> tuple[int, Path]:
    """How many events of files a command has, and where it was done.

    Raises
    ------
    RuntimeError
        If it does not end well.
    """
    work, told = copied(data, folder / "whole"), folder / "events"
    descriptor = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)

    def happen(number: int, event: str) -> None:
        os.write(descriptor, b".")

    ended = run_child(act, work, folder / "log", partial(watch, work, happen))
    os.close(descriptor)
    if ended.code != 0:
        raise RuntimeError(ended.said)
    return told.stat().st_size, work


def files_of(folder: Path) -> dict[str, bytes]:
    """All files below a folder, but those that say how long things took, and locks.

    A killed process leaves the file of its lock; it holds nothing, and the next writer takes it
    away.
    """
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not file.name.startswith(("times-", LOCK))
    }


def stands(found: dict[str, bytes], before: dict[str, bytes], after: dict[str, bytes]) -> bool:
    """Whether all files of before are there as they were, or as the whole new result has them."""
    return any(
        all(found.get(name) == state.get(name) for name in before) for state in (before, after)
    )
