"""A finished run takes the place of the one inside whose folder it grew.

Where the system can exchange two folders in one step (Linux, on most file systems), it does: a kill
at any moment leaves the old run whole or the new one. Elsewhere, or where the folder cannot be
moved (a mounted one, the current one), the files are moved one by one in an order that
:func:`complete` can end after a kill: the next command that looks at the folder does so.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from polytopic.io import PARTIAL, remove_saved, sync_folder
from polytopic.runs.folder import CHECKPOINT, FINISHED, OWN, RUN, state_of

__all__ = ["STAGED", "complete", "half_replaced", "put_in_place", "remove_run"]

STAGED = PARTIAL + "run"
"""Where, inside the folder of a run, the run grows that is to replace it."""

_NEW = PARTIAL + "new"
"""A file of a run that lies outside and has yet to be exchanged for the one in place."""

_OLD, _GONE = PARTIAL + "old", PARTIAL + "gone"
"""Where entries of the old run are moved to one by one, and its name when all are there."""

_EXCHANGE = 2
"""RENAME_EXCHANGE of renameat2(2), Linux."""

_AT_FDCWD = -100
"""AT_FDCWD of renameat2(2): paths are from the working directory."""


def put_in_place(place: Path) -> None:
    """Let the finished run in ``place / STAGED`` become the run in ``place``, which is removed.

    Raises
    ------
    OSError
        If the system refuses; the next command that looks at the folder goes on from there.
    """
    whole = place.resolve()
    if not _exchange_runs(whole):
        _move_entries(whole)


def complete(place: Path) -> None:
    """End what a kill interrupted: a replacing, or the removal of what is no longer needed.

    Raises
    ------
    OSError
        If the system refuses.
    """
    whole = place.resolve()
    outside = _outside(whole)
    if (outside / _NEW).exists() and not (whole / STAGED).exists():
        outside.rename(whole / STAGED)
    elif _is_replaced(outside):
        remove(outside)
    (whole / _NEW).unlink(missing_ok=True)
    if state_of(whole / STAGED) == FINISHED:
        put_in_place(whole)
    elif (whole / _GONE).exists():
        remove(whole / _GONE)
        remove(whole / STAGED)
    if state_of(whole) == FINISHED:
        remove_saved(whole / CHECKPOINT)


def half_replaced(place: Path) -> bool:
    """Whether entries of two runs stand side by side, because a kill stopped their moving."""
    return any((place / name).exists() for name in (_OLD, _GONE))


def remove_run(folder: Path) -> None:
    """Remove the files of a run, and the folder if nothing else is in it."""
    for name in OWN:
        remove(folder / name)
    with suppress(OSError):
        folder.rmdir()


def remove(path: Path) -> None:
    """Remove a file, a link or a folder of a run, as far as the system lets it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _outside(whole: Path) -> Path:
    return whole.with_name(f"{PARTIAL}{whole.name[-200:]}")


def _exchange_runs(whole: Path) -> bool:
    """Exchange the folders, if that can be; whether it was done."""
    outside = _outside(whole)
    if outside.exists() or half_replaced(whole) or _stands_in(whole):
        return False
    staged = whole / STAGED
    (staged / _NEW).touch()
    try:
        staged.rename(outside)
    except OSError:
        (staged / _NEW).unlink()
        return False
    try:
        exchange(outside, whole)
    except OSError:
        outside.rename(staged)
        (staged / _NEW).unlink()
        return False
    sync_folder(whole.parent)
    remove(outside)
    (whole / _NEW).unlink()
    return True


def _stands_in(whole: Path) -> bool:
    """Whether this process's own folder is this one or inside: it would be removed under it."""
    try:
        return Path.cwd().is_relative_to(whole)
    except OSError:
        return False


def exchange(one: Path, other: Path) -> None:
    """Exchange two names in one step.

    Raises
    ------
    OSError
        If the system or the file system cannot.
    """
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if _is_linux() else None
    if call is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    names = (_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _EXCHANGE)
    if call(*names) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _is_linux() -> bool:
    return sys.platform == "linux"


def _move_entries(whole: Path) -> None:
    """The old entries aside, the new ones in, the new ``run.json`` last; ends what was begun."""
    staged, old, gone = whole / STAGED, whole / _OLD, whole / _GONE
    if not gone.exists():
        old.mkdir(exist_ok=True)
        for name in OWN:
            if name != RUN and _exists(whole / name):
                remove(old / name)
                (whole / name).rename(old / name)
        old.rename(gone)
        sync_folder(whole)
    for name in OWN:
        if name != RUN and _exists(staged / name):
            (staged / name).rename(whole / name)
    (staged / RUN).replace(whole / RUN)
    sync_folder(whole)
    remove(gone)
    remove(staged)


def _exists(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _is_replaced(outside: Path) -> bool:
    """Whether it is a folder that holds nothing but what is left of a run."""
    return outside.is_dir() and all(
        entry.name in OWN or entry.name.startswith(PARTIAL) for entry in outside.iterdir()
    )
