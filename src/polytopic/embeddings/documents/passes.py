"""Passes over documents, round by round: progress, interruption, checkpoints."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.documents.paragraph_rounds import ParagraphRounds
from polytopic.errors import InputError, InterruptedFitWarning
from polytopic.io.schemas import NUMBER, ListOf, history_of, like
from polytopic.parameters import Integer
from polytopic.tracking import NOT_TRACKED, Tracking
from polytopic.training.run import Checkpoint, running

__all__ = ["DocumentPasses"]

KIND = "document vector checkpoint"


@dataclass(kw_only=True)
class DocumentPasses:
    """Trains round by round.

    ``rounds``: what is trained; ``arrays``: all that is changed, ``"documents"`` the rows of the
    documents; ``rate``: the learning rate at a share of all passes; ``keys``: those of a pass by
    its number; ``n_words``: words of a pass; ``identity``: what a checkpoint must share.
    """

    rounds: ParagraphRounds
    arrays: Mapping[str, NDArray[np.float32]]
    epochs: int
    rate: Callable[[float], float]
    keys: Callable[[int], NDArray[np.uint64]]
    n_words: int
    n_threads: int
    checkpoint: Path | None
    identity: Mapping[str, Any]
    verbose: bool
    tracking: Tracking = NOT_TRACKED

    def __post_init__(self) -> None:
        self.epoch, self.round, self.seconds = 0, 0, 0.0
        self.totals = [0.0, 0.0]
        self.history: list[dict[str, float]] = []

    def run(self) -> bool:
        """All passes, or those that a checkpoint left; whether a Ctrl-C ended them.

        Raises
        ------
        InputError
            If the loss diverges.
        CheckpointError
            If the checkpoint is of another run.
        """
        self._kept = Checkpoint(self.checkpoint, KIND, self.identity)
        n = len(self.rounds)
        with (
            ThreadPoolExecutor(self.n_threads) as pool,
            running(
                self._kept, "Doc2Vec", float(self.epochs * n), self._save, shown=self.verbose,
                tracking=self.tracking,
            ) as frame,
        ):  # fmt: skip
            frame.begin(self._resume)
            while self.epoch < self.epochs:
                with frame.whole():
                    self._step(pool)
                text = f"loss {self.history[-1]['loss']:.4f}" if self.history else ""
                frame.advance(float(self.epoch * n + self.round), text)
                if self._kept.due or self.round == 0:
                    self._save()
        return frame.interrupted

    def tell_interrupted(self) -> None:
        """Warn that the passes were not all done."""
        again = "" if self.checkpoint is None else " Call fit again to go on from the checkpoint."
        warnings.warn(
            f"Doc2Vec: interrupted after {len(self.history)} of {self.epochs} epochs; the vectors "
            f"are those of that moment.{again}",
            InterruptedFitWarning,
            stacklevel=4,
        )

    def _step(self, pool: ThreadPoolExecutor) -> None:
        """A round; after the last of a pass its record."""
        started = time.monotonic()
        found = self.rounds.run(
            self.round, pool, self.n_threads, self.keys(self.epoch),
            lambda share: self.rate((self.epoch + share) / self.epochs), self.arrays["documents"],
        )  # fmt: skip
        self.totals = [total + part for total, part in zip(self.totals, found, strict=True)]
        self.seconds += time.monotonic() - started
        self.round += 1
        n, done = len(self.rounds), self.epoch * len(self.rounds) + self.round
        self.tracking.step(found[0] / max(found[1], 1.0), done, n)
        if self.round == n:
            loss, pairs = self.totals
            if not (np.isfinite(loss) and np.isfinite(self.arrays["documents"]).all()):
                raise InputError(
                    f"learning_rate: training diverged in epoch {self.epoch + 1}. Lower "
                    f"learning_rate (now {self.rate(0.0):g})."
                )
            record = {"epoch": self.epoch + 1.0, "loss": loss / max(pairs, 1.0), "pairs": pairs}
            speed = self.n_words / max(self.seconds, 1e-9)
            record |= {"seconds": self.seconds, "words_per_second": speed}
            self.history.append(record)
            self.tracking.epoch(record, done)
            self.epoch, self.round, self.seconds = self.epoch + 1, 0, 0.0
            self.totals = [0.0, 0.0]

    # ---- checkpoint ------------------------------------------------------------------------

    def _save(self) -> None:
        names = "epoch", "round", "seconds", "totals", "history"
        self._kept.save(self.arrays, {name: getattr(self, name) for name in names})

    def _resume(self) -> None:
        record = {
            "epoch": Integer(0, self.epochs), "round": Integer(0, len(self.rounds)),
            "seconds": NUMBER, "totals": ListOf(NUMBER, 2),
            "history": history_of("epoch", "loss", "pairs"),
        }  # fmt: skip
        if (loaded := self._kept.load(record, like(self.arrays))) is None:
            return
        arrays, about = loaded
        for name, rows in self.arrays.items():
            rows[...] = arrays[name]
        self.epoch, self.round = int(about["epoch"]), int(about["round"])
        self.seconds = float(about.get("seconds", 0.0))
        self.totals, self.history = list(about["totals"]), list(about["history"])
