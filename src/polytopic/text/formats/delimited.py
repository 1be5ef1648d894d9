"""Tables in text: .csv, .tsv and their kin, block by block.

Blocks whose quotes are well-formed go to polars; all else is read by Python's csv module, whose
reading is the one that counts. Lines in which a stray quote swallowed others are read as they stand
where every line of the block is a record of its own.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from polytopic.errors import InputError
from polytopic.text.formats.columns import Chunk, Wanted, unnamed_filled
from polytopic.text.formats.dialects import (
    SAMPLE_CHARACTERS,
    SAMPLE_RECORDS,
    Dialect,
    find_dialect,
    looks_like_data,
    reader_of,
    records_of,
    written,
)
from polytopic.text.formats.quoting import SWALLOWED, Marks, holds_records, marks_of, split_plainly
from polytopic.text.formats.source import Reader, Source
from polytopic.text.streams import line_chunks

if TYPE_CHECKING:
    import polars as pl

__all__ = ["header_of", "read_delimited"]

_BLOCK = 1 << 23
"""Bytes of a block: large enough for polars' threads, small beside a text of its own."""

_ROWS = 20_000
"""Rows of a chunk that the csv module reads."""

_END = "\0"
"""A last line that no file holds: what it becomes a part of was never closed."""

_NO_HEADER = (
    " Its first record looks like data: if the columns have no names, give header=False "
    "(--no-header)."
)


def read_delimited(usual: str) -> Reader:
    """The reader of files whose fields are mostly separated by ``usual``."""

    def read(source: Source, wanted: Wanted) -> Iterator[Chunk]:
        blocks = _blocks(line_chunks(source.path, source.encoding, source.account))
        first = next(blocks, b"")
        beginning = first[: 2 * SAMPLE_CHARACTERS].decode(errors="ignore").lstrip("\n")
        lead = len(first) - len(first.lstrip(b"\n"))
        dialect = find_dialect(
            source.path, beginning, given=source.separator, usual=usual, account=source.account
        )
        names, roles, taken = _columns(source, wanted, dialect, first[lead:].decode())
        records = _Records(
            source, dialect, names, {role: names.index(name) for role, name in roles.items()}
        )
        rest = first[lead + taken[0] :]
        yield from records.read(itertools.chain([rest], blocks), lead + taken[1])

    return read


def header_of(
    source: Source, wanted: Wanted, records: Sequence[Sequence[str | None]]
) -> tuple[list[str], dict[str, str]]:
    """Names of the columns and role to column, by the first records of a table.

    Without a header the columns are column_1, column_2, ...; a header that looks like data is told.
    One name fewer than there are fields: the first field names the rows, as R writes it.
    """
    rows = [[field or "" for field in row] for row in records[: SAMPLE_RECORDS + 1]]
    first, rest = (rows[0], rows[1:]) if rows else ([], [])
    hint = ""
    if not source.header:
        widths = Counter(map(len, rows))
        usual = max(widths, key=lambda width: (widths[width], width), default=0)
        names = [f"column_{n}" for n in range(1, usual + 1)]
        rest = rows
    else:
        names = unnamed_filled(first)
        if {len(row) for row in rest} == {len(first) + 1} and any(row[-1].strip() for row in rest):
            names = ["row", *names]
        if looks_like_data(first, rest):
            hint = _NO_HEADER
    textual = [
        name for place, name in enumerate(names) if not _all_numbers(row[place:] for row in rest)
    ]
    roles = wanted.resolve(source.path, names, textual, source.account, hint)
    if hint:
        source.account.notes.append(f"{source.path.name}:{hint}")
    return names, roles


def _all_numbers(tails: Iterable[list[str]]) -> bool:
    """Whether the first fields of these tails are all numbers, where they are not empty."""
    for tail in tails:
        if tail and tail[0]:
            try:
                float(tail[0])
            except ValueError:
                return False
    return True


