"""The documents of a run, read from its Parquet files when they are asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import CheckpointError
from polytopic.io.frames import reading_tables

if TYPE_CHECKING:
    import polars as pl

__all__ = ["FACTS", "Documents", "open_documents"]

Rows = NDArray[np.int64]

FACTS = ("row", "id", "date", "url", "topic", "name", "share", "terms", "theta", "text")
"""Columns of ``documents.parquet`` that are no labels."""

KEPT_SEARCHES = 16
"""Answers that are remembered, so that paging through one reads nothing again: eight bytes a
document found."""

_NO_TOPIC = -1
"""Of a document that holds no term: where the table has nothing."""


@dataclass(eq=False)
class Documents:
    """Tables of documents, and what is held of them in memory: topic and share.

    Attributes
    ----------
    table : Path
        ``documents.parquet`` of a run.
    texts : Path or None
        A Parquet file whose column ``texts`` holds them whole; None: the table's beginnings serve.
    columns : tuple of str
        Columns of the table.
    topics, shares : arrays of shape (D,)
        The largest topic of each, -1 for none, and its share.
    """

    table: Path
    texts: Path | None
    columns: tuple[str, ...]
    topics: NDArray[np.int64]
    shares: NDArray[np.float64]
    _found: OrderedDict[tuple[str, ...], Rows] = field(default_factory=OrderedDict)
    _searching: threading.Lock = field(default_factory=threading.Lock)

    def __len__(self) -> int:
        return len(self.topics)

    @property
    def has_texts(self) -> bool:
        """Whether there is anything to read and to search."""
        return self.texts is not None or "text" in self.columns

    @property
    def whole(self) -> bool:
        """Whether texts are there whole, not their beginnings only."""
        return self.texts is not None

    @property
    def label_columns(self) -> tuple[str, ...]:
        """Names of the columns that are labels."""
        return tuple(name for name in self.columns if name not in FACTS)

    def rows(self, *, topic: int | None = None, words: Sequence[str] = ()) -> Rows:
        """Rows of the documents of a topic, largest share first, or of all in their order.

        ``words``: only those whose text holds every one of them, in capitals or not.
        """
        found = self._holding(tuple(words)) if words else np.arange(len(self))
        if topic is None:
            return found
        found = found[self.topics[found] == topic]
        order = np.argsort(-self.shares[found], kind="stable")
        return np.asarray(found[order])

    def with_id(self, name: str) -> Rows:
        """Rows of the documents that bear an id."""
        import polars as pl

        if "id" not in self.columns:
            return np.empty(0, dtype=np.int64)
        with reading_tables(self.table):
            same = pl.col("id").cast(pl.String) == name
            scan = pl.scan_parquet(self.table).select("id").with_row_index("at")
            found = scan.filter(same).select(pl.col("at").cast(pl.Int64)).collect()
        return np.asarray(found["at"].to_numpy())

    def read(self, rows: Sequence[int]) -> list[dict[str, Any]]:
        """Facts and texts of some documents, in the order of ``rows``; theta too for one."""
        import polars as pl

        if not len(rows):
            return []
        one = len(rows) == 1
        names = [name for name in self.columns if name != "theta" or one]
        with reading_tables(self.table):
            found = _some(pl.scan_parquet(self.table).select(names), rows)
            records = found.to_dicts()
            if self.texts is not None:
                texts = _some(pl.scan_parquet(self.texts).select("texts"), rows)["texts"]
                for record, text in zip(records, texts, strict=True):
                    record["text"] = text
        return [{**record, "row": int(row)} for record, row in zip(records, rows, strict=True)]

    def _holding(self, words: tuple[str, ...]) -> Rows:
        """Rows of the documents whose text holds each of the words."""
        import polars as pl

        with self._searching:  # one at a time: each reads all texts with all cores
            if words in self._found:
                self._found.move_to_end(words)
                return self._found[words]
            file, name = (self.texts, "texts") if self.texts else (self.table, "text")
            with reading_tables(self.table):
                held = [pl.col(name).str.contains(f"(?i){pl.escape_regex(word)}") for word in words]
                scan = pl.scan_parquet(file).select(pl.all_horizontal(held).alias("held"))
                hits = scan.collect(engine="streaming")["held"].fill_null(False).to_numpy()
            self._found[words] = np.flatnonzero(hits)
            if len(self._found) > KEPT_SEARCHES:
                self._found.popitem(last=False)
            return self._found[words]


def open_documents(table: Path, texts: Path | None) -> Documents:
    """Read what is held in memory of a table of documents; ``texts`` as in :class:`Documents`.

    Raises
    ------
    CheckpointError
        If a file cannot be read or lacks a column.
    """
    import polars as pl

    with reading_tables(table):
        scan = pl.scan_parquet(table)
        columns = tuple(scan.collect_schema().names())
        missing = {"topic", "share"} - set(columns)
        if missing:
            raise CheckpointError(
                f'{table}: has no column "{min(missing)}". Restore a copy, or run again.'
            )
        held = scan.select(
            pl.col("topic").cast(pl.Int64).fill_null(_NO_TOPIC),
            pl.col("share").cast(pl.Float64).fill_null(0.0),
        ).collect()
        n_texts = len(held)
        if texts is not None:
            n_texts = int(pl.scan_parquet(texts).select(pl.len()).collect().item())
    if n_texts != len(held):
        raise CheckpointError(
            f"{table}: has {len(held):,} documents and its run {n_texts:,} texts. Restore a copy, "
            "or run again."
        )
    return Documents(table, texts, columns, held["topic"].to_numpy(), held["share"].to_numpy())


def _some(scan: pl.LazyFrame, rows: Sequence[int]) -> pl.DataFrame:
    """Rows of a table in the given order; only the groups of rows that hold them are read."""
    import polars as pl

    return pl.concat(pl.collect_all([scan.slice(int(row), 1) for row in rows]))
