"""What rose and what fell: slopes of the topics' shares over time, told from chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polytopic.report.breakdown import Breakdown
from polytopic.result.trends import (
    FEW_DOCUMENTS,
    FEWEST_PERIODS,
    ends_of_time,
    periods_that_count,
)

__all__ = ["FEW_DOCUMENTS", "Trends", "trends"]

Floats = NDArray[np.float64]

MOST_SHOWN = 6
"""Risers, and fallers, that are drawn."""

MOST_CHANGING = 24
"""Small charts, those that change most: four rows of six."""

BEYOND_CHANCE = 3.0
"""Standard errors that a slope must be from zero. Of hundreds of topics some reach two by chance;
three leave one in some four hundred."""


@dataclass(frozen=True)
class Trends:
    """Topics over time, in short.

    Attributes
    ----------
    risers, fallers : list of int
        The topics whose fitted share changes most, most first, beyond chance.
    changing : list of int
        The topics that vary most, early ones first.
    start, end : arrays of shape (K,)
        Share in the first and in the last quarter of the periods that count.
    average : array of shape (K,)
        Share over all periods, weighted by their documents.
    first, last : str
        Names of these periods.
    """

    risers: list[int]
    fallers: list[int]
    changing: list[int]
    start: Floats
    end: Floats
    average: Floats
    first: str
    last: str


def trends(dates: Breakdown) -> Trends:
    """Fit a line to each topic's share over the periods, weighted by their documents.

    Periods of few documents are left out where others are left, as in
    :meth:`TopicResult.trends`. The slope's standard error follows from those of the shares.
    """
    used = periods_that_count(dates.documents)
    solid = int((dates.documents >= FEW_DOCUMENTS).sum())
    weights = dates.documents[used] / dates.documents[used].sum()
    shares, errors, time = dates.shares[used], dates.errors[used], used.astype(np.float64)
    centred = time - weights @ time
    pull = weights * centred / max(float(weights @ centred**2), 1e-300)
    slopes = pull @ shares
    noise = np.sqrt((pull**2) @ errors**2)
    average = weights @ shares
    change = slopes * (time[-1] - time[0])
    certain = (np.abs(slopes) > BEYOND_CHANCE * noise) & (solid >= FEWEST_PERIODS)
    order = np.argsort(-change, kind="stable")
    risers = [int(k) for k in order if certain[k] and change[k] > 0][:MOST_SHOWN]
    fallers = [int(k) for k in order[::-1] if certain[k] and change[k] < 0][:MOST_SHOWN]
    start, end = ends_of_time(used)
    return Trends(
        risers, fallers, _changing(shares, weights, average),
        _mean(dates, start), _mean(dates, end),
        average,
        dates.groups[used[0]], dates.groups[used[-1]],
    )  # fmt: skip


def _mean(dates: Breakdown, periods: NDArray[np.int64]) -> Floats:
    """The shares of the tokens of some periods together."""
    tokens = dates.tokens[periods]
    return np.asarray(tokens @ dates.shares[periods] / max(float(tokens.sum()), 1e-300))


def _changing(shares: Floats, weights: Floats, average: Floats) -> list[int]:
    """The topics that lie furthest from their average, in the order of their centre of time."""
    change = weights @ np.abs(shares - average)
    ranked = np.argsort(-change, kind="stable")
    chosen = ranked[shares[:, ranked].any(axis=0)][:MOST_CHANGING]
    ratios = shares[:, chosen] / np.maximum(average[chosen], 1e-12)
    centres = (np.arange(len(weights)) * weights) @ ratios / np.maximum(weights @ ratios, 1e-12)
    return [int(topic) for topic in chosen[np.argsort(centres, kind="stable")]]
