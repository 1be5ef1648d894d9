"""Plain text: a document a line, or a folder with a document a file."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from polytopic.errors import InputError
from polytopic.io.packed import packing_of
from polytopic.text.formats.columns import Chunk, Wanted, listed, only_text
from polytopic.text.formats.mail_files import mails_among, read_mails
from polytopic.text.formats.source import Source
from polytopic.text.streams import line_chunks

__all__ = ["TEXT_ENDINGS", "read_folder", "read_lines"]

TEXT_ENDINGS = (".txt", ".text")
_FILES = 1000
"""Files read before their texts are handed on: bounds what is held."""

_TABLE_LINES = 5
"""Lines that all hold as many tabs before a file of lines is said to look like a table."""


def read_lines(source: Source, wanted: Wanted) -> Iterator[Chunk]:
    """A document a line."""
    from polytopic.text.formats import TABLE_ENDINGS

    only_text(source.path, wanted, TABLE_ENDINGS)
    sample: list[str] | None = None
    for chunk in line_chunks(source.path, source.encoding, source.account):
        lines: list[str | None] = list(chunk[:-1].split("\n"))
        if sample is None:
            sample = [line for line in lines if line]
            _tell_tabs(source, sample)
        yield {"text": lines}


def _tell_tabs(source: Source, lines: list[str]) -> None:
    tabs = {line.count("\t") for line in lines}
    if len(lines) >= _TABLE_LINES and len(tabs) == 1 and tabs != {0}:
        source.account.notes.append(
            f"{source.path.name}: each line holds {tabs.pop()} tab(s) and was read as a document. "
            "If it is a table, give its separator='tab' (--separator tab)."
        )


def read_folder(source: Source, wanted: Wanted) -> Iterator[Chunk]:
    """A document a file, from all folders below, in the order of names; else a mail a file."""
    from polytopic.text.formats import TABLE_ENDINGS

    path = source.path
    files, others = _files_below(path)
    if not files and (mails := mails_among(others)):
        _tell_left_out(source, "mails", sorted(set(others) - set(mails)))
        yield from read_mails(source, wanted, mails)
        return
    by_folder = listed(wanted.label) == ["folder"]
    if not by_folder:
        only_text(path, wanted, TABLE_ENDINGS)
    if not files:
        raise InputError(
            f"{path}: the folder holds no .txt files, and no mails. Give one that does, or a file."
        )
    _tell_left_out(source, ".txt", others)
    for start in range(0, len(files), _FILES):
        group = files[start : start + _FILES]
        columns: dict[str, list[str | None]] = {
            "text": ["".join(line_chunks(file, source.encoding, source.account)) for file in group],
            "id": [file.relative_to(path).as_posix() for file in group],
        }
        if by_folder:
            columns["label"] = [file.relative_to(path).parent.as_posix() for file in group]
        yield columns


def _tell_left_out(source: Source, read: str, others: list[Path]) -> None:
    if others:
        endings = Counter(map(_ending, others))
        listed = ", ".join(f"{n:,} {end or 'without ending'}" for end, n in sorted(endings.items()))
        source.account.notes.append(
            f"{source.path.name}: files that are not {read} were left out: {listed}."
        )


def _files_below(path: Path) -> tuple[list[Path], list[Path]]:
    """The text files of a folder and all below it, in order, and the others that are not hidden.

    Links to folders are followed, each folder once.

    Raises
    ------
    InputError
        If a folder may not be read: its documents would be missing.
    """

    def refuse(error: OSError) -> None:
        raise InputError(
            f"{error.filename}: the folder may not be read ({error.strerror or error}). "
            "Change its rights, or move it out of the folder that is read."
        ) from None

    files: list[Path] = []
    others: list[Path] = []
    seen: set[tuple[int, int]] = set()
    for folder, below, names in os.walk(path, onerror=refuse, followlinks=True):
        about = Path(folder).stat()
        if (about.st_dev, about.st_ino) in seen:
            below.clear()
            continue
        seen.add((about.st_dev, about.st_ino))
        below.sort()
        for name in names:
            file = Path(folder, name)
            if _ending(file) in TEXT_ENDINGS and not name.startswith("._"):
                files.append(file)
            elif not name.startswith("."):
                others.append(file)
    return sorted(files), sorted(others)


def _ending(file: Path) -> str:
    """The ending below that of the packing, by the name alone."""
    inner = Path(file.stem).suffix if packing_of(file) else ""
    return (inner or file.suffix).lower()
