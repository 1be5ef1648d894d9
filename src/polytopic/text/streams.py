"""Bytes and lines of a file, plain or compressed, with errors that name file and line."""

from __future__ import annotations

import codecs
import glob
import itertools
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, cast

from polytopic.errors import FileMissingError, InputError
from polytopic.io.packed import kind_of_path, looks_packed, open_unpacked, unpacked_ending
from polytopic.text.halves import DECODING, has_halves, mended

__all__ = [
    "Account",
    "byte_chunks",
    "existing",
    "line_chunks",
    "prefetch",
    "text_chunks",
    "text_codec",
    "without_compression",
]

_Item = TypeVar("_Item")
_CHUNK = 1 << 17
"""Bytes read at a time."""

_CRLF = re.compile("\r+\n")
_CUT_HALVES = re.compile(rb"(?:\xed[\xa0-\xaf][\x80-\xbf])?(?:\xed[\xa0-\xbf]?)?\Z")
_LONGEST_HALVES = 6
"""Bytes of a pair of surrogates, each in three: a chunk may end within."""

_MOST_CRS = 16
"""Carriage returns in a row that one line end may have: some programs write several; more are blank
lines."""

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NO_ENCODINGS = ("idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape")
"""Codecs of Python that turn bytes to text, but are no encodings of files."""


@dataclass
class Account:
    """What a reader tells: notes in its words, and half surrogates that were replaced."""

    notes: list[str] = field(default_factory=list)
    halves: int = 0

    def told(self) -> tuple[str, ...]:
        """All of it as sentences, each once."""
        halves = f"Half surrogates (letters cut in two) read as U+FFFD: {self.halves:,}."
        return tuple(dict.fromkeys([*self.notes, *([halves] if self.halves else [])]))


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


def line_chunks(path: Path, encoding: str, account: Account | None = None) -> Iterator[str]:
    """The text of a file in chunks of whole lines, each line ending with a line feed.

    Parameters are those of :func:`text_chunks`.

    Raises
    ------
    InputError
        If the encoding is unknown or wrong (the message names the line), or the file is binary.
    """
    parts: list[str] = []
    for text in text_chunks(path, encoding, account):
        cut = text.rfind("\n") + 1
        if not cut:
            parts.append(text)
            continue
        yield "".join([*parts, text[:cut]])
        parts = [text[cut:]]
    rest = "".join(parts)
    if rest:
        yield rest + "\n"


def text_chunks(path: Path, encoding: str, account: Account | None = None) -> Iterator[str]:
    """The text of a file in chunks that may end anywhere.

    A byte order mark is taken off (where UTF-8 is asked for, one of UTF-16 or UTF-32 is believed),
    each line ends with a line feed, however the file ends it, and half surrogates are replaced.

    Parameters
    ----------
    encoding : str
        A name that Python knows. UTF-16 and UTF-32 need no mark: the zeros tell the order of bytes.
    account : Account, optional
        What was read otherwise than it stands is told here.

    Raises
    ------
    InputError
        If the encoding is unknown or wrong (the message names the line), or the file is binary.
    """
    return _with_line_feeds(_decoded(path, encoding, account or Account()))


def _decoded(path: Path, encoding: str, account: Account) -> Iterator[str]:
    chunks = byte_chunks(path)
    first = next(chunks, b"")
    name = _codec(first, encoding)
    decoder = codecs.getincrementaldecoder("utf-8-sig" if name == "utf-8" else name)(
        DECODING if name == "utf-8" else "strict"
    )
    wide = name.startswith(("utf-16", "utf-32"))
    line = 1
    held, begun = b"", False
    for chunk in itertools.chain([first], chunks, [b""]):
        if not wide and b"\0" in chunk:
            raise _binary(path, chunk, line)
        whole, held = _split_halves(held + chunk) if chunk else (held, b"")
        begins = not begun and bool(whole)
        begun |= begins
        try:
            text = decoder.decode(whole, final=not chunk)
        except UnicodeError as error:
            raise _undecodable(path, encoding, error, line) from None
        if wide and "\0" in text:
            raise _binary(path, b"\n" * text.count("\n", 0, text.index("\0")) + b"\0", line)
        if has_halves(text):
            text, halves = mended(text)
            account.halves += halves
        line += text.count("\n") or text.count("\r")
        yield text.removeprefix("\ufeff") if begins else text


