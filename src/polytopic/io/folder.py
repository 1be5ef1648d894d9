"""A saved object is a folder: one safetensors file and ``about.json``, nothing executable.

``about.json`` names the kind, the format version, the arrays' file and its SHA-256, so that a file
cut short or altered is refused with one line. The arrays' file is named by its content and written
first; replacing ``about.json`` is the one atomic step that makes the new state the state. A full
disk or a kill at any moment leaves the old object as it was. How long things took stands in a file
of its own, ``times-...json``: all else is equal where what was done is equal.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from polytopic.errors import CheckpointError, FileMissingError, InputError
from polytopic.io.atomic import make_folder, remove_empty, replacing
from polytopic.io.locking import LOCK, claimed, holds
from polytopic.io.ownership import is_saved_name, refuse_foreign_saved, remove_saved
from polytopic.io.records import read_record
from polytopic.io.schemas import (
    ANYTHING,
    HISTORY,
    Array,
    MapOf,
    Record,
    check_arrays,
    check_record,
)
from polytopic.io.tensors import digest_of, read_pieces, write_pieces
from polytopic.io.times import join, split
from polytopic.parameters import Constraint

__all__ = [
    "ABOUT",
    "FORMAT_VERSION",
    "copy_array",
    "read_checkpoint",
    "read_folder",
    "read_header",
    "write_folder",
]

FORMAT_VERSION = 1
"""Raised when a reader of before could misread a folder."""

ABOUT = "about.json"
PROGRAM = "polytopic"
_ARRAYS = re.compile(r"arrays-[0-9a-f]{12}\.safetensors")


def write_folder(
    path: str | Path, kind: str, arrays: Mapping[str, NDArray[Any]], about: Mapping[str, Any]
) -> Path:
    """Write arrays and a JSON-ready record to the folder ``path``, replacing one of this kind.

    Raises
    ------
    InputError
        If ``path`` holds something else, another process writes to it, or it cannot be written (a
        full disk, no permission); what was there before is then unchanged.
    """
    target = Path(path)
    refuse_kind(target, kind)
    held = {name: np.atleast_1d(value) for name, value in arrays.items()}
    digest = digest_of(held)
    rest, times = split(dict(about))
    header = {
        "program": PROGRAM,
        "format": FORMAT_VERSION,
        "kind": kind,
        "arrays": f"arrays-{digest[:12]}.safetensors",
        "sha256": digest,
        "about": rest,
    }
    try:
        text = json.dumps(header, ensure_ascii=False, indent=1, allow_nan=False).encode("utf-8")
    except ValueError as error:
        raise InputError(
            f"{target}: is not written, the record holds what no file can ({error}). Training that "
            "diverged gives NaN: lower the learning rate, or begin anew."
        ) from None
    files: dict[str, Callable[[Path], Any]] = {
        header["arrays"]: lambda file: write_pieces(held, file)
    }
    if times is not None:
        told = json.dumps(times, allow_nan=False).encode("utf-8")
        files[_times_name(text)] = lambda file: file.write_bytes(told)
    try:
        _write_files(target, files, text)
    except OSError as error:
        raise InputError(
            f"{target}: cannot be written ({error.strerror or error}). "
            "Free some space or choose another folder; what was there before is unchanged."
        ) from None
    return target


@contextmanager
def holding(path: Path | None) -> Iterator[None]:
    """Be the only process with a checkpoint folder for as long as the block runs.

    Made if it is not there, and taken away if nothing was saved. None: nothing is held.

    Raises
    ------
    InputError
        If it holds other files, cannot be made, or another process is writing there.
    """
    if path is None:
        yield
        return
    refuse_foreign_saved(path)
    made: list[Path] = []
    try:
        with ExitStack() as held:
            try:
                made = make_folder(path)
                held.enter_context(claimed(path))
            except OSError as error:
                raise InputError(
                    f"{path}: cannot be written ({error.strerror or error}). Name another folder."
                ) from None
            yield
    finally:
        remove_empty(made)


def refuse_kind(target: Path, kind: str) -> None:
    """Refuse a folder to save to that holds other files, or a saved object of another kind.

    Raises
    ------
    InputError
    """
    refuse_foreign_saved(target)
    if (target / ABOUT).is_file():
        try:
            held = read_header(target)["kind"]
        except CheckpointError:  # cut short or altered: it may be replaced
            return
        if held != kind:
            raise InputError(
                f"{target}: holds a saved {held}, which a {kind} does not replace. "
                "Name a new folder."
            )


def _write_files(target: Path, files: Mapping[str, Callable[[Path], Any]], about: bytes) -> None:
    """First what ``about`` names, then it, then away with what it named before."""
    made = make_folder(target)
    whole = False
    try:
        with claimed(target):
            for name, write in files.items():
                _replace(target / name, write)
            _replace(target / ABOUT, lambda file: file.write_bytes(about))
            whole = True
            _tidy(target, {*files, ABOUT, LOCK})
    finally:
        if made and not whole:
            with suppress(OSError):
                remove_saved(target)
            remove_empty(made)


def _tidy(target: Path, kept: Collection[str]) -> None:
    """Remove what earlier states, or a kill, left; who holds the folder may."""
    for entry in target.iterdir():
        if is_saved_name(entry.name) and entry.name not in kept:
            with suppress(OSError):
                entry.unlink(missing_ok=True)


def _times_name(about: bytes) -> str:
    """The file of the times that belong to a record: named by it, so that no other's are taken."""
    return f"times-{hashlib.sha256(about).hexdigest()[:12]}.json"


