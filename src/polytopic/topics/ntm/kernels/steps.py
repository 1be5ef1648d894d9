"""NTM: steps of documents' rows and of W2 from their slopes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled

__all__ = [
    "NO_MOMENTS", "OPTIMISERS", "Rows", "Step", "by_logits", "move", "move_row", "step_rows",
    "to_unit",
]  # fmt: skip

OPTIMISERS = ("sgd", "adagrad", "adam", "adadelta")
"""By the number that a :class:`Step` holds."""

_ZERO, _ONE = np.float32(0.0), np.float32(1.0)
_STEADY = np.float32(1e-10)
"""A row whose slopes were all 0 divides by 1e-5, not by 0; of others it is no part. A convention of
AdaGrad."""

_FIRST, _SECOND, _ADAM_STEADY = np.float32(0.1), np.float32(0.001), np.float32(1e-8)
"""What Adam's means take of a new slope and of its square, and what it adds to the root (Kingma &
Ba 2015, the values they recommend)."""

_DELTA, _DELTA_STEADY = np.float32(0.05), np.float32(1e-6)
"""What Adadelta's means take of a new square, and what is added to them (Zeiler 2012, table 1)."""


NO_MOMENTS: NDArray[np.float32] = np.empty((0, 0), dtype=np.float32)


class Step(NamedTuple):
    """How rows move: ``optimiser``, a number of OPTIMISERS, its ``number``-th step, from 1 on.

    ``unit`` brings a row back to length one.
    """

    rate: float
    optimiser: int = 0
    number: int = 1
    unit: bool = False


class Rows(NamedTuple):
    """W1 (D, K), and what its optimiser keeps.

    ``sums`` (D,), of AdaGrad with one number a row, or (0,); ``first`` and ``second`` (D, K), of
    an optimiser with numbers of its own for each entry, or (0, 0).
    """

    weights: NDArray[np.float32]
    sums: NDArray[np.float32]
    first: NDArray[np.float32] = NO_MOMENTS
    second: NDArray[np.float32] = NO_MOMENTS


@compiled(fastmath=True, inline="always")
def by_logits(theta: NDArray[np.float32], slope: NDArray[np.float32]) -> np.float32:
    """Turn a slope by softmax(row) into that by the row, in place; the sum of its squares."""
    mean, square = _ZERO, _ZERO
    for k in range(len(theta)):
        mean += theta[k] * slope[k]
    for k in range(len(theta)):
        value = theta[k] * (slope[k] - mean)
        slope[k] = value
        square += value * value
    return square


@compiled(fastmath=True)
def move(
    row: NDArray[np.float32], slope: NDArray[np.float32],
    first: NDArray[np.float32], second: NDArray[np.float32], step: Step,
) -> None:  # fmt: skip
    """One step of a row by AdaGrad, Adam or Adadelta, with numbers of its own for each entry."""
    rate = np.float32(step.rate)
    first_left = _ONE - (_ONE - _FIRST) ** np.float32(step.number)
    second_left = _ONE - (_ONE - _SECOND) ** np.float32(step.number)
    for k in range(len(row)):
        square = slope[k] * slope[k]
        if step.optimiser == 1:
            second[k] += square
            row[k] -= rate * slope[k] / (np.sqrt(second[k]) + _STEADY)
        elif step.optimiser == 2:
            first[k] += _FIRST * (slope[k] - first[k])
            second[k] += _SECOND * (square - second[k])
            root = np.sqrt(second[k] / second_left) + _ADAM_STEADY
            row[k] -= rate * (first[k] / first_left) / root
        else:
            second[k] += _DELTA * (square - second[k])
            change = slope[k] * np.sqrt((first[k] + _DELTA_STEADY) / (second[k] + _DELTA_STEADY))
            first[k] += _DELTA * (change * change - first[k])
            row[k] -= rate * change


@compiled(fastmath=True, inline="always")
def to_unit(row: NDArray[np.float32]) -> None:
    """Bring a row to length one; one of zeros stays."""
    square = _ZERO
    for k in range(len(row)):
        square += row[k] * row[k]
    if square > _ZERO:
        scale = _ONE / np.sqrt(square)
        for k in range(len(row)):
            row[k] *= scale


@compiled(fastmath=True)
def move_row(
    rows: Rows, document: int, slope: NDArray[np.float32], square: np.float32, step: Step
) -> None:
    """One step of a document's logits from their slope and the sum of its squares.

    AdaGrad with one number a row where there are ``sums``, the step's own optimiser where there
    are moments, and else a plain step.
    """
    weights, sums, first, second = rows
    row, rate = weights[document], np.float32(step.rate)
    if len(first) > 0:
        move(row, slope, first[document], second[document], step)
    else:
        if len(sums) > 0:
            sums[document] += square / np.float32(len(row))
            rate = rate / np.sqrt(sums[document] + _STEADY)
        for k in range(len(row)):
            row[k] += -rate * slope[k]
    if step.unit:
        to_unit(row)


@compiled(fastmath=True)
def step_rows(
    rows: Rows, places: NDArray[np.int64], slopes: NDArray[np.float32],
    pairs: float, decay: float, first: int, last: int, step: Step,
) -> None:  # fmt: skip
    """A step of the rows ``first`` to ``last`` from the mean of a batch.

    The slope of a row is that of the batch's cost over its ``pairs``, and ``decay`` times the row.

    Parameters
    ----------
    rows : Rows, updated
    places : int64, shape (D,)
        Row of ``slopes`` of a document; -1: none, and only decay has a slope; -2: it rests.
    slopes : float32, shape (B, K)
        Sums over pairs, by the logits of the batch's documents.
    """
    slope = np.empty(rows.weights.shape[1], dtype=np.float32)
    for document in range(first, last):
        place = places[document]
        if place < -1:
            continue
        square = _ZERO
        for k in range(len(slope)):
            own = slopes[place, k] / np.float32(pairs) if place >= 0 else _ZERO
            slope[k] = own + np.float32(decay) * rows.weights[document, k]
            square += slope[k] * slope[k]
        move_row(rows, document, slope, square, step)
