"""Topics over labels and over dates: shares of tokens, in groups a figure can hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.io.leaving import LONGEST_SHOWN, visible
from polytopic.result.grouping import (
    Groups,
    group_shares,
    group_tokens,
    label_groups,
    period_groups,
    share_errors,
)

__all__ = ["Breakdown", "by_date", "by_label", "shown_names"]
from polytopic.told import Told

Floats = NDArray[np.float64]

MOST_LABELS = 30
MOST_WHOLE = 12
"""Different numbers that stand as labels of their own; more are put in bins."""

BINS = 8
"""Of about as many documents each: a row of them is read at a glance. A convention."""


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
    errors : array of shape (G, K)
        Standard errors of the shares, as :func:`~polytopic.result.grouping.share_errors` has them.
    tokens : array of shape (G,)
        How much each group weighs: its tokens, or its documents where there are none.
    note : str
        What was left out of the figure, in one sentence; empty if nothing.
    """

    groups: list[str]
    shares: Floats
    documents: NDArray[np.int64]
    errors: Floats
    tokens: Floats
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
    groups = _binned(labels) or label_groups(labels)
    labelled = int((groups.rows >= 0).sum())
    n_labels = len(groups.names)
    if not labelled:
        return None
    if n_labels < 2:
        only = visible(groups.names[0], LONGEST_SHOWN)
        return Told("All documents bear the same label, {label}: nothing to compare.", label=only)
    if n_labels > 50 and n_labels > 0.2 * labelled:
        return Told(
            "The label takes {values} different values: too many to compare.", values=n_labels
        )
    note = ""
    if n_labels > MOST_LABELS:
        note = Told(
            "The {most} labels with most documents, of {all}.", most=MOST_LABELS, all=n_labels
        )
        kept = np.where(groups.rows < MOST_LABELS, groups.rows, -1)
        groups = Groups(groups.names[:MOST_LABELS], kept)
    groups = Groups(shown_names(groups.names), groups.rows, note=note)
    return _breakdown(groups, doc_topic, lengths)


def _binned(labels: Any) -> Groups | None:
    """Bins of about as many documents each, where the labels are many different numbers.

    Only a column of numbers is binned: a code that is spelled with digits, ``07``, is a text.
    """
    values = np.asarray(labels)
    if values.dtype.kind not in "iuf":
        return None
    numbers = values.astype(np.float64)
    known = np.isfinite(numbers)
    if len(np.unique(numbers[known])) <= MOST_WHOLE:
        return None
    edges = np.unique(np.quantile(numbers[known], np.linspace(0, 1, BINS + 1)))
    rows = np.full(len(values), -1, dtype=np.int64)
    places = np.searchsorted(edges, numbers[known], side="right") - 1
    rows[known] = np.clip(places, 0, len(edges) - 2)
    return Groups([f"{low:.4g} – {high:.4g}" for low, high in pairwise(edges)], rows)


def by_date(dates: Any, doc_topic: NDArray[Any], lengths: Floats) -> Breakdown | str | None:
    """Shares of the topics in each day, week, month, quarter or year, or each step of numbers.

    Parameters and returns are those of :func:`by_label`; ``dates`` are what
    :func:`polytopic.text.dates.read_dates` reads. Periods are no finer than the dates are, and
    dates that lie far from the others are left out.
    """
    if dates is None:
        return None
    groups = period_groups(dates)
    if groups is None:
        return Told("No entry of the date column could be read as a date: write 2007-05-23.")
    if len(groups.names) < 2:
        return Told(
            "All documents are of the same time, {time}: nothing to compare.", time=groups.names[0]
        )
    return _breakdown(groups, doc_topic, lengths)


def _breakdown(groups: Groups, doc_topic: NDArray[Any], lengths: Floats) -> Breakdown:
    shares, documents = group_shares(groups, doc_topic, lengths)
    errors = share_errors(groups, shares, documents, doc_topic, lengths)
    tokens = group_tokens(groups, lengths)
    return Breakdown(groups.names, shares, documents, errors, tokens, groups.note)


def shown_names(names: Sequence[str]) -> list[str]:
    """Names as a page can show them; those that look the same then are told apart by a number."""
    shown: dict[str, None] = {}
    for name in names:
        short = visible(name, LONGEST_SHOWN)
        numbered_ = (f"{short} ({n})" for n in count(2))
        shown[short if short not in shown else next(n for n in numbered_ if n not in shown)] = None
    return list(shown)


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
