"""One run of NTM: documents in chunks, terms renewed after each, checkpoint, trace."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.io.schemas import NUMBER, WHOLE, history_of, like
from polytopic.parameters import Integer
from polytopic.topics.lda.kernels.inference import csr_arrays
from polytopic.topics.ntm.document_rows import (
    LANES,
    each_lane,
    open_rows,
    row_moments,
    step_batch,
)
from polytopic.topics.ntm.kernels import ranking as kernels
from polytopic.topics.ntm.kernels import steps
from polytopic.topics.ntm.monitor import WATCHED, watched
from polytopic.topics.ntm.recipe import Recipe
from polytopic.topics.ntm.term_net import TermNet, first_logits, move_part, number_of
from polytopic.tracking import NOT_TRACKED, Tracking
from polytopic.training.run import Checkpoint, running

__all__ = ["LANES", "Ranking", "each_lane", "open_rows"]

KIND = "NTM checkpoint"
_RECORD = {
    "epoch": WHOLE,
    "position": WHOLE,
    "renewals": WHOLE,
    "seconds": NUMBER,
    "history": history_of(*WATCHED),
}
"""What its record holds beside identity and history."""
_FEWEST_PAIRS, _RENEWALS = 2000, 40
"""Pairs between two renewals of the terms at least, and renewals in a run at least: slopes of fewer
pairs are noise; fewer renewals leave small corpora where they began."""

_BIAS_RATE = 0.1
"""Share of the terms' rate for the bias of lt, which every pair moves."""

_FINAL_RATE = 0.1
"""Share of the learning rates at the end of a run, to which they fall evenly; not compared with
others."""

_COMMON = 4.0
"""Times the mean share of a term, up to which none is thinned out."""

_NO_ROWS: NDArray[np.float32] = np.empty(0, dtype=np.float32)


