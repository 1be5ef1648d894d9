"""A reader made of a function that gives rows: the short way to add a format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from polytopic.errors import InputError
from polytopic.text.formats.columns import Chunk, Wanted
from polytopic.text.formats.json_files import chunks_of
from polytopic.text.formats.source import Reader, Source

__all__ = ["rows_reader"]

_ROWS = 1000
"""Rows turned to columns at a time: bounds what is held twice."""


def rows_reader(rows: Callable[[Source], Iterable[Mapping[str, Any]]], unit: str = "row") -> Reader:
    """The reader of files whose documents ``rows(source)`` gives, one after the other.

    Parameters
    ----------
    rows : callable
        Takes a :class:`Source` (``path``, ``encoding``, ``account``) and gives a mapping from names
        of columns to values for each document: strings, numbers, None where there is none. The
        choice of columns, their names in errors and what is told of them are those of JSON.
    unit : str
        What a document is in such a file, for errors: "entry 12 has 7 for a text".

    >>> from pathlib import Path
    >>> read = rows_reader(lambda source: [{"text": "a b", "year": 2001}, {"text": "c"}])
    >>> list(read(Source(Path("two.nbib")), Wanted(date="year")))
    [{'date': ['2001', None], 'text': ['a b', 'c']}]
    """

    def read(source: Source, wanted: Wanted) -> Iterator[Chunk]:
        yield from chunks_of(source, wanted, _numbered(rows(source), source, unit), unit)

    return read


def _numbered(
    rows: Iterable[Mapping[str, Any]], source: Source, unit: str
) -> Iterator[list[tuple[int, dict[str, Any]]]]:
    part: list[tuple[int, dict[str, Any]]] = []
    for number, row in zip(count(1), rows, strict=False):
        if not isinstance(row, Mapping):
            raise InputError(
                f"{source.path}: the reader gives a {type(row).__name__} for {unit} {number}, not "
                "a mapping from columns to values. Mend the reader."
            )
        part.append((number, dict(row)))
        if len(part) == _ROWS:
            yield part
            part = []
    yield part
