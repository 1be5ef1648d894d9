"""Who may write to a run folder, checked and held before anything takes time."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from polytopic.errors import CheckpointError, FileMissingError, InputError
from polytopic.io import (
    PARTIAL,
    claimed,
    make_folder,
    read_header,
    refuse_foreign,
    refuse_foreign_saved,
    remove_empty,
    remove_saved,
)
from polytopic.result.table_files import refuse_other_files
from polytopic.runs.folder import (
    CHECKPOINT,
    FINISHED,
    MODEL,
    OWN,
    PAGE,
    RESULT,
    RUN,
    TABLES,
    UNFINISHED,
    RunFolder,
    RunWriteError,
    read_record,
    state_of,
)
from polytopic.runs.replacing import STAGED, complete, half_replaced, put_in_place, remove_run

__all__ = ["begin", "changed", "finish", "open_run", "reserved", "room"]

TOPICS, SENTENCES = "topics", "sentences"
"""Commands that make run folders; ``settings["command"]``, ``topics`` where it is not said."""

_NEW_FOLDER = "Name a new or an empty folder with -o."


@contextmanager
def reserved(
    path: str | Path, settings: Mapping[str, Any], *, force: bool = False
) -> Iterator[RunFolder]:
    """A folder for a run, checked, writable, and held by this process while the block runs.

    Nothing of a run is written before :func:`begin`. If the block fails before anything but
    ``run.json`` was written, that is taken away, and the folder if it was made here.

    Parameters
    ----------
    path : str or Path
        Made if it does not exist.
    settings : dict
        How the run is started. An unfinished run with the same settings is gone on with.
    force : bool
        Replace an earlier run, finished or not, once the new one is whole.

    Raises
    ------
    InputError
        If the folder holds files that are not a run's, a run that may not be replaced, cannot be
        written to, or another process writes to it; the message says what to do.
    """
    place, made = Path(path), list[Path]()
    _refuse_foreign(place, settings)
    try:
        with ExitStack() as held:
            try:
                made = make_folder(place)
                held.enter_context(claimed(place))
                complete(place)
                _try_to_write(place)
            except OSError as error:
                raise InputError(
                    f"{place}: cannot be written to ({error.strerror or error}). "
                    "Free some space, or name another folder with -o."
                ) from None
            folder = _chosen(RunFolder(place, dict(settings)), force=force)
            try:
                yield folder
            except BaseException:
                _take_back(folder)
                raise
    finally:
        remove_empty(made)


def begin(folder: RunFolder) -> None:
    """Make the folder that of an unfinished run; what an abandoned one left is removed.

    Raises
    ------
    RunWriteError
        If the system refuses.
    """
    try:
        if not folder.resumed:
            remove_run(folder.place / STAGED)
        folder.path.mkdir(exist_ok=True)
    except OSError as error:
        raise RunWriteError(
            f"{folder.path}: cannot be written ({error.strerror or error})."
        ) from None
    folder.mark(UNFINISHED)


def finish(folder: RunFolder) -> None:
    """Mark the run as finished; it takes the place of an earlier one. No checkpoint is needed now.

    Raises
    ------
    RunWriteError
        If the system refuses: the run is whole, and the same command ends what is left.
    InputError
        If files of others have come into the folder meanwhile.
    """
    folder.mark(FINISHED)
    try:
        remove_saved(folder.checkpoint)
        if folder.staged_in is not None:
            _refuse_foreign(folder.place, folder.settings)
            with claimed(folder.path):
                put_in_place(folder.place)
            folder.path, folder.staged_in = folder.place, None
    except OSError as error:
        raise RunWriteError(
            f"{folder.place}: the run is whole, in {folder.path}, and cannot take its place "
            f"({error.strerror or error}). Start the same command again."
        ) from None


def room(folder: RunFolder) -> tuple[int, int]:
    """Bytes that the run in the folder's place takes, and bytes that are free there."""
    taken = 0
    for entry in folder.place.rglob("*"):
        if not entry.is_relative_to(folder.place / STAGED) and entry.is_file():
            taken += entry.stat().st_size
    return taken, shutil.disk_usage(folder.place).free


def open_run(path: str | Path, command: str = TOPICS) -> RunFolder:
    """The folder of an earlier run that has a model.

    Raises
    ------
    FileMissingError, CheckpointError
        If there is no such folder, it is no run of this program and ``command``, or of a newer
        format.
    """
    target = Path(path)
    if not target.exists():
        raise FileMissingError(f"{target}: no such folder. Name the folder that -o made.")
    _complete_half(target)
    if not (target / RUN).is_file():
        raise CheckpointError(
            f"{target}: holds no {RUN}, so it is no run folder. Name the folder that "
            "polytopic topics wrote with -o."
        )
    settings = dict(read_record(target)["settings"])
    made_by = settings.get("command", TOPICS)
    if made_by != command:
        raise CheckpointError(
            f"{target}: was made by polytopic {made_by}. Name the folder that "
            f"polytopic {command} wrote with -o."
        )
    if not (target / MODEL).is_dir():
        raise CheckpointError(
            f"{target}: holds no {MODEL}/: the run has not finished training. Start the same "
            "command again to go on with it."
        )
    return RunFolder(target, settings)