@dataclass
class Ranking:
    """Settings and state of a run.

    ``counts``: (D, V); ``vectors``: le as training sees it, (V, E); ``kept``: terms that are
    trained, (V,); ``net``: W2 and the bias, changed; ``folder``: where W1 is mapped, None: memory.

    After :meth:`run`, ``weights`` is W1, (D, K), and ``term_topics`` lt, (V, K).
    """

    counts: sparse.csr_matrix
    vectors: NDArray[np.float32]
    kept: NDArray[np.bool_]
    net: TermNet
    recipe: Recipe
    epochs: int
    seed: int
    n_threads: int
    folder: Path | None = None
    checkpoint: Path | None = None
    identity: Mapping[str, Any] = field(default_factory=dict)
    verbose: bool = False
    tracking: Tracking = NOT_TRACKED

    def __post_init__(self) -> None:
        self.pairs = csr_arrays(self.counts)
        self.n_documents, n_terms = self.counts.shape
        n_topics = len(self.net.bias)
        pairs = np.bincount(self.pairs.indices, minlength=n_terms)
        self.share = pairs / max(1, pairs.sum())
        self.keep = self._chances()
        self.weights = open_rows(self.folder, "documents", (self.n_documents, n_topics))
        by_rows = self.recipe.optimiser == "row-adagrad"
        self.sums = np.zeros(self.n_documents, np.float32) if by_rows else _NO_ROWS
        self.row_moments = row_moments(self.recipe, self.weights.shape, self.folder)
        self.slopes = np.zeros((LANES, n_terms, n_topics), dtype=np.float32)
        parts = (self.net.weights, self.net.bias)
        self.moments = [np.zeros_like(part) for part in parts for _ in range(2)]
        self.epoch, self.position, self.renewals = 0, 0, 0
        self.totals = np.zeros(3)
        self.seconds = 0.0
        self.history: list[dict[str, float]] = []

    def run(self) -> tuple[list[dict[str, float]], bool]:
        """All epochs, or those that a checkpoint left; the history, and whether Ctrl-C ended them.

        Raises
        ------
        CheckpointError
            If the checkpoint is of another run.
        """
        with (
            running(
                self._kept,
                "NTM",
                self.epochs,
                self._save,
                shown=self.verbose,
                tracking=self.tracking,
            ) as run,
            ThreadPoolExecutor(self.n_threads) as self._pool,
        ):
            run.begin(self._begin)
            while self.epoch < self.epochs:
                told = len(self.history)
                with run.whole():
                    self._chunk()
                text = f"loss {self.history[-1]['loss']:.4f}" if self.history else ""
                run.advance(self.epoch + self.position / self.n_documents, text)
                if self.epoch == self.epochs or self._kept.due:
                    self._save()
                self._tell(told)
        return self.history, run.interrupted

    def shares(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Each topic's part of the scores of all pairs.

        n_gk = sum_d c_dg ld_dk x_gk / (x_g . ld_d)

        ``rows``: x, such as lt; shape (V, K) as the answer.
        """
        found = self.slopes
        found[...] = 0

        def work(lane: int) -> None:
            kernels.share_pairs(
                *self.pairs, rows, self.weights, lane, LANES, kernels.BLOCK, found[lane],
            )  # fmt: skip

        with ThreadPoolExecutor(self.n_threads) as pool:
            each_lane(pool, work)
        for lane in range(1, LANES):
            found[0] += found[lane]
        return np.array(found[0])

    # ---- parts -----------------------------------------------------------------------------

    def _begin(self) -> None:
        resumed = self._resume()
        self.term_topics = self._term_topics()
        if resumed:
            return
        values, scale, power = first_logits(self.term_topics, self.share, self.recipe)
        size = -(-self.n_documents // LANES)

        def work(lane: int) -> None:
            first, last = lane * size, min((lane + 1) * size, self.n_documents)
            kernels.sum_terms(*self.pairs, values, scale, power, first, last, self.weights)

        each_lane(self._pool, work)
        if self.recipe.unit_rows:
            for row in self.weights:
                steps.to_unit(row)

    def _chunk(self) -> None:
        """Documents with about as many pairs as renewing the terms costs, across epochs.

        Or those of one batch of averaged pairs.
        """
        started = time.monotonic()
        left, self.chunk_totals = self._chunk_documents(), np.zeros(2)
        pairs = 0
        while left > 0 and self.epoch < self.epochs:
            order = self._order()
            documents = order[self.position : self.position + left]
            ranked = self._rank(documents)
            pairs += int((self.pairs.indptr[documents + 1] - self.pairs.indptr[documents]).sum())
            left -= len(documents)
            if self.recipe.averaged:
                pairs, left = ranked, 0
            self.position += len(documents)
            if self.position == self.n_documents:
                self._record(time.monotonic() - started)
                started = time.monotonic()
        self._renew(pairs)
        self.seconds += time.monotonic() - started

    def _tell(self, told: int) -> None:
        """Tell the trackers of the last chunk, and of the epochs beyond ``told`` that it ended."""
        cost, pairs = self.chunk_totals
        n_chunks = -(-self.n_documents // self._chunk_documents())
        self.tracking.step(cost / max(1.0, pairs), self.renewals, n_chunks)
        for record in self.history[told:]:
            self.tracking.epoch(
                record, self.renewals, lambda: (self.term_topics * self.share[:, None]).T
            )

    def _rank(self, documents: NDArray[np.int64]) -> int:
        """Rank the pairs of documents, and move their rows; how many there were."""
        recipe, totals = self.recipe, np.zeros((LANES, 3))
        shrink = self._shrink(len(self.pairs.indices) if recipe.decay_everywhere else 1)
        step = self._step()
        rule = kernels.Rule(
            recipe.margin, kernels.COSTS.index(recipe.cost), int(recipe.candidates),
            1.0 if recipe.averaged else shrink, step,
            recipe.scaled(self.epoch, self.n_documents), recipe.turned,
        )  # fmt: skip
        rows, key = self._rows(), (self.seed << 32) + self.epoch
        gathered = np.empty((len(documents), len(self.net.bias)), dtype=np.float32)
        if not recipe.averaged:
            gathered = steps.NO_MOMENTS

        def work(lane: int) -> None:
            kernels.rank_lane(
                kernels.Lane(documents, lane, LANES), self.pairs, key, self.keep,
                self.term_topics, rows, self.slopes[lane], rule, totals[lane], gathered,
            )  # fmt: skip

        each_lane(self._pool, work)
        self.totals += totals.sum(axis=0)
        self.chunk_totals += totals.sum(axis=0)[:2]
        ranked = int(totals[:, 1].sum())
        if recipe.averaged and ranked:
            step_batch(rows, documents, gathered, ranked, recipe, step, self._pool)
        return ranked

    def _step(self) -> steps.Step:
        """How rows of W1 move at this point."""
        recipe = self.recipe
        count = self.renewals + 1 if recipe.averaged and recipe.decay_everywhere else self.epoch + 1
        return steps.Step(
            recipe.document_rate * self._fall(), number_of(recipe), count, recipe.unit_rows
        )

    def _rows(self) -> steps.Rows:
        return steps.Rows(self.weights, self.sums, *self.row_moments)

    def _renew(self, pairs: int) -> None:
        """One step of W2 and the bias from the slopes by lt, then lt anew."""
        recipe = self.recipe
        slope = self.slopes[0]
        for lane in range(1, LANES):
            slope += self.slopes[lane]
        self.net.by_logits(self.vectors, self.term_topics, slope)
        self.renewals += 1
        parts = [self.net.weights] + ([] if recipe.bias is None else [self.net.bias])
        by_parts = [self.vectors.T @ slope, slope.sum(axis=0)]
        for number, part in enumerate(parts):
            decay = np.float32(recipe.term_decay)
            if recipe.averaged:
                by_parts[number] = by_parts[number] / np.float32(max(1, pairs)) + decay * part
            elif decay > 0:
                part *= np.float32((1.0 - recipe.document_rate * recipe.term_decay) ** pairs)
            moments = self.moments[2 * number : 2 * number + 2]
            many = 1 if recipe.averaged else pairs
            move_part(
                part, by_parts[number], moments, recipe, many, self.renewals,
                self._fall() * (_BIAS_RATE if number and recipe.optimiser == "row-adagrad" else 1),
            )  # fmt: skip
        self.slopes[...] = 0
        self.term_topics = self._term_topics()

    def _term_topics(self) -> NDArray[np.float32]:
        lt = self.net.topics(self.vectors)
        lt[~self.kept] = 0
        return lt

    def _chances(self) -> NDArray[np.float32]:
        """Chance of each term's pairs to be used (word2vec's rule, over pairs)."""
        keep = np.ones(len(self.share))
        if self.recipe.subsample > 0:
            most = max(self.recipe.subsample, _COMMON / len(self.share))
            odds = most / np.maximum(self.share, 1e-12)
            keep = np.minimum(1.0, np.sqrt(odds) + odds)
        return np.where(self.kept, keep, 0.0).astype(np.float32)

    def _chunk_documents(self) -> int:
        n_terms, dim = self.vectors.shape
        n_pairs = max(1, len(self.pairs.indices))
        if self.recipe.averaged:
            return max(1, int(self.recipe.averaged) * int(self.n_documents) // n_pairs)
        most = min(n_terms * dim // 18, self.epochs * n_pairs // _RENEWALS)
        return max(1, int(max(_FEWEST_PAIRS, most)) * int(self.n_documents) // n_pairs)

    def _order(self) -> NDArray[np.int64]:
        if getattr(self, "_ordered", None) != self.epoch:
            rng = np.random.default_rng([self.seed, self.epoch])
            self._permutation, self._ordered = rng.permutation(self.n_documents), self.epoch
        return self._permutation

    def _fall(self) -> float:
        """The share of the learning rates at this point: from one to a tenth, or always one."""
        if self.recipe.optimiser != "row-adagrad":
            return 1.0
        done = (self.epoch + self.position / self.n_documents) / self.epochs
        return _FINAL_RATE + (1.0 - _FINAL_RATE) * (1.0 - done)

    def _shrink(self, times: int) -> float:
        return float((1.0 - self.recipe.document_rate * self.recipe.document_decay) ** times)

    def _record(self, seconds: float) -> None:
        self.seconds += seconds
        cost, pairs, within = self.totals
        self.epoch, self.position, self.totals = self.epoch + 1, 0, np.zeros(3)
        record = {
            "epoch": float(self.epoch),
            "loss": float(cost / max(1.0, pairs)),
            "pairs": float(pairs),
            "within_margin": float(within / max(1.0, pairs)),
            "seconds": round(self.seconds, 3),
        }
        filled = np.diff(self.pairs.indptr) > 0
        seen = watched(self.weights, self.term_topics[self.kept], self.net.weights, filled)
        self.history.append(record | seen)

    # ---- checkpoint ------------------------------------------------------------------------

    @cached_property
    def _kept(self) -> Checkpoint:
        """Of the settings as they are when it is first asked for."""
        return Checkpoint(self.checkpoint, KIND, self.identity)

    def _save(self) -> None:
        about = {
            "epoch": self.epoch, "position": self.position,
            "renewals": self.renewals, "seconds": self.seconds, "history": self.history,
        }  # fmt: skip
        self._kept.save(self._arrays(), about)

    def _arrays(self) -> dict[str, NDArray[Any]]:
        arrays: dict[str, NDArray[Any]] = {
            "documents": self.weights, "sums": self.sums, "totals": self.totals,
            "terms": self.net.weights, "bias": self.net.bias,
        }  # fmt: skip
        rows = [part for part in self.row_moments if len(part)]
        arrays |= {f"documents/{number}": part for number, part in enumerate(rows)}
        return arrays | {f"moment/{number}": part for number, part in enumerate(self.moments)}

    def _resume(self) -> bool:
        record = _RECORD | {"position": Integer(0, self.n_documents)}
        if (loaded := self._kept.load(record, like(self._arrays()))) is None:
            return False
        arrays, about = loaded
        self._take(arrays)
        self.epoch, self.position = int(about["epoch"]), int(about["position"])
        self.renewals, self.history = int(about["renewals"]), list(about["history"])
        self.seconds = float(about.get("seconds", 0.0))
        return True

    def _take(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self.weights[...], self.sums, self.totals = (
            arrays["documents"], arrays["sums"].copy(), arrays["totals"].copy(),
        )  # fmt: skip
        for number, part in enumerate(self.row_moments):
            if len(part):
                part[...] = arrays[f"documents/{number}"]
        self.net = replace(self.net, weights=arrays["terms"].copy(), bias=arrays["bias"].copy())
        self.moments = [arrays[f"moment/{n}"].copy() for n in range(len(self.moments))]
