"""The forms in which people write dates, and the instants they stand for.

A form is a regular expression with named groups and a unit. Values are matched and put together
column-wise, and every number is checked against the calendar: 30 February is no date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import polars as pl

__all__ = ["FORMS", "UNITS", "Form", "Parts", "days_of", "put_together"]

UNITS = ("Y", "3M", "M", "W", "D", "us")
"""NumPy's units, coarse to fine: years, quarters, months, ISO weeks, days, instants (UTC).

A week of ISO 8601 belongs to its Thursday, and NumPy's weeks begin on Thursdays: the unit fits.
"""

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_MONTH = (
    r"(?<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+"
_CLOCK = (
    r"(?<hour>\d{1,2})[:.h](?<minute>\d{2})"
    r"(?:[:.](?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)?"
)
_DOTTED = r"(?<hour>\d{2})\.(?<minute>\d{2})\.(?<second>\d{2})(?:\.(?<fraction>\d{1,9}))?"
"""As DB2 writes it, after a dash; with colons that is a date and its zone: 2019-03-01-05:00."""

_ZONES = {
    "Z": 0, "UTC": 0, "UT": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7,
    "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
"""Hours east of Greenwich of the names that RFC 2822 knows; other names mean several zones."""

_ZONE = rf"(?<zone>{'|'.join(_ZONES)}|(?:UTC|GMT)?[+-]\d{{2}}(?::?\d{{2}})?)"
_TIME = (
    rf"(?:(?:t|,?\s+(?:(?:at|um|-)\s+)?){_CLOCK}(?:\s*(?<half>[ap])\.?m\.?|\s*(?:uhr|h|hrs))?"
    rf"(?:\s*{_ZONE})?(?:\s*\([^)]*\))?)?"
)
_DAY = r"(?<day>\d{1,2})"
_YEAR = r"(?<year>\d{4})"
_SHORT_YEAR = r"(?<year>\d{4}|\d{2})"

PIVOT = 69
"""Two digits from 69 are of the twentieth century, others of the next: the rule of POSIX."""


@dataclass(frozen=True)
class Form:
    """One way to write a date: a pattern for the whole value and the unit it names.

    ``ordered`` tells that ``first`` and ``second`` are a day and a month in an order that only the
    whole column can tell.
    """

    pattern: str
    unit: str
    ordered: bool = False

    @property
    def regex(self) -> str:
        """The pattern over a whole value, in any case; digits are those of ASCII."""
        return rf"(?i)^(?:{self.pattern})$".replace(r"\d", "[0-9]")


FORMS = (
    Form(rf"{_YEAR}[-/.](?<month>\d{{1,2}})[-/.]{_DAY}{_TIME}", "D"),
    Form(rf"{_YEAR}-(?<month>\d{{2}})-{_DAY}-{_DOTTED}", "D"),
    Form(rf"{_YEAR}(?:\.0+)?", "Y"),
    Form(rf"{_YEAR}[-/](?<month>\d{{1,2}})", "M"),
    Form(rf"{_YEAR}(?<month>\d{{2}})(?<day>\d{{2}})(?:\.0+)?", "D"),
    Form(
        rf"{_YEAR}(?<month>\d{{2}})(?<day>\d{{2}})[t ]?(?<hour>\d{{2}})(?<minute>\d{{2}})"
        rf"(?:(?<second>\d{{2}})(?:[.,](?<fraction>\d{{1,9}}))?)?(?:\s*{_ZONE})?",
        "D",
    ),
    Form(rf"(?<first>\d{{1,2}})[./](?<other>\d{{1,2}})[./]{_SHORT_YEAR}{_TIME}", "D", True),
    Form(rf"(?<first>\d{{1,2}})-(?<other>\d{{1,2}})-{_YEAR}{_TIME}", "D", True),
    Form(rf"(?<month>\d{{1,2}})[./-]{_YEAR}", "M"),
    Form(rf"{_YEAR}[-/ ]?Q(?<quarter>[1-4])", "3M"),
    Form(rf"Q(?<quarter>[1-4])[-/ ]?{_YEAR}", "3M"),
    Form(rf"(?<quarter>[1-4])Q[-/ ]?{_YEAR}", "3M"),
    Form(rf"{_YEAR}-?W(?<week>\d{{1,2}})", "W"),
    Form(rf"{_YEAR}-?W(?<week>\d{{2}})-?(?<weekday>[1-7])", "D"),
    Form(rf"{_YEAR}-(?<ordinal>\d{{3}})", "D"),
    Form(rf"(?:{_WEEKDAY})?{_MONTH}\.?\s+{_DAY}(?:st|nd|rd|th)?,?\s+{_YEAR}{_TIME}", "D"),
    Form(
        rf"(?:{_WEEKDAY})?{_DAY}(?:st|nd|rd|th)?\.?[\s-]+(?:of\s+)?{_MONTH}\.?,?[\s-]+"
        rf"{_SHORT_YEAR}{_TIME}",
        "D",
    ),
    Form(rf"(?:{_WEEKDAY}){_MONTH}\s+{_DAY}\s+{_CLOCK}(?:\s+{_ZONE})?\s+{_YEAR}", "D"),
    Form(rf"{_MONTH}\.?,?[\s-]+{_YEAR}", "M"),
    Form(rf"{_YEAR}[\s-]+{_MONTH}(?:[\s-]+{_DAY})", "D"),
    Form(rf"{_YEAR}[\s-]+{_MONTH}", "M"),
    Form(rf"{_YEAR}\s?年\s?(?<month>\d{{1,2}})\s?月\s?{_DAY}\s?日{_TIME}", "D"),
    Form(rf"{_YEAR}\s?年\s?(?<month>\d{{1,2}})\s?月", "M"),
    Form(rf"{_YEAR}\s?年", "Y"),
)
"""Tried in this order; no two fit one value, whatever their order, but for digits alone."""


@dataclass(frozen=True)
class Parts:
    """What the values of one form say, each array of shape (N,).

    ``instants``: microseconds UTC, the beginning of the year, month and so on; NaT where the
    calendar knows no such date. ``zoned``: a zone was named; ``moved``: one that is not UTC.
    ``short``: the year had two digits. ``timed``: an hour was named.
    """

    instants: NDArray[np.datetime64]
    zoned: NDArray[np.bool_]
    moved: NDArray[np.bool_]
    short: NDArray[np.bool_]
    timed: NDArray[np.bool_]


def put_together(groups: Mapping[str, pl.Series], *, month_first: bool = False) -> Parts:
    """The instants that the named groups of a form stand for, nulls only in optional groups."""
    year = _numbers(groups["year"])
    short = np.asarray(groups["year"].str.len_chars() == 2, dtype=np.bool_)
    year = np.where(short, year + np.where(year >= PIVOT, 1900, 2000), year)
    days, good = _days(groups, year, month_first)
    timed = np.zeros(len(year), dtype=np.bool_)
    zoned, moved = timed.copy(), timed.copy()
    micros = np.zeros(len(year), dtype=np.int64)
    if "hour" in groups:
        timed = np.asarray(groups["hour"].is_not_null(), dtype=np.bool_)
        micros, fine = _clock(groups)
        good &= fine
    if "zone" in groups:
        offsets, fine, zoned = _offsets(groups["zone"])
        micros -= offsets
        moved = offsets != 0
        good &= fine
    instants = days.astype("M8[us]") + micros.astype("m8[us]")
    instants[~good] = np.datetime64("NaT")
    return Parts(instants, zoned, moved, short, timed)


def days_of(
    year: NDArray[np.int64], month: NDArray[np.int64], day: NDArray[np.int64]
) -> tuple[NDArray[np.datetime64], NDArray[np.bool_]]:
    """Days of the calendar, shape (N,), and which of them exist."""
    months = ((year - 1970) * 12 + month - 1).astype("M8[M]")
    days = months.astype("M8[D]") + (day - 1).astype("m8[D]")
    good = (month >= 1) & (month <= 12) & (day >= 1) & (days.astype("M8[M]") == months)
    return days, good & (year >= 1)


def _days(
    groups: Mapping[str, pl.Series], year: NDArray[np.int64], month_first: bool
) -> tuple[NDArray[np.datetime64], NDArray[np.bool_]]:
    one = np.ones(len(year), dtype=np.int64)
    if "week" in groups:
        return _weeks(groups, year)
    if "ordinal" in groups:
        ordinal = _numbers(groups["ordinal"])
        first, good = days_of(year, one, one)
        days = first + (ordinal - 1).astype("m8[D]")
        return days, good & (ordinal >= 1) & (days.astype("M8[Y]") == first.astype("M8[Y]"))
    if "quarter" in groups:
        return days_of(year, 3 * _numbers(groups["quarter"]) - 2, one)
    if "first" in groups:
        pair = _numbers(groups["first"]), _numbers(groups["other"])
        month, day = pair if month_first else pair[::-1]
        return days_of(year, month, day)
    day = _numbers(groups["day"]) if "day" in groups else one
    if "name" in groups:
        return days_of(year, _named_months(groups["name"]), day)
    return days_of(year, _numbers(groups["month"]) if "month" in groups else one, day)


def _weeks(
    groups: Mapping[str, pl.Series], year: NDArray[np.int64]
) -> tuple[NDArray[np.datetime64], NDArray[np.bool_]]:
    """Thursdays of ISO weeks, or the day of the week where one is named."""
    week, one = _numbers(groups["week"]), np.ones(len(year), dtype=np.int64)
    fourth, good = days_of(year, one, 4 * one)  # 4 January is always in week 1
    weekday = (fourth.astype(np.int64) + 3) % 7  # 1 January 1970 was a Thursday
    thursday = fourth - (weekday - 3).astype("m8[D]") + (7 * (week - 1)).astype("m8[D]")
    good &= (week >= 1) & (thursday.astype("M8[Y]") == fourth.astype("M8[Y]"))
    if "weekday" in groups:
        return thursday + (_numbers(groups["weekday"]) - 4).astype("m8[D]"), good
    return thursday, good


def _clock(groups: Mapping[str, pl.Series]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Microseconds since midnight; 24:00 is the end of the day, a 60th second the next minute."""
    hour, minute = _numbers(groups["hour"]), _numbers(groups["minute"])
    second = _numbers(groups["second"]) if "second" in groups else np.zeros_like(hour)
    good = (minute < 60) & (second <= 60) & ((hour < 24) | ((hour == 24) & (minute + second == 0)))
    if "half" in groups:
        half = groups["half"].str.to_lowercase()
        given = np.asarray(half.is_not_null(), dtype=np.bool_)
        good &= ~given | ((hour >= 1) & (hour <= 12))
        after = np.asarray((half == "p").fill_null(False), dtype=np.bool_)
        hour = np.where(given, hour % 12 + 12 * after, hour)
    micros = (hour * 3600 + minute * 60 + second) * 1_000_000
    if "fraction" in groups:
        padded = groups["fraction"].fill_null("0").str.pad_end(6, "0").str.slice(0, 6)
        micros += _numbers(padded)
    return micros, good


