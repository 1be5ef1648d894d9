"""The two tables that stand beside the report: ``topics.csv`` and ``documents.parquet``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polytopic.result.tables import document_table, topics

if TYPE_CHECKING:
    import polars as pl

    from polytopic.result import TopicResult

__all__ = ["topic_table", "whole_document_table"]

START_OF_TEXT = 200
"""Characters of each document that documents.parquet repeats."""


def topic_table(result: TopicResult) -> pl.DataFrame:
    """A row a topic: number, name and note if any has one, share of tokens, coherence, documents
    whose largest it is, first words."""
    table = topics(result)
    empty = [name for name in ("name", "note") if table[name].null_count() == table.height]
    return table.drop(empty)


def whole_document_table(result: TopicResult) -> pl.DataFrame:
    """:func:`document_table` with theta, and the beginning of each text where there are texts."""
    import polars as pl

    theta = pl.Series("theta", result.doc_topic, dtype=pl.Array(pl.Float32, result.n_topics))
    table = document_table(result).with_columns(theta)
    if result.texts is None:
        return table
    return table.with_columns(pl.Series("text", result.texts).str.slice(0, START_OF_TEXT))
