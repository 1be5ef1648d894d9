"""One run of LDA's Gibbs sampler: passes, learned priors, samples, checkpoint, trace."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.errors import CheckpointError
from polytopic.io.schemas import NUMBER, WHOLE, Array, history_of
from polytopic.parameters import Integer
from polytopic.progress import Advance
from polytopic.topics.lda.kernels import gibbs
from polytopic.topics.lda.prior_rules import PriorRule, restore_rules, rule_arrays, rule_table
from polytopic.topics.lda.sampler_memory import LARGEST_INT32, refuse_too_many
from polytopic.topics.lda.term_weights import tokens_of
from polytopic.tracking import NOT_TRACKED, Tracking
from polytopic.training.run import Checkpoint, running

__all__ = ["Chain", "Outcome"]

KIND = "LDA checkpoint"
_RECORD = {
    "iteration": WHOLE,
    "n_sampled": WHOLE,
    "seconds": NUMBER,
    "history": history_of("iteration", "log_likelihood"),
}
"""What its record holds beside identity and history."""
_LEARN_EVERY = 5
"""Passes between two steps of the priors: the counts have time to answer the last one. tomotopy
takes 10."""

_RECORDS = 50
"""Points of the trace, at most: enough for a chart and a verdict, at a cost that does not show."""

_LEAST = 1e-12
"""What each term gets in each topic of a start: none is left without a topic."""


@dataclass
class Outcome:
    """What a run found: ``topic_word`` (K, V), the priors, one record every few passes."""

    topic_word: NDArray[np.float32]
    alpha: NDArray[np.float64]
    eta: NDArray[np.float64]
    history: list[dict[str, float]]
    interrupted: bool


@dataclass
class Chain:
    """Settings and state of a run.

    ``start_passes`` of the ``iterations`` come before the chain proper: their priors fall to those
    asked. ``samples`` states of its second half are averaged. ``fixed``: topics that are given.
    ``start`` (K, V): topics to draw the first assignment from. ``weights`` (V,): see
    :mod:`polytopic.topics.lda.term_weights`.
    """

    counts: sparse.csr_matrix
    n_topics: int
    alpha: PriorRule
    eta: PriorRule
    iterations: int
    start_passes: int
    samples: int
    seed: int
    n_threads: int
    fixed: gibbs.Fixed | None = None
    start: NDArray[np.float32] | None = None
    weights: NDArray[np.float32] | None = None
    checkpoint: Path | None = None
    identity: Mapping[str, Any] = field(default_factory=dict)
    description: str = "LDA"
    verbose: bool = False
    tracking: Tracking = NOT_TRACKED

    def __post_init__(self) -> None:
        self._refuse()
        self.n_tokens = tokens_of(self.counts, self.weights)
        self.n_terms = self.counts.shape[1]
        self.iteration = 0
        self.history: list[dict[str, float]] = []
        self.sums: NDArray[Any] | None = None
        self.n_sampled = 0
        self.seconds = 0.0

    def run(self) -> Outcome:
        """All passes, or those that a checkpoint left; a first Ctrl-C ends them after a pass.

        Raises
        ------
        CheckpointError
            If the checkpoint is of another run.
        """
        self._kept = Checkpoint(self.checkpoint, KIND, self.identity)
        with (
            running(
                self._kept,
                self.description,
                self.iterations,
                self._save,
                shown=self.verbose,
                tracking=self.tracking,
            ) as run,
            ThreadPoolExecutor(self.n_threads) as self._pool,
        ):
            run.begin(self._begin)
            while self.iteration < self.iterations:
                with run.whole():
                    self._pass()
                    self._record_if_due()
                self._tell(run.advance)
                if self.iteration == self.iterations or self._kept.due:
                    self._save()
                if self.history and self.history[-1]["iteration"] == self.iteration:
                    self.tracking.epoch(
                        self.history[-1], self.iteration,
                        lambda: gibbs.topic_word_counts(self.state),
                    )  # fmt: skip
        return Outcome(
            self._topic_word(), self._alpha(), self.eta.values, self.history, run.interrupted
        )

    def _refuse(self) -> None:
        refuse_too_many(self.counts, self.n_topics, self.n_threads, self.weights)

    # ---- passes ----------------------------------------------------------------------------

    def _begin(self) -> None:
        topics = self._lay_out()
        if topics is None:
            self._grow()
        else:
            self._record_if_due()

    def _lay_out(self) -> NDArray[Any] | None:
        """Make the state; the topics of all tokens if a checkpoint had them."""
        words, offsets = gibbs.expand(self.counts, weights=self.weights)
        topics = self._resume()
        self.state = gibbs.prepare(
            words, offsets, self.n_terms, self.n_topics, n_workers=self.n_threads, topics=topics
        )
        return topics

    def _grow(self) -> None:
        given = self.fixed
        if self.start is not None:
            allowed = np.broadcast_to(self._eta() > 0.0, self.start.T.shape)
            rows = np.where(allowed, self.start.T + _LEAST, 0.0).astype(np.float32)
            if given is not None:
                rows[:, given.topics] = given.rows
            given = gibbs.Fixed(np.arange(self.n_topics), rows)
        gibbs.grow(self.state, self._alpha(), self._eta(), self._key(0), self._pool, given)

    def _pass(self) -> None:
        started = time.monotonic()
        alpha, eta = self._alpha(), self._eta()
        starting = self.iteration < self.start_passes
        key = self._key(self.iteration + 1)
        if starting:
            gibbs.begin_pass(self.state, *self._warmed(alpha, eta), key, self._pool, self.fixed)
        else:
            gibbs.run_pass(self.state, alpha, eta, key, self._pool, self.fixed)
        self.iteration += 1
        self._learn(starting)
        if self._is_sampled():
            self._sample()
        self.seconds += time.monotonic() - started

    def _warmed(
        self, alpha: NDArray[np.float64], eta: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Priors of a pass of the start. Of an eta that differs, the flat part alone is raised."""
        positive = eta > 0.0
        flat = np.full((1, 1), np.median(eta[positive]))
        alpha, raised = gibbs.warm_priors(
            self.state, alpha, flat, self.iteration, self.start_passes
        )
        return alpha, np.where(positive, eta + (raised - flat), 0.0)

    def _learn(self, starting: bool) -> None:
        if self._learns(self.alpha, starting):
            self.alpha.fit_counts(self._document_counts())
        if self._learns(self.eta, starting):
            self.eta.fit_counts(gibbs.topic_word_counts(self.state))

    def _document_counts(self) -> Any:
        """Tokens by document and topic, or their histogram."""
        return gibbs.doc_topic_counts(self.state)

    def _learns(self, rule: PriorRule, starting: bool) -> bool:
        due = rule.each_pass or self.iteration % _LEARN_EVERY == 0
        return rule.learned and due and (rule.from_start or not starting)

    def _is_sampled(self) -> bool:
        proper = self.iterations - self.start_passes
        distance = max(1, proper // (2 * self.samples))
        left = self.iterations - self.iteration
        return left % distance == 0 and left // distance < self.samples and left < proper

    def _sample(self) -> None:
        drawn = gibbs.topic_word_counts(self.state)
        if self.sums is None:
            most = self.n_tokens * self.samples
            self.sums = np.zeros(drawn.shape, np.int32 if most <= LARGEST_INT32 else np.int64)
        self.sums += drawn
        self.n_sampled += 1

    def _record_if_due(self) -> None:
        """One point of the trace every few passes, if it is not there already."""
        due = self.iteration % self._stride == 0 or self.iteration == self.iterations
        last = self.history[-1]["iteration"] if self.history else 0.0
        if due and last < self.iteration:
            self._record()

    def _documents_terms(self) -> NDArray[np.float64] | None:
        """log p(z | alpha) by blocks of documents, where they are elsewhere."""
        return None

    def _record(self) -> None:
        alpha = self._alpha()
        value = gibbs.log_likelihood(
            self.state, alpha, self._eta(), self._pool, self.fixed, self._documents_terms()
        )
        record = {
            "iteration": float(self.iteration),
            "log_likelihood": value / max(1, self.state.n_tokens),
            "starting": float(self.iteration <= self.start_passes),
            "alpha": float(alpha.sum()),
            "seconds": round(self.seconds, 3),
        }
        self.history.append(record)

    # ---- priors and answers ----------------------------------------------------------------

    @property
    def _stride(self) -> int:
        return max(1, self.iterations // _RECORDS)

    def _alpha(self) -> NDArray[np.float64]:
        return np.array(np.broadcast_to(self.alpha.values, (self.n_topics,)), dtype=np.float64)

    def _eta(self) -> NDArray[np.float64]:
        return gibbs.shape_eta(self.eta.values, self.n_terms, self.n_topics)

    def _key(self, number: int) -> int:
        return (self.seed << 32) + number

    def _topic_word(self) -> NDArray[np.float32]:
        """The mean of the sampled topics given their counts, (K, V)."""
        if self.n_sampled:
            assert self.sums is not None
            total, n = self.sums, self.n_sampled
        else:
            total, n = gibbs.topic_word_counts(self.state), 1
        eta = np.broadcast_to(self.eta.values, (self.n_topics, self.n_terms))
        found = np.empty((self.n_topics, self.n_terms), np.float32)
        for k in range(self.n_topics):
            row = total[k] / n + eta[k]
            found[k] = row / row.sum()
        if self.fixed is not None:
            found[self.fixed.topics] = self.fixed.rows.T
        return found

    # ---- checkpoint ------------------------------------------------------------------------

    def _tell(self, advance: Advance) -> None:
        last = self.history[-1] if self.history else None
        text = f"log-likelihood {last['log_likelihood']:.4f} nats a token" if last else ""
        advance(self.iteration, text)

    def _topics(self) -> NDArray[Any]:
        """The topics of all tokens, (N,)."""
        return self.state.topics

    def _save(self) -> None:
        arrays: dict[str, NDArray[Any]] = {"topics": self._topics()}
        if self.sums is not None:
            arrays["sums"] = self.sums
        arrays |= rule_arrays(alpha=self.alpha, eta=self.eta)
        about = {
            "iteration": self.iteration,
            "n_sampled": self.n_sampled,
            "seconds": self.seconds,
            "history": self.history,
        }
        self._kept.save(arrays, about)

    def _resume(self) -> NDArray[Any] | None:
        table = {
            "topics": Array(self.n_tokens, kind="i", low=0, high=self.n_topics - 1),
            "sums": Array(self.n_topics, self.n_terms, kind="i", low=0, optional=True),
            **rule_table(alpha=self.alpha, eta=self.eta),
        }
        record = _RECORD | {"iteration": Integer(0, self.iterations)}
        if (loaded := self._kept.load(record, table)) is None:
            return None
        arrays, about = loaded
        if (about["n_sampled"] > 0) != ("sums" in arrays):
            raise CheckpointError(
                f"{self.checkpoint}: is altered: {about['n_sampled']} states were added up, and "
                f"their sums are {'there' if 'sums' in arrays else 'absent'}. Restore a copy."
            )
        self.iteration = int(about["iteration"])
        self.n_sampled = int(about["n_sampled"])
        self.seconds = float(about.get("seconds", 0.0))
        self.history = list(about["history"])
        self.sums = arrays.get("sums")
        restore_rules(arrays, alpha=self.alpha, eta=self.eta)
        return arrays["topics"]
