"""The door to files of documents: which file, read how, to chunks of columns."""

from __future__ import annotations

from collections.abc import Iterator

from polytopic.forking import refuse_lost_threads
from polytopic.text.formats import read_source
from polytopic.text.formats.columns import Chunk, Wanted
from polytopic.text.formats.source import Source
from polytopic.text.streams import Account, existing

__all__ = ["Account", "Chunk", "Source", "Wanted", "table_chunks"]


def table_chunks(source: Source, wanted: Wanted) -> Iterator[Chunk]:
    """The documents of a file or folder, chunk by chunk; missing entries are None.

    Raises
    ------
    FileMissingError, InputError
        If the file is missing, empty, damaged, of an unknown format, or lacks a column.
    """
    existing(source.path)
    refuse_lost_threads(str(source.path))
    yield from read_source(source, wanted)
