"""Replacing a file in one step, so that a full disk or a kill leaves the old one whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["PARTIAL", "replacing"]

PARTIAL = ".partial-"
"""How the names of files being written begin."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside ``path`` to write to; flushed to the disk, it takes its place at the end.

    Whatever goes wrong inside or at the end, ``path`` stays as it was and the part is taken away.

    Raises
    ------
    OSError
        If the system refuses.
    """
    partial = path.with_name(PARTIAL + path.name)
    try:
        yield partial
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
