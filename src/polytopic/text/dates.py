"""Dates as people write them, read column by column.

A form has to fit the whole column before a number becomes a date, and the whole column tells day
first from month first. What is not certain, not read or moved is told.
"""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from polytopic.forking import refuse_lost_threads
from polytopic.text.date_forms import FORMS, UNITS, Form, put_together
from polytopic.text.date_numbers import EXCEL_DAYS, numbered_dates
from polytopic.text.halves import mended
from polytopic.text.periods import outlying, spelled

__all__ = ["days_of_excel", "read_dates"]

_MISSING = ["", "-", "--", "?", "nan", "nat", "none", "null", "na", "n/a", "n.a.", "#n/a", "<na>"]
_MOST_COARSE = 0.05
"""So many may name only a year where others name a day, and are left without a date."""

_FEWEST_READ = 0.5
"""A column of which less can be read is no column of dates."""

_TOO_COARSE = -2
"""In place of a form: the value was read, but names too little."""

_UNIT_NAMES = {"Y": "years", "3M": "quarters", "M": "months", "W": "weeks", "D": "days"}

_DIGITS = r"^[+-]?\d+(?:\.\d+)?$"


def read_dates(
    values: Any, name: str = "dates", *, excel: bool = False
) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Read a column of dates in any usual form.

    Parameters
    ----------
    values : sequence of D entries
        Strings, numbers, ``datetime.date`` and ``datetime``, ``datetime64``, a polars Series; None,
        NaN, NaT and "" are missing.
    name : str
        What the notes call the column.
    excel : bool
        Numbers may be Excel's days since 1900.

    Returns
    -------
    dates : array of shape (D,)
        datetime64 whose unit says what was named: Y, 3M (quarters), M, W (ISO weeks), D, or us
        (instants in UTC). Whole numbers that are no dates stay numbers (steps of time); a column
        of which less than half can be read stays text.
    notes : tuple of str
        A sentence on each thing that was not plain, with its count and an example.
    """
    refuse_lost_threads(name)
    column, notes = _as_series(values, name)
    told: tuple[str, ...] = ()
    if isinstance(column, np.ndarray):
        dates, missing = column, int(np.isnat(column).sum())
    else:
        if column.dtype == pl.String:
            stripped = column.str.strip_chars()
            column = column.set(stripped.str.to_lowercase().is_in(_MISSING), None)
            dates, told = _from_text(column, name, excel)
        else:
            column = column.fill_nan(None) if column.dtype.is_float() else column
            dates, told = numbered_dates(column, name, excel=excel)
        missing = column.null_count()
    if missing:
        told = (*told, f"{name}: missing in {missing:,} of {_documents(len(dates))}.")
    return dates, (*notes, *told, *_far_off(dates, name))


def days_of_excel(cells: Sequence[str | None]) -> tuple[Sequence[str | None], tuple[str, ...]]:
    """A column of a workbook: numbers that are all Excel's days as ISO dates, else as it is."""
    dates, notes = read_dates(pl.Series(cells, dtype=pl.String), excel=True)
    told = tuple(note for note in notes if EXCEL_DAYS in note)
    return ([text or None for text in spelled(dates)], told) if told else (cells, ())


def _as_series(values: Any, name: str) -> tuple[pl.Series | NDArray[Any], tuple[str, ...]]:
    """Strings or numbers as a Series; dates that are dates already as datetime64."""
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        return values, ()
    if isinstance(values, np.ndarray) and values.dtype.kind in "iuf":
        return pl.Series(values, nan_to_null=True), ()
    if not isinstance(values, pl.Series):
        values = _listed(list(values))
    kind = values.dtype
    if kind == pl.Date:
        return values.to_numpy().astype("M8[D]"), ()
    if isinstance(kind, pl.Datetime):
        return _instants(values, kind.time_zone, name)
    if kind.is_numeric() and not kind.is_decimal():
        return values, ()
    if kind.is_nested() or kind in (pl.Object, pl.Duration):
        spelt = [None if _absent(value) else str(value) for value in values.to_list()]
        return pl.Series(spelt, dtype=pl.String), ()
    return values.cast(pl.String), ()


