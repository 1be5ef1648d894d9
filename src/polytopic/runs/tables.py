"""The tables of a result: a row a topic, a row a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import polars as pl

    from polytopic.result import TopicResult

__all__ = ["document_table", "topic_table", "whole_document_table"]

START_OF_TEXT = 200
"""Characters of each document that documents.parquet repeats."""


def topic_table(result: TopicResult) -> pl.DataFrame:
    """A row a topic: number, name if any has one, share of tokens, coherence, documents whose
    largest it is, first words."""
    import polars as pl

    words = result.top_words(25)
    leads = result.top_topic[result.has_topic]
    coherence = [None] * result.n_topics if result.coherence is None else result.coherence
    columns: dict[str, Any] = {"topic": np.arange(result.n_topics)}
    if any(result.names):
        columns["name"] = [name or None for name in result.names]
    columns |= {
        "share": result.topic_sizes,
        "npmi": pl.Series(coherence, dtype=pl.Float64),
        "documents": np.bincount(leads, minlength=result.n_topics),
        "words": [" ".join(w.replace(" ", "_") for w in listed) for listed in words],
    }
    return pl.DataFrame(columns)


def document_table(result: TopicResult) -> pl.DataFrame:
    """A row a document: number, id, label, date, largest topic, its share, and terms counted.

    Documents that have no topic have neither topic nor share.
    """
    import polars as pl

    from polytopic.text.roles import role_columns

    rows, top = np.arange(result.n_documents), result.top_topic
    columns: dict[str, Any] = {"row": rows}
    columns |= role_columns(ids=result.ids, labels=result.labels, dates=result.dates)
    columns |= {
        "topic": top,
        "share": result.doc_topic[rows, top],
        "terms": np.asarray(result.counts.sum(axis=1)).ravel().astype(np.int64),
    }
    known = pl.when(pl.col("topic") >= 0).then(pl.col("topic", "share"))
    return pl.DataFrame(columns).with_columns(known)


def whole_document_table(result: TopicResult) -> pl.DataFrame:
    """:func:`document_table` with theta, and the beginning of each text where there are texts."""
    import polars as pl

    theta = pl.Series("theta", result.doc_topic, dtype=pl.Array(pl.Float32, result.n_topics))
    table = document_table(result).with_columns(theta)
    if result.texts is None:
        return table
    return table.with_columns(pl.Series("text", result.texts).str.slice(0, START_OF_TEXT))
