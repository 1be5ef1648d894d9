"""Quotes in blocks of records: of which kind, where they are well-formed, where one swallows lines.

A block is UTF-8 and begins with a record. All of it is arithmetic on the places of quotes,
separators and ends of lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["SWALLOWED", "Marks", "holds_records", "marks_of", "single_quoted", "split_plainly"]

SWALLOWED = 3
"""Lines within quotes that must look like records before that is told."""

_QUOTE, _LINE = ord('"'), ord("\n")


@dataclass(frozen=True)
class Marks:
    """Places in a block: of quotes, of ends of lines, and of separators, each in rising order."""

    data: bytes
    separator: str
    quotes: NDArray[np.int64]
    ends: NDArray[np.int64]

    def last_record_end(self) -> int:
        """Just behind the last end of line that is outside of quotes; 0 if there is none."""
        outside = np.searchsorted(self.quotes, self.ends) % 2 == 0
        found = np.flatnonzero(outside)
        return int(self.ends[found[-1]]) + 1 if len(found) else 0

    def well_formed(self) -> bool:
        """Whether quotes stand only around whole fields, and doubled within (RFC 4180)."""
        if len(self.quotes) % 2:
            return False
        if not len(self.quotes):
            return True
        opening, closing = self.quotes[::2], self.quotes[1::2]
        bytes_ = np.frombuffer(self.data, np.uint8)
        before = bytes_[np.maximum(opening - 1, 0)]
        after = bytes_[np.minimum(closing + 1, len(bytes_) - 1)]
        doubled = opening[1:] == closing[:-1] + 1
        sep = ord(self.separator)
        begins = (opening == 0) | (before == sep) | (before == _LINE)
        begins[1:] |= doubled
        ends = (closing == len(bytes_) - 1) | (after == sep) | (after == _LINE)
        ends[:-1] |= doubled
        return bool(begins.all() and ends.all())

    def holds_lines(self) -> bool:
        """Whether a pair of quotes holds an end of line."""
        return bool((np.searchsorted(self.quotes, self.ends) % 2 == 1).any())

    def swallowing(self, width: int) -> int | None:
        """Place of the first quote that seems to hold whole records, if the block is well-formed.

        It holds ``SWALLOWED`` lines or more, and each has as many separators as a record.
        """
        if width < 2 or not len(self.quotes):
            return None
        opening, closing = self.quotes[::2], self.quotes[1::2]
        n_ends = np.searchsorted(self.ends, closing) - np.searchsorted(self.ends, opening)
        for pair in np.flatnonzero(n_ends > SWALLOWED).tolist():
            held = self.data[opening[pair] : closing[pair]].decode()
            if holds_records(held, self.separator, width):
                return int(opening[pair])
        return None

    def lines_are_records(self, width: int) -> bool:
        """Whether each line that is not blank has ``width`` fields (two at least) as it stands.

        Then a quote that holds ends of lines is a stray one: in a text of several lines, each line
        would have to hold as many separators as a record.
        """
        if width < 2:
            return False
        separators = np.flatnonzero(np.frombuffer(self.data, np.uint8) == ord(self.separator))
        stops = np.append(self.ends, len(self.data))
        starts = np.append(0, self.ends + 1)
        counts = np.diff(np.searchsorted(separators, stops), prepend=0)
        return bool((counts[stops > starts] == width - 1).all())


def marks_of(data: bytes, separator: str) -> Marks:
    """The places of a block."""
    bytes_ = np.frombuffer(data, np.uint8)
    return Marks(data, separator, np.flatnonzero(bytes_ == _QUOTE), np.flatnonzero(bytes_ == _LINE))


def holds_records(field: str, separator: str, width: int) -> bool:
    """Whether all whole lines within a field look like records (``SWALLOWED`` at least)."""
    inner = [line for line in field.split("\n")[1:-1] if line and not line.isspace()]
    return len(inner) >= SWALLOWED and all(line.count(separator) == width - 1 for line in inner)


def split_plainly(data: bytes, separator: str) -> list[list[str]]:
    """The fields of each line as they stand; quotes around a whole field are taken off."""
    return [
        [_unquoted(field) for field in line.split(separator)]
        for line in data.decode().split("\n")
        if line and not line.isspace()
    ]


def _unquoted(field: str) -> str:
    if len(field) > 1 and field[0] == field[-1] == '"':
        return field[1:-1].replace('""', '"')
    return field


def single_quoted(sample: str, separator: str) -> bool:
    """Whether fields stand in single quotes: in some columns all, or all those that need quotes.

    Every record has as many fields, two or more, but a last one that is cut; two records without a
    separator in their quotes are too few to tell.

    >>> single_quoted("a;'b'\\nd;'it''s'\\ne;'f'\\n", ";"), single_quoted("a;'b; c'\\nd;e\\n", ";")
    (True, True)
    >>> single_quoted("a;'b' or c\\nd;e\\n", ";"), single_quoted("a;'b'\\nd;e\\n", ";")
    (False, False)
    """
    if f"{separator}'" not in sample and not sample.startswith("'"):
        return False
    rows = _fields_in_single_quotes(sample, separator)
    width = len(rows[0]) if rows else 0
    if len(rows) < 2 or width < 2 or any(len(row) != width for row in rows):
        return False
    quoted = [field for row in rows for field in row if field.startswith("'")]
    if any("\n" in field for field in quoted):
        lines = filter(str.strip, sample.split("\n")[:-1])
        if all(line.count(separator) == width - 1 for line in lines):
            return False  # each line is a record of its own: apostrophes are no quotes
    if quoted and all(
        any(mark in field[1:-1] for mark in (separator, "\n", "''")) for field in quoted
    ):
        return True
    below = rows[1:]  # the first may name the columns
    columns = [[row[n].startswith("'") for row in below if row[n]] for n in range(width)]
    return (
        len(below) > 1
        and any(map(all, filter(None, columns)))
        and all(all(column) or not any(column) for column in columns)
    )


def _fields_in_single_quotes(sample: str, separator: str) -> list[list[str]]:
    """The fields of each whole record as they stand; none if a quote is not around a whole one."""
    mark = re.escape(separator)
    field = re.compile(rf"('(?:[^']|'')*'|[^'{mark}\n][^{mark}\n]*|)({mark}|\n)")
    rows: list[list[str]] = [[]]
    place = 0
    while found := field.match(sample, place):
        rows[-1].append(found[1])
        if found[2] == "\n":
            rows.append([])
        place = found.end()
    rest = sample[place:]
    if rest.startswith("'") and "'" in rest[1:].replace("''", "").rstrip("'"):
        return []
    return [row for row in rows[:-1] if row != [""]]