def _offsets(
    zone: pl.Series,
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Microseconds east of Greenwich, which are possible, and where a zone is named."""
    import polars as pl

    given = np.asarray(zone.is_not_null(), dtype=np.bool_)
    named = zone.str.to_uppercase()
    parts = pl.DataFrame({"z": named}).select(
        hours=pl.col("z").replace_strict(_ZONES, default=None, return_dtype=pl.Int64),
        sign=pl.col("z").str.extract(r"([+-])\d"),
        east=pl.col("z").str.extract(r"[+-](\d{2})").cast(pl.Int64),
        minutes=pl.col("z").str.extract(r"[+-]\d{2}:?(\d{2})").cast(pl.Int64),
    )
    hours, east, minutes = (_numbers(parts[name]) for name in ("hours", "east", "minutes"))
    sign = np.where(np.asarray((parts["sign"] == "-").fill_null(False)), -1, 1)
    seconds = hours * 3600 + sign * (east * 3600 + minutes * 60)
    return seconds * 1_000_000, (east < 24) & (minutes < 60), given


def _named_months(names: pl.Series) -> NDArray[np.int64]:
    import polars as pl

    numbers = {month[:3]: number for number, month in enumerate(_MONTHS, 1)}
    short = names.str.slice(0, 3).str.to_lowercase()
    return _numbers(short.replace_strict(numbers, default=0, return_dtype=pl.Int64))


def _numbers(values: Any) -> NDArray[np.int64]:
    """Digits, or numbers, as int64; 0 where there are none."""
    import polars as pl

    return np.asarray(values.cast(pl.Int64).fill_null(0).to_numpy(), dtype=np.int64)
