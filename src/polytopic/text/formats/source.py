"""What a reader is given: the file, and how it is to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from polytopic.text.formats.columns import Chunk, Wanted
from polytopic.text.streams import Account

__all__ = ["Format", "Reader", "Source"]


@dataclass(frozen=True)
class Source:
    """A file and the ways to read it.

    Attributes
    ----------
    path : Path
    encoding : str
        Of text; other formats bring their own.
    separator : str, optional
        Between the fields of a record; None: found out.
    header : bool
        Whether the first record names the columns; else they are column_1, column_2 and so on.
    sheet : str or int, optional
        Of a workbook, by name or by number from 1; None: the first that is not empty.
    account : Account
        Where the reader tells what it read otherwise than it stands.
    """

    path: Path
    encoding: str = "utf-8"
    separator: str | None = None
    header: bool = True
    sheet: str | int | None = None
    account: Account = field(default_factory=Account)


Reader = Callable[[Source, Wanted], Iterator[Chunk]]


@dataclass(frozen=True)
class Format:
    """Files of one kind.

    Attributes
    ----------
    endings : tuple of str
    document : str
        What a document is in it, for the docs' table.
    read : callable
    options : tuple of str
        Which of separator, header and sheet mean something in it.
    table : bool
        Whether it has columns.
    """

    endings: tuple[str, ...]
    document: str
    read: Reader
    options: tuple[str, ...] = ()
    table: bool = True
