"""Files read by workers: the documents of each in pieces, cut to the batches of one reader."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from polytopic.cluster.folders import read_array, write_array
from polytopic.errors import InputError, PolytopicError
from polytopic.text.shards import source
from polytopic.text.shards.source import Batch, chunk_series
from polytopic.text.tables import Account, Source, Wanted, table_chunks

__all__ = ["Cutter", "Part", "Piece", "Read", "Reading", "batch_of", "read_file"]


class Piece(NamedTuple):
    """Documents of a file in the order they were read: a table, and the characters of each."""

    table: str
    lengths: str


class Part(NamedTuple):
    """Documents ``first`` to ``last`` of a piece."""

    piece: Piece
    first: int
    last: int


@dataclass(frozen=True)
class Reading:
    """A file that a worker reads. ``shown``: its path as it was given."""

    number: int
    path: str
    shown: str
    wanted: Wanted
    options: dict[str, Any]
    folder: str


class Read(NamedTuple):
    """A file that was read: its number, its pieces, and what its reader told."""

    number: int
    pieces: tuple[Piece, ...]
    account: Account


def read_file(task: Reading) -> Read:
    """Read a file, and write its documents in pieces.

    Raises
    ------
    InputError, FileMissingError
        If it is not there for this worker, or cannot be used; the message has its path as given.
    """
    path = Path(task.path)
    if not path.exists():
        raise InputError(
            f"{task.shown}: a worker does not see it at {task.path}. Put it where all machines "
            "read."
        )
    account = Account()
    try:
        chunks = table_chunks(Source(path, account=account, **task.options), task.wanted)
        tables = _tables(chunk_series(chunk) for chunk in chunks)
        pieces = tuple(_written(table, Path(task.folder)) for table in tables)
    except PolytopicError as error:
        raise type(error)(str(error).replace(task.path, task.shown)) from None
    return Read(task.number, pieces, account)


def _tables(chunks: Iterator[dict[str, pl.Series]]) -> Iterator[pl.DataFrame]:
    """Chunks of like columns as one table, up to the documents or characters of a shard."""
    held: list[pl.DataFrame] = []
    rows = size = 0
    for chunk in chunks:
        table = pl.DataFrame(chunk)
        if held and (
            held[0].schema != table.schema or rows >= source.DOCUMENTS or size >= source.CHARACTERS
        ):
            yield pl.concat(held)
            held, rows, size = [], 0, 0
        held.append(table)
        rows += table.height
        size += int(table["text"].str.len_bytes().sum())
    if held:
        yield pl.concat(held)


def _written(table: pl.DataFrame, folder: Path) -> Piece:
    name = f"piece-{uuid.uuid4().hex}"
    table.write_ipc(folder / f"{name}.arrow", compression="lz4")
    lengths = table["text"].str.len_chars().to_numpy().astype(np.int64)
    return Piece(str(folder / f"{name}.arrow"), str(write_array(folder / f"{name}.npy", lengths)))


def batch_of(parts: tuple[Part, ...]) -> Batch:
    """The documents of some parts, as one reader of all files would have gathered them."""
    batch = Batch()
    for part in parts:
        table = pl.read_ipc(part.piece.table)
        table = table.slice(part.first, part.last - part.first)
        for name in table.columns:
            if name == "text":
                batch.texts += table[name].to_list()
            else:
                batch.columns.setdefault(name, []).append(table[name])
    return batch


@dataclass
class Cutter:
    """Cuts pieces into batches where :func:`polytopic.text.shards.source.batches` does."""

    documents: int
    parts: list[Part] = field(default_factory=list)
    held: int = 0
    size: int = 0

    def add(self, piece: Piece) -> Iterator[tuple[Part, ...]]:
        """The batches that a piece completes."""
        lengths: NDArray[np.int64] = read_array(piece.lengths)
        first = 0
        while first < len(lengths):
            ends = self.size + np.cumsum(lengths[first : first + self.documents - self.held])
            full = int(np.searchsorted(ends, source.CHARACTERS))
            taken = min(full + 1, len(ends))
            self.parts.append(Part(piece, first, first + taken))
            self.held, self.size = self.held + taken, int(ends[taken - 1])
            first += taken
            if self.held >= self.documents or self.size >= source.CHARACTERS:
                yield self.rest()

    def rest(self) -> tuple[Part, ...]:
        """What has been gathered; the next batch begins after it."""
        parts = tuple(self.parts)
        self.parts, self.held, self.size = [], 0, 0
        return parts
