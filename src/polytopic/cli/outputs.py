"""What a command will write: every place checked, and held, before anything takes time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from polytopic.errors import InputError
from polytopic.io import (
    PARTIAL,
    claimed,
    make_folder,
    refuse_foreign_saved,
    refuse_kind,
    remove_empty,
)

__all__ = ["Outputs"]

_ENOUGH = 1 << 16
"""Bytes that are written and taken away again, to see whether the disk takes any."""


@dataclass(frozen=True)
class _Place:
    path: Path
    option: str
    kind: str | None
    """What a folder is to hold ("model", "vectors"; "" for a checkpoint); None for a file."""


@dataclass
class Outputs:
    """The files and folders that one call of a command writes.

    Declare each of them, then do the work inside :meth:`reserved`. ``inputs``: what the command
    reads, which it never writes to; ``force``: whether what is there may be replaced.
    """

    inputs: Sequence[Path | None] = ()
    force: bool = False
    _places: list[_Place] = field(default_factory=list)

    def file(
        self, path: Path | None, endings: tuple[str, ...], option: str = "-o", *, own: bool = False
    ) -> None:
        """Declare a file; ``own``: it is the run's, and this command is what writes it.

        Raises
        ------
        InputError
            If its ending is unknown, its folder is missing, or it is there and may not be replaced.
        """
        if path is None:
            return
        if not path.name.endswith(endings):
            raise InputError(
                f"{path}: cannot be written. Give {option} a name in {' or '.join(endings)}."
            )
        if path.is_dir() or not path.parent.is_dir():
            problem = "is a folder" if path.is_dir() else f"there is no folder {path.parent}"
            raise InputError(f"{path}: {problem}. Name a file in a folder that exists.")
        if path.exists() and not path.is_file():
            raise InputError(f"{path}: is a device or a pipe. Name a file.")
        if path.exists() and not self.force:
            raise InputError(f"{path}: is there already. Replace it with --force, or name another.")
        if not own:
            _refuse_own(path)
        self._declare(_Place(path, option, None))

    def folder(self, path: Path | None, kind: str, option: str) -> None:
        """Declare a folder of a saved object; a checkpoint of any kind has the kind "".

        Raises
        ------
        InputError
            If it is a file, or holds anything but an object of this kind.
        """
        if path is None:
            return
        if kind:
            refuse_kind(path, kind)
        else:
            refuse_foreign_saved(path)
        self._declare(_Place(path, option, kind))

    def run(self, path: Path) -> None:
        """Declare the folder of a run, which :func:`polytopic.runs.reserved` checks and holds.

        Raises
        ------
        InputError
            If what is read lies in it.
        """
        self._declare(_Place(path, "-o", "run"))

    def _declare(self, place: _Place) -> None:
        """Refuse what is read, and a place that another output has or lies in."""
        whole = place.path.resolve()
        for given in self.inputs:
            if given is None:
                continue
            inside = place.kind is not None and given.resolve().is_relative_to(whole)
            if inside or _same(given, place.path):
                raise InputError(
                    f"{place.path}: what is read, {given}, would be written over ({place.option}). "
                    "Name another output."
                )
        for other in self._places:
            taken = other.path.resolve()
            inside = (other.kind is not None and whole.is_relative_to(taken)) or (
                place.kind is not None and taken.is_relative_to(whole)
            )
            if whole == taken or inside:
                raise InputError(
                    f"{place.option}: {place.path} and {other.option} {other.path} are one place, "
                    "or one lies in the other. Name two."
                )
        self._places.append(place)

    @contextmanager
    def reserved(self) -> Iterator[None]:
        """Hold all places while the block runs; folders made for it in vain are taken away.

        Raises
        ------
        InputError
            If one cannot be written to, or another process writes there.
        """
        made: list[Path] = []
        try:
            with ExitStack() as held:
                for place in self._places:
                    try:
                        if place.kind is not None:
                            made += make_folder(place.path)
                        held.enter_context(claimed(place.path))
                        _try_to_write(place)
                    except OSError as error:
                        if isinstance(error, InputError):
                            raise
                        raise InputError(
                            f"{place.path}: cannot be written ({error.strerror or error}). Free "
                            f"some space or give {place.option} another place."
                        ) from None
                yield
        finally:
            remove_empty(made)


def _try_to_write(place: _Place) -> None:
    target = place.path.resolve()
    folder = target if place.kind is not None else target.parent
    probe = folder / (PARTIAL + "probe")
    try:
        with probe.open("wb") as file:
            file.write(b"\0" * _ENOUGH)
            file.flush()
            os.fsync(file.fileno())
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)


def _refuse_own(path: Path) -> None:
    """Refuse a file among those of a run, or of a saved object: it would be taken for theirs."""
    from polytopic.runs import OWN, RUN

    folder = path.resolve().parent
    if (folder / "about.json").is_file():
        raise InputError(f"{path}: {folder} holds a saved object. Name a file elsewhere.")
    if (folder / RUN).is_file() and path.name in OWN:
        raise InputError(f"{path}: is a file of the run in {folder}. Name another.")


def _same(one: Path, other: Path) -> bool:
    if one.resolve() == other.resolve():
        return True
    try:
        return one.samefile(other)
    except OSError:
        return False