def read_header(path: str | Path) -> dict[str, Any]:
    """Read and check ``about.json`` of a saved folder.

    Raises
    ------
    FileMissingError, CheckpointError
        If there is no saved object there, it is damaged, or of a newer format.
    """
    folder = Path(path)
    about = folder / ABOUT
    try:
        there, whole = folder.exists(), about.is_file()
    except OSError as error:
        raise CheckpointError(
            f"{folder}: cannot be read ({error.strerror or error}). Name the folder of save()."
        ) from None
    if not there:
        raise FileMissingError(f"{folder}: no such folder. Name the folder that save() wrote.")
    if not whole:
        raise CheckpointError(
            f"{folder}: holds no {ABOUT}, so it is no saved {PROGRAM} object. "
            "Name the folder that save() wrote."
        )
    header = read_record(about, "Save the model again or restore a copy.")
    if header.get("program") != PROGRAM:
        raise CheckpointError(f"{about}: was not written by {PROGRAM}. Name a folder of save().")
    version = header.get("format")
    if type(version) is not int or not 0 < version <= FORMAT_VERSION:
        raise CheckpointError(
            f"{about}: has format {version!s:.20}, this version reads 1 to {FORMAT_VERSION}. "
            f"Upgrade with: pip install --upgrade {PROGRAM}"
        )
    if not _complete(header):
        raise CheckpointError(f"{about}: is altered: entries are missing. Restore a copy.")
    return header


