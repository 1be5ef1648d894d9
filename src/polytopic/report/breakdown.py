"""Topics over labels and over dates: shares of tokens, in groups a figure can hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

__all__ = ["Breakdown", "by_date", "by_label", "parse_date"]

Floats = NDArray[np.float64]

MOST_LABELS = 30
MOST_PERIODS = 60
FEWEST_PERIODS = 8
_DATE = re.compile(r"\s*(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?!\d)")


@dataclass(frozen=True)
class Breakdown:
    """Shares of tokens of each topic in groups of documents.

    Attributes
    ----------
    groups : list of G str
        Names of the labels or periods, in the order to show them.
    shares : array of shape (G, K)
        Rows sum to one, or are zero where a group holds no tokens.
    documents : array of shape (G,)
        How many documents each group holds.
    note : str
        What was left out of the figure, in one sentence; empty if nothing.
    """

    groups: list[str]
    shares: Floats
    documents: NDArray[np.int64]
    note: str = ""


def by_label(labels: Any, doc_topic: NDArray[Any], lengths: Floats) -> Breakdown | str | None:
    """Shares of the topics in each label; the largest labels where there are many.

    Parameters
    ----------
    labels : sequence of D values, or None
        None, NaN and empty strings count as no label.
    doc_topic : array of shape (D, K)
    lengths : array of shape (D,)
        Tokens of each document.

    Returns
    -------
    Breakdown, or a sentence that says why there is none, or None without labels.
    """
    if labels is None:
        return None
    names = np.array([_name(value) for value in labels], dtype=object)
    labelled = np.array([name != "" for name in names], dtype=bool)
    if not labelled.any():
        return None
    groups, codes, sizes = np.unique(
        names[labelled].astype(str), return_inverse=True, return_counts=True
    )
    if len(groups) < 2:
        return f"All documents bear the same label, {groups[0]}: nothing to compare."
    if len(groups) > 50 and len(groups) > 0.2 * labelled.sum():
        return f"The label takes {len(groups):,} different values: too many to compare."
    order = np.argsort(-sizes, kind="stable")[:MOST_LABELS]
    rows = np.full(len(names), -1)
    rows[labelled] = _renumber(codes.ravel(), order, len(groups))
    note = ""
    if len(groups) > MOST_LABELS:
        note = f"The {MOST_LABELS} labels with most documents, of {len(groups):,}."
    shares, documents = _group_shares(rows, len(order), doc_topic, lengths)
    return Breakdown([str(groups[g]) for g in order], shares, documents, note)


def by_date(dates: Any, doc_topic: NDArray[Any], lengths: Floats) -> Breakdown | str | None:
    """Shares of the topics in each day, month, quarter or year, or each step of whole numbers.

    Parameters and returns are those of :func:`by_label`; ``dates`` holds dates, date-times,
    strings that start with a year (``2007``, ``2007-05``, ``2007-05-23``), or whole numbers.
    """
    if dates is None:
        return None
    numbers = _steps(dates)
    names: list[str]
    if numbers is not None:
        rows, names = _number_periods(numbers)
    else:
        days = np.array([parse_date(value) for value in dates], dtype="datetime64[D]")
        if np.isnat(days).all():
            return "No entry of the date column could be read as a date: write 2007-05-23."
        rows, names = _calendar_periods(days)
    if len(names) < 2:
        return f"All documents are of the same time, {names[0]}: nothing to compare."
    shares, documents = _group_shares(rows, len(names), doc_topic, lengths)
    unread = int((rows < 0).sum())
    note = f"{unread:,} documents without a readable date are left out." if unread else ""
    return Breakdown(names, shares, documents, note)


def parse_date(value: Any) -> np.datetime64:
    """The day of a date, date-time or string that starts with a year; else not-a-time.

    >>> str(parse_date("2007-05-23T10:00:00")), str(parse_date("2007")), str(parse_date("soon"))
    ('2007-05-23', '2007-01-01', 'NaT')
    """
    found = _DATE.match(str(value))
    if found is None:
        return np.datetime64("NaT", "D")
    year, month, day = (int(part) if part else 1 for part in found.groups())
    try:
        return np.datetime64(f"{year:04d}-{month:02d}-{day:02d}", "D")
    except ValueError:
        return np.datetime64("NaT", "D")


def _name(value: Any) -> str:
    missing = value is None or (isinstance(value, float | np.floating) and np.isnan(value))
    return "" if missing else str(value)


def _renumber(codes: NDArray[Any], order: NDArray[Any], n_groups: int) -> NDArray[np.int64]:
    places = np.full(n_groups, -1, dtype=np.int64)
    places[order] = np.arange(len(order))
    return np.asarray(places[codes])


def _group_shares(
    rows: NDArray[Any], n_groups: int, doc_topic: NDArray[Any], lengths: Floats
) -> tuple[Floats, NDArray[np.int64]]:
    member = rows >= 0
    weights = lengths if lengths[member].sum() > 0 else np.ones_like(lengths)
    groups = sparse.csr_matrix(
        (weights[member], (rows[member], np.flatnonzero(member))),
        shape=(n_groups, len(rows)),
    )
    tokens = np.asarray(groups @ doc_topic, dtype=np.float64)
    totals = tokens.sum(axis=1, keepdims=True)
    shares = np.divide(tokens, totals, out=np.zeros_like(tokens), where=totals > 0)
    return shares, np.bincount(rows[member], minlength=n_groups)


def _steps(dates: Any) -> NDArray[np.int64] | None:
    """Whole numbers that are no years, as they stand; else None."""
    values = np.asarray(dates)
    if np.issubdtype(values.dtype, np.integer):
        numbers = values.astype(np.int64)
    elif values.dtype.kind in "OU" and all(re.fullmatch(r"\d{1,3}", str(v)) for v in values):
        numbers = np.array([int(str(value)) for value in values], dtype=np.int64)
    else:
        return None
    years = len(numbers) > 0 and numbers.min() >= 1000 and numbers.max() <= 2999
    return None if years else numbers


def _number_periods(numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], list[str]]:
    low, high = int(numbers.min()), int(numbers.max())
    width = max(1, -(-(high - low + 1) // MOST_PERIODS))
    n_periods = (high - low) // width + 1
    starts = [low + width * period for period in range(n_periods)]
    names = [str(start) if width == 1 else f"{start} to {start + width - 1}" for start in starts]
    return (numbers - low) // width, names


def _calendar_periods(days: NDArray[np.datetime64]) -> tuple[NDArray[np.int64], list[str]]:
    known = ~np.isnat(days)
    months = days[known].astype("datetime64[M]").astype(np.int64)
    n_months = int(months.max() - months.min()) + 1
    if n_months < FEWEST_PERIODS:
        span = days[known].astype(np.int64)
        if 2 <= span.max() - span.min() + 1 <= MOST_PERIODS:
            return _number_days(days, known)
    step = next((s for s in (1, 3, 12, 60, 120) if -(-n_months // s) <= MOST_PERIODS), 1200)
    periods = np.full(len(days), -1, dtype=np.int64)
    first = int(months.min()) // step
    periods[known] = months // step - first
    names = [_period_name((first + p) * step, step) for p in range(int(periods.max()) + 1)]
    return periods, names


def _number_days(
    days: NDArray[np.datetime64], known: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], list[str]]:
    numbers = days[known].astype(np.int64)
    periods = np.full(len(days), -1, dtype=np.int64)
    periods[known] = numbers - numbers.min()
    first = days[known].min()
    return periods, [str(first + np.timedelta64(p, "D")) for p in range(int(periods.max()) + 1)]


def _period_name(month: int, step: int) -> str:
    """Name of the period of ``step`` months that starts ``month`` months after January 1970."""
    year, within = 1970 + month // 12, month % 12
    if step == 1:
        return f"{year:04d}-{within + 1:02d}"
    if step == 3:
        return f"{year:04d} Q{within // 3 + 1}"
    return f"{year:04d}" if step == 12 else f"{year:04d}–{year + step // 12 - 1:04d}"


def diagonal_order(shares: Sequence[Sequence[float]] | Floats) -> tuple[list[int], list[int]]:
    """Orders of rows and columns that bring large shares of a table close to its diagonal.

    Rows follow each other by likeness (optimal leaf order of average linkage), columns by the mean
    place of the rows they are large in.

    >>> diagonal_order(np.array([[0.0, 1.0], [1.0, 0.0]]))[1]
    [1, 0]
    """
    from scipy.cluster.hierarchy import leaves_list, linkage

    table = np.asarray(shares, dtype=np.float64)
    rows = list(range(len(table)))
    if len(rows) > 2:
        tree = linkage(np.sqrt(table), method="average", optimal_ordering=True)
        rows = [int(row) for row in leaves_list(tree)]
    sharp = table[rows] ** 2
    places = np.arange(len(rows)) @ sharp / np.maximum(sharp.sum(axis=0), 1e-300)
    return rows, [int(column) for column in np.argsort(places, kind="stable")]
