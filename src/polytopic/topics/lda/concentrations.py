"""Dirichlet concentrations that fit counts best: Minka's fixed point, over histograms of counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import gammaln, polygamma, psi

from polytopic.errors import InputError

__all__ = [
    "CEILING",
    "FLOOR",
    "CountHistogram",
    "asymmetric",
    "from_expected_logs",
    "log_likelihood",
    "symmetric",
    "symmetric_from_expected_logs",
]

_EXACT = 1e-10
"""Relative change at which Newton's method, which doubles its digits a step, has converged."""

_SHORTEST_STEP = 1e-10
"""Share of a Newton step below which halving it has found no positive values, and ends."""

_ROOM = 4
"""Cells of a table to count in, for each number that is counted: more cost more than sorting."""

FLOOR = 1e-6
"""No concentration falls below it: a category without counts would otherwise go to zero."""

CEILING = 1e6
"""No concentration rises above it: counts more even than a multinomial's have no finite optimum."""


@dataclass(frozen=True)
class CountHistogram:
    """How often each count occurs in each category: all that the likelihood needs of a table.

    A table has R rows, each one draw of a Dirichlet, and C categories: documents by topics (for
    alpha) or topics by terms (for eta). Counts of zero do not matter to the likelihood.

    Attributes
    ----------
    categories, values, times : int64, shape (H,)
        ``values[h]`` stands ``times[h]`` times in column ``categories[h]``.
    lengths, rows : int64, shape (L,)
        ``rows[l]`` rows sum to ``lengths[l]``, above zero.
    n_categories : int
        C.

    >>> histogram = CountHistogram.of(np.array([[2, 0], [2, 1]]))
    >>> histogram.categories.tolist(), histogram.values.tolist(), histogram.times.tolist()
    ([0, 1], [2, 1], [2, 1])
    >>> histogram.lengths.tolist(), histogram.rows.tolist()
    ([2, 3], [1, 1])
    """

    categories: NDArray[np.int64]
    values: NDArray[np.int64]
    times: NDArray[np.int64]
    lengths: NDArray[np.int64]
    rows: NDArray[np.int64]
    n_categories: int

    @classmethod
    def of(cls, counts: Any) -> CountHistogram:
        """Of whole-number counts of shape (R, C), dense or sparse; a histogram is its own.

        Raises
        ------
        InputError
            If counts are negative or hold fractions.
        """
        if isinstance(counts, CountHistogram):
            return counts
        table = sparse.coo_array(counts)
        whole = np.asarray(table.data).astype(np.int64)
        if not np.array_equal(whole, table.data) or (len(whole) and whole.min() < 0):
            raise InputError(
                "counts: hold negative numbers or fractions. Concentrations are fitted to whole "
                "counts; pass those of a Gibbs sample."
            )
        categories = np.asarray(table.coords[1]).astype(np.int64)
        seen = whole > 0
        pairs, times = _tally(categories[seen], whole[seen])
        totals = np.bincount(table.coords[0], weights=whole, minlength=table.shape[0])
        lengths, rows = np.unique(totals[totals > 0].astype(np.int64), return_counts=True)
        return cls(pairs[0], pairs[1], times, lengths, rows, int(table.shape[1]))

    def join(self, other: CountHistogram) -> CountHistogram:
        """The histogram of both tables, one below the other.

        Raises
        ------
        InputError
            If they have different numbers of categories.
        """
        if other.n_categories != self.n_categories:
            raise InputError(
                f"other: has {other.n_categories} categories, this one {self.n_categories}. "
                "Join tables of the same categories."
            )
        pairs, times = _tally(
            np.concatenate([self.categories, other.categories]),
            np.concatenate([self.values, other.values]),
            np.concatenate([self.times, other.times]),
        )
        lengths, index = np.unique(
            np.concatenate([self.lengths, other.lengths]), return_inverse=True
        )
        rows = np.bincount(index, weights=np.concatenate([self.rows, other.rows]))
        return CountHistogram(
            pairs[0], pairs[1], times, lengths, rows.astype(np.int64), self.n_categories
        )


def asymmetric(
    histogram: CountHistogram,
    start: NDArray[np.floating],
    *,
    iterations: int = 1000,
    tolerance: float = 1e-6,
) -> NDArray[np.float64]:
    """One concentration a category, by Minka's fixed point, shape (C,).

    a_k <- a_k sum_r [psi(n_rk + a_k) - psi(a_k)] / sum_r [psi(N_r + A) - psi(A)], A = sum a (Minka,
    "Estimating a Dirichlet distribution", 2000, section 3), each step of which raises the
    likelihood; the sums run over distinct counts (Wallach, PhD thesis, Cambridge 2008, chapter 2).

    Parameters
    ----------
    histogram : CountHistogram
    start : shape (C,)
        Positive.
    iterations : int
        At most. Inside a sampler a few are enough.
    tolerance : float
        Stop when no concentration changes by more than this share of it.

    Returns
    -------
    float64 array of shape (C,)
        Between ``FLOOR`` and ``CEILING``; ``start``, so bounded, if there are no counts.

    >>> rng = np.random.default_rng(0)
    >>> theta = rng.dirichlet([0.5, 2.0], size=5000)
    >>> counts = rng.multinomial(50, theta)
    >>> fitted = asymmetric(CountHistogram.of(counts), np.ones(2))
    >>> bool(np.all(np.abs(fitted - [0.5, 2.0]) < 0.1))
    True
    """
    a = _bounded(np.array(start, dtype=np.float64))
    if len(histogram.lengths) == 0:
        return a
    for _ in range(iterations):
        gained = histogram.times * (
            psi(histogram.values + a[histogram.categories]) - psi(a[histogram.categories])
        )
        above = np.bincount(histogram.categories, weights=gained, minlength=len(a))
        total = a.sum()
        below = float(histogram.rows @ (psi(histogram.lengths + total) - psi(total)))
        new = _bounded(a * above / below)
        change = np.max(np.abs(new - a) / a)
        a = new
        if change <= tolerance:
            break
    return a