def read_folder(
    path: str | Path,
    kind: str,
    *,
    about: Constraint = ANYTHING,
    arrays: Mapping[str, Array] = MappingProxyType({}),
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Read arrays and record of a saved folder of the given kind.

    ``about``, ``arrays``: what they must be. Arrays are finite, whether named there or not.

    Raises
    ------
    FileMissingError, CheckpointError
        If it is missing, damaged, of a newer format, of another kind, or holds what it cannot mean.
    """
    header = read_header(path)
    folder = Path(path)
    if header["kind"] != kind:
        raise CheckpointError(f"{folder}: holds a {header['kind']:.60}, not a {kind}.")
    record = _with_times(folder, header["about"])
    check_record(record, about, str(folder / ABOUT))
    held = _read_arrays(folder, header)
    check_arrays(held, arrays, str(folder / header["arrays"]))
    return held, record


def copy_array(path: str | Path, kind: str, name: str, target: Path) -> bool:
    """Write the bytes of one array of a saved folder to a file; False if it holds no such array.

    Nothing else of the folder is read: the checksum of the whole is not looked at.

    Raises
    ------
    FileMissingError, CheckpointError
        If there is no saved object of that kind, or its arrays cannot be read.
    """
    header = read_header(path)
    file = Path(path) / header["arrays"]
    if header["kind"] != kind:
        raise CheckpointError(f"{path}: holds a {header['kind']:.60}, not a {kind}.")
    try:
        with safe_open(file, framework="np") as held:
            if name not in held.keys():  # noqa: SIM118 (it is no mapping)
                return False
            held.get_tensor(name).tofile(target)
    except (SafetensorError, OSError, LookupError, TypeError, ValueError, MemoryError) as error:
        raise CheckpointError(f"{file}: cannot be read ({error!s:.200}). Restore a copy.") from None
    return True


def _read_arrays(folder: Path, header: dict[str, Any]) -> dict[str, NDArray[Any]]:
    file = folder / header["arrays"]
    if not file.is_file():
        raise CheckpointError(f"{file}: is missing. Restore a copy, or save the model again.")
    try:
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if digest == header["sha256"]:
            return read_pieces(file)
    except (SafetensorError, OSError, LookupError, TypeError, ValueError, MemoryError) as error:
        raise CheckpointError(f"{file}: cannot be read ({error!s:.200}). Restore a copy.") from None
    raise CheckpointError(
        f"{file}: is cut short or altered (its checksum differs). "
        "Restore a copy, or save the model again."
    )


def _with_times(folder: Path, about: dict[str, Any]) -> dict[str, Any]:
    """The record with the times that were written beside it; without them, if they are gone."""
    try:
        name = _times_name((folder / ABOUT).read_bytes())
        times = read_record(folder / name)
    except (OSError, CheckpointError):
        return about
    joined = join(about, times)
    return joined if isinstance(joined, dict) else about


def read_checkpoint(
    path: str | Path,
    kind: str,
    identity: Mapping[str, Any],
    *,
    about: Mapping[str, Constraint] = MappingProxyType({}),
    later: Collection[str] = (),
    arrays: Mapping[str, Array] = MappingProxyType({}),
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Read a checkpoint, whose record has an ``identity``: the settings of the run it belongs to.

    ``about``: the other entries of the record; ``later``: those that earlier versions did not
    write; ``arrays``: as in :func:`read_folder`.

    Raises
    ------
    FileMissingError, CheckpointError
        As from :func:`read_folder`, or if the settings are not those of ``identity``.
    """
    common = {"identity": MapOf(ANYTHING), "history": HISTORY}
    schema = Record({**common, **about}, frozenset(later))
    held, record = read_folder(path, kind, about=schema)
    saved = record["identity"]
    changed = sorted(name for name in identity if saved.get(name) != identity[name])
    if changed:
        raise CheckpointError(
            f"{path}: this checkpoint was made with other settings ({', '.join(changed)} differ). "
            "Fit with the same ones to go on, or name another checkpoint folder."
        )
    check_arrays(held, arrays, str(path))
    _tidy_if_held(Path(path))
    return held, record


def _tidy_if_held(folder: Path) -> None:
    """Remove what a kill left between the last step of a writing and its end."""
    if holds(folder):
        about = (folder / ABOUT).read_bytes()
        _tidy(folder, {ABOUT, LOCK, _times_name(about), json.loads(about)["arrays"]})


def _complete(header: dict[str, Any]) -> bool:
    names = ("kind", "arrays", "sha256")
    return (
        all(isinstance(header.get(name), str) for name in names)
        and isinstance(header.get("about"), dict)
        and _ARRAYS.fullmatch(header["arrays"]) is not None
    )


def _replace(path: Path, write: Callable[[Path], Any]) -> None:
    with replacing(path) as partial:
        write(partial)
