"""Which topics rise and fall: straight lines through their shares of the periods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.result import tables
from polytopic.result.record import Record

if TYPE_CHECKING:
    import polars as pl

__all__ = ["trends"]


def trends(result: Record, freq: str | int | None = None, min_documents: int = 1) -> pl.DataFrame:
    """topic, name, its share at the first and the last period, the change, and its error.

    The work of :meth:`TopicResult.trends`.
    """
    import polars as pl

    over = tables.over_time(result, freq, min_documents)
    columns = [name for name in over.columns if name.startswith("topic_")]
    shares = over.select(columns).to_numpy().astype(np.float64)
    known = ~np.isnan(shares).any(axis=1)
    if known.sum() < 2:
        raise InputError(
            f"dates: {int(known.sum())} period holds enough documents, and a trend needs two. "
            "Lower min_documents, or take a finer freq."
        )
    weights = over["documents"].to_numpy()[known].astype(np.float64)
    first, last, error = _lines(np.flatnonzero(known), shares[known], weights)
    topics = [int(name.removeprefix("topic_")) for name in columns]
    table = pl.DataFrame(
        {
            "topic": topics,
            "name": [result.names[k] or None for k in topics],
            "first": first,
            "last": last,
            "change": last - first,
            "error": error,
        },
        schema_overrides={"name": pl.String},
    )
    return table.with_columns(pl.col("error").fill_nan(None)).sort("change", descending=True)


def _lines(
    places: NDArray[np.int64], shares: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Weighted least squares of shares (T, K) on the places of periods: the line's value at the
    first and at the last, and the standard error of their difference (NaN of two periods)."""
    weights = weights / weights.sum()
    centred = places - weights @ places
    spread = weights @ centred**2
    means = weights @ shares
    slopes = (weights * centred) @ (shares - means) / spread
    fitted = means + centred[:, None] * slopes
    width = float(places[-1] - places[0])
    if len(places) < 3:
        return fitted[0], fitted[-1], np.full(shares.shape[1], np.nan)
    residual = weights @ (shares - fitted) ** 2 * len(places) / (len(places) - 2)
    return fitted[0], fitted[-1], width * np.sqrt(residual / spread / len(places))