def symmetric(
    histogram: CountHistogram, start: float, *, iterations: int = 1000, tolerance: float = 1e-6
) -> float:
    """One concentration for all categories, by the same fixed point.

    a <- a sum_rk [psi(n_rk + a) - psi(a)] / (C sum_r [psi(N_r + C a) - psi(C a)]).

    Parameters and bounds are those of :func:`asymmetric`; ``start`` is a number.
    """
    a = min(max(float(start), FLOOR), CEILING)
    if len(histogram.lengths) == 0:
        return a
    values, index = np.unique(histogram.values, return_inverse=True)
    times = np.bincount(index, weights=histogram.times)
    size = histogram.n_categories
    for _ in range(iterations):
        above = float(times @ (psi(values + a) - psi(a)))
        below = float(histogram.rows @ (psi(histogram.lengths + size * a) - psi(size * a)))
        new = min(max(float(a * above / (size * below)), FLOOR), CEILING)
        change = abs(new - a) / a
        a = new
        if change <= tolerance:
            break
    return a


def log_likelihood(
    histogram: CountHistogram, concentrations: NDArray[np.floating] | float
) -> float:
    """log p(rows | concentrations), each row's Dirichlet integrated out, of tokens in their order.

    sum_r [ln G(A) - ln G(A + N_r)] + sum_rk [ln G(n_rk + a_k) - ln G(a_k)] (Minka 2000,
    section 3).
    """
    a = np.broadcast_to(np.asarray(concentrations, dtype=np.float64), (histogram.n_categories,))
    total, own = a.sum(), a[histogram.categories]
    score = histogram.times @ (gammaln(histogram.values + own) - gammaln(own))
    return float(score - histogram.rows @ (gammaln(histogram.lengths + total) - gammaln(total)))


def from_expected_logs(
    mean_logs: NDArray[np.floating],
    start: NDArray[np.floating],
    *,
    iterations: int = 100,
    tolerance: float = 1e-8,
) -> NDArray[np.float64]:
    """The most likely Dirichlet given the mean of E[log theta], shape (K,): alpha for online VB.

    Newton's method, in linear time (Minka 2000, section 1; Blei, Ng & Jordan 2003, A.4.2), halved
    where a step would leave the positive numbers.

    Parameters
    ----------
    mean_logs : shape (K,)
        The mean over documents of E[log theta_k], all below zero.
    start : shape (K,)
        Positive.
    iterations, tolerance
        Stop after so many steps, or when no component changes by more than this share of it.

    Returns
    -------
    float64 array of shape (K,)
        Between ``FLOOR`` and ``CEILING``.
    """
    a = _bounded(np.array(start, dtype=np.float64))
    for _ in range(iterations):
        total = a.sum()
        slope = psi(total) - psi(a) + mean_logs
        curve, shared = -polygamma(1, a), polygamma(1, total)
        shift = np.sum(slope / curve) / (1.0 / shared + np.sum(1.0 / curve))
        move = (slope - shift) / curve
        size = 1.0
        while np.any(a - size * move <= 0.0) and size > _SHORTEST_STEP:
            size *= 0.5
        new = _bounded(a - size * move)
        change = np.max(np.abs(new - a) / a)
        a = new
        if change <= tolerance:
            break
    return a


def symmetric_from_expected_logs(mean_log: float, size: int, start: float) -> float:
    """The most likely symmetric Dirichlet of ``size`` categories, given the mean of E[log theta_k].

    Newton's method on the logarithm of a in psi(size a) - psi(a) + mean_log = 0.

    Parameters
    ----------
    mean_log : float
        Over rows and categories; below -log(size).
    size : int
    start : float
        Positive.

    Returns
    -------
    float
        Between ``FLOOR`` and ``CEILING``.
    """
    a = min(max(float(start), FLOOR), CEILING)
    for _ in range(100):
        slope = psi(size * a) - psi(a) + mean_log
        curve = size * polygamma(1, size * a) - polygamma(1, a)
        step = float(np.clip(-slope / (a * curve), -2.0, 2.0))
        new = min(max(float(a * np.exp(step)), FLOOR), CEILING)
        if abs(new - a) <= _EXACT * a:
            return new
        a = new
    return a


def _bounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    inside: NDArray[np.float64] = np.clip(values, FLOOR, CEILING)
    return inside


def _tally(
    categories: NDArray[np.int64], values: NDArray[np.int64], times: NDArray[np.int64] | None = None
) -> tuple[tuple[NDArray[np.int64], NDArray[np.int64]], NDArray[np.int64]]:
    """Distinct (category, value) pairs in order, and how often each stands."""
    base = int(values.max()) + 1 if len(values) else 1
    places = categories * base + values
    if times is None and (int(places.max()) if len(places) else 0) < _ROOM * len(places):
        table = np.bincount(places)
        keys = np.flatnonzero(table)
        tallied = table[keys]
    else:
        keys, index = np.unique(places, return_inverse=True)
        tallied = np.bincount(index, weights=times, minlength=len(keys)).astype(np.int64)
    return (keys // base, keys % base), tallied
