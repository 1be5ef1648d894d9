"""The run of a factorisation: scikit-learn's steps, one at a time, in the frame of every run."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.io.schemas import WHOLE, Array, history_of
from polytopic.parameters import Integer
from polytopic.tracking import NOT_TRACKED, Tracking
from polytopic.training.run import Checkpoint, running

__all__ = ["Factoring"]

KIND = "nmf checkpoint"
_RECORD = {"iteration": WHOLE, "history": history_of("iteration", "loss")}
_SOLVERS = {"frobenius": "cd", "kullback-leibler": "mu"}
"""Coordinate descent (Cichocki & Phan 2009) where it can be had, else multiplicative updates."""

_EVERY = 2
"""Passes from one look at the loss to the next: a look costs about as much as half a pass."""

_COMPARED, _FEWEST = 5, 12
"""The fall over so many looks, ten passes, ends a run as in scikit-learn; of fewer looks than
twelve nothing can be said (:func:`polytopic.metrics.convergence.judge_trace`)."""

_PAIRS = 1 << 18
"""Observed pairs that are looked at together."""


@dataclass
class Factoring:
    """Settings and state of X ~ H W with W (K, V) and H (D, K) not negative.

    ``weights``: X, (D, V), float32. It ends after ``iterations`` passes, or when the loss has
    fallen by less than ``tolerance`` of its first value in the last ten.
    """

    weights: sparse.csr_matrix
    n_topics: int
    loss: str
    init: str
    iterations: int
    tolerance: float
    seed: int
    checkpoint: Path | None = None
    identity: Mapping[str, Any] = field(default_factory=dict)
    verbose: bool = False
    tracking: Tracking = NOT_TRACKED

    def __post_init__(self) -> None:
        self.iteration, self.seconds = 0, 0.0
        self.history: list[dict[str, float]] = []
        self.documents = np.zeros((self.weights.shape[0], self.n_topics), np.float32)
        self.topics = np.zeros((self.n_topics, self.weights.shape[1]), np.float32)
        self.squares = float(np.square(self.weights.data, dtype=np.float64).sum())

    def run(self) -> bool:
        """All passes, or those that a checkpoint left; whether a Ctrl-C ended them.

        Raises
        ------
        CheckpointError
            If the checkpoint is of another run.
        """
        self._kept = Checkpoint(self.checkpoint, KIND, self.identity)
        with running(
            self._kept, "NMF", self.iterations, self._save,
            shown=self.verbose, tracking=self.tracking,
        ) as frame:  # fmt: skip
            frame.begin(self._resume)
            while not self._ended():
                with frame.whole():
                    self._pass()
                text = f"loss {self.history[-1]['loss']:.4f}" if self.history else ""
                frame.advance(self.iteration, text)
                if self._kept.due:
                    self._save()
                if self.history[-1]["iteration"] == self.iteration:
                    self.tracking.epoch(self.history[-1], self.iteration, lambda: self.topics)
            self._save()
        return frame.interrupted

    # ---- parts -----------------------------------------------------------------------------

    def _pass(self) -> None:
        from sklearn.decomposition import non_negative_factorization

        started = time.monotonic()
        begun = self.iteration > 0
        self.documents, self.topics, _ = non_negative_factorization(
            self.weights,
            self.documents if begun else None,
            self.topics if begun else None,
            n_components=self.n_topics,
            init="custom" if begun else self._init(),
            solver=_SOLVERS[self.loss],
            beta_loss=self.loss,
            tol=0.0,
            max_iter=1,
            random_state=self.seed,
        )
        self.iteration += 1
        self.seconds += time.monotonic() - started
        if self.iteration % _EVERY == 0 or self.iteration in (1, self.iterations):
            record = {"iteration": float(self.iteration), "loss": self._loss()}
            self.history.append(record | {"seconds": round(self.seconds, 3)})

    def _init(self) -> str:
        """nndsvd has no more directions than there are documents."""
        fits = self.n_topics <= min(self.weights.shape)
        return "nndsvda" if self.init == "nndsvd" and fits else "random"

    def _ended(self) -> bool:
        if self.iteration >= self.iterations:
            return True
        if self.iteration % _EVERY or len(self.history) < _FEWEST:
            return False
        before, now = (self.history[place]["loss"] for place in (-1 - _COMPARED, -1))
        return before - now < self.tolerance * self.history[0]["loss"]

    def _loss(self) -> float:
        """Of a document: half the squared distance of X and H W, or X's divergence from it."""
        x, h, w = self.weights, self.documents, self.topics
        if self.loss == "frobenius":
            across = np.multiply(np.asarray(x @ w.T), h).sum(dtype=np.float64)
            within = np.multiply(h.T @ h, w @ w.T).sum(dtype=np.float64)
            return float(0.5 * (self.squares - 2.0 * across + within) / len(h))
        mixed = _products(x, h, w)
        ratio = np.log(x.data.astype(np.float64) / mixed)
        mass = h.sum(axis=0, dtype=np.float64) @ w.sum(axis=1, dtype=np.float64)
        return float(((x.data * (ratio - 1.0)).sum() + mass) / len(h))

    # ---- checkpoint ------------------------------------------------------------------------

    def _save(self) -> None:
        arrays = {"documents": self.documents, "topics": self.topics}
        about = {"iteration": self.iteration, "seconds": self.seconds, "history": self.history}
        self._kept.save(arrays, about)

    def _resume(self) -> None:
        table = {
            "documents": Array(*self.documents.shape, kind="float32", low=0),
            "topics": Array(*self.topics.shape, kind="float32", low=0),
        }
        record = _RECORD | {"iteration": Integer(0, self.iterations)}
        if (loaded := self._kept.load(record, table)) is None:
            return
        arrays, about = loaded
        self.documents, self.topics = arrays["documents"].copy(), arrays["topics"].copy()
        self.iteration, self.history = int(about["iteration"]), list(about["history"])
        self.seconds = float(about.get("seconds", 0.0))


def _products(
    x: sparse.csr_matrix, h: NDArray[np.float32], w: NDArray[np.float32]
) -> NDArray[np.float64]:
    """(H W)_dv where X has an entry, shape (P,), above zero; nothing of size D x V is made."""
    rows = np.repeat(np.arange(x.shape[0]), np.diff(x.indptr))
    by_term, found = np.ascontiguousarray(w.T), np.empty(x.nnz)
    for start in range(0, x.nnz, _PAIRS):
        part = slice(start, start + _PAIRS)
        found[part] = np.einsum("ik,ik->i", h[rows[part]], by_term[x.indices[part]])
    return np.maximum(found, np.finfo(np.float32).tiny)
