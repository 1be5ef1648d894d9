"""A result as flat tables: a row a topic, a document, a period, a label, a term; a column a topic.

A column ``topic_7`` is about topic 7, the seventh row of ``topic_word`` counted from zero. Hidden
topics have neither row nor column; where shares of topics would not sum to one without them,
``hidden`` holds what is theirs.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from polytopic.counts import document_lengths, documents_holding, term_totals
from polytopic.errors import InputError, ReadingWarning
from polytopic.extras import require
from polytopic.forking import refuse_lost_threads
from polytopic.result.grouping import Groups, group_shares, label_groups, period_groups
from polytopic.result.record import Record
from polytopic.text.roles import role_columns

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "TABLES", "Backend", "by_label", "check_least", "dated", "document_rows", "document_table",
    "documents", "handed_out", "has_dates", "has_labels", "largest", "over_time", "similarity",
    "terms", "topics",
]  # fmt: skip

Backend = Literal["polars", "pandas"]

TABLES = ("topics", "documents", "over_time", "by_label", "terms", "similarity")
"""Names of the tables, which are those of the methods of a result, and of files."""

_WORDS = 25
_BLOCK = 1 << 15
"""Documents whose theta is turned to columns at a time: they fit a processor's cache."""


def topics(result: Record) -> pl.DataFrame:
    """topic, name, note, share of tokens, npmi, documents it leads, verdict, score, why, words."""
    import polars as pl

    _refuse_empty(result)
    words, shown = result.top_words(_WORDS), result.shown
    leads = np.bincount(result.top_topic[result.has_topic], minlength=result.n_topics)
    coherence = np.full(result.n_topics, np.nan) if result.coherence is None else result.coherence
    columns: dict[str, Any] = {
        "topic": shown,
        "name": _named(result.names, shown),
        "note": _named(result.remarks, shown),
        "share": result.topic_sizes[shown],
        "npmi": pl.Series(coherence[shown], dtype=pl.Float64).fill_nan(None),
        "documents": leads[shown],
        **_verdicts(result),
        "words": [" ".join(w.replace(" ", "_") for w in words[k]) for k in shown],
    }
    return pl.DataFrame(columns)


def _verdicts(result: Record) -> dict[str, Any]:
    """Rating, score and sentence of each shown topic; null where nothing was judged."""
    import polars as pl

    found = [result.verdicts[topic] for topic in result.shown] if result.verdicts else []
    nothing = [None] * len(result.shown)
    return {
        "verdict": pl.Series([v.rating for v in found] or nothing, dtype=pl.String),
        "score": pl.Series([v.score for v in found] or nothing, dtype=pl.Float64),
        "why": pl.Series([v.sentence for v in found] or nothing, dtype=pl.String),
    }


def document_table(result: Record) -> pl.DataFrame:
    """row, id, label, date, other labels, largest topic, its name and share, and terms counted.

    Documents that have no topic have neither topic, name nor share.
    """
    import polars as pl

    _refuse_empty(result)
    rows, top = np.arange(result.n_documents), result.top_topic
    columns: dict[str, Any] = {"row": rows}
    columns |= role_columns(ids=result.ids, labels=result.labels, dates=result.dates)
    if result.urls is not None:
        columns["url"] = role_columns(labels=result.urls)["label"]
    for name, values in result.label_columns.items():
        if result.labels is None or not np.array_equal(values, result.labels):
            columns[f"label_{name}"] = role_columns(labels=values)["label"]
    names = pl.Series([*_named(result.names, np.arange(result.n_topics)), None])
    told = ["topic", "share"]
    columns["topic"] = top
    if names.dtype != pl.Null:
        columns["name"], told = (
            names.gather(np.where(top < 0, len(names) - 1, top)),
            [*told, "name"],
        )
    columns |= {
        "share": result.doc_topic[rows, top],
        "terms": document_lengths(result.counts).astype(np.int64),
    }
    return pl.DataFrame(columns).with_columns(pl.when(pl.col("topic") >= 0).then(pl.col(*told)))


def documents(result: Record, *, texts: bool = True) -> pl.DataFrame:
    """:func:`document_table`, the share of every topic, and the whole text."""
    return document_rows(result, texts=texts)(slice(0, result.n_documents))


