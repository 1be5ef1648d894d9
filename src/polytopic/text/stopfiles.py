"""Files of stop words, as people have them."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from polytopic.errors import InputError
from polytopic.text.streams import existing

__all__ = ["LONGEST_PHRASE", "StopFile", "read_stop_file"]

LONGEST_PHRASE = 4
"""Words of a line that are read as one phrase; a longer line is a list of words. The longest
phrases of published lists (Vietnamese, Korean) have four."""

_COMMENT = re.compile(r"(?:^|(?<=\s))(?:#(?=\s|#|$)|\|).*")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class StopFile:
    """The entries of a file, each once and sorted, and what is to be told of it."""

    words: list[str]
    notes: tuple[str, ...] = ()


def read_stop_file(path: str | Path) -> StopFile:
    """Read a file of stop words: an entry a line, a word or a phrase.

    A number sign with white space or another one after it begins a comment, as a bar does (the
    lists of Snowball); ``#word`` without a space is an entry. Lines of more than four words, and
    words with commas between them, are lists of words. The file is UTF-8, UTF-16 with its mark, or
    else cp1252.

    Raises
    ------
    FileMissingError, InputError
        If there is no such file, it cannot be read, or holds no word.
    """
    file = existing(path)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}).") from None
    text, encoding = _decoded(data)
    notes = [] if encoding.startswith("utf") else [f"{path}: is no UTF-8; read as {encoding}."]
    words: set[str] = set()
    long = 0
    for line in text.splitlines():
        for entry in re.split("[,;\t]", _COMMENT.sub("", line)):
            parts = entry.split()
            long += len(parts) > LONGEST_PHRASE
            words.update(parts if len(parts) > LONGEST_PHRASE else [" ".join(parts)])
    words.discard("")
    if not words:
        raise InputError(
            f'{path}: holds no stop word. Write a word a line, or give "none" for no stop words.'
        )
    if long:
        notes.append(
            f"{path}: {long:,} {'line' if long == 1 else 'lines'} of more than {LONGEST_PHRASE} "
            "words read as lists of words, not as phrases."
        )
    return StopFile(sorted(words), tuple(notes))


def _decoded(data: bytes) -> tuple[str, str]:
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    for name in (encoding, "cp1252"):
        try:
            return data.decode(name), name
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1"), "latin-1"
