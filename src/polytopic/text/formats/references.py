"""Lists of literature, as Zotero, EndNote, Citavi and databases export them: BibTeX and RIS."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from polytopic.errors import InputError
from polytopic.text.formats.source import Source
from polytopic.text.streams import line_chunks

__all__ = ["bibtex_rows", "plain_tex", "ris_rows"]

# ---- BibTeX ----------------------------------------------------------------------------------

_ENTRY = re.compile(r"@\s*(\w+)\s*\{\s*")
_FIELD = re.compile(r"[\s,]*([A-Za-z][\w:.-]*)\s*=\s*")
_BARE = re.compile(r"[^\s,#{}\"]+")
_BRACE, _QUOTE, _AND = (re.compile(p) for p in (r"\\[{}]|[{}]", r'\\[{}]|[{}"]', r"\s*#\s*"))
_NO_DOCUMENTS = {"comment", "preamble", "string"}

_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306",
    ".": "\u0307", '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323",
    "c": "\u0327", "k": "\u0328", "b": "\u0331",
}  # fmt: skip
_LETTERS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł",
    "aa": "å", "AA": "Å", "i": "i", "j": "j", "dh": "ð", "th": "þ",
}  # fmt: skip
_ACCENT = re.compile(r"""\\(?:([`'^~=."])|([uvHcdbkr])(?![A-Za-z]))\s*\{?\s*\\?([A-Za-z])\s*\}?""")
_LETTER = re.compile(r"\\(ss|ae|AE|oe|OE|aa|AA|dh|th|o|O|l|L|i|j)(?![A-Za-z])\s*(?:\{\})?")
_ESCAPED = re.compile(r"\\([&%$#_{}])")
_COMMAND = re.compile(r"\\[A-Za-z]+\*?\s*")


def bibtex_rows(source: Source) -> Iterator[Mapping[str, str | None]]:
    """Entries with their fields; accents of TeX become letters, braces go.

    Raises
    ------
    InputError
        If there is no entry, or one is never closed.
    """
    text = "".join(line_chunks(source.path, source.encoding, source.account))
    names: dict[str, str] = {}
    place, found = 0, False
    while entry := _ENTRY.search(text, place):
        place = _closed(text, entry.end())
        if place < 0:
            line = text.count("\n", 0, entry.start()) + 1
            raise InputError(f"{source.path}: the entry of line {line} is never closed. Mend it.")
        kind, body = entry[1].lower(), text[entry.end() : place - 1]
        if kind == "string":
            names.update(_fields(body, names))
        if kind in _NO_DOCUMENTS:
            continue
        found = True
        key, _, rest = body.partition(",")
        fields = {name: plain_tex(value) for name, value in _fields(rest, names).items()}
        yield {"type": kind, "key": key.strip(), **fields}
    if not found:
        raise InputError(f'{source.path}: holds no entries ("@article{{key, ..."). Check the file.')


def _closed(text: str, start: int) -> int:
    """Where a brace that stands open before ``start`` is closed, the place behind it; or -1."""
    depth = 1
    for brace in _BRACE.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if not depth:
            return brace.end()
    return -1


def _fields(body: str, names: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    place = 0
    while field := _FIELD.match(body, place):
        value, place = _value(body, field.end(), names)
        found[field[1].lower()] = value
    return found


def _value(body: str, place: int, names: Mapping[str, str]) -> tuple[str, int]:
    """A value of parts joined by "#", each in braces, in quotes or bare, and where it ends."""
    parts: list[str] = []
    while place < len(body):
        if body[place] == "{":
            end = _closed(body, place + 1)
            end = end if end > 0 else len(body)
            parts.append(body[place + 1 : end - 1])
        elif body[place] == '"':
            end = _quoted(body, place + 1)
            parts.append(body[place + 1 : end - 1])
        elif bare := _BARE.match(body, place):
            parts.append(names.get(bare[0].lower(), bare[0]))
            end = bare.end()
        else:
            break
        more = _AND.match(body, end)
        place = more.end() if more else end
        if not more:
            break
    return "".join(parts), max(place, 1)


def _quoted(body: str, start: int) -> int:
    """The place behind the quote that ends a value: one that stands in no braces."""
    depth = 0
    for mark in _QUOTE.finditer(body, start):
        depth += {"{": 1, "}": -1}.get(mark[0], 0)
        if mark[0] == '"' and depth <= 0:
            return mark.end()
    return len(body) + 1


def plain_tex(value: str) -> str:
    r"""Text of TeX as it is read.

    >>> plain_tex(r'{\"U}ber {DNA} \& \emph{Stra{\ss}en}')
    'Über DNA & Straßen'
    """

    def letter(match: re.Match[str]) -> str:
        accent = _ACCENTS[match[1] or match[2]]
        return unicodedata.normalize("NFC", match[3] + accent)

    if "\\" in value:
        value = _ACCENT.sub(letter, value)
        value = _LETTER.sub(lambda match: _LETTERS[match[1]], value)
        value = _COMMAND.sub("", _ESCAPED.sub(r"\1", value))
    return " ".join(value.replace("{", "").replace("}", "").replace("~", " ").split())


# ---- RIS -------------------------------------------------------------------------------------

_TAG = re.compile(r"([A-Z][A-Z0-9])  - ?(.*)")
_NAMES = {
    "TY": "type", "TI": "title", "T1": "title", "AB": "abstract", "N2": "abstract", "AU": "author",
    "A1": "author", "PY": "year", "Y1": "year", "DA": "date", "JO": "journal", "JF": "journal",
    "T2": "journal", "KW": "keywords", "DO": "doi", "UR": "url", "LA": "language", "ID": "id",
    "N1": "notes", "PB": "publisher",
}  # fmt: skip
_JOINED = {"abstract": "\n", "notes": "\n"}


def ris_rows(source: Source) -> Iterator[Mapping[str, str | None]]:
    """Records with their fields under names that can be read; several values are joined by "; ".

    Raises
    ------
    InputError
        If there is no record.
    """
    record: dict[str, str] = {}
    last, found = "", False
    for chunk in line_chunks(source.path, source.encoding, source.account):
        for line in chunk[:-1].split("\n"):
            tag = _TAG.fullmatch(line.rstrip())
            if tag is None:
                if line.strip() and last in record:
                    record[last] += f"\n{line.strip()}"
                continue
            if tag[1] in ("ER", "TY") and record:
                found = True
                yield record
                record = {}
            last, value = _NAMES.get(tag[1], tag[1]), tag[2].strip()
            if tag[1] == "ER" or not value:
                continue
            value = value.rstrip("/") if last in ("year", "date") else value
            if last not in record:
                record[last] = value
            elif value not in record[last].split("; "):
                record[last] += _JOINED.get(last, "; ") + value
    if record:
        yield record
    elif not found:
        raise InputError(f'{source.path}: holds no records ("TY  - JOUR"). Check the file.')
