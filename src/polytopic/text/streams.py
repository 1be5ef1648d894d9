"""Bytes and lines of a file, plain or compressed, with errors that name file and line."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar, cast

from polytopic.errors import FileMissingError, InputError

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
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_COMPRESSED = (".gz", ".zst")


def existing(path: str | Path) -> Path:
    """The path, if there is something there.

    Raises
    ------
    FileMissingError
        If there is nothing; the message names similar files beside it.
    """
    found = Path(path)
    if not found.exists():
        beside = found.parent
        similar = sorted(p.name for p in beside.glob(f"{found.stem[:4]}*")) if found.stem else []
        hint = f" Similar names there: {', '.join(similar[:3])}." if similar else ""
        raise FileMissingError(f"{path}: no such file or folder.{hint} Check the path.")
    return found


def without_compression(path: Path) -> str:
    """The format of a file, as its ending below .gz or .zst: "reviews.csv.gz" is ".csv"."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in _COMPRESSED:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def byte_chunks(path: Path) -> Iterator[bytes]:
    """The content of a file in chunks of some megabytes, decompressed.

    Raises
    ------
    InputError
        If it cannot be read, or compressed data is cut short or damaged.
    """
    suffix = path.suffix.lower()
    try:
        if suffix == ".zst":
            yield from _zstd_chunks(path)
            return
        with gzip.open(path) if suffix == ".gz" else path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(
            f"{path}: is cut short or damaged ({error}). Fetch or compress it again."
        ) from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}).") from None


def prefetch(items: Iterator[_Item]) -> Iterator[_Item]:
    """The same items, each made in a thread of its own while the one before is used."""
    end = object()
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, items, end)
        while (item := coming.result()) is not end:
            coming = pool.submit(next, items, end)
            yield cast(_Item, item)


def _zstd_chunks(path: Path) -> Iterator[bytes]:
    """Through polars, which brings its own Zstandard: UTF-8 text only."""
    import polars as pl

    with path.open("rb") as file:
        start = file.read(4)
    if start and start != _ZSTD_MAGIC:
        raise InputError(
            f"{path}: is no Zstandard data, or damaged. Rename it without .zst, or fetch it again."
        )
    try:
        for batch in pl.scan_lines(path).collect_batches(maintain_order=True):
            if batch.height:
                yield ("\n".join(batch["line"].to_list()) + "\n").encode()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(
            f"{path}: is cut short, damaged or not UTF-8 ({_first_line(error)}). "
            "Fetch or compress it again."
        ) from None


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]


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
