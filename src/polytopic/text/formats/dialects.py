"""How the records of a table in text are written: which separator, whether columns are named."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from polytopic.errors import InputError
from polytopic.text.formats.quoting import single_quoted
from polytopic.text.streams import Account

__all__ = [
    "Dialect",
    "find_dialect",
    "looks_like_data",
    "named_separator",
    "reader_of",
    "records_of",
    "written",
]

SEPARATORS = (",", ";", "\t", "|")
"""Those that are looked for."""

SAMPLE_CHARACTERS = 1 << 18
"""Of a table, by which its separator is told: a few hundred records of text."""

SAMPLE_RECORDS = 200
"""How much of a file the decision rests on: enough for a share, little enough to cost nothing."""

LONGEST_FIELD = (1 << 31) - 1
"""Characters of a field: the most that Python's csv module can be told on every system."""

ONE_MORE = 0.9
"""What records with another number of fields than the first count: with one more, names of rows as
R writes them; a first record that is not typical stands in files without a header."""

_NAMED = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
_SEP_LINE = re.compile(r'"?sep=(.)"?[ ,;\t]*\n', re.IGNORECASE)
_VALUE = re.compile(
    r"[-+]?\d+([.,]\d+)*%?|\d{4}-\d\d-\d\d([ T].*)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}.*"
)
_LONGEST_NAME_WORDS = 8
"""A first row with more is a sentence, not a name."""

_ODD = re.compile(r"[^\w\s.\-()\[\]'\"/#%&?!+*]")


class _Reader(Protocol):
    """What csv.reader gives."""

    @property
    def line_num(self) -> int: ...

    def __iter__(self) -> Iterator[list[str]]: ...

    def __next__(self) -> list[str]: ...


@dataclass(frozen=True)
class Dialect:
    """How records are written.

    ``separator`` one character; ``skip_spaces``: whether a blank after it is no part of a field;
    ``start``: characters before the first record (the line ``sep=;``); ``quote``: ``"`` or ``'``.
    """

    separator: str
    skip_spaces: bool = False
    start: int = 0
    quote: str = '"'


def written(separator: str) -> str:
    """A separator as messages show it."""
    return "a tab" if separator == "\t" else f'"{separator}"'


def named_separator(separator: str) -> str:
    r"""The character that is meant: ``"tab"`` and ``"\\t"`` are the tab.

    Raises
    ------
    InputError
        If it is not one character, or one that cannot divide fields.

    >>> named_separator("semicolon"), named_separator("|")
    (';', '|')
    """
    found = _NAMED.get(separator.lower(), separator) if isinstance(separator, str) else ""
    if len(found) != 1 or found in '"\r\n\0':
        raise InputError(
            f"separator: is {separator!r}, and must be one character (no quote, no end of line). "
            'Give for example ",", ";", "|" or "tab".'
        )
    return found


def records_of(text: str, dialect: Dialect) -> list[list[str]]:
    """The records of a text; blank lines are none. A last one may be cut."""
    return [row for row in reader_of(io.StringIO(text, newline="\n"), dialect) if row]


def reader_of(lines: Iterable[str], dialect: Dialect) -> _Reader:
    """Python's reader of records, for fields of any length.

    Its limit of 131,072 characters, which is that of the whole process, is raised: it is less than
    a novel, and here what a file holds is bounded by the file.
    """
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_FIELD))
    return csv.reader(
        lines,
        delimiter=dialect.separator,
        quotechar=dialect.quote,
        skipinitialspace=dialect.skip_spaces,
    )


