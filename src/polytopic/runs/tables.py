"""The two tables that stand beside the report: ``topics.csv`` and ``documents.parquet``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from polytopic.result.tables import document_table, largest, topics

if TYPE_CHECKING:
    import polars as pl

    from polytopic.result import TopicResult

__all__ = ["topic_table", "whole_document_rows"]

START_OF_TEXT = 200
"""Characters of each document that documents.parquet repeats."""


def topic_table(result: TopicResult) -> pl.DataFrame:
    """A row a topic: number, name and note if any has one, share of tokens, coherence, documents
    whose largest it is, first words."""
    table = topics(result)
    empty = [name for name in ("name", "note") if table[name].null_count() == table.height]
    return table.drop(empty)


def whole_document_rows(
    result: TopicResult, top_topics: int | None = None
) -> Callable[[slice], pl.DataFrame]:
    """What makes the rows of :func:`document_table` of some documents, with theta, and the
    beginning of each text where there are texts.

    ``top_topics``: the so many largest topics of each, and their shares, in place of theta.
    """
    import polars as pl

    table = document_table(result)

    def made(rows: slice) -> pl.DataFrame:
        theta = result.doc_topic[rows]
        if top_topics is None:
            columns = [pl.Series("theta", theta, dtype=pl.Array(pl.Float32, result.n_topics))]
        else:
            topics, shares = largest(result, theta, top_topics)
            columns = [
                pl.Series("top_topics", topics, dtype=pl.Array(pl.Int32, topics.shape[1])),
                pl.Series("top_shares", shares, dtype=pl.Array(pl.Float32, topics.shape[1])),
            ]
        found = table[rows].with_columns(columns)
        if result.texts is None:
            return found
        return found.with_columns(pl.Series("text", result.texts[rows]).str.slice(0, START_OF_TEXT))

    return made