def _listed(values: list[Any]) -> pl.Series:
    """A column from Python's objects: numbers if all are, else text."""
    known = [value for value in values if not _absent(value)]
    if known and all(isinstance(v, int | np.integer) and not isinstance(v, bool) for v in known):
        if all(abs(int(v)) < 2**63 for v in known):
            numbers = [None if _absent(v) else int(v) for v in values]
            return pl.Series(numbers, dtype=pl.Int64)
    elif known and all(
        isinstance(v, float | int | np.number) and not isinstance(v, bool) for v in known
    ):
        return pl.Series([None if _absent(v) else float(v) for v in values], dtype=pl.Float64)
    texts = [None if _absent(v) else _written(v) for v in values]
    try:
        return pl.Series(texts, dtype=pl.String)
    except UnicodeEncodeError:  # half a character
        return pl.Series([t and mended(t)[0] for t in texts], dtype=pl.String)


def _absent(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NaTType", "NAType"):
        return True
    return isinstance(value, float | np.floating | np.datetime64) and bool(value != value)


def _written(value: Any) -> str:
    if isinstance(value, datetime.date):  # a datetime and pandas' Timestamp too
        return value.isoformat()
    return str(value)


def _instants(
    values: pl.Series, zone: str | None, name: str
) -> tuple[NDArray[Any], tuple[str, ...]]:
    if zone is None:
        return values.to_numpy(), ()
    moved = values.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    if zone in ("UTC", "Etc/UTC"):
        return moved.to_numpy(), ()
    return moved.to_numpy(), (f"{name}: times of {zone} are told in UTC.",)


# ---- text ----------------------------------------------------------------------------------------


@dataclass
class _Reading:
    """The distinct values of a column, as far as they are read; arrays of shape (N,)."""

    values: pl.Series
    counts: NDArray[np.int64]
    instants: NDArray[np.datetime64] = field(init=False)
    units: NDArray[np.int64] = field(init=False)
    forms: NDArray[np.int64] = field(init=False)
    flags: dict[str, NDArray[np.bool_]] = field(init=False)

    def __post_init__(self) -> None:
        n = len(self.values)
        self.instants = np.full(n, np.datetime64("NaT"), dtype="M8[us]")
        self.units, self.forms = np.full(n, -1), np.full(n, -1)
        self.flags = {key: np.zeros(n, dtype=np.bool_) for key in ("zoned", "moved", "short")}

    @property
    def read(self) -> NDArray[np.bool_]:
        """Which are dates."""
        return ~np.isnat(self.instants)

    def example(self, chosen: NDArray[np.bool_]) -> str:
        """The commonest of some values, in quotes."""
        place = int(np.where(chosen, self.counts, -1).argmax())
        return f'"{self.values[place]:.40}"'

    def number(self, chosen: NDArray[np.bool_]) -> int:
        """How many documents bear some of the values."""
        return int(self.counts[chosen].sum())


def _from_text(column: pl.Series, name: str, excel: bool) -> tuple[NDArray[Any], tuple[str, ...]]:
    texts = _with_plain_digits(column.str.strip_chars())
    found = (
        texts.drop_nulls().value_counts(name="n").sort("n", texts.name, descending=[True, False])
    )
    if not len(found):
        return np.full(len(column), np.datetime64("NaT"), dtype="M8[D]"), ()
    distinct = found[texts.name]
    if distinct.str.contains(_DIGITS).all():
        decimal = distinct.str.contains(r"\.0*[1-9]").any()
        whole = texts if decimal else texts.str.replace(r"\.0+$", "")
        numbers = whole.cast(pl.Float64 if decimal else pl.Int64, strict=False)
        if numbers.null_count() == texts.null_count():
            return numbered_dates(numbers, name, excel=excel)
    reading = _Reading(distinct, found["n"].to_numpy().astype(np.int64))
    notes = list(_read_forms(reading, name))
    if reading.number(reading.read) < _FEWEST_READ * reading.counts.sum():
        return _no_dates(column, reading, name)
    dates, told = _at_one_unit(reading, name)
    notes += [*told, *_tell_flags(reading, name), *_tell_unread(reading, name)]
    return _spread(texts, reading.values, dates), tuple(notes)


def _with_plain_digits(texts: pl.Series) -> pl.Series:
    """Texts in which the digits of other scripts, and those of full width, are ASCII's."""
    foreign = texts.str.contains(r"[\p{Nd}--0-9]")
    if not foreign.any():
        return texts
    plain = [
        "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
        for text in texts.filter(foreign).to_list()
    ]
    return texts.scatter(foreign.arg_true(), plain)


def _read_forms(reading: _Reading, name: str) -> Iterator[str]:
    """Try each form on what no earlier one fits; notes on the order of day and month."""
    rest = np.arange(len(reading.values))
    for number, form in enumerate(FORMS):
        if not len(rest):
            return
        groups = reading.values.gather(rest).str.extract_groups(form.regex).struct.unnest()
        fits = groups["year"].is_not_null().to_numpy()
        if not fits.any():
            continue
        rows, parts_of = rest[fits], groups.filter(pl.Series(fits))
        month_first = False
        if form.ordered:
            month_first, told = _order(reading, rows, parts_of, name)
            yield from told
        _take(reading, rows, parts_of, number, form, month_first)
        rest = rest[~fits]


def _take(
    reading: _Reading,
    rows: NDArray[np.int64],
    groups: pl.DataFrame,
    number: int,
    form: Form,
    month_first: bool,
) -> None:
    parts = put_together(groups.to_dict(), month_first=month_first)
    reading.instants[rows] = parts.instants
    reading.forms[rows] = number
    unit = UNITS.index(form.unit)
    reading.units[rows] = np.where(parts.timed, UNITS.index("us"), unit)
    for flag in reading.flags:
        reading.flags[flag][rows] = getattr(parts, flag) & ~np.isnat(parts.instants)


def _order(
    reading: _Reading, rows: NDArray[np.int64], groups: pl.DataFrame, name: str
) -> tuple[bool, list[str]]:
    """Whether the month comes first, as all values of a form tell together."""
    first, other = (groups[key].cast(pl.Int64).to_numpy() for key in ("first", "other"))
    counts = reading.counts[rows]
    day_first, month_first = first > 12, other > 12
    either = ~day_first & ~month_first & (first != other)
    n_day, n_month = int(counts[day_first].sum()), int(counts[month_first].sum())
    chosen = n_month > n_day
    if not counts[either].sum() or (n_day > 0) != (n_month > 0):
        return chosen, []
    whole = np.zeros(len(reading.values), dtype=np.bool_)
    whole[rows] = either
    said = "month first" if chosen else "day first"
    why = "both stand in the column" if n_day else "the column cannot tell"
    return chosen, [
        f"{name}: day first or month first, {why}: read {said} in "
        f"{_documents(int(counts[either].sum()))} such as {reading.example(whole)}. Write "
        "2019-03-31 to be sure."
    ]


def _at_one_unit(reading: _Reading, name: str) -> tuple[NDArray[np.datetime64], list[str]]:
    """The dates at the finest unit that nearly all name; coarser ones have no date then."""
    read, day = reading.read, UNITS.index("D")
    units = np.minimum(reading.units, day)
    total = reading.number(read)
    for unit in range(day, -1, -1):
        coarse = read & (units < unit)
        if reading.number(coarse) <= _MOST_COARSE * total:
            break
    notes = _tell_forms(reading, unit, name)
    if coarse.any():
        notes.append(
            f"{name}: names less than the others in {_documents(reading.number(coarse))}, such as "
            f"{reading.example(coarse)}: these have no date."
        )
        reading.instants[coarse] = np.datetime64("NaT")
        reading.forms[coarse] = _TOO_COARSE
    read = reading.read
    midnight = (reading.instants[read].astype(np.int64) % 86_400_000_000 == 0).all()
    plain = midnight and not reading.flags["moved"].any()
    chosen = UNITS[unit] if unit < day or plain else "us"
    return reading.instants.astype(f"M8[{chosen}]"), notes


def _tell_forms(reading: _Reading, unit: int, name: str) -> list[str]:
    """A note where a column is written in several forms, the commonest first."""
    read = reading.read
    groups = [read & (reading.forms == form) for form in np.unique(reading.forms[read])]
    if len(groups) < 2:
        return []
    groups.sort(key=reading.number, reverse=True)
    listed = ", ".join(f"{reading.number(g):,} like {reading.example(g)}" for g in groups[:3])
    finer = read & (np.minimum(reading.units, UNITS.index("D")) > unit)
    taken = f", all taken as {_UNIT_NAMES[UNITS[unit]]}" if finer.any() else ""
    return [f"{name}: written in {len(groups)} forms{taken}: {listed}."]


def _tell_flags(reading: _Reading, name: str) -> Iterator[str]:
    short, moved, zoned = (reading.flags[key] & reading.read for key in ("short", "moved", "zoned"))
    if short.any():
        day = str(reading.instants[np.where(short, reading.counts, -1).argmax()])[:10]
        yield (
            f"{name}: years of two digits in {_documents(reading.number(short))}: 69 to 99 are "
            f"1969 to 1999, others 2000 to 2068; {reading.example(short)} is read as {day}."
        )
    if moved.any():
        yield (
            f"{name}: another time zone in {_documents(reading.number(moved))}, such as "
            f"{reading.example(moved)}: told in UTC."
        )
    bare = reading.read & (reading.units == UNITS.index("us")) & ~zoned
    if zoned.any() and bare.any():
        yield (
            f"{name}: no time zone in {_documents(reading.number(bare))} beside others that name "
            "one: taken as UTC."
        )


def _tell_unread(reading: _Reading, name: str) -> Iterator[str]:
    unread = ~reading.read & (reading.forms != _TOO_COARSE)
    if unread.any():
        yield (
            f"{name}: cannot be read in {reading.number(unread):,} of "
            f"{_documents(int(reading.counts.sum()))}, such as {reading.example(unread)}: these "
            "have no date."
        )


def _no_dates(
    column: pl.Series, reading: _Reading, name: str
) -> tuple[NDArray[Any], tuple[str, ...]]:
    read = reading.number(reading.read)
    many = "none" if not read else f"only {read:,}"
    array = np.empty(len(column), dtype=object)
    array[:] = column.to_list()
    return array, (
        f"{name}: {many} of {reading.counts.sum():,} can be read as dates, not "
        f"{reading.example(~reading.read)}: the column stays text. Write dates as 2019-03-31.",
    )


def _spread(
    texts: pl.Series, distinct: pl.Series, dates: NDArray[np.datetime64]
) -> NDArray[np.datetime64]:
    """From distinct values to documents."""
    places = pl.DataFrame({"text": distinct, "place": np.arange(len(distinct))})
    rows = pl.DataFrame({"text": texts}).join(places, on="text", how="left", maintain_order="left")
    found = rows["place"].fill_null(len(distinct)).to_numpy()
    spread: NDArray[np.datetime64] = np.append(dates, np.datetime64("NaT"))[found]
    return spread


def _far_off(dates: NDArray[Any], name: str) -> tuple[str, ...]:
    """A note on dates that lie far from the others."""
    far = outlying(dates) if dates.dtype.kind in "Mif" else np.zeros(0, dtype=np.bool_)
    if not far.any():
        return ()
    values = dates[far]
    listed = spelled(values) if dates.dtype.kind == "M" else [f"{v:g}" for v in values.tolist()]
    shown = ", ".join(text[:10] for text in sorted(set(listed))[:3])
    return (
        f"{name}: far from the others in {int(far.sum()):,} of {_documents(len(dates))} ({shown}): "
        "left out of the report's chart.",
    )


def _documents(number: int) -> str:
    return f"{number:,} document{'' if number == 1 else 's'}"