@contextmanager
def changed(path: str | Path) -> Iterator[RunFolder]:
    """The folder of an earlier run, held by this process while the block writes into it.

    Raises
    ------
    FileMissingError, CheckpointError
        As :func:`open_run`.
    InputError
        If it holds other files, cannot be written to, or another process writes there.
    """
    folder = open_run(path)
    _refuse_foreign(folder.path, folder.settings)
    try:
        with claimed(folder.path):
            yield folder
    except OSError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{folder.path}: cannot be written to ({error.strerror or error}). Free some space, or "
            "name a copy of it."
        ) from None


def _complete_half(target: Path) -> None:
    if not half_replaced(target):
        return
    try:
        with claimed(target):
            complete(target)
    except OSError as error:
        raise CheckpointError(
            f"{target}: a new run was taking this one's place when it was stopped, and that cannot "
            f"be ended ({error.strerror or error}). Name the folder to who may write to it."
        ) from None


def _chosen(folder: RunFolder, *, force: bool) -> RunFolder:
    """Where this run is to be written: in place, or inside until an earlier one can go."""
    place, settings = folder.place, folder.settings
    staged = place / STAGED
    if not _holds_run(place):
        return folder
    if state_of(staged) == UNFINISHED and _differing(staged, settings) == []:
        return RunFolder(staged, settings, (staged / CHECKPOINT).is_dir(), place)
    if force:
        return RunFolder(staged, settings, False, place)
    folder.resumed = _may_resume(folder)
    return folder


def _may_resume(folder: RunFolder) -> bool:
    """Whether the unfinished run in the folder is this one; anything else needs --force."""
    place = folder.place
    if not (place / RUN).exists():  # of a version whose `sentences train` wrote none
        finished, changed = not (place / CHECKPOINT).is_dir(), list[str]()
    else:
        finished = read_record(place).get("state") != UNFINISHED
        changed = _differing(place, folder.settings)
    if finished:
        raise InputError(
            f"{place}: holds a finished run. Replace it with --force, or name a new folder with -o."
        )
    if changed:
        raise InputError(
            f"{place}: holds an unfinished run with other settings ({', '.join(changed)} "
            "differ). Start the same command again to go on with it, replace it with --force, or "
            "name a new folder with -o."
        )
    return (place / CHECKPOINT).is_dir()


def _differing(folder: Path, settings: Mapping[str, Any]) -> list[str]:
    before = read_record(folder)["settings"]
    names = sorted((set(before) | set(settings)) - {PAGE})
    return [name for name in names if before.get(name) != settings.get(name)]


def _holds_run(place: Path) -> bool:
    return any((place / name).exists() for name in (RUN, MODEL, CHECKPOINT))


def _refuse_foreign(target: Path, settings: Mapping[str, Any]) -> None:
    """Refuse what is no run's, in the folder and in those inside it."""
    refuse_foreign(target, lambda name: name in OWN or name.startswith(PARTIAL), _NEW_FOLDER)
    if not target.is_dir():
        return
    for name in (MODEL, CHECKPOINT, RESULT):
        refuse_foreign_saved(target / name)
    refuse_other_files(target / TABLES)
    names = sorted(entry.name for entry in target.iterdir() if entry.name in OWN)
    if names and RUN not in names and not _is_sentences(target, names, settings):
        raise InputError(
            f"{target}: holds other files ({', '.join(names[:3])}), which are never overwritten. "
            f"{_NEW_FOLDER}"
        )


def _is_sentences(target: Path, names: list[str], settings: Mapping[str, Any]) -> bool:
    """Whether it was made by ``sentences train`` of a version that wrote no ``run.json``."""
    if settings.get("command") != SENTENCES or not set(names) <= {MODEL, CHECKPOINT}:
        return False
    try:
        headers = [read_header(target / name) for name in names]
    except (CheckpointError, FileMissingError):
        return False
    return all(
        header["kind"] == "training checkpoint" or header["about"].get("class") == "SentenceVAE"
        for header in headers
    )


def _take_back(folder: RunFolder) -> None:
    """Remove ``run.json`` where it is all that a run has come to."""
    with suppress(OSError):
        names = {entry.name for entry in folder.path.iterdir()}
        if {name for name in names if not name.startswith(PARTIAL)} == {RUN}:
            (folder.path / RUN).unlink()
            if folder.staged_in is not None:
                folder.path.rmdir()


def _try_to_write(target: Path) -> None:
    """Write as much as a small file takes, flush it, and take it away."""
    probe = target / (PARTIAL + "probe")
    try:
        with probe.open("wb") as file:
            file.write(b"\0" * 65536)
            file.flush()
            os.fsync(file.fileno())
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)