def text_codec(encoding: str) -> str | None:
    """Python's name of an encoding of text; None if it knows none of that name.

    >>> text_codec("Latin-1"), text_codec("rot13"), text_codec("x-unknown")
    ('iso8859-1', None, None)
    """
    try:
        codec = codecs.lookup(encoding)
    except (LookupError, ValueError, TypeError):
        return None
    known = codec._is_text_encoding and codec.name not in _NO_ENCODINGS
    return codec.name if known else None


def _codec(first: bytes, encoding: str) -> str:
    """Python's name of the encoding: as a byte order mark says, else as given."""
    name = text_codec(encoding)
    if name is None:
        raise InputError(
            f'encoding: "{encoding}" is unknown. Use for example utf-8, latin-1, cp1252, utf-16.'
        )
    for mark, marked in _MARKS:
        if first.startswith(mark) and (name == "utf-8" or marked.startswith(name)):
            return marked
    return f"{name}-{_byte_order(first)}" if name in ("utf-16", "utf-32") else name


def _byte_order(first: bytes) -> str:
    """ "le" or "be", by which bytes of a text without a mark are zero; Windows' order if none."""
    sample = first[: len(first) // 4 * 4]
    return "be" if sample[::2].count(0) > sample[1::2].count(0) else "le"


def _split_halves(data: bytes) -> tuple[bytes, bytes]:
    """What to decode now, and the beginning of a half surrogate that must not be cut again."""
    found = _CUT_HALVES.search(data, max(len(data) - _LONGEST_HALVES, 0))
    at = found.start() if found else len(data)
    return data[:at], data[at:]


def _binary(path: Path, chunk: bytes, line: int) -> InputError:
    packing = looks_packed(chunk[:8]) if line == 1 else ""
    if packing:
        return InputError(
            f"{path}: is packed, by its first bytes, and its name does not say so. "
            f"Give its name the ending {packing}."
        )
    return InputError(
        f"{path}: line {line + chunk[: chunk.index(0)].count(10)} holds a NUL byte, so it "
        "is binary or UTF-16. Give a text file, or encoding='utf-16' (--encoding)."
    )


def _undecodable(path: Path, encoding: str, error: UnicodeError, line: int) -> InputError:
    if not isinstance(error, UnicodeDecodeError):
        return InputError(f"{path}: is not {encoding} ({error}). Give its encoding (--encoding).")
    before = error.object[: error.start]
    line += before.count(b"\n") or before.count(b"\r")
    byte = error.object[error.start]
    western = "cp1252" if 0x80 <= byte < 0xA0 else "latin-1"
    other = western if codecs.lookup(encoding).name == "utf-8" else "utf-8"
    return InputError(
        f"{path}: line {line} is not {encoding} (byte 0x{byte:02x}). "
        f"Give its encoding, e.g. encoding='{other}' (--encoding {other})."
    )


def _ends_in_cr(text: str) -> bool:
    """Whether the lines of a beginning end in CR alone: it comes first, and more often than LF.

    Cells of such files hold LF within quotes.
    """
    first = text.partition("\n")[0]
    return "\r" in first and text.count("\r") > text.count("\n")


def _with_line_feeds(texts: Iterator[str]) -> Iterator[str]:
    """Lines that end in CR LF, or in CR alone throughout (old Macs, some exports), end in LF.

    Other CRs stay as they are: progress bars and cells of spreadsheets hold them within a line.
    """
    lone_ends: bool | None = None
    held = ""
    for text in texts:
        text = held + text
        held = text[len(text.rstrip("\r")) :][-_MOST_CRS:]
        if "\r" in text:
            text = _CRLF.sub("\n", text[: len(text) - len(held)])
            if lone_ends is None and ("\r" in text or "\n" in text):
                lone_ends = _ends_in_cr(text)
            text = text.replace("\r", "\n") if lone_ends else text
        elif lone_ends is None and "\n" in text:
            lone_ends = False
        yield text
    if held:
        yield "\n"
