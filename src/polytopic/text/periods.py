"""Dates once they are read: how each unit is spelled, kept in files, and which lie far off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import polars as pl

__all__ = ["dates_as_series", "outlying", "restored", "spelled", "storable", "unit_of"]

_FAR = 10
"""So many times the range of the middle half from it, and a date is no neighbour of the others."""

_NEAR_DAYS = 2 * 366
"""Two years: a date that lies further from all others is a slip or a placeholder."""

_NEAR_STEPS = 60
"""What lies nearer than this never squeezes a chart, however narrow the middle half is."""

_MOST_OUTLYING = 0.1
"""More of them (and more than two) are no outliers but a part of the corpus."""


def unit_of(dates: NDArray[Any]) -> str:
    """NumPy's unit, ``"3M"`` for quarters; empty if these are no dates."""
    if dates.dtype.kind != "M":
        return ""
    unit, step = np.datetime_data(dates.dtype)
    return unit if step == 1 else f"{step}{unit}"


def spelled(dates: NDArray[Any]) -> list[str]:
    """Each date as ISO 8601 writes its unit, '' where there is none.

    >>> spelled(np.array(["2019-08"], "M8[3M]")), spelled(np.array(["2019-10-03"], "M8[W]"))
    (['2019-Q3'], ['2019-W40'])
    """
    unit = unit_of(dates)
    if unit == "3M":
        months = dates.astype("M8[M]").astype(np.int64)
        texts = [f"{1970 + m // 12:04d}-Q{m % 12 // 3 + 1}" for m in months.tolist()]
    elif unit == "W":
        days = dates.astype("M8[D]")  # the Thursdays
        years = days.astype("M8[Y]")
        weeks = (days - years.astype("M8[D]")).astype(np.int64) // 7 + 1
        texts = [f"{y}-W{w:02d}" for y, w in zip(years.astype(str), weeks.tolist(), strict=True)]
    else:
        texts = dates.astype(str).tolist()
    return ["" if gone else text for text, gone in zip(texts, np.isnat(dates), strict=True)]


def dates_as_series(name: str, dates: NDArray[Any]) -> pl.Series:
    """Dates as a column that people and programs read: Int32 for years, text for periods.

    Days become Date, instants Datetime. Every form is read back as it was.
    """
    import polars as pl

    unit = unit_of(dates)
    if unit == "Y":
        years = (dates.astype(np.int64) + 1970).tolist()
        known = [None if gone else y for y, gone in zip(years, np.isnat(dates), strict=True)]
        return pl.Series(name, known, dtype=pl.Int32)
    if unit in ("3M", "M", "W"):
        return pl.Series(name, [text or None for text in spelled(dates)], dtype=pl.String)
    return pl.Series(name, storable(dates))


def storable(dates: NDArray[Any]) -> NDArray[Any]:
    """Dates, or spans of time, at a unit that polars has; :func:`restored` undoes it."""
    unit, step = np.datetime_data(dates.dtype)
    if step == 1 and unit in ("D", "ms", "us", "ns"):
        return dates
    days = dates.dtype.kind == "M" and unit in ("Y", "M", "W", "D")
    return dates.astype(f"{dates.dtype.kind}8[{'D' if days else 'us'}]")


def restored(stored: pl.Series, unit: str) -> pl.Series | NDArray[Any]:
    """What :func:`storable` made of dates, at their own unit again; other columns as they are."""
    array = stored.to_numpy() if stored.dtype.is_temporal() else None
    return stored if array is None or not unit else array.astype(f"M8[{unit}]")


def outlying(dates: NDArray[Any]) -> NDArray[np.bool_]:
    """Which dates, or numbers, lie so far from the others that a chart of all would show nothing.

    Those farther from the middle half than ten times its range, and than two years (60 steps of
    numbers), unless they are more than one in ten. NaT and NaN are none.

    >>> outlying(np.array([2015, 2016, 2018, 2019, 9999], dtype=np.int64)).tolist()
    [False, False, False, False, True]
    """
    far = np.zeros(len(dates), dtype=np.bool_)
    if dates.dtype.kind == "M":
        known, near = ~np.isnat(dates), _NEAR_DAYS
        numbers = dates.astype("M8[D]").astype(np.int64).astype(np.float64)
    else:
        numbers, near = dates.astype(np.float64), _NEAR_STEPS
        known = np.isfinite(numbers)
    if known.sum() < 4:
        return far
    low, high = np.quantile(numbers[known], [0.25, 0.75])
    reach = max(_FAR * (high - low), near)
    far[known] = (numbers[known] < low - reach) | (numbers[known] > high + reach)
    return far if far.sum() <= max(2, _MOST_OUTLYING * known.sum()) else np.zeros_like(far)
