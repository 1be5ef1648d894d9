"""Plain text: a document a line, a chat, or a folder with a document a file."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from polytopic.errors import InputError
from polytopic.io.packed import packing_of
from polytopic.text.formats.captions import CAPTION_ENDINGS, captions_as_text
from polytopic.text.formats.chats import chat_rows, looks_like_chat
from polytopic.text.formats.columns import Chunk, Wanted, listed, only_text
from polytopic.text.formats.mail_files import mails_among, read_mails
from polytopic.text.formats.rows import rows_reader
from polytopic.text.formats.source import Source
from polytopic.text.streams import line_chunks

__all__ = ["PAGE_ENDINGS", "TEXT_ENDINGS", "read_folder", "read_lines", "read_page"]

TEXT_ENDINGS = (".txt", ".text")
PAGE_ENDINGS = (".md", ".markdown", ".html", ".htm")
"""Files that are one document each; cleaning takes out tags, scripts and styles."""

_BY_FILE = (TEXT_ENDINGS, PAGE_ENDINGS[:2], PAGE_ENDINGS[2:], CAPTION_ENDINGS)
"""Kinds of files that a folder is read of: .txt where there is one, else the kind of most."""

_FILES = 1000
"""Files read before their texts are handed on: bounds what is held."""

_SNIFFED_LINES = 100
"""Lines at the head of a file by which a chat is known."""

_TABLE_LINES = 5
"""Lines that all hold as many tabs before a file of lines is said to look like a table."""


def read_lines(source: Source, wanted: Wanted) -> Iterator[Chunk]:
    """A document a line."""
    from polytopic.text.formats import TABLE_ENDINGS

    chunks = line_chunks(source.path, source.encoding, source.account)
    first = next(chunks, "")
    chunks = itertools.chain([first] if first else [], chunks)
    if looks_like_chat(first.split("\n", _SNIFFED_LINES)[:_SNIFFED_LINES]):
        yield from rows_reader(lambda _: chat_rows(source, chunks), "message")(source, wanted)
        return
    only_text(source.path, wanted, TABLE_ENDINGS)
    sample: list[str] | None = None
    for chunk in chunks:
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


def read_page(source: Source, wanted: Wanted) -> Iterator[Chunk]:
    """One document: the whole file."""
    from polytopic.text.formats import TABLE_ENDINGS

    only_text(source.path, wanted, TABLE_ENDINGS)
    yield {"text": [_text_of(source, source.path)]}


def _text_of(source: Source, file: Path) -> str:
    """The text of a file that is one document."""
    if _ending(file) in CAPTION_ENDINGS:
        return captions_as_text(replace(source, path=file))
    return "".join(line_chunks(file, source.encoding, source.account))


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
            f"{path}: the folder holds no .txt files, no {_listed_kinds()}, and no mails"
            f"{_what_there_is(others)}. Give one that does, or a file."
        )
    _tell_left_out(source, _ending(files[0]), others)
    for start in range(0, len(files), _FILES):
        group = files[start : start + _FILES]
        columns: dict[str, list[str | None]] = {
            "text": [_text_of(source, file) for file in group],
            "id": [file.relative_to(path).as_posix() for file in group],
        }
        if by_folder:
            columns["label"] = [file.relative_to(path).parent.as_posix() for file in group]
        yield columns


def _listed_kinds() -> str:
    *most, last = (e for kind in _BY_FILE[1:] for e in kind[: 1 + (kind is CAPTION_ENDINGS)])
    return f"{', '.join(most)} or {last}"


def _what_there_is(others: list[Path]) -> str:
    """The files there are, and the way out for those of the commonest ending that has one."""
    from polytopic.text.formats import way_out

    endings = Counter(map(_ending, others))
    if not endings:
        return ""
    listed = ", ".join(f"{n:,} {end or 'without ending'}" for end, n in sorted(endings.items()))
    ways = (way_out(ending) for ending, _ in endings.most_common())
    way = next((way for way in ways if way), "")
    return f" (but {listed}){f'. {way}' if way else ''}"


def _tell_left_out(source: Source, read: str, others: list[Path]) -> None:
    if others:
        endings = Counter(map(_ending, others))
        listed = ", ".join(f"{n:,} {end or 'without ending'}" for end, n in sorted(endings.items()))
        source.account.notes.append(
            f"{source.path.name}: files that are not {read} were left out: {listed}."
        )


def _files_below(path: Path) -> tuple[list[Path], list[Path]]:
    """The files of a folder and all below that are read, in order, and others not hidden.

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

    kinds: list[list[Path]] = [[] for _ in _BY_FILE]
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
            kind = next((n for n, ends in enumerate(_BY_FILE) if _ending(file) in ends), None)
            if kind is not None and not name.startswith("._"):
                kinds[kind].append(file)
            elif not name.startswith("."):
                others.append(file)
    plain, *more = kinds
    files = plain or max(more, key=len)
    return sorted(files), sorted(
        file for kind in (others, *kinds) if kind is not files for file in kind
    )


def _ending(file: Path) -> str:
    """The ending below that of the packing, by the name alone."""
    inner = Path(file.stem).suffix if packing_of(file) else ""
    return (inner or file.suffix).lower()
