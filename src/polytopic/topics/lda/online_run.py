"""One run of online variational Bayes for LDA: passes over a corpus, or pieces of a stream."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.io.schemas import NUMBER, WHOLE, history_of, like
from polytopic.topics.lda import online_bayes as online
from polytopic.topics.lda.prior_rules import (
    PriorRule,
    mean_logs,
    restore_rules,
    rule_arrays,
    rule_table,
)
from polytopic.topics.lda.term_weights import weighed
from polytopic.tracking import NOT_TRACKED, Tracking
from polytopic.training.run import Checkpoint, running

__all__ = ["Stream", "begin"]

KIND = "online LDA checkpoint"
_RECORD = {
    "iteration": WHOLE,
    "batch": WHOLE,
    "updates": WHOLE,
    "seconds": NUMBER,
    "history": history_of("iteration", "bound"),
}
"""What its record holds beside identity and history."""
_JUDGED = 1024
"""Documents whose bound is followed."""


def begin(
    n_terms: int,
    n_topics: int,
    alpha: PriorRule,
    eta: PriorRule,
    *,
    n_tokens: float,
    start: NDArray[np.float32] | None,
    seed: int,
) -> online.OnlineTopics:
    """The state before the first batch; ``start`` (K, V) weighs what a corpus gives a topic."""
    concentrations = np.array(np.broadcast_to(alpha.values, (n_topics,)), dtype=np.float64)
    prior = eta.values if eta.values.ndim == 2 else np.broadcast_to(eta.values, (n_terms,))
    first = None
    if start is not None:
        first = start * np.float32(n_tokens / n_topics) + prior
    state = online.start_topics(n_terms, concentrations, prior, topics=first, random_state=seed)
    if first is None and eta.values.ndim == 2:
        state = online.start_topics(
            n_terms, concentrations, prior, topics=state.parameters() + prior, random_state=seed
        )
    return state


@dataclass
class Stream:
    """Settings and state of a run: ``iterations`` passes over ``counts`` in batches.

    ``n_documents``: D of the whole stream, for the weight of a batch. ``weights`` (V,): of
    terms.
    """

    counts: sparse.csr_matrix
    state: online.OnlineTopics
    alpha: PriorRule
    eta: PriorRule
    iterations: int
    batch_size: int
    tau0: float
    kappa: float
    n_documents: float
    seed: int
    n_threads: int
    shuffled: bool = True
    checkpoint: Path | None = None
    identity: Mapping[str, Any] = field(default_factory=dict)
    verbose: bool = False
    tracking: Tracking = NOT_TRACKED
    weights: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        self.iteration, self.batch = 0, 0
        self.history: list[dict[str, float]] = []
        self.seconds = 0.0

    def run(self) -> tuple[list[dict[str, float]], bool]:
        """All passes, or those that a checkpoint left; the history, and whether Ctrl-C ended them.

        Raises
        ------
        CheckpointError
            If the checkpoint is of another run.
        """
        batches = list[NDArray[np.int64]]()
        self._kept = Checkpoint(self.checkpoint, KIND, self.identity)
        with running(
            self._kept, "LDA", self.iterations, self._save,
            shown=self.verbose, tracking=self.tracking,
        ) as run:  # fmt: skip
            run.begin(self._resume)
            while self.iteration < self.iterations:
                if self.batch == 0 or not batches:
                    batches = self._batches()
                with run.whole():
                    self._step(batches[self.batch])
                run.advance(self.iteration + self.batch / len(batches), "")
                if self.iteration == self.iterations or self._kept.due:
                    self._save()
                if self.batch == 0:
                    self.tracking.epoch(
                        self.history[-1], self.iteration * len(batches), self.state.topic_word
                    )
        return self.history, run.interrupted

    def _batches(self) -> list[NDArray[np.int64]]:
        n = self.counts.shape[0]
        order = np.arange(n)
        if self.shuffled:
            order = np.random.default_rng([self.seed, self.iteration]).permutation(n)
        return [order[i : i + self.batch_size] for i in range(0, n, self.batch_size)]

    def _step(self, rows: NDArray[np.int64]) -> None:
        started = time.monotonic()
        batch = self._weighed(rows)
        found = self._settle(batch)
        rate = online.rate(self.state.updates, self.tau0, self.kappa)
        if self.alpha.learned:
            self.alpha.fit_logs(mean_logs(found.gamma[:, : self.state.n_topics]), rate)
            self.state.alpha = np.array(
                np.broadcast_to(self.alpha.values, (self.state.n_topics,)), dtype=np.float64
            )
        online.m_step(
            self.state, batch, found,
            n_documents=self.n_documents, step=rate, n_threads=self.n_threads,
        )  # fmt: skip
        if self.eta.learned:
            online.update_eta(self.state, step=rate)
            self.eta.values = np.asarray(float(self.state.eta[0, 0]))
        self.batch += 1
        self.seconds += time.monotonic() - started
        if self.batch * self.batch_size >= self.counts.shape[0]:
            self.iteration, self.batch = self.iteration + 1, 0
            self.history.append(self._record())

    def _settle(self, batch: sparse.csr_matrix) -> online.Posterior:
        return online.e_step(self.state, batch, n_threads=self.n_threads)

    def _weighed(self, rows: Any) -> sparse.csr_matrix:
        part = self.counts[rows]
        return part if self.weights is None else weighed(part, self.weights)

    def _record(self) -> dict[str, float]:
        judged = self._weighed(slice(_JUDGED))
        found = online.e_step(self.state, judged, n_threads=self.n_threads)
        tokens = float(judged.sum(dtype=np.float64))
        share = judged.shape[0] / max(1.0, self.n_documents)
        value = online.bound(self.state, judged, found, n_documents=self.n_documents)
        return {
            "iteration": float(self.iteration),
            "bound": value * share / max(1.0, tokens),
            "alpha": float(self.state.alpha.sum()),
            "seconds": round(self.seconds, 3),
        }

    def _save(self) -> None:
        state = self.state
        arrays: dict[str, NDArray[Any]] = {
            "topics": state.topics, "alpha": state.alpha, "eta": state.eta, "rows": state.rows,
            "scales": state.scales,
        }  # fmt: skip
        arrays |= rule_arrays(alpha=self.alpha, eta=self.eta)
        about = {
            "iteration": self.iteration,
            "batch": self.batch,
            "updates": state.updates,
            "seconds": self.seconds,
            "history": self.history,
        }
        self._kept.save(arrays, about)

    def _resume(self) -> None:
        state = self.state
        table = {
            **like({"topics": state.topics, "alpha": state.alpha}, positive=True),
            **like({"eta": state.eta, "rows": state.rows, "scales": state.scales}),
            **rule_table(alpha=self.alpha, eta=self.eta),
        }
        if (loaded := self._kept.load(_RECORD, table)) is None:
            return
        arrays, about = loaded
        for name in ("topics", "alpha", "eta", "rows", "scales"):
            setattr(self.state, name, arrays[name].copy())
        self.state.updates = int(about["updates"])
        self.iteration, self.batch = int(about["iteration"]), int(about["batch"])
        self.seconds, self.history = float(about.get("seconds", 0.0)), list(about["history"])
        restore_rules(arrays, alpha=self.alpha, eta=self.eta)
