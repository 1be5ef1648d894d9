"""What slices changed, as one change: how far they would have gone one after another.

All slices of a round begin from the same matrices. The sum of what they change goes too far where
each has come close to where a row is at rest, and their mean not far enough where none has. How
close they come differs by direction: near a minimum with the Hessian H a row that is used c times
goes I - exp(-c H) of its way. So a change that k slices made in C uses together is multiplied, in
the directions of the eigenvectors of H, by

    (1 - exp(-l C)) / (k (1 - exp(-l C / k)))            l: its eigenvalue

which is 1 where little is bent (the sum) and 1 / k where much is (the mean). Of -log s(x . u) the
Hessian in x is s (1 - s) u u': H is the learning rate, times the predictions a use, times a typical
s (1 - s), times the mean u u' of the words that stand on the other side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from polytopic.cluster.folders import read_array

__all__ = ["Change", "Gathered", "add_gathered", "gather", "second_moment"]

BENT = 0.15
"""A typical s (1 - s), which is .25 at most; of wiki100m's first 4 million words .15 gave the
figures of one machine (benchmarks/cluster.py vectors)."""

_TOGETHER = 1 << 14
"""Rows that are looked at a time: some megabytes."""

_LEAST = 1e-12
"""Of an eigenvalue, in place of zero: the sum."""


class Change(NamedTuple):
    """Files of what became of a matrix: the rows that changed, by how much, and their uses."""

    rows: str
    moved: str
    uses: str

    def remove(self) -> None:
        """Remove the files."""
        for name in self:
            Path(name).unlink(missing_ok=True)


class Gathered(NamedTuple):
    """The changes of a matrix of n rows: their sums (n, E), uses (n,), and by how many slices."""

    total: NDArray[np.float32]
    uses: NDArray[np.float64]
    slices: NDArray[np.int64]

    def mean(self) -> NDArray[np.float32]:
        """The mean change of those slices that changed a row; shape (n, E)."""
        return self.total / np.maximum(self.slices, 1).astype(np.float32)[:, None]


def gather(changes: Sequence[Change], n: int, dim: int) -> Gathered:
    """Changes added in their order, which is that of the slices."""
    found = Gathered(np.zeros((n, dim), np.float32), np.zeros(n), np.zeros(n, np.int64))
    for change in changes:
        rows, moved, uses = (read_array(name) for name in change)
        for part in _parts(len(rows)):
            found.total[rows[part]] += moved[part]
        found.uses[rows] += uses
        found.slices[rows] += 1
    return found


def second_moment(rows: NDArray[np.float32], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weighted mean of u u' over rows u; shape (E, E)."""
    shares = weights / max(weights.sum(), _LEAST)
    found = np.zeros((rows.shape[1], rows.shape[1]))
    for part in _parts(len(rows)):
        some = rows[part].astype(np.float64)
        found += (some * shares[part, None]).T @ some
    return found


def add_gathered(
    matrix: NDArray[np.float32],
    gathered: Gathered,
    hessian: NDArray[np.float64],
    places: NDArray[np.integer] | None = None,
) -> None:
    """Add to a matrix what was gathered, scaled by ``hessian``, that of one use.

    ``places``: the rows of the matrix that were gathered; None: all.
    """
    found, turned = np.linalg.eigh(hessian)
    bent, turned = np.maximum(found, _LEAST), turned.astype(np.float32)
    for rows in _changed(gathered.slices):
        k = gathered.slices[rows].astype(np.float64)[:, None]
        each = (gathered.uses[rows][:, None] / k) * bent
        scale = np.where(k > 1, np.expm1(-k * each) / (k * np.expm1(-each)), 1.0)
        by = ((gathered.total[rows] @ turned) * scale.astype(np.float32)) @ turned.T
        by[k[:, 0] == 1] = gathered.total[rows[k[:, 0] == 1]]
        matrix[rows if places is None else places[rows]] += by


def _changed(slices: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    rows = np.flatnonzero(slices)
    for part in _parts(len(rows)):
        yield rows[part]


def _parts(n: int) -> Iterator[slice]:
    for first in range(0, n, _TOGETHER):
        yield slice(first, first + _TOGETHER)
