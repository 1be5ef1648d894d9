"""Documents in groups, by label or by time, and the shares that topics have in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.errors import InputError
from polytopic.text.codes import numbered
from polytopic.text.dates import read_dates
from polytopic.text.periods import outlying, spelled, unit_of
from polytopic.told import Told, together

__all__ = [
    "FREQUENCIES", "Groups", "fitting_frequency", "group_shares", "group_tokens", "label_groups",
    "left_out", "period_groups", "share_errors",
]  # fmt: skip

FREQUENCIES = {
    "day": "D", "week": "W", "month": "M", "quarter": "3M", "year": "Y", "decade": "10Y",
}  # fmt: skip
"""Names of periods, and NumPy's units of them; weeks are those of ISO 8601."""

_SHORT = {"d": "day", "w": "week", "m": "month", "q": "quarter", "y": "year"}
_MONTHS = {"M": 1, "3M": 3, "Y": 12, "10Y": 120}
"""Months of the units that are whole months."""

MOST_PERIODS = 60
FEWEST_PERIODS = 8
"""Where a frequency is to be found, there are no more periods than a figure can hold, and days
where months would be fewer than this."""

_MOST_ROWS = 100_000
"""More periods than this are a mistake in the frequency or in the dates."""

_BLOCK = 1 << 14
"""Documents whose theta is turned to float64 at a time."""


@dataclass(frozen=True)
class Groups:
    """Documents by group.

    Attributes
    ----------
    names : list of G str
    rows : int64 array of shape (D,)
        The group of each document; -1 for none.
    starts : datetime64[D] array of shape (G,), or None
        The first day of each period.
    note : str
        What is in no group, in a sentence; empty if nothing.
    """

    names: list[str]
    rows: NDArray[np.int64]
    starts: NDArray[Any] | None = None
    note: str = ""


def label_groups(labels: Any) -> Groups:
    """Documents by label, the most frequent first, then by name; empty ones are none."""
    names = [_name(value) for value in labels]
    known = np.array([name != "" for name in names], dtype=np.bool_)
    distinct, codes = numbered([name for name in names if name])
    order = np.argsort(-np.bincount(codes, minlength=len(distinct)), kind="stable")
    places = np.empty(len(distinct), dtype=np.int64)
    places[order] = np.arange(len(distinct))
    rows = np.full(len(names), -1, dtype=np.int64)
    rows[known] = places[codes]
    return Groups([distinct[g] for g in order], rows)


def period_groups(dates: Any, freq: str | int | None = None) -> Groups | None:
    """Documents by day, week, month, quarter, year or decade, or by steps of numbers.

    Every period from the first to the last is there, those without documents too. Dates that lie
    far from the others are in no group. None where no date could be read.

    Parameters
    ----------
    dates : what :func:`polytopic.text.dates.read_dates` reads
    freq : str or int, optional
        A name of :data:`FREQUENCIES` or its first letter; a width, for dates that are numbers. By
        default what suits their unit and range.

    Raises
    ------
    InputError
        If there is no such frequency, or the dates do not have it.
    """
    values, _ = read_dates(dates)
    if values.dtype.kind not in "Miuf":
        return None
    gone = np.isnat(values) if values.dtype.kind == "M" else ~np.isfinite(values)
    if gone.all():
        return None
    far = outlying(values)
    known = ~gone & ~far
    rows = np.full(len(values), -1, dtype=np.int64)
    starts = None
    if values.dtype.kind == "M":
        unit = _unit(freq, values[known])
        rows[known], names, starts = _calendar(values[known], unit)
    else:
        rows[known], names = _steps(values[known], freq)
    return Groups(names, rows, starts, left_out(values, gone, far))


