"""TopicResult: the record of a topic model, with what one does with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from polytopic.late import late
from polytopic.result import tables
from polytopic.result.changed import ChangedRecord
from polytopic.result.tables import Backend

__all__ = ["TopicResult"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TopicResult(ChangedRecord):
    """What a topic model found in a corpus.

    Attributes
    ----------
    topic_word : float32 array of shape (K, V)
        Rows on the simplex: p(term | topic).
    doc_topic : float32 array of shape (D, K)
        Rows on the simplex: theta, the topic proportions of each document.
    vocabulary : Vocabulary
        The V terms in column order, with their counts.
    counts : CSR matrix of shape (D, V)
        The counts the model read.
    texts : sequence of D str, or None
        The raw documents, for the report's examples.
    labels, ids, dates : arrays of D entries, or None
        What the reader took from the file. Any column is read, by position.
    metadata : dict of str to arrays of D entries
        Columns of the documents by their names, as the corpus has them.
    names : tuple of K str
        Names of the topics, "" for those that have none.
    remarks : tuple of K str
        What was noted on the topics, "" where nothing was.
    hidden : tuple of int
        Topics that tables, lists and figures leave out. ``doc_topic`` and ``topic_word`` keep
        their rows and columns, so both stay on the simplex; no document has them as its largest.
    edits : tuple of dict
        What was changed by hand since the model, JSON-ready.
    base : Base or None
        The topics before the first edit, where there are edits.
    beside_counts : bool
        Whether the model read something beside the counts (embeddings of the documents), so that a
        document without terms has a topic too.
    history : list of dict
        One record an epoch: loss, held-out objective, seconds and so on.
    parameters : dict
        The parameters of the model, JSON-ready.
    metrics : dict
        Name to value; values JSON-ready.
    model : str
        Class name of the model.
    notes : dict
        How it was run: seconds, versions, what was dropped from the text and why.
    fitted : topic model, path of a saved one, or None
        The model, which reads new texts for ``find``, ``explain`` and ``update``. It is used as
        long as its topics are these: edits that change topics set it aside.
    quality : Quality, or None
        What is known of the topics; :func:`dataclasses.replace` hands it on, and where topics,
        documents or terms are others it is made anew. Leave it out.

    Raises
    ------
    InputError
        If topic_word or doc_topic leave the simplex, shapes disagree, or a column does not fit.
    """

    def __repr__(self) -> str:
        from polytopic.result.showing import in_words

        return in_words(self)

    def _repr_html_(self) -> str:
        from polytopic.result.showing import as_html

        return as_html(self)

    def save(self, path: str | Path, *, texts: bool = True) -> Path:
        """Write the result to a folder of safetensors and JSON.

        :func:`polytopic.load_result` reads it.

        ``texts``: whether the raw documents are kept with it.

        Raises
        ------
        InputError
            If the folder holds other files or cannot be written, or what the result holds cannot be
            saved.
        """
        from polytopic.result.keeping import save_result

        return save_result(self, path, texts=texts)

    # ---- tables ----------------------------------------------------------------------------

    def topics(self, *, backend: Backend = "polars") -> Any:
        """A table of the topics: number, name, note, share, NPMI, documents led, verdict, words.

        ``verdict`` is good, fair or junk, ``score`` how sure that is, ``why`` a sentence; null
        where documents are too few to judge.

        Hidden topics are left out here and in the other tables. ``backend``: "polars" or "pandas".
        """
        return tables.handed_out(tables.topics(self), backend)

    def documents(
        self,
        *,
        texts: bool = True,
        topic: int | None = None,
        label: Any = None,
        backend: Backend = "polars",
    ) -> Any:
        """A table of the documents: id, label, date, largest topic, terms, all shares, whole text.

        ``topic``: only those whose largest topic it is, largest share first; ``label``: only those
        that bear it.

        A document without terms has no topic, and is null there. ``topic_0``, ``topic_1``, ... hold
        theta; with hidden topics, ``hidden`` is their sum, so that a row sums to one.
        """
        table = tables.documents(self, texts=texts)
        if topic is not None or label is not None:
            from polytopic.result.choosing import chosen_documents

            table = chosen_documents(self, table, topic, label)
        return tables.handed_out(table, backend)

    def over_time(
        self,
        *,
        freq: str | int | None = None,
        min_documents: int = 1,
        backend: Backend = "polars",
    ) -> Any:
        """A table of the periods: name, first day, documents, and every topic's share of tokens.

        Parameters
        ----------
        freq : {"day", "week", "month", "quarter", "year", "decade"} or int, optional
            An int where dates are numbers: the width of a step. By default what suits the dates.
        min_documents : int
            Shares of periods with fewer documents are missing: they say little.
        backend : {"polars", "pandas"}

        Raises
        ------
        InputError
            If there are no dates, or they are not as fine as ``freq``.
        """
        return tables.handed_out(tables.over_time(self, freq, min_documents), backend)

    def trends(
        self,
        *,
        freq: str | int | None = None,
        min_documents: int | None = None,
        backend: Backend = "polars",
    ) -> Any:
        """A table of how topics rise and fall: the one that rose most is first.

        ``first`` and ``last`` are a topic's shares of the tokens of the first and of the last
        quarter of the periods (one period each at least), as the report has them; ``change`` is
        their difference, ``error`` its standard error with whole documents drawn at random.

        Parameters
        ----------
        freq : as for :meth:`over_time`
        min_documents : int, optional
            Periods with fewer documents do not count. By default 20, or 1 where fewer than three
            periods have so many.
        backend : {"polars", "pandas"}

        Raises
        ------
        InputError
            If there are no dates, or fewer than two periods with enough documents.
        """
        from polytopic.result.trends import trends

        return tables.handed_out(trends(self, freq, min_documents), backend)

    def by_label(
        self, column: str | None = None, *, min_documents: int = 1, backend: Backend = "polars"
    ) -> Any:
        """A table of the labels: documents, and every topic's share of the label's tokens.

        ``column``: a name of ``metadata``, where there are several columns of labels.

        Raises
        ------
        InputError
            If there are no labels, or no such column.
        """
        return tables.handed_out(tables.by_label(self, column, min_documents), backend)

    def terms(self, n: int | None = None, *, backend: Backend = "polars") -> Any:
        """A table of the terms: tokens, documents, and p(term | topic) for every topic.

        ``n``: only terms that are among the ``n`` most probable of some topic.
        """
        return tables.handed_out(tables.terms(self, n), backend)

    def similarity(self, *, backend: Backend = "polars") -> Any:
        """A table of how alike topics are, 0 to 1: Bhattacharyya coefficients of their terms."""
        return tables.handed_out(tables.similarity(self), backend)

    def write_tables(
        self,
        path: str | Path,
        *,
        format: str | None = None,
        only: Sequence[str] = (),
        texts: bool = True,
        freq: str | int | None = None,
        label: str | None = None,
        min_documents: int = 1,
    ) -> list[Path]:
        """Write the tables: files of a folder, or the sheets of one workbook; their paths.

        Parameters
        ----------
        path : str or Path
            A folder, or a file in .xlsx.
        format : {"csv", "parquet", "xlsx"}, optional
            By default csv in a folder. Text that a spreadsheet would take for a formula gets an
            apostrophe before it in csv and xlsx.
        only : sequence of str
            Names of tables; by default all that the result has columns for.
        texts, freq, label, min_documents
            As in :meth:`documents`, :meth:`over_time` and :meth:`by_label` (its column).

        Raises
        ------
        InputError
            If the folder holds other files or cannot be written, or a table is too large for Excel.
        MissingExtraError
            For .xlsx without xlsxwriter.
        """
        from polytopic.result.table_files import TableOptions, write_tables

        options = TableOptions(
            only=only, texts=texts, freq=freq, label=label, min_documents=min_documents
        )
        return write_tables(self, path, format=format, options=options)

    @late
    def report(self, path: str | Path, *, title: str | None = None, language: str = "en") -> Path:
        """Write the report, one self-contained HTML file, and return its path.

        ``title``: its heading; ``language`` of what it says: en, de, es, fr or zh.
        """
        raise NotImplementedError

    @late
    def word_clouds(
        self, path: str | Path, *, topics: Sequence[int] | None = None, n_words: int = 30
    ) -> Path:
        """Write word clouds of topics on one sheet, .svg, .png or .html, and return its path.

        ``topics``: by default all that are shown, largest first; ``n_words`` of each at most.
        """
        raise NotImplementedError

    def to_pyldavis(self) -> dict[str, Any]:
        """The arguments of ``pyLDAvis.prepare``, which this package does not need.

        ``pyLDAvis.prepare(**result.to_pyldavis())``: topic_term_dists (K, V) and doc_topic_dists
        (D, K), float64, rows summing to one; doc_lengths (D,), vocab and term_frequency (V,).
        Documents that have no topic are left out.
        """
        from polytopic.result.pyldavis import pyldavis_arguments

        return pyldavis_arguments(self)
