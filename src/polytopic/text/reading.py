"""``read``: from a file of documents to a corpus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polytopic.text.codes import as_codes, as_ids
from polytopic.text.corpus import Corpus
from polytopic.text.counted.folders import read_counted_folder
from polytopic.text.formats.columns import role_of
from polytopic.text.roles import URL
from polytopic.text.streams import prefetch
from polytopic.text.tables import Chunk, Source, Wanted, table_chunks

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Documents", "read", "read_documents"]


@dataclass(frozen=True)
class Documents:
    """The documents of a file: ``texts`` (D,) String without nulls; the rest (D,) or None.

    ``missing`` counts the texts that were null and are now ""; ``dates`` stand as in the file;
    ``metadata`` holds every column of labels by its name, ``labels`` the first; ``notes`` say what
    the reader decided, or read otherwise than it stands.
    """

    texts: pl.Series
    labels: pl.Series | None = None
    ids: pl.Series | None = None
    dates: pl.Series | None = None
    missing: int = 0
    notes: tuple[str, ...] = ()
    metadata: Mapping[str, pl.Series] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.texts)


def read(
    path: str | Path,
    *,
    text: str | Sequence[str] | None = None,
    label: str | Sequence[str] | None = None,
    id: str | None = None,
    date: str | None = None,
    url: str | None = None,
    encoding: str = "utf-8",
    separator: str | None = None,
    header: bool = True,
    sheet: str | int | None = None,
    **options: Any,
) -> Corpus:
    """Read the documents of a file or folder into a corpus.

    Parameters
    ----------
    path : str or Path
        .txt (a document a line), .csv, .tsv, .jsonl or .ndjson, .json, .parquet, .xlsx or another
        workbook (the extra ``excel``), .eml or .mbox (columns text, subject, body, from, date, id),
        each also packed (.gz, .bz2, .xz, .zst, .zip); or a folder of .txt files or else of mails,
        read with its subfolders in the order of their names, which become the ids
        (``label="folder"`` takes the subfolder as the label); or a folder of OCTIS or TopMost
        (:meth:`Corpus.from_octis`, :meth:`Corpus.from_topmost`), whose terms stay as they are.
    text : str or list of str, optional
        The column that holds the text; several are joined by a blank line. If it is left out: the
        only column, the only one with a usual name (text, body, abstract, ...), or else the only
        one of strings. Case and spaces of a name do not matter where only one column is meant.
    label : str or list of str, optional
        The column to keep as ``corpus.labels``, or several: the first is that, and all are in
        ``corpus.metadata`` by their names. Labels become numbers only if each is spelled as its
        number is ("07" is no number); blank ones are missing.
    id, date : str, optional
        Columns to keep as ``corpus.ids`` and ``.dates``. Dates are read in any usual form
        (:meth:`Corpus.from_texts`); ``corpus.dropped`` tells of them.
    url : str, optional
        Column of addresses, kept as ``corpus.metadata["url"]``: the page's links to the documents.
    encoding : str
    separator : str, optional
        One character between the fields of a record, or "tab"; by default found out: comma,
        semicolon, tab or bar. With it, a .txt file is read as a table.
    header : bool
        Whether the first record names the columns; else they are column_1, column_2 and so on.
    sheet : str or int, optional
        Of a workbook, by its name or its number from 1; by default the first that is not empty.
    **options
        Those of :meth:`Corpus.from_texts`. With ``keep_texts=False`` files of lines are never in
        memory as a whole.

    Raises
    ------
    FileMissingError, InputError
        If the file cannot be used; the message says which line or column, and what to do.
    """
    counted = read_counted_folder(Path(path), text=text, label=label, id=id, date=date)
    if counted is not None:
        return counted
    wanted = Wanted(text, label, id, date, url)
    source = Source(Path(path), encoding, separator, header, sheet)
    if options.get("keep_texts", True):
        documents = _collect(source, wanted)
        corpus = Corpus.from_texts(
            documents.texts,
            labels=documents.labels,
            ids=documents.ids,
            dates=documents.dates,
            **options,
        )
        metadata = documents.metadata
    else:
        gathered = _Gathered()
        corpus = Corpus.from_texts(gathered.stream(table_chunks(source, wanted)), **options)
        corpus = corpus.with_columns(
            labels=gathered.column("label"),
            ids=gathered.column("id"),
            dates=gathered.column("date"),
        )
        metadata = gathered.metadata(wanted)
    if metadata:
        corpus = corpus.with_columns(metadata=metadata)
    return _with_notes(corpus, source.account.told())


def _with_notes(corpus: Corpus, notes: tuple[str, ...]) -> Corpus:
    """The corpus whose account begins with what the reader tells."""
    if notes:
        corpus.dropped = replace(corpus.dropped, notes=(*notes, *corpus.dropped.notes))
    return corpus


def read_documents(
    path: str | Path,
    *,
    text: str | Sequence[str] | None = None,
    label: str | Sequence[str] | None = None,
    id: str | None = None,
    date: str | None = None,
    url: str | None = None,
    encoding: str = "utf-8",
    separator: str | None = None,
    header: bool = True,
    sheet: str | int | None = None,
) -> Documents:
    """Read the documents of a file or folder as they are. Parameters are those of :func:`read`."""
    source = Source(Path(path), encoding, separator, header, sheet)
    return _collect(source, Wanted(text, label, id, date, url))


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

    def column(self, role: str) -> pl.Series | None:
        """A column of all chunks, if it was read: labels that are numbers as such."""
        if role not in self.columns:
            return None
        values = _one_series(self.columns[role])
        if role_of(role) == "label":
            return as_codes(values)
        return as_ids(values) if role == "id" else values

    def metadata(self, wanted: Wanted) -> dict[str, pl.Series]:
        """Every column of labels by the name it was asked for, and the addresses."""
        labels = [role for role in self.columns if role_of(role) == "label"]
        found = {name: self.column(role) for role, name in wanted.named().items() if role in labels}
        if wanted.url is not None:
            found[URL] = self.column("url")
        return {name: values for name, values in found.items() if values is not None}


def _collect(source: Source, wanted: Wanted) -> Documents:
    import polars as pl

    gathered = _Gathered()
    for chunk in table_chunks(source, wanted):
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
        source.account.told(),
        gathered.metadata(wanted),
    )


def _one_series(parts: list[Any]) -> pl.Series:
    import polars as pl

    return pl.concat(
        [pl.Series(part, dtype=pl.String) if isinstance(part, list) else part for part in parts]
    )
