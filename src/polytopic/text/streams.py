"""Bytes and lines of a file, plain or compressed, with errors that name file and line."""

from __future__ import annotations

import codecs
import glob
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar, cast

from polytopic.errors import FileMissingError, InputError
from polytopic.io.packed import kind_of_path, open_unpacked, unpacked_ending

__all__ = [
    "byte_chunks",
    "existing",
    "line_chunks",
    "prefetch",
    "text_chunks",
    "without_compression",
]

_Item = TypeVar("_Item")
_CHUNK = 1 << 17


def existing(path: str | Path) -> Path:
    """The path, if there is something there.

    Raises
    ------
    FileMissingError, InputError
        If there is nothing (the message names similar files beside it), or it cannot be looked at.
    """
    found = Path(path)
    try:
        kind_of_path(found)
    except FileMissingError:
        pattern = f"{glob.escape(found.stem[:4])}*"
        similar = sorted(p.name for p in found.parent.glob(pattern)) if found.stem else []
        hint = f" Similar names there: {', '.join(similar[:3])}." if similar else ""
        raise FileMissingError(f"{path}: no such file or folder.{hint} Check the path.") from None
    return found


def without_compression(path: Path) -> str:
    """The format of a file, as its ending below that of its packing: "reviews.csv.gz" is ".csv"."""
    return unpacked_ending(path)


def byte_chunks(path: Path) -> Iterator[bytes]:
    """The content of a file in chunks, unpacked.

    Raises
    ------
    InputError
        If it cannot be read, or packed data is cut short, damaged or beyond all bounds.
    """
    with open_unpacked(path) as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def prefetch(items: Iterator[_Item]) -> Iterator[_Item]:
    """The same items, each made in a thread of its own while the one before is used."""
    end = object()
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, items, end)
        while (item := coming.result()) is not end:
            coming = pool.submit(next, items, end)
            yield cast(_Item, item)


def line_chunks(path: Path, encoding: str) -> Iterator[str]:
    """The text of a file in chunks of whole lines, each line ending with a line feed.

    A byte order mark is taken off, carriage returns before line feeds too.

    Raises
    ------
    InputError
        If the encoding is unknown or wrong (the message names the line), or the file is binary.
    """
    parts: list[str] = []
    for text in text_chunks(path, encoding):
        cut = text.rfind("\n") + 1
        if not cut:
            parts.append(text)
            continue
        yield _plain("".join([*parts, text[:cut]]))
        parts = [text[cut:]]
    rest = "".join(parts)
    if rest:
        yield _plain(rest + "\n")


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n") if "\r" in text else text


def text_chunks(path: Path, encoding: str) -> Iterator[str]:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise InputError(
            f'encoding: "{encoding}" is unknown. Use for example utf-8, latin-1, cp1252, utf-16.'
        ) from None
    wide = name.startswith(("utf-16", "utf-32"))
    decoder = codecs.getincrementaldecoder("utf-8-sig" if name == "utf-8" else name)()
    line = 1
    ended = False
    chunks = byte_chunks(path)
    while not ended:
        chunk = next(chunks, b"")
        ended = not chunk
        if not wide and b"\0" in chunk:
            raise InputError(
                f"{path}: line {line + chunk[: chunk.index(0)].count(10)} holds a NUL byte, so it "
                "is binary or UTF-16. Give a text file, or encoding='utf-16' (--encoding)."
            )
        try:
            text = decoder.decode(chunk, final=ended)
        except UnicodeDecodeError as error:
            line += error.object[: error.start].count(b"\n")
            raise InputError(
                f"{path}: line {line} is not {encoding} (byte 0x{error.object[error.start]:02x}). "
                "Give its encoding, e.g. encoding='latin-1' (--encoding latin-1)."
            ) from None
        line += text.count("\n")
        yield text
