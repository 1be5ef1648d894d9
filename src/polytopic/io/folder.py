"""A saved object is a folder: one safetensors file and ``about.json``, nothing executable.

``about.json`` names the kind, the format version, the arrays' file and its SHA-256, so that a file
cut short or altered is refused with one line. The arrays' file is named by its content and written
first; replacing ``about.json`` is the one atomic step that makes the new state the state. A full
disk or a kill at any moment leaves the old object as it was.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from polytopic.errors import CheckpointError, FileMissingError, InputError
from polytopic.io.atomic import replacing

__all__ = ["FORMAT_VERSION", "read_checkpoint", "read_folder", "read_header", "write_folder"]

FORMAT_VERSION = 1
ABOUT = "about.json"
PROGRAM = "polytopic"
_OWN = re.compile(r"arrays-[0-9a-f]{12}\.safetensors|about\.json|\.partial-.+")


def write_folder(
    path: str | Path, kind: str, arrays: Mapping[str, NDArray[Any]], about: Mapping[str, Any]
) -> Path:
    """Write arrays and a JSON-ready record to the folder ``path``, replacing one of this program.

    Raises
    ------
    InputError
        If ``path`` holds something else, or cannot be written (a full disk, no permission).
    """
    target = Path(path)
    _refuse_foreign(target)
    payload = save_tensors({name: np.ascontiguousarray(value) for name, value in arrays.items()})
    digest = hashlib.sha256(payload).hexdigest()
    file_name = f"arrays-{digest[:12]}.safetensors"
    header = {
        "program": PROGRAM,
        "format": FORMAT_VERSION,
        "kind": kind,
        "arrays": file_name,
        "sha256": digest,
        "about": dict(about),
    }
    text = json.dumps(header, ensure_ascii=False, indent=1, allow_nan=False)
    existed = target.exists()
    try:
        target.mkdir(parents=True, exist_ok=True)
        _replace(target / file_name, payload)
        _replace(target / ABOUT, text.encode("utf-8"))
    except OSError as error:
        if not existed:
            _take_back(target)
        raise InputError(
            f"{target}: cannot be written ({error.strerror or error}). "
            "Free some space or choose another folder; what was there before is unchanged."
        ) from None
    for stale in target.glob("arrays-*.safetensors"):
        if stale.name != file_name:
            stale.unlink(missing_ok=True)
    return target


def read_header(path: str | Path) -> dict[str, Any]:
    """Read and check ``about.json`` of a saved folder.

    Raises
    ------
    FileMissingError, CheckpointError
        If there is no saved object there, it is damaged, or of a newer format.
    """
    folder = Path(path)
    if not folder.exists():
        raise FileMissingError(f"{folder}: no such folder. Name the folder that save() wrote.")
    about = folder / ABOUT
    if not about.is_file():
        raise CheckpointError(
            f"{folder}: holds no {ABOUT}, so it is no saved {PROGRAM} object. "
            "Name the folder that save() wrote."
        )
    try:
        header = json.loads(about.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CheckpointError(
            f"{about}: is cut short or altered ({error}). Save the model again or restore a copy."
        ) from None
    if not isinstance(header, dict) or header.get("program") != PROGRAM:
        raise CheckpointError(f"{about}: was not written by {PROGRAM}. Name a folder of save().")
    version = header.get("format")
    if not isinstance(version, int) or version > FORMAT_VERSION:
        raise CheckpointError(
            f"{about}: has format {version}, this version reads up to {FORMAT_VERSION}. "
            f"Upgrade with: pip install --upgrade {PROGRAM}"
        )
    if not _complete(header):
        raise CheckpointError(f"{about}: is altered: entries are missing. Restore a copy.")
    return header


def read_folder(path: str | Path, kind: str) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Read arrays and record of a saved folder of the given kind.

    Raises
    ------
    FileMissingError, CheckpointError
        If it is missing, damaged, of a newer format or of another kind.
    """
    header = read_header(path)
    folder = Path(path)
    if header["kind"] != kind:
        raise CheckpointError(f"{folder}: holds a {header['kind']}, not a {kind}.")
    file = folder / header["arrays"]
    if not file.is_file():
        raise CheckpointError(f"{file}: is missing. Restore a copy, or save the model again.")
    payload = file.read_bytes()
    if hashlib.sha256(payload).hexdigest() != header["sha256"]:
        raise CheckpointError(
            f"{file}: is cut short or altered (its checksum differs). "
            "Restore a copy, or save the model again."
        )
    try:
        arrays = load_tensors(payload)
    except SafetensorError as error:
        raise CheckpointError(f"{file}: cannot be read ({error}). Restore a copy.") from None
    return arrays, header["about"]


def read_checkpoint(
    path: str | Path, kind: str, identity: Mapping[str, Any]
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Read a checkpoint, whose record has an ``identity``: the settings of the run it belongs to.

    Raises
    ------
    FileMissingError, CheckpointError
        As from :func:`read_folder`, or if the settings are not those of ``identity``.
    """
    arrays, about = read_folder(path, kind)
    saved = about["identity"]
    changed = sorted(name for name in identity if saved.get(name) != identity[name])
    if changed:
        raise CheckpointError(
            f"{path}: this checkpoint was made with other settings ({', '.join(changed)} differ). "
            "Fit with the same ones to go on, or name another checkpoint folder."
        )
    return arrays, about


def _refuse_foreign(target: Path) -> None:
    if target.is_symlink() or not target.exists():
        return
    if not target.is_dir():
        raise InputError(f"{target}: is a file, and a folder is to be written. Name another path.")
    others = sorted(e.name for e in target.iterdir() if not _OWN.fullmatch(e.name))
    if others:
        raise InputError(
            f"{target}: holds other files ({others[0]}, ...), which are not overwritten. "
            "Name a new folder."
        )


def _complete(header: dict[str, Any]) -> bool:
    names = ("kind", "arrays", "sha256")
    return (
        all(isinstance(header.get(name), str) for name in names)
        and isinstance(header.get("about"), dict)
        and _OWN.fullmatch(header["arrays"]) is not None
    )


def _replace(path: Path, content: bytes) -> None:
    with replacing(path) as partial:
        partial.write_bytes(content)


def _take_back(target: Path) -> None:
    """Remove what a failed write left of a new folder."""
    if not target.is_dir():
        return
    for arrays in target.glob("arrays-*.safetensors"):
        arrays.unlink(missing_ok=True)
    if not any(target.iterdir()):
        target.rmdir()
