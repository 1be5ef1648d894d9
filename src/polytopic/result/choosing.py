"""Rows of the table of documents: those of a topic, of a label, or of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polytopic.errors import InputError
from polytopic.result.record import Record

if TYPE_CHECKING:
    import polars as pl

__all__ = ["chosen_documents"]

_NAMED = 20
"""Labels that an error names."""


def chosen_documents(
    result: Record, table: pl.DataFrame, topic: int | None, label: Any
) -> pl.DataFrame:
    """Documents whose largest topic is ``topic``, largest share first, and that bear ``label``.

    A label is known by its spelling, so that "5" is 5.

    Raises
    ------
    InputError
        If there is no such topic, no label at all, or none of that name.
    """
    import polars as pl

    if topic is not None:
        if isinstance(topic, bool) or not 0 <= topic < result.n_topics:
            raise InputError(
                f"topic: there is no topic {topic!r:.40}. They are 0 to {result.n_topics - 1}."
            )
        table = table.filter(pl.col("topic") == topic).sort(
            "share", descending=True, maintain_order=True
        )
    if label is None:
        return table
    if result.labels is None:
        raise InputError("label: the documents have none. Name their column when reading.")
    known = {str(value) for value in result.labels.tolist() if value is not None}
    if str(label) not in known:
        listed = ", ".join(sorted(known)[:_NAMED]) + (", ..." if len(known) > _NAMED else "")
        raise InputError(f'label: no document bears "{label!s:.40}". Labels are: {listed}.')
    return table.filter(pl.col("label").cast(pl.String) == str(label))
