"""``read``: from a file of documents to a corpus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polytopic.text.codes import as_codes, as_ids
from polytopic.text.corpus import Corpus
from polytopic.text.streams import prefetch
from polytopic.text.tables import Chunk, Wanted, table_chunks

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Documents", "read", "read_documents"]


@dataclass(frozen=True)
class Documents:
    """The documents of a file: ``texts`` (D,) String without nulls; the rest (D,) or None.

    ``missing`` counts the texts that were null and are now ""; ``dates`` stand as in the file.
    """

    texts: pl.Series
    labels: pl.Series | None = None
    ids: pl.Series | None = None
    dates: pl.Series | None = None
    missing: int = 0

    def __len__(self) -> int:
        return len(self.texts)


def read(
    path: str | Path,
    *,
    text: str | Sequence[str] | None = None,
    label: str | None = None,
    id: str | None = None,
    date: str | None = None,
    encoding: str = "utf-8",
    **options: Any,
) -> Corpus:
    """Read the documents of a file or folder into a corpus.

    Parameters
    ----------
    path : str or Path
        .txt (a document a line), .csv, .tsv, .jsonl or .ndjson, .parquet, each also with .gz or
        .zst at the end; or a folder of .txt files, read with its subfolders in the order of their
        names, which become the ids (``label="folder"`` takes the subfolder as the label).
    text : str or list of str, optional
        The column that holds the text; several are joined by a line feed. If it is left out: the
        only column, the only one with a usual name (text, body, abstract, ...), or else the only
        one of strings.
    label, id, date : str, optional
        Columns to keep as ``corpus.labels``, ``.ids`` and ``.dates``. Labels become numbers only
        if each is spelled as its number is ("07" is no number); blank ones are missing. Dates are
        read in any usual form (:meth:`Corpus.from_texts`); ``corpus.dropped`` tells of them.
    encoding : str
    **options
        Those of :meth:`Corpus.from_texts`. With ``keep_texts=False`` files of lines are never in
        memory as a whole.

    Raises
    ------
    FileMissingError, InputError
        If the file cannot be used; the message says which line or column, and what to do.
    """
    wanted = Wanted(text, label, id, date)
    if options.get("keep_texts", True):
        documents = _collect(table_chunks(path, wanted, encoding))
        return Corpus.from_texts(
            documents.texts,
            labels=documents.labels,
            ids=documents.ids,
            dates=documents.dates,
            **options,
        )
    gathered = _Gathered()
    corpus = Corpus.from_texts(gathered.stream(table_chunks(path, wanted, encoding)), **options)
    return corpus.with_columns(
        labels=gathered.column("label"), ids=gathered.column("id"), dates=gathered.column("date")
    )


def read_documents(
    path: str | Path,
    *,
    text: str | Sequence[str] | None = None,
    label: str | None = None,
    id: str | None = None,
    date: str | None = None,
    encoding: str = "utf-8",
) -> Documents:
    """Read the documents of a file or folder as they are. Parameters are those of :func:`read`."""
    return _collect(table_chunks(path, Wanted(text, label, id, date), encoding))


class _Gathered:
    """Columns gathered from chunks, while their texts pass by."""

    def __init__(self) -> None:
        self.columns: dict[str, list[Any]] = {}

    def stream(self, chunks: Iterator[Chunk]) -> Iterator[str]:
        """The texts, without keeping them."""
        for chunk in prefetch(chunks):
            for role, values in chunk.items():
                if role != "text":
                    self.columns.setdefault(role, []).append(values)
            for text in chunk["text"]:
                yield text or ""

    def column(self, name: str) -> pl.Series | None:
        """A column of all chunks, if it was read: labels that are numbers as such."""
        if name not in self.columns:
            return None
        values = _one_series(self.columns.pop(name))
        if name == "label":
            return as_codes(values)
        return as_ids(values) if name == "id" else values


def _collect(chunks: Iterator[Chunk]) -> Documents:
    import polars as pl

    gathered = _Gathered()
    for chunk in chunks:
        for role, values in chunk.items():
            series = pl.Series(values, dtype=pl.String) if isinstance(values, list) else values
            gathered.columns.setdefault(role, []).append(series)
    texts = _one_series(gathered.columns.pop("text"))
    return Documents(
        texts.fill_null("").rename("text"),
        gathered.column("label"),
        gathered.column("id"),
        gathered.column("date"),
        texts.null_count(),
    )


def _one_series(parts: list[Any]) -> pl.Series:
    import polars as pl

    return pl.concat(
        [pl.Series(part, dtype=pl.String) if isinstance(part, list) else part for part in parts]
    )
