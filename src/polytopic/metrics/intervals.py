"""Bootstrap intervals: how far a figure would move with other topics, or other documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polytopic.base import seed_from
from polytopic.errors import InputError

__all__ = ["RESAMPLES", "Sample", "bootstrap_interval"]

RESAMPLES = 1000
"""Resamples of a percentile interval: Efron & Tibshirani (1993) advise 1,000 and more."""


def bootstrap_interval(
    values: ArrayLike,
    statistic: Callable[[NDArray[Any]], float] | None = None,
    *,
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
    random_state: Any = 0,
) -> tuple[float, float]:
    """The percentile bootstrap interval of a statistic, by default the mean.

    Entries are drawn with replacement, as many as there are, again and again; the interval holds
    the middle ``confidence`` of what the statistic then is. Of figures that are means over topics
    draw topics (``npmi(..., per_topic=True)``); of those that count documents draw documents.

    Parameters
    ----------
    values : array of shape (N,) or (N, ...)
        One entry a topic or a document; rows are drawn whole. NaN entries are left out.
    statistic : callable from such an array to float, optional
    confidence : float
        In (0, 1).
    resamples : int
    random_state : int, RandomState, Generator or None

    Returns
    -------
    low, high : float

    Raises
    ------
    InputError
        If fewer than two entries are left, or a parameter is out of range.

    Notes
    -----
    Efron & Tibshirani, An Introduction to the Bootstrap (1993), section 13.3. It says nothing of
    other seeds: fit several for that (:func:`polytopic.compare`).

    >>> low, high = bootstrap_interval([0.1, 0.2, 0.3, 0.4])
    >>> 0.1 <= low < 0.25 < high <= 0.4
    True
    """
    if not 0 < confidence < 1:
        raise InputError(f"confidence: is {confidence!r}. Pass a share between 0 and 1.")
    if isinstance(resamples, bool) or not isinstance(resamples, int | np.integer) or resamples < 1:
        raise InputError(f"resamples: is {resamples!r}. Pass a whole number from 1 on.")
    rows = np.asarray(values)
    if rows.dtype.kind == "f":
        rows = rows[~np.isnan(rows.reshape(len(rows), -1)).any(axis=1)]
    if rows.ndim == 0 or len(rows) < 2:
        raise InputError("values: fewer than two are left, so nothing can be drawn from them.")
    rng = np.random.default_rng(seed_from(random_state))
    drawn = (rng.integers(len(rows), size=len(rows)) for _ in range(resamples))
    if statistic is None:
        found = [float(rows[places].mean()) for places in drawn]
    else:
        found = [float(statistic(rows[places])) for places in drawn]
    edge = (1 - confidence) / 2
    low, high = np.quantile(found, [edge, 1 - edge])
    return float(low), float(high)


@dataclass(frozen=True)
class Sample:
    """A figure, and what it was reckoned from: ``values``, an entry a topic or a document."""

    figure: float | None
    values: NDArray[Any] | None = None
    statistic: Callable[[NDArray[Any]], float] | None = None

    @classmethod
    def mean(cls, values: NDArray[np.float64]) -> Sample:
        """The mean of what each topic has, NaN left out."""
        known = values[~np.isnan(values)]
        return cls(float(known.mean()) if len(known) else None, values)

    def interval(self, resamples: int, random_state: Any) -> tuple[float | None, float | None]:
        """The 95 % interval; None twice where there is nothing to draw from."""
        if self.values is None or self.figure is None:
            return None, None
        try:
            return bootstrap_interval(
                self.values, self.statistic, resamples=resamples, random_state=random_state
            )
        except InputError:
            return None, None
