"""NTM's run with a label layer on the documents' topics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.topics.ntm.kernels.labels import LabelArrays, label_lane
from polytopic.topics.ntm.kernels.ranking import BLOCK, Lane
from polytopic.topics.ntm.ranking_run import LANES, Ranking, each_lane
from polytopic.topics.ntm.supervised_labels import Labels
from polytopic.topics.ntm.term_net import adam

__all__ = ["LabelledRanking"]

_RATE = 0.05
"""Of Adam for the layer, a step every 512 documents; not compared with others."""

_AT_ONCE = LANES * BLOCK


class LabelledRanking(Ranking):
    """As :class:`Ranking`; after its pairs a document's label moves its row of W1.

    The layer U (L, K + 1) is moved by Adam after every 512 documents.
    """

    labels: Labels | None = None
    strength: float = 0.0

    def supervise(self, labels: Labels, strength: float) -> None:
        """Train with labels; ``strength``: what a label costs, in pairs."""
        self.labels, self.strength = labels, strength
        shape = (labels.n_answers, self.weights.shape[1] + 1)
        self.layer = np.zeros(shape, dtype=np.float32)
        self.layer_moments = [np.zeros_like(self.layer) for _ in range(2)]
        self.layer_slopes = np.zeros((LANES, *shape), dtype=np.float32)
        self.layer_steps = np.zeros(1, dtype=np.int64)
        self.label_totals = np.zeros(3)

    def _rank(self, documents: NDArray[np.int64]) -> int:
        ranked = super()._rank(documents)
        if self.labels is not None:
            for first in range(0, len(documents), _AT_ONCE):
                self._label(self.labels, documents[first : first + _AT_ONCE])
        return ranked

    def _label(self, labels: Labels, documents: NDArray[np.int64]) -> None:
        totals, fall = np.zeros((LANES, 3)), self._fall()
        arrays = LabelArrays(labels.known, labels.targets, labels.classes is not None)
        rows, step = self._rows(), self._step()

        def work(lane: int) -> None:
            label_lane(
                Lane(documents, lane, LANES), arrays, self.layer, rows, self.strength,
                step, self.layer_slopes[lane], totals[lane],
            )  # fmt: skip

        each_lane(self._pool, work)
        self.label_totals += totals.sum(axis=0)
        seen = totals[:, 1].sum()
        if seen > 0:
            self.layer_steps += 1
            slope = self.layer_slopes.sum(axis=0) / np.float32(seen)
            first, second = self.layer_moments
            adam(self.layer, slope, first, second, int(self.layer_steps[0]), _RATE * fall)
        self.layer_slopes[...] = 0

    def _record(self, seconds: float) -> None:
        super()._record(seconds)
        if self.labels is None:
            return
        cost, seen, right = self.label_totals
        self.history[-1]["label_loss"] = float(cost / max(1.0, seen))
        if self.labels.classes is not None:
            self.history[-1]["label_accuracy"] = float(right / max(1.0, seen))
        self.label_totals = np.zeros(3)

    def _arrays(self) -> dict[str, NDArray[Any]]:
        arrays = super()._arrays()
        if self.labels is None:
            return arrays
        return arrays | {
            "layer": self.layer, "layer/moment/0": self.layer_moments[0],
            "layer/moment/1": self.layer_moments[1], "layer/steps": self.layer_steps,
            "layer/totals": self.label_totals,
        }  # fmt: skip

    def _take(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        super()._take(arrays)
        if self.labels is None:
            return
        self.layer, self.layer_steps = arrays["layer"].copy(), arrays["layer/steps"].copy()
        self.layer_moments = [arrays[f"layer/moment/{n}"].copy() for n in range(2)]
        self.label_totals = arrays["layer/totals"].copy()
