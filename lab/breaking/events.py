"""Events of files: counted, and at one of them something happens. For a child process alone.

Python tells hooks of every opening, renaming, removing and making of files (PEP 578). Flushing and
writing are not told, so these calls are wrapped.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["watch"]

_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink"}
_TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def watch(folder: Path, happen: Callable[[int, str], None]) -> None:
    """Call ``happen(number, event)`` at each event below ``folder``, counted from 1."""
    below = os.path.realpath(folder)
    counted = 0

    def tell(event: str) -> None:
        nonlocal counted
        counted += 1
        happen(counted, event)

    def concerns(path: Any) -> bool:
        if isinstance(path, (str, bytes, os.PathLike)):
            return os.path.realpath(os.fsdecode(path)).startswith(below)
        return False

    def hook(event: str, given: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = given
            if isinstance(flags, int) and flags & _TO_WRITE and concerns(path):
                tell(f"open {Path(os.fsdecode(path)).name}")
        elif event in _CHANGES and concerns(given[0]):
            tell(f"{event} {Path(os.fsdecode(given[0])).name}")

    real = os.fsync

    def fsync(descriptor: int) -> None:
        tell("fsync")
        real(descriptor)

    os.fsync = fsync
    sys.addaudithook(hook)
    _wrap_writes(tell, concerns)


def _wrap_writes(tell: Callable[[str], None], concerns: Callable[[Any], bool]) -> None:
    """Have the writes of files that ``Path.open`` and ``Path.write_...`` make told, too."""
    real = io.open

    class Raw(io.FileIO):
        def write(self, content: Any) -> int:
            tell("write")
            return super().write(content)

    def opened(
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: Any = None,
        errors: Any = None,
        newline: Any = None,
        **rest: Any,
    ) -> Any:
        if not concerns(file) or not set(mode) & set("wax+") or buffering == 0:
            return real(file, mode, buffering, encoding, errors, newline, **rest)
        raw = Raw(os.fspath(file), mode.replace("b", "").replace("t", ""))
        buffered: Any = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        if "b" in mode:
            return buffered
        return io.TextIOWrapper(buffered, encoding, errors, newline)

    io.open = opened