def document_rows(
    result: Record, *, texts: bool = True, top_topics: int | None = None
) -> Callable[[slice], pl.DataFrame]:
    """What makes the rows of :func:`documents` of some documents.

    ``top_topics``: the so many largest topics of each and their shares (``top_1``,
    ``top_1_share``, ...) in place of the share of every topic.
    """
    import polars as pl

    table = document_table(result)

    def made(rows: slice) -> pl.DataFrame:
        theta = result.doc_topic[rows]
        if top_topics is None:
            shares = _share_columns(result, _by_topic(theta))
        else:
            refuse_lost_threads("tables")
            topics, parts = largest(result, theta, top_topics)
            shares = {}
            for place in range(topics.shape[1]):
                shares[f"top_{place + 1}"] = pl.Series(topics[:, place])
                shares[f"top_{place + 1}_share"] = pl.Series(parts[:, place])
        found = table[rows].with_columns(**shares)
        if not texts or result.texts is None:
            return found
        return found.with_columns(pl.Series("text", result.texts[rows], dtype=pl.String))

    return made


def largest(
    result: Record, theta: NDArray[Any], n: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The ``n`` largest shown topics of documents and their shares, both (D, n); of equals the
    first."""
    shown = theta[:, result.shown]
    order = np.argsort(-shown, axis=1, kind="stable")[:, :n]
    shares = np.take_along_axis(shown, order, axis=1)
    return result.shown[order].astype(np.int32), shares.astype(np.float32)


def over_time(
    result: Record, freq: str | int | None = None, min_documents: int = 1
) -> pl.DataFrame:
    """period, its first day, documents, and the share of the period's tokens of every topic.

    Raises
    ------
    InputError
        If the result has no dates, none could be read, or they have no such frequency.
    """
    check_least(min_documents)
    groups = dated(result, freq)
    first: dict[str, Any] = {"period": groups.names}
    if groups.starts is not None:
        first["start"] = groups.starts
    return _grouped(result, groups, first, min_documents)


def dated(result: Record, freq: str | int | None) -> Groups:
    """The documents by period; what is in none is warned of.

    Raises
    ------
    InputError
        If the result has no dates, none could be read, or they have no such frequency.
    """
    if result.dates is None:
        raise InputError(
            "dates: the result has none. Name their column when reading (--date, date=), or give "
            "them: dataclasses.replace(result, dates=...)."
        )
    groups = period_groups(result.dates, freq)
    if groups is None:
        raise InputError(
            "dates: no entry could be read as a date. Write 2007-05-23; see polytopic.read."
        )
    if groups.note:
        warnings.warn(groups.note, ReadingWarning, stacklevel=5)
    _refuse_empty(result)
    return groups


def by_label(result: Record, column: str | None = None, min_documents: int = 1) -> pl.DataFrame:
    """label, documents, and the share of the label's tokens of every topic; largest first.

    ``column``: one of ``metadata``, by default the labels.

    Raises
    ------
    InputError
        If the result has no labels, or no column of that name.
    """
    check_least(min_documents)
    if column is not None and column not in result.label_columns:
        listed = ", ".join(f'"{name:.40}"' for name in result.label_columns) or "none"
        raise InputError(f'column: there is no "{column!s:.40}". Columns of labels: {listed}.')
    labels = result.labels if column is None else result.metadata[column]
    groups = None if labels is None else label_groups(labels)
    if groups is None or not groups.names:
        raise InputError(
            "labels: the result has none. Name their column when reading (--label, label=), or "
            "give them: dataclasses.replace(result, labels=...)."
        )
    return _grouped(result, groups, {"label": groups.names}, min_documents)


def terms(result: Record, n: int | None = None) -> pl.DataFrame:
    """term, its tokens and documents, and p(term | topic) of every topic; most frequent first.

    ``n``: only terms that are among the ``n`` most probable of some shown topic.
    """
    import polars as pl

    _refuse_empty(result)
    counts = result.counts
    tokens = term_totals(counts)
    order = np.argsort(-tokens, kind="stable")
    if n is not None:
        if type(n) is not int or n < 1:
            raise InputError(f"n: is {n!r:.40}. Ask for one term of each topic or more, or None.")
        best = np.argsort(-result.topic_word[result.shown], axis=1, kind="stable")[:, :n]
        order = order[np.isin(order, best)]
    columns: dict[str, Any] = {
        "term": [result.vocabulary.terms[v] for v in order],
        "tokens": tokens[order],
        "documents": documents_holding(counts)[order],
    }
    columns |= {f"topic_{k}": result.topic_word[k, order] for k in result.shown}
    return pl.DataFrame(columns)


def similarity(result: Record) -> pl.DataFrame:
    """topic, name, and for every topic the Bhattacharyya coefficient with it, 0 to 1.

    sum_v sqrt(p(v | k) p(v | l)): 1 for equal distributions, 0 for those without a common term; one
    minus it is the square of Hellinger's distance (Bhattacharyya, Sankhya 7, 1946).
    """
    import polars as pl

    shown = result.shown
    roots = np.sqrt(result.topic_word[shown].astype(np.float64))
    alike = np.clip(roots @ roots.T, 0.0, 1.0)
    np.fill_diagonal(alike, 1.0)
    columns: dict[str, Any] = {"topic": shown, "name": _named(result.names, shown)}
    columns |= {f"topic_{k}": alike[:, place] for place, k in enumerate(shown)}
    return pl.DataFrame(columns)


def handed_out(table: pl.DataFrame, backend: str) -> Any:
    """A table as polars has it, or pandas.

    Raises
    ------
    InputError
        If there is no such backend.
    MissingExtraError
        If pandas, or pyarrow, which hands tables over to it, is not installed.
    """
    if backend == "polars":
        return table
    if backend != "pandas":
        raise InputError(f'backend: there is no "{backend!s:.40}". Choose "polars" or "pandas".')
    for module in ("pandas", "pyarrow"):
        require(module, 'A table with backend="pandas"')
    return table.to_pandas()


def has_labels(result: Record) -> bool:
    """Whether some document has a label."""
    return result.labels is not None and bool(label_groups(result.labels).names)


def has_dates(result: Record) -> bool:
    """Whether some document has a date that can be read."""
    return result.dates is not None and period_groups(result.dates) is not None


# ---- parts ---------------------------------------------------------------------------------------


def _grouped(result: Record, groups: Groups, first: dict[str, Any], least: int) -> pl.DataFrame:
    """Shares of groups of ``least`` documents at least; those of others are missing, not zero."""
    import polars as pl

    _refuse_empty(result)
    shares, n_documents = group_shares(groups, result.doc_topic, document_lengths(result.counts))
    enough = (n_documents >= least) & (shares.sum(axis=1) > 0)
    columns = _share_columns(result, shares.T)
    table = pl.DataFrame({**first, "documents": n_documents, **columns})
    return table.with_columns(pl.when(pl.Series(enough)).then(pl.col(*columns)))


def _share_columns(result: Record, by_topic: NDArray[Any]) -> dict[str, Any]:
    """Columns of the topics shown, and one for all that is hidden; ``by_topic``: (K, rows)."""
    import polars as pl

    refuse_lost_threads("tables")
    columns: dict[str, Any] = {
        f"topic_{k}": pl.Series(f"topic_{k}", by_topic[k]) for k in result.shown
    }
    if result.hidden:
        columns["hidden"] = by_topic[list(result.hidden)].sum(axis=0)
    return columns


def _by_topic(doc_topic: NDArray[Any]) -> NDArray[Any]:
    """theta with a row a topic, (K, D), of which each is one piece of memory."""
    n_documents, n_topics = doc_topic.shape
    turned = np.empty((n_topics, n_documents), dtype=doc_topic.dtype)
    for start in range(0, n_documents, _BLOCK):
        turned[:, start : start + _BLOCK] = doc_topic[start : start + _BLOCK].T
    return turned


def _named(texts: Any, shown: NDArray[Any]) -> pl.Series:
    import polars as pl

    return pl.Series([texts[k] or None for k in shown], dtype=pl.String)


def _refuse_empty(result: Record) -> None:
    if result.n_documents == 0:
        raise InputError(
            "doc_topic: the result has no documents, and its tables would say nothing. Make a "
            "result of some: model.result(corpus)."
        )


def check_least(value: Any) -> None:
    if type(value) is not int or value < 0:
        raise InputError(f"min_documents: is {value!r:.40}. Give 0 or more documents.")
