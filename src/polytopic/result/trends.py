"""Which topics rise and fall: their shares of the first and of the last periods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from polytopic.counts import document_lengths
from polytopic.errors import InputError
from polytopic.result import tables
from polytopic.result.grouping import Groups, group_shares, share_errors
from polytopic.result.record import Record

if TYPE_CHECKING:
    import polars as pl

__all__ = ["FEWEST_PERIODS", "FEW_DOCUMENTS", "ends_of_time", "periods_that_count", "trends"]

FEW_DOCUMENTS = 20
"""A period of fewer documents decides nothing where others have more: two reviews are no trend."""

FEWEST_PERIODS = 3
"""So many periods of more documents have to be left, or all count."""

_PARTS = 4
"""First and last are a quarter of the periods each: one period alone may be an odd one."""


def trends(
    result: Record, freq: str | int | None = None, min_documents: int | None = None
) -> pl.DataFrame:
    """topic, name, its share of the first and of the last periods, the change, and its error.

    The work of :meth:`TopicResult.trends`.
    """
    import polars as pl

    if min_documents is not None:
        tables.check_least(min_documents)
    groups = tables.dated(result, freq)
    lengths = document_lengths(result.counts)
    n_documents = np.bincount(groups.rows[groups.rows >= 0], minlength=len(groups.names))
    used = periods_that_count(n_documents, min_documents)
    if len(used) < 2:
        raise InputError(
            f"dates: {len(used)} period holds enough documents, and a trend needs two. "
            "Lower min_documents, or take a finer freq."
        )
    ends = _ends(groups, used)
    shares, documents = group_shares(ends, result.doc_topic, lengths)
    errors = share_errors(ends, shares, documents, result.doc_topic, lengths)
    table = pl.DataFrame(
        {
            "topic": result.shown,
            "name": pl.Series([result.names[k] or None for k in result.shown], dtype=pl.String),
            "first": shares[0][result.shown],
            "last": shares[1][result.shown],
            "change": (shares[1] - shares[0])[result.shown],
            "error": np.hypot(errors[0], errors[1])[result.shown],
        }
    )
    return table.sort("change", descending=True)


def periods_that_count(
    n_documents: NDArray[np.int64], least: int | None = None
) -> NDArray[np.int64]:
    """The periods of at least ``least`` documents, in order.

    By default those of :data:`FEW_DOCUMENTS`, and where they are fewer than :data:`FEWEST_PERIODS`
    all that hold a document.
    """
    solid = np.flatnonzero(n_documents >= max(1, FEW_DOCUMENTS if least is None else least))
    if least is None and len(solid) < FEWEST_PERIODS:
        return np.flatnonzero(n_documents > 0)
    return solid


def ends_of_time(used: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first and the last quarter of the periods, one each at least."""
    quarter = max(1, len(used) // _PARTS)
    return used[:quarter], used[-quarter:]


def _ends(groups: Groups, used: NDArray[np.int64]) -> Groups:
    """The documents of the first periods, 0, and of the last, 1."""
    places = np.full(len(groups.names) + 1, -1, dtype=np.int64)  # the last: of no period
    first, last = ends_of_time(used)
    places[first], places[last] = 0, 1
    return Groups(["first", "last"], places[groups.rows])
