"""The label layer of supervised NTM: its cost, its slopes, and its part in the documents' rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled
from polytopic.topics.ntm.kernels.ranking import BLOCK, Lane, softmax
from polytopic.topics.ntm.kernels.steps import Rows, Step, by_logits, move_row

__all__ = ["LabelArrays", "label_lane"]


class LabelArrays(NamedTuple):
    """Where a label is known, (D,), and numbers of ``classes``, or the numbers themselves, (D,)."""

    known: NDArray[np.bool_]
    targets: NDArray[np.float32]
    classes: bool


_ZERO, _ONE = np.float32(0.0), np.float32(1.0)
_SMALLEST = np.float32(1e-20)
"""A class of probability 0 costs 46 nats, not infinity."""


@compiled(fastmath=True)
def label_lane(
    given: Lane,
    labels: LabelArrays,
    layer: NDArray[np.float32],
    rows: Rows,
    strength: float,
    step: Step,
    slopes: NDArray[np.float32],
    totals: NDArray[np.float64],
) -> None:
    """Labels of the documents of a lane's blocks.

    With ld = softmax(W1[d]) and a = U [ld, 1] the cost of a document's label y is
    -log softmax(a)_y, or (a - y)^2 / 2 of a number. Its slope by W1[d], times ``strength``, moves
    the row as a document's pairs do.

    Parameters
    ----------
    given : Lane
    labels : LabelArrays
    layer : float32, shape (L, K + 1)
        U; the bias is its last column. One row for a number.
    rows : Rows, updated
    step : Step
        Of the documents' rows.
    slopes : float32, shape (L, K + 1), added to
        Slope of the cost by U.
    totals : float64, shape (3,), added to
        Cost, labels, and labels of which the most probable class is the right one.
    """
    documents, lane, n_lanes = given
    known, targets, classes = labels
    weights = rows.weights
    n_labels, n_topics = layer.shape[0], weights.shape[1]
    theta, slope = np.empty(n_topics, dtype=np.float32), np.empty(n_topics, dtype=np.float32)
    answer = np.empty(n_labels, dtype=np.float32)
    for block in range(lane, (len(documents) + BLOCK - 1) // BLOCK, n_lanes):
        for place in range(block * BLOCK, min((block + 1) * BLOCK, len(documents))):
            document = documents[place]
            if not known[document]:
                continue
            softmax(weights[document], theta)
            for label in range(n_labels):
                value = layer[label, n_topics]
                for k in range(n_topics):
                    value += layer[label, k] * theta[k]
                answer[label] = value
            totals[1] += 1.0
            if classes:
                own = int(targets[document])
                totals[2] += 1.0 if np.argmax(answer) == own else 0.0
                softmax(answer, answer)
                totals[0] -= np.log(max(answer[own], _SMALLEST))
                answer[own] -= _ONE
            else:
                answer[0] -= targets[document]
                totals[0] += np.float32(0.5) * answer[0] * answer[0]
            slope[:] = _ZERO
            for label in range(n_labels):
                residual = answer[label]
                factor = np.float32(strength) * residual
                for k in range(n_topics):
                    slopes[label, k] += residual * theta[k]
                    slope[k] += factor * layer[label, k]
                slopes[label, n_topics] += residual
            if strength > 0.0:
                move_row(rows, document, slope, by_logits(theta, slope), step)
