"""Topics over labels and over dates: shares of tokens, in groups a figure can hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.io.leaving import LONGEST_SHOWN, visible
from polytopic.text.codes import numbered
from polytopic.text.dates import read_dates
from polytopic.text.periods import outlying, spelled, unit_of

__all__ = ["Breakdown", "by_date", "by_label", "shown_names"]

Floats = NDArray[np.float64]

MOST_LABELS = 30
MOST_PERIODS = 60
FEWEST_PERIODS = 8
_MONTHS = {"M": 1, "3M": 3, "Y": 12}
"""Months of the units of dates that are whole months."""


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
    names = [_name(value) for value in labels]
    labelled = np.array([name != "" for name in names], dtype=np.bool_)
    if not labelled.any():
        return None
    groups, codes = numbered([name for name in names if name])
    sizes = np.bincount(codes)
    if len(groups) < 2:
        only = visible(groups[0], LONGEST_SHOWN)
        return f"All documents bear the same label, {only}: nothing to compare."
    if len(groups) > 50 and len(groups) > 0.2 * labelled.sum():
        return f"The label takes {len(groups):,} different values: too many to compare."
    order = np.argsort(-sizes, kind="stable")[:MOST_LABELS]
    rows = np.full(len(names), -1)
    rows[labelled] = _renumber(codes, order, len(groups))
    note = ""
    if len(groups) > MOST_LABELS:
        note = f"The {MOST_LABELS} labels with most documents, of {len(groups):,}."
    shares, documents = _group_shares(rows, len(order), doc_topic, lengths)
    return Breakdown(shown_names([groups[g] for g in order]), shares, documents, note)


def by_date(dates: Any, doc_topic: NDArray[Any], lengths: Floats) -> Breakdown | str | None:
    """Shares of the topics in each day, week, month, quarter or year, or each step of numbers.

    Parameters and returns are those of :func:`by_label`; ``dates`` are what
    :func:`polytopic.text.dates.read_dates` reads. Periods are no finer than the dates are, and
    dates that lie far from the others are left out.
    """
    if dates is None:
        return None
    values, _ = read_dates(dates)
    if values.dtype.kind not in "Miuf":
        return "No entry of the date column could be read as a date: write 2007-05-23."
    gone = np.isnat(values) if values.dtype.kind == "M" else ~np.isfinite(values)
    if gone.all():
        return "No entry of the date column could be read as a date: write 2007-05-23."
    far = outlying(values)
    known = ~gone & ~far
    rows = np.full(len(values), -1, dtype=np.int64)
    periods = _calendar_periods if values.dtype.kind == "M" else _number_periods
    rows[known], names = periods(values[known])
    if len(names) < 2:
        return f"All documents are of the same time, {names[0]}: nothing to compare."
    shares, documents = _group_shares(rows, len(names), doc_topic, lengths)
    return Breakdown(names, shares, documents, _left_out(values, gone, far))


def _left_out(values: NDArray[Any], gone: NDArray[np.bool_], far: NDArray[np.bool_]) -> str:
    parts = []
    if gone.any():
        parts.append(f"{int(gone.sum()):,} documents without a readable date are left out.")
    if far.any():
        known = values[far]
        texts = spelled(known) if known.dtype.kind == "M" else [f"{v:g}" for v in known.tolist()]
        listed = ", ".join(text[:10] for text in sorted(set(texts))[:3])
        many = f"{int(far.sum()):,} document{'' if far.sum() == 1 else 's'}"
        parts.append(f"{many} far from the others in time ({listed}) left out.")
    return " ".join(parts)


def _name(value: Any) -> str:
    missing = value is None or (isinstance(value, float | np.floating) and np.isnan(value))
    return "" if missing else str(value)


def shown_names(names: Sequence[str]) -> list[str]:
    """Names as a page can show them; those that look the same then are told apart by a number."""
    shown: dict[str, None] = {}
    for name in names:
        short = visible(name, LONGEST_SHOWN)
        numbered_ = (f"{short} ({n})" for n in count(2))
        shown[short if short not in shown else next(n for n in numbered_ if n not in shown)] = None
    return list(shown)


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


def _number_periods(numbers: NDArray[Any]) -> tuple[NDArray[np.int64], list[str]]:
    numbers = np.floor(numbers).astype(np.int64)
    low, high = int(numbers.min()), int(numbers.max())
    width = max(1, -(-(high - low + 1) // MOST_PERIODS))
    n_periods = (high - low) // width + 1
    starts = [low + width * period for period in range(n_periods)]
    names = [str(start) if width == 1 else f"{start} to {start + width - 1}" for start in starts]
    return (numbers - low) // width, names


def _calendar_periods(dates: NDArray[Any]) -> tuple[NDArray[np.int64], list[str]]:
    """The period of each date and the names of all: of its own unit, or as much coarser as need be.

    Days where they are few, else months; weeks as weeks, where they fit.
    """
    unit = unit_of(dates)
    months = dates.astype("M8[D]").astype("M8[M]").astype(np.int64)
    n_months = int(months.max() - months.min()) + 1
    if unit not in _MONTHS and (unit == "W" or n_months < FEWEST_PERIODS):
        own = dates.astype("M8[W]" if unit == "W" else "M8[D]")
        if 2 <= int((own.max() - own.min()).astype(np.int64)) + 1 <= MOST_PERIODS:
            return _plain_periods(own)
    steps = [step for step in (1, 3, 12, 60, 120) if step >= _MONTHS.get(unit, 1)]
    step = next((s for s in steps if -(-n_months // s) <= MOST_PERIODS), 1200)
    first = int(months.min()) // step
    periods = months // step - first
    names = [_period_name((first + p) * step, step) for p in range(int(periods.max()) + 1)]
    return periods, names


def _plain_periods(dates: NDArray[Any]) -> tuple[NDArray[np.int64], list[str]]:
    """Each day, or each week, from the first to the last."""
    periods = (dates - dates.min()).astype(np.int64)
    every = dates.min() + np.arange(int(periods.max()) + 1).astype(f"m8[{unit_of(dates)}]")
    return periods, spelled(every)


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
