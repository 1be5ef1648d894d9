"""What of a folder belongs to this program: nothing else is written over or removed, ever."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from polytopic.errors import InputError
from polytopic.io.locking import PARTIAL

__all__ = ["is_saved_name", "refuse_foreign", "refuse_foreign_saved", "remove_saved"]

_SAVED = re.compile(r"arrays-[0-9a-f]{12}\.safetensors|times-[0-9a-f]{12}\.json|about\.json")


def is_saved_name(name: str) -> bool:
    """Whether a file of this name is one of a saved object: a model, vectors, a checkpoint."""
    return name.startswith(PARTIAL) or _SAVED.fullmatch(name) is not None


def refuse_foreign(target: Path, owned: Callable[[str], bool], advice: str) -> None:
    """Refuse a folder to write to that is a file, or holds a name that is not ``owned``.

    A path where nothing is passes. ``advice`` ends the message.

    Raises
    ------
    InputError
    """
    if not target.exists():
        return
    if not target.is_dir():
        raise InputError(f"{target}: is a file, and a folder is to be written. Name another path.")
    try:
        foreign = [name for name in _names(target) if not owned(name)]
    except OSError as error:
        raise InputError(
            f"{target}: cannot be looked into ({error.strerror or error}). Name another folder."
        ) from None
    if foreign:
        shown = ", ".join(foreign[:3]) + (", ..." if len(foreign) > 3 else "")
        raise InputError(
            f"{target}: holds other files ({shown}), which are never overwritten. {advice}"
        )


def refuse_foreign_saved(target: Path) -> None:
    """Refuse a folder to save an object to that holds anything but a saved object."""
    refuse_foreign(target, is_saved_name, "Name a new folder.")


def remove_saved(target: Path) -> None:
    """Remove a saved object: its files, then the folder if nothing else is in it.

    Raises
    ------
    OSError
        If the system refuses.
    """
    if target.is_symlink() or not target.is_dir():
        target.unlink(missing_ok=True)
        return
    for name in _names(target):
        entry = target / name
        if not is_saved_name(name):
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
    if not any(target.iterdir()):
        target.rmdir()


def _names(folder: Path) -> Iterator[str]:
    return iter(sorted(entry.name for entry in folder.iterdir()))