def group_shares(
    groups: Groups, doc_topic: NDArray[Any], lengths: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Each topic's share of the tokens of each group, (G, K), and the documents of each, (G,).

    Rows sum to one, or are zero where a group holds no tokens. Where no group does, documents count
    alike.
    """
    rows, n_groups = groups.rows, len(groups.names)
    member, weights = rows >= 0, _weights(groups, lengths)
    tokens = np.zeros((n_groups, doc_topic.shape[1]))
    for start in range(0, len(rows), _BLOCK):
        part = np.flatnonzero(member[start : start + _BLOCK])
        theta = doc_topic[start : start + _BLOCK].astype(np.float64)
        places = rows[start + part]
        cells = (weights[start + part], (places, part))
        summed = sparse.csr_matrix(cells, shape=(n_groups, len(theta))) @ theta
        tokens += np.asarray(summed)
    totals = tokens.sum(axis=1, keepdims=True)
    shares = np.divide(tokens, totals, out=np.zeros_like(tokens), where=totals > 0)
    return shares, np.bincount(rows[member], minlength=n_groups)


def share_errors(
    groups: Groups,
    shares: NDArray[np.float64],
    documents: NDArray[np.int64],
    doc_topic: NDArray[Any],
    lengths: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Standard errors of :func:`group_shares`, (G, K), with whole documents drawn at random.

    Those of a ratio of sums, the scatter of n_d (theta_dk - share) over the sum of n_d (Cochran,
    Sampling Techniques, 1977, chapter 6); 0 for a single document.
    """
    member, n_groups = np.flatnonzero(groups.rows >= 0), len(groups.names)
    weights = _weights(groups, lengths)
    squares, mixed, heavy = np.zeros_like(shares), np.zeros_like(shares), np.zeros(n_groups)
    for start in range(0, len(member), _BLOCK):
        part = member[start : start + _BLOCK]
        theta, heaviness = doc_topic[part].astype(np.float64), weights[part] ** 2
        cells = (heaviness, (groups.rows[part], np.arange(len(part))))
        by_group = sparse.csr_matrix(cells, shape=(n_groups, len(part)))
        mixed += np.asarray(by_group @ theta)
        squares += np.asarray(by_group @ theta**2)
        heavy += np.bincount(groups.rows[part], heaviness, minlength=n_groups)
    totals = group_tokens(groups, lengths)
    scattered = squares - 2 * shares * mixed + shares**2 * heavy[:, None]
    wider = np.where(documents > 1, documents / np.maximum(documents - 1, 1), 0.0)
    roots = np.sqrt(np.maximum(scattered, 0.0) * wider[:, None])
    return np.asarray(roots / np.maximum(totals, 1e-300)[:, None])


def group_tokens(groups: Groups, lengths: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each group weighs, (G,): its tokens, or its documents where no group holds tokens."""
    member = groups.rows >= 0
    weights = _weights(groups, lengths)
    summed = np.bincount(groups.rows[member], weights[member], minlength=len(groups.names))
    return summed.astype(np.float64)


def _weights(groups: Groups, lengths: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each document weighs, (D,): its tokens; 0 in no group."""
    member = groups.rows >= 0
    weighed = lengths if lengths[member].sum() > 0 else np.ones_like(lengths)
    return np.where(member, weighed, 0.0).astype(np.float64)


def left_out(values: NDArray[Any], gone: NDArray[np.bool_], far: NDArray[np.bool_]) -> str:
    """What is in no period: documents without a date, and those far from the others."""
    parts: list[str] = []
    if gone.any():
        n = int(gone.sum())
        parts.append(Told("{n} documents without a readable date are left out.", n))
    if far.any():
        known = values[far]
        texts = spelled(known) if known.dtype.kind == "M" else [f"{v:g}" for v in known.tolist()]
        listed = ", ".join(text[:10] for text in sorted(set(texts))[:3])
        parts.append(Told(_FAR, int(far.sum()), listed=listed))
    return together(parts)


_FAR = (
    "{n} document far from the others in time ({listed}) left out. | "
    "{n} documents far from the others in time ({listed}) left out."
)


def _name(value: Any) -> str:
    missing = value is None or (isinstance(value, float | np.floating) and np.isnan(value))
    return "" if missing else str(value)


# ---- periods -------------------------------------------------------------------------------------


def _unit(freq: str | int | None, dates: NDArray[Any]) -> str:
    """NumPy's unit of a frequency, held against that of the dates."""
    own = unit_of(dates)
    if freq is None:
        return fitting_frequency(dates)
    name = str(freq).lower()
    name = _SHORT.get(name, name)
    if name not in FREQUENCIES:
        raise InputError(
            f"freq: there is no {str(freq)[:40]!r}. Choose one of: {', '.join(FREQUENCIES)}."
        )
    order = list(FREQUENCIES.values())
    finest = order.index(own) if own in order else 0
    if order.index(FREQUENCIES[name]) < finest or (own == "W" and name != "week"):
        told = next(n for n, unit in FREQUENCIES.items() if unit == own)
        raise InputError(
            f"freq: {name}, and these dates name a {told} only. Ask for {told}"
            + ("." if own == "W" else " or longer.")
        )
    return FREQUENCIES[name]


def fitting_frequency(dates: NDArray[Any]) -> str:
    """The unit of periods that a figure can hold: the dates' own, or as much coarser as need be.

    Days where they are few, else months; weeks as weeks, where they fit.
    """
    unit = unit_of(dates)
    months = _months(dates)
    n_months = int(months.max() - months.min()) + 1
    if unit not in _MONTHS and (unit == "W" or n_months < FEWEST_PERIODS):
        own = "W" if unit == "W" else "D"
        days = dates.astype(f"M8[{own}]")
        if 2 <= int((days.max() - days.min()).astype(np.int64)) + 1 <= MOST_PERIODS:
            return own
    steps = [step for step in (1, 3, 12, 60, 120) if step >= _MONTHS.get(unit, 1)]
    step = next((s for s in steps if -(-n_months // s) <= MOST_PERIODS), 1200)
    return f"{step}M"


def _months(dates: NDArray[Any]) -> NDArray[np.int64]:
    return np.asarray(dates.astype("M8[D]").astype("M8[M]").astype(np.int64))


def _calendar(dates: NDArray[Any], unit: str) -> tuple[NDArray[np.int64], list[str], NDArray[Any]]:
    """The period of each date, the names of all, and their first days."""
    if unit in ("D", "W"):
        days = dates.astype("M8[D]").astype(np.int64)
        if unit == "W" and unit_of(dates) != "W":
            days = days - (days + 3) % 7 + 3  # the Thursday of its week; day 0 is a Thursday
        width = 7 if unit == "W" else 1
        numbers = days // width
        first, n_periods = _counted(numbers)
        every = np.arange(first, first + n_periods).astype(f"M8[{unit}]")
        starts = every.astype("M8[D]") - (3 if unit == "W" else 0)
        return numbers - first, spelled(every), starts
    step = _MONTHS.get(unit) or int(unit.removesuffix("M"))
    numbers = _months(dates) // step
    first, n_periods = _counted(numbers)
    starts = (np.arange(first, first + n_periods) * step).astype("M8[M]").astype("M8[D]")
    names = [_period_name((first + period) * step, step) for period in range(n_periods)]
    return numbers - first, names, starts


def _counted(numbers: NDArray[np.int64]) -> tuple[int, int]:
    """The first of the periods, and how many there are to the last."""
    first, n_periods = int(numbers.min()), int(numbers.max() - numbers.min()) + 1
    if n_periods > _MOST_ROWS:
        raise InputError(
            f"freq: gives {n_periods:,} periods from first to last date. Ask for longer ones."
        )
    return first, n_periods


def _period_name(month: int, step: int) -> str:
    """Name of the period of ``step`` months that starts ``month`` months after January 1970."""
    year, within = 1970 + month // 12, month % 12
    if step == 1:
        return f"{year:04d}-{within + 1:02d}"
    if step == 3:
        return f"{year:04d} Q{within // 3 + 1}"
    return f"{year:04d}" if step == 12 else f"{year:04d}–{year + step // 12 - 1:04d}"


def _steps(numbers: NDArray[Any], freq: str | int | None) -> tuple[NDArray[np.int64], list[str]]:
    """The steps of numbers, of a width that is given or of as many as a figure can hold."""
    if freq is not None and (not str(freq).isdecimal() or int(freq) < 1):
        raise InputError(
            f"freq: is {str(freq)[:40]!r}, and these dates are numbers. Give a width, such as 10."
        )
    numbers = np.floor(numbers).astype(np.int64)
    low, high = int(numbers.min()), int(numbers.max())
    width = max(1, -(-(high - low + 1) // MOST_PERIODS)) if freq is None else int(freq)
    places = (numbers - low) // width
    _, n_periods = _counted(np.array([0, int(places.max())]))
    starts: Sequence[int] = [low + width * period for period in range(n_periods)]
    names = [str(start) if width == 1 else f"{start} to {start + width - 1}" for start in starts]
    return places, names
