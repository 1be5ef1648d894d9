"""Numbers that are dates: years, 20190301, 201903, seconds since 1970, Excel's days.

One kind has to fit every number of the column (0 and -1 may stand for no date); else the numbers
stay numbers, which are steps of time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polytopic.text.date_forms import days_of

if TYPE_CHECKING:
    import polars as pl

__all__ = ["EXCEL_DAYS", "numbered_dates"]

EXCEL_DAYS = "Excel's days since 1900"

Dates = NDArray[np.datetime64]
Numbers = NDArray[Any]
"""int64, or float64 where some are no whole numbers."""

_YEARS = (1000, 2999)
"""Numbers that can be years: four digits, and no code such as 9999 or 3000."""

_MONTH_YEARS = (1800, 2199)
"""Narrower than years: six digits are easily something else."""

_SINCE_1970 = (315_532_800, 4_102_444_800)
"""Seconds from 1980 to 2100; before and after, a number is hardly a time of a document."""

_EXCEL_DAYS = (10_000, 80_000)
"""1927 to 2119 in Excel's days; its day 25,569 is 1 January 1970."""

_NO_DATE = (0, -1)
"""What programs write where there is no time: 1970 to the second is no document's date."""


def numbered_dates(
    column: pl.Series, name: str, *, excel: bool = False
) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Dates of a column of numbers, shape (D,), and what is to be told.

    int64 or float64 (NaN where missing) if the numbers are no dates.
    """
    whole = column.dtype.is_integer()
    values = column.drop_nulls().to_numpy()
    if not whole:
        values = values.astype(np.float64)
        gone = ~np.isfinite(values)
        if gone.any():
            return numbered_dates(_finite(column), name, excel=excel)
        if (values == np.floor(values)).all() and (np.abs(values) < 2**53).all():
            values, whole = values.astype(np.int64), True
    if not len(values):
        return np.full(len(column), np.datetime64("NaT"), dtype="M8[D]"), ()
    real = ~np.isin(values, _NO_DATE)
    if real.any():
        for read, said in _kinds(whole, excel):
            dates = read(values[real])
            if dates is not None:
                return _placed(column, real, dates), _told(values, real, dates, said, name)
    numbers = column.to_numpy() if column.null_count() or not whole else values
    shown = ", ".join(f"{v:.6g}" if not whole else str(v) for v in values[:3].tolist())
    return numbers, (
        f"{name}: numbers ({shown}) are no usual dates, and are taken as steps of time.",
    )


def _finite(column: pl.Series) -> pl.Series:
    import polars as pl

    finite = column.is_finite()
    return pl.select(pl.when(finite).then(column)).to_series().alias(column.name)


def _placed(column: pl.Series, real: NDArray[np.bool_], dates: Dates) -> Dates:
    """Dates of the known and real numbers at the places of their documents."""
    rows = np.flatnonzero(column.is_not_null().to_numpy())[real]
    placed = np.full(len(column), np.datetime64("NaT"), dtype=dates.dtype)
    placed[rows] = dates
    return placed


def _told(
    values: Numbers, real: NDArray[np.bool_], dates: Dates, said: str, name: str
) -> tuple[str, ...]:
    notes = []
    if said:
        first = str(dates[0])[:19]
        notes.append(f"{name}: numbers are read as {said} ({values[real][0]} is {first}).")
    if not real.all():
        n = int((~real).sum())
        many = f"{n:,} document{'' if n == 1 else 's'}"
        notes.append(f"{name}: 0 or -1 in {many}: these have no date.")
    return tuple(notes)


Reader = Callable[[Numbers], Dates | None]


def _kinds(whole: bool, excel: bool) -> list[tuple[Reader, str]]:
    """What numbers may be, the likeliest first, with what is told of it."""
    kinds: list[tuple[Reader, str]] = []
    if whole:
        kinds += [(_years, ""), (_compact_days, ""), (_compact_months, ""), (_compact_times, "")]
    kinds += [(_since(1), "seconds since 1970, UTC")]
    if whole:
        for scale, unit in ((10**3, "milli"), (10**6, "micro"), (10**9, "nano")):
            kinds.append((_since(scale), f"{unit}seconds since 1970, UTC"))
    if excel:
        kinds.append((_excel, EXCEL_DAYS))
    return kinds


def _within(values: Numbers, bounds: tuple[int, int]) -> bool:
    return bool(values.min() >= bounds[0] and values.max() <= bounds[1])


def _years(values: Numbers) -> Dates | None:
    years: Dates = (values - 1970).astype("M8[Y]")
    return years if _within(values, _YEARS) else None


def _compact_days(values: Numbers) -> Dates | None:
    """20190301."""
    year, month, day = values // 10_000, values // 100 % 100, values % 100
    if not _within(year, _YEARS):
        return None
    days, good = days_of(year, month, day)
    return days if good.all() else None


def _compact_months(values: Numbers) -> Dates | None:
    """201903."""
    year, month = values // 100, values % 100
    if not _within(year, _MONTH_YEARS) or not _within(month, (1, 12)):
        return None
    months: Dates = (12 * (year - 1970) + month - 1).astype("M8[M]")
    return months


def _compact_times(values: Numbers) -> Dates | None:
    """20190301101500, or without the seconds."""
    seconds = values if values.min() >= 10**13 else values * 100
    clock = seconds % 1_000_000
    hour, minute, second = clock // 10_000, clock // 100 % 100, clock % 100
    days = _compact_days(seconds // 1_000_000)
    if days is None or hour.max() > 23 or minute.max() > 59 or second.max() > 59:
        return None
    passed = (hour * 3600 + minute * 60 + second).astype("m8[s]")
    return np.asarray(days.astype("M8[us]") + passed)


def _since(scale: int) -> Reader:
    def read(values: Numbers) -> Dates | None:
        low, high = _SINCE_1970
        if not _within(values, (low * scale, high * scale)):
            return None
        micros = values // 1000 if scale > 10**6 else np.rint(values * (10**6 // scale))
        instants: Dates = micros.astype(np.int64).astype("M8[us]")
        return instants

    return read


def _excel(values: Numbers) -> Dates | None:
    if not _within(values, _EXCEL_DAYS):
        return None
    micros = np.rint((values.astype(np.float64) - 25_569) * 86_400_000).astype(np.int64) * 1000
    instants: Dates = micros.astype("M8[us]")
    return instants.astype("M8[D]") if (values == np.floor(values)).all() else instants