def find_dialect(
    path: Path, text: str, *, given: str | None, usual: str, account: Account
) -> Dialect:
    """The dialect of a file by the beginning of its text.

    The separator is the one by which most records of a sample have as many fields as the first,
    which must have two or more, or as each other; among equals the usual one of the ending, then
    the one that gives more fields. Another than the usual one is told, and so are single quotes.

    Raises
    ------
    InputError
        If no separator is found, but every line holds the same odd character.
    """
    match = _SEP_LINE.match(text)
    start = match.end() if match else 0
    sample = text[start : start + SAMPLE_CHARACTERS]
    whole = len(text) - start <= SAMPLE_CHARACTERS
    named = given is not None or match is not None
    separator = named_separator(given) if given is not None else str(match and match[1])
    for candidate in (separator,) if named else dict.fromkeys((usual, *SEPARATORS)):
        if single_quoted(sample, candidate):
            account.notes.append(
                f"{path.name}: fields are read as separated by {written(candidate)}, with single "
                "quotes around them."
            )
            return Dialect(candidate, start=start, quote="'")
    if named:
        return _with_spaces(sample, whole, Dialect(separator, start=start))
    found = {
        separator: agreement
        for separator in SEPARATORS
        if (agreement := _agreement(sample, whole, Dialect(separator)))[1] > 1
    }
    if not found:
        _refuse_odd_separator(path, sample)
        return Dialect(usual, start=start)
    best = max(found, key=lambda sep: (found[sep][0], sep == usual, found[sep][1]))
    if best != usual:
        account.notes.append(f"{path.name}: fields are read as separated by {written(best)}.")
    return _with_spaces(sample, whole, Dialect(best, start=start))


def _with_spaces(sample: str, whole: bool, dialect: Dialect) -> Dialect:
    """The dialect that takes blanks before quotes for no part of a field, if that agrees better."""
    if f'{dialect.separator} "' not in sample or dialect.separator == " ":
        return dialect
    other = Dialect(dialect.separator, True, dialect.start)
    better = _agreement(sample, whole, other) > _agreement(sample, whole, dialect)
    return other if better else dialect


def _agreement(sample: str, whole: bool, dialect: Dialect) -> tuple[float, int]:
    """Share of the records with as many fields as the first (or one more: names of rows); fields.

    Where the first is not typical, the share of the usual number, which counts a little less.

    Lines are counted too, as they stand: one stray quote can hide all the records after it.
    """
    lines = [line for line in sample.split("\n")[: SAMPLE_RECORDS + 2] if line.strip()]
    if not whole and len(lines) <= SAMPLE_RECORDS + 1:
        lines = lines[:-1] or lines
    counts = [line.count(dialect.separator) + 1 for line in lines]
    try:
        rows = records_of(sample, dialect)
    except csv.Error:
        rows = []
    rows = rows[: SAMPLE_RECORDS + 1] if whole or len(rows) < 2 else rows[: SAMPLE_RECORDS + 1][:-1]
    widths = [len(row) for row in rows]
    return max(_share(widths), _share(counts))


def _share(widths: list[int]) -> tuple[float, int]:
    if not widths:
        return 0.0, 0
    first, rest = widths[0], Counter(widths[1:])
    if not rest:
        return 1.0, first
    alike = max(float(rest[first]), ONE_MORE * rest[first + 1] if len(rest) == 1 else 0.0)
    usual, times = Counter(widths).most_common(1)[0]
    share, atypical = alike / rest.total(), ONE_MORE * times / len(widths)
    return (atypical, usual) if min(first, usual) > 1 and atypical > share else (share, first)


def _refuse_odd_separator(path: Path, sample: str) -> None:
    """A column that is one only because its separator is not known is no text."""
    lines = [line for line in sample.split("\n")[:SAMPLE_RECORDS] if line.strip()]
    for character in dict.fromkeys(_ODD.findall(lines[0] if lines else "")):
        counts = {line.count(character) for line in lines}
        if len(lines) > 1 and counts == {lines[0].count(character)}:
            raise InputError(
                f'{path}: no separator was found, but every line holds "{character}" as often. '
                f"If it divides the fields, give separator='{character}' (--separator "
                f"'{character}')."
            )


def looks_like_data(first: list[str], rest: list[list[str]]) -> bool:
    """Whether a first record seems to be no names of columns, but one of the documents.

    So it does if a field is as long as a text, is a number or date like those below it, or stands
    in its own column again.

    >>> looks_like_data(["1", "a"], [["2", "b"]]), looks_like_data(["id", "text"], [["2", "b"]])
    (True, False)
    """
    for place, name in enumerate(first):
        below = [row[place] for row in rest if place < len(row)]
        if len(name.split()) > _LONGEST_NAME_WORDS:
            return True
        if name.strip() and name in below:
            return True
        if _VALUE.fullmatch(name.strip()) and below and all(map(_is_value, below)):
            return True
    return False


def _is_value(text: str) -> bool:
    return not text.strip() or _VALUE.fullmatch(text.strip()) is not None
