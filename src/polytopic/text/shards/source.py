"""The documents of many files, one batch after the other."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from polytopic.errors import FileMissingError
from polytopic.text.options import TextOptions
from polytopic.text.streams import existing, prefetch
from polytopic.text.tables import Account, Chunk, Source, Wanted, table_chunks

__all__ = ["Batch", "Job", "batches", "chunk_series", "fingerprint", "matching"]

DOCUMENTS = 25_000
"""Documents of a shard: 25 MB of texts of a kilobyte, which are in memory at a time."""

CHARACTERS = 1 << 26
"""Characters of a shard, at most: long documents make shards of fewer."""


@dataclass(frozen=True)
class Job:
    """What shards are made of: files, their columns, how they are read, documents of a shard,
    whether texts are kept, the options of words and terms; and the folder."""

    files: Sequence[Path]
    wanted: Wanted
    reading: dict[str, Any]
    documents: int
    texts: bool
    options: TextOptions
    output: Path


@dataclass
class Batch:
    """Some documents: their texts, and what stands beside them, by role."""

    texts: list[str] = field(default_factory=list)
    columns: dict[str, list[pl.Series]] = field(default_factory=dict)

    def table(self, *, texts: bool) -> dict[str, pl.Series]:
        """The columns as they are written."""
        found = {role: _joined(parts) for role, parts in self.columns.items()}
        if texts:
            found["text"] = pl.Series(self.texts, dtype=pl.String)
        return found or {"row": pl.Series(range(len(self.texts)), dtype=pl.Int64)}


def matching(source: str | Path | Sequence[str | Path]) -> list[Path]:
    """The files that are named: paths, or patterns such as ``parts/*.parquet``, in their order.

    Raises
    ------
    FileMissingError
        If one is not there, or a pattern matches nothing.
    """
    given = [source] if isinstance(source, str | Path) else list(source)
    found: list[Path] = []
    for one in given:
        if glob.has_magic(str(one)) and not Path(one).exists():
            names = sorted(glob.glob(str(one), recursive=True))  # noqa: PTH207 (the root may be any)
            if not names:
                raise FileMissingError(f"{one}: matches no file. Check the pattern.")
            found += map(Path, names)
        else:
            found.append(existing(one))
    if not found:
        raise FileMissingError("source: names no file. Give a path, a pattern or a list of them.")
    return found


def fingerprint(files: Sequence[Path]) -> list[list[Any]]:
    """Names, sizes and times of the files: what a run that goes on must find as it was."""
    return [[str(f), (about := f.stat()).st_size, about.st_mtime_ns] for f in files]


def batches(
    files: Sequence[Path],
    wanted: Wanted,
    reading: dict[str, Any],
    account: Account,
    documents: int = DOCUMENTS,
) -> Iterator[Batch]:
    """The documents of all files in batches; what readers tell goes to ``account``."""
    batch, size = Batch(), 0
    for file in files:
        for chunk in prefetch(table_chunks(Source(file, account=account, **reading), wanted)):
            series = chunk_series(chunk)
            texts = series.pop("text")
            first = 0
            while first < len(texts):
                part = texts.slice(first, documents - len(batch.texts)).to_list()
                part = _fitting(part, CHARACTERS - size)
                batch.texts += part
                size += sum(map(len, part))
                for role, values in series.items():
                    batch.columns.setdefault(role, []).append(values.slice(first, len(part)))
                first += len(part)
                if len(batch.texts) >= documents or size >= CHARACTERS:
                    yield batch
                    batch, size = Batch(), 0
    if batch.texts:
        yield batch


def _fitting(texts: list[str], room: int) -> list[str]:
    """The first texts, up to the one that fills the room."""
    for place, text in enumerate(texts):
        room -= len(text)
        if room <= 0:
            return texts[: place + 1]
    return texts


def chunk_series(chunk: Chunk) -> dict[str, pl.Series]:
    """The columns of a chunk, by role; a missing text is an empty one."""
    found = {
        role: pl.Series(values, dtype=pl.String) if isinstance(values, list) else values
        for role, values in chunk.items()
    }
    return {**found, "text": found["text"].fill_null("")}


def _joined(parts: list[pl.Series]) -> pl.Series:
    """Parts of one column; of two types, as they are written."""
    if len({part.dtype for part in parts}) > 1:
        parts = [part.cast(pl.String) for part in parts]
    return pl.concat(parts)