def _columns(
    source: Source, wanted: Wanted, dialect: Dialect, first: str
) -> tuple[list[str], dict[str, str], tuple[int, int]]:
    """Names, roles, and what the lines before the first document take: bytes and lines."""
    try:
        sample = records_of(first[dialect.start : dialect.start + SAMPLE_CHARACTERS], dialect)
    except csv.Error:
        sample = []
    names, roles = header_of(source, wanted, sample)
    taken = first[: dialect.start]
    if source.header:
        lines = reader_of(io.StringIO(first[dialect.start :], newline="\n"), dialect)
        for row in lines:
            if row:
                break
        pieces = first[dialect.start :].split("\n", lines.line_num)
        taken += "".join(piece + "\n" for piece in pieces[: lines.line_num])
    return names, roles, (len(taken.encode()), taken.count("\n"))


def _blocks(chunks: Iterator[str]) -> Iterator[bytes]:
    """The text in UTF-8, in blocks of whole lines. A CR within a line counts as a blank."""
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        parts.append((chunk.replace("\r", " ") if "\r" in chunk else chunk).encode())
        size += len(parts[-1])
        if size >= _BLOCK:
            yield b"".join(parts)
            parts, size = [], 0
    yield b"".join(parts)


class _Records:
    """The records of a file below its header."""

    def __init__(
        self, source: Source, dialect: Dialect, names: list[str], columns: dict[str, int]
    ) -> None:
        self.source, self.dialect = source, dialect
        self.width, self.columns = len(names), columns
        unnamed = [name == f"column_{place}" for place, name in enumerate(names, 1)]
        self.needed = next((n for n in range(self.width, 0, -1) if not unnamed[n - 1]), 1)
        if not source.header:
            self.needed = self.width

    def read(self, blocks: Iterator[bytes], line: int) -> Iterator[Chunk]:
        """Chunks of documents; ``line``: lines of the file before the first block."""
        if self.dialect.quote != '"':
            yield from self._rows(blocks, line)
            return
        data = b""
        for block in blocks:
            data += block
            marks = marks_of(data, self.dialect.separator)
            if len(marks.quotes) and marks.lines_are_records(self.width):
                yield from self._lines(marks, line)
                line, data = line + len(marks.ends), b""
                continue
            cut = marks.last_record_end()
            marks = marks_of(data[:cut], self.dialect.separator)
            if not marks.well_formed() or not cut:
                yield from self._rows(itertools.chain([data], blocks), line)
                return
            self._tell_swallowed(marks, line)
            yield from self._block(marks.data, line)
            line, data = line + len(marks.ends), data[cut:]
        if data:
            yield from self._rows([data], line)

    def _lines(self, marks: Marks, line: int) -> Iterator[Chunk]:
        """A block in which every line has the fields of a record, as it stands."""
        if marks.well_formed() and not marks.holds_lines():
            yield from self._block(marks.data, line)
            return
        strict = self.dialect.separator != "\t"
        notes = self.source.account.notes
        told = len(notes)
        chunks = list(self._rows([marks.data], line, strict=strict))
        if self.held is None:
            yield from chunks
            return
        notes[told:] = [
            f"{self.source.path.name}: a quote that opens on line {self.held} would hold whole "
            "records; quotes there were read as they stand."
        ]
        rows = split_plainly(marks.data, self.dialect.separator)
        yield {role: [row[place] for row in rows] for role, place in self.columns.items()}

    def _block(self, data: bytes, line: int) -> Iterator[Chunk]:
        """A well-formed block: by polars if all is as it should be."""
        table = self._by_polars(data)
        if table is None:
            yield from self._rows([data], line)
        elif table.height:
            yield {role: table[str(place)] for role, place in self.columns.items()}

    def _by_polars(self, data: bytes) -> pl.DataFrame | None:
        """None for blank lines and for records with too few or too many fields, to be named."""
        import polars as pl

        if not data or self.dialect.skip_spaces:
            return None
        try:
            table = pl.read_csv(
                data,
                separator=self.dialect.separator,
                has_header=False,
                schema={str(place): pl.String for place in range(self.width)},
                empty_string_is_null=False,
            )
        except pl.exceptions.PolarsError:
            return None
        # A record that is too short has empty fields at its end.
        return None if (table[:, -1].fill_null("") == "").any() else table

    def _rows(self, blocks: Iterable[bytes], line: int, *, strict: bool = True) -> Iterator[Chunk]:
        """Records as Python's csv module reads them.

        ``held`` is then the first line on which a field begins that holds an end of line. Not
        ``strict``: the reading is tried, and a quote that is never closed is no error.
        """
        texts = (io.StringIO(block.decode(), newline="\n") for block in blocks)
        lines = reader_of(
            itertools.chain(itertools.chain.from_iterable(texts), [_END]), self.dialect
        )
        self.held: int | None = None
        rows: list[list[str]] = []
        blank = last = 0
        try:
            for row in lines:
                begun, last = last + 1, lines.line_num
                if begun < last:
                    self._look_into(row, line + begun)
                if len(row) != self.width or row[-1].endswith(_END):
                    if row == [_END]:
                        break
                    if row and row[-1].endswith(_END):
                        if strict:
                            raise self._wrong(row, line + begun, line + last - 1, closed=False)
                        break
                    if not row:
                        blank += 1
                        continue
                    row = self._fitted(row, line + begun, line + last)
                rows.append(row)
                if len(rows) == _ROWS:
                    yield self._chunk(rows)
                    rows = []
        except csv.Error as error:
            raise InputError(
                f"{self.source.path}: line {line + lines.line_num} cannot be read ({error}). "
                "Correct the line."
            ) from None
        if blank and self.width == 1:
            self.source.account.notes.append(
                f"{self.source.path.name}: {blank:,} blank lines were passed over."
            )
        if rows:
            yield self._chunk(rows)

    def _chunk(self, rows: list[list[str]]) -> Chunk:
        return {role: [row[place] for row in rows] for role, place in self.columns.items()}

    def _look_into(self, row: list[str], begun: int) -> None:
        """Note where a field begins to hold ends of lines, and tell of whole records in it."""
        if any("\n" in field for field in row):
            self.held = self.held or begun
        if any(
            field.count("\n") > SWALLOWED
            and holds_records(field, self.dialect.separator, self.width)
            for field in row
        ):
            self._tell_records(begun)

    def _tell_swallowed(self, marks: Marks, line: int) -> None:
        place = marks.swallowing(self.width)
        if place is not None:
            self._tell_records(line + 1 + marks.data.count(b"\n", 0, place))

    def _tell_records(self, line: int) -> None:
        self.source.account.notes.append(
            f"{self.source.path.name}: the quotes that open on line {line} hold lines that look "
            "like records. If they are, a quote there is a stray one: double it."
        )

    def _fitted(self, row: list[str], begun: int, ends: int) -> list[str]:
        """The record without empty fields too many, or with those that no name needs."""
        if len(row) > self.width and not any(field.strip() for field in row[self.width :]):
            return row[: self.width]
        if self.needed <= len(row) < self.width:
            return row + [""] * (self.width - len(row))
        raise self._wrong(row, begun, ends)

    def _wrong(self, row: list[str], begun: int, ends: int, *, closed: bool = True) -> InputError:
        separator = written(self.dialect.separator)
        than = "the header has" if self.source.header else f"those {_others(begun)} have"
        what = f"the record that ends on line {ends} has {len(row)} fields, {than} {self.width}"
        if not closed:
            quote = f"a quote that opens on line {begun} is never closed"
            what = quote if len(row) == self.width else f"{what}: {quote}"
        elif begun < ends:
            what += f": its quotes take the lines from {begun} on"
        return InputError(
            f"{self.source.path}: {what}. Put texts that hold {separator}, quotes or line breaks "
            "in quotes, and double each quote within."
        )


def _others(line: int) -> str:
    return "before" if line > 1 else "after"
