"""Passes over the records of a co-occurrence matrix, dealt into tiles, by several threads."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.glove_records import Tiles
from polytopic.embeddings.kernels.glove import Trained, train_tiles
from polytopic.errors import InputError
from polytopic.io.schemas import NUMBER, WHOLE, history_of, like
from polytopic.machine import hand_back_memory
from polytopic.tracking import NOT_TRACKED, Tracking
from polytopic.training.run import Checkpoint, Frame, running

__all__ = ["Factors", "Run", "n_stripes"]

KIND = "GloVe checkpoint"
_RECORD = {
    "epoch": WHOLE,
    "round": WHOLE,
    "seconds": NUMBER,
    "history": history_of("epoch", "loss"),
}
"""What its record holds beside identity and history."""
_LANES = 16
"""Numbers that rows are filled up to: a vector register of AVX-512, so that loops have no
remainder."""

_CACHE = 1 << 19
"""Bytes of vectors that one stripe of rows, or of columns, may take."""

_FEWEST_WORDS = 64
"""Words of a stripe, where more threads than that would want more stripes."""

_MOST_STRIPES = 1023
"""S^2 tiles are about a million then; more would be empty."""

Arrays = dict[str, NDArray[Any]]
Floats = NDArray[np.float32]


def n_stripes(n_terms: int, dim: int) -> int:
    """S, an odd number that hangs on V and E alone, so that results hang on nothing else.

    Odd, so that a round holds one tile on the diagonal, and rows of a stripe do not fall on the
    same lines of a cache. Up to 33 stripes are made for the sake of threads, more for the cache's.
    """
    fitting = math.ceil(n_terms * 8 * _padded(dim) / _CACHE)
    wanted = max(fitting, min(33, n_terms // _FEWEST_WORDS))
    return min(wanted | 1, _MOST_STRIPES)


def _padded(dim: int) -> int:
    return -(-dim // _LANES) * _LANES


@dataclass
class Factors:
    """Vectors and biases with their AdaGrad sums side by side, rows filled up to 16 numbers.

    ``vectors``: for each role an array of shape (V, 2, P); ``biases``: of shape (V, 2). A tied
    model has one role.
    """

    dim: int
    vectors: dict[str, Floats]
    biases: dict[str, Floats]

    @classmethod
    def of(cls, arrays: Arrays) -> Factors:
        """From the arrays of a model, which are emptied: they are not held twice."""
        made = cls(arrays["input"].shape[1], {}, {})
        for role in ("input", "output") if "output" in arrays else ("input",):
            both = np.zeros((len(arrays[role]), 2, _padded(made.dim)), np.float32)
            both[:, 0, : made.dim] = arrays[role]
            both[:, 1, : made.dim] = arrays[f"{role}_squares"]
            both[:, 1, made.dim :] = 1.0
            made.vectors[role] = both
            pair = (arrays[f"{role}_bias"], arrays[f"{role}_bias_squares"])
            made.biases[role] = np.stack(pair, axis=1)
            for name in _names(role):
                arrays[name] = np.empty(0, np.float32)
            hand_back_memory()
        return made

    def write_to(self, arrays: Arrays, *, last: bool) -> None:
        """Copies for the arrays of a model; the ``last`` time each role's own are then let go."""
        for role in list(self.vectors):
            both, biases = self.vectors[role], self.biases[role]
            parts = both[:, 0, : self.dim], both[:, 1, : self.dim], biases[:, 0], biases[:, 1]
            for name, part in zip(_names(role), parts, strict=True):
                arrays[name] = part.copy()
            if last:
                del self.vectors[role], both, parts, part

    def trained(self) -> Trained:
        """What the kernel changes."""
        vectors, biases = list(self.vectors.values()), list(self.biases.values())
        tied = len(vectors) == 1
        return Trained(vectors[0], vectors[-1], biases[0], biases[-1], tied)

    def finite(self) -> bool:
        """Whether all numbers are: an infinite one or NaN stays in a sum of float64."""
        parts = (*self.vectors.values(), *self.biases.values())
        return all(math.isfinite(float(part.sum(dtype=np.float64))) for part in parts)


def _names(role: str) -> tuple[str, str, str, str]:
    """The arrays of a role: vectors and their sums, biases and theirs."""
    return role, f"{role}_squares", f"{role}_bias", f"{role}_bias_squares"


@dataclass(kw_only=True)
class Run:
    """Passes over the tiles; ``arrays`` are changed in place.

    The order of rounds in an epoch hangs on ``seed`` and the number of the epoch, so a run that
    goes on from a file does what one without a break would have done.
    """

    tiles: Tiles
    arrays: Arrays
    tied: bool
    shifted: bool
    epochs: int
    learning_rate: float
    x_max: float
    alpha: float
    seed: int
    first_epoch: int
    n_threads: int
    checkpoint: Path | None = None
    identity: Mapping[str, Any] = field(default_factory=dict)
    tracking: Tracking = NOT_TRACKED
    verbose: bool = False

    def __post_init__(self) -> None:
        self.epoch = self.round = 0
        self.seconds = 0.0
        self.history: list[dict[str, float]] = []
        self.losses = np.zeros(self.tiles.n_stripes**2)

    def run(self) -> tuple[list[dict[str, float]], bool]:
        """All epochs: their records, and whether Ctrl-C ended them early, after a whole round.

        Raises
        ------
        InputError
            If the loss or a parameter turns NaN or infinite.
        CheckpointError
            If the checkpoint is of other settings.
        """
        self._kept = Checkpoint(self.checkpoint, KIND, self.identity)
        with (
            running(
                self._kept,
                "GloVe",
                self.epochs,
                self._save,
                shown=self.verbose,
                tracking=self.tracking,
            ) as frame,
            ThreadPoolExecutor(self.n_threads) as self._pool,
        ):
            frame.begin(self._begin)
            while self.epoch < self.epochs:
                self._run_epoch(frame)
        self.factors.write_to(self.arrays, last=True)
        return self.history, frame.interrupted

    def _run_epoch(self, frame: Frame) -> None:
        stripes = self.tiles.n_stripes
        words = np.random.SeedSequence([self.seed, 1, self.first_epoch + self.epoch])
        order = np.random.default_rng(words).permutation(stripes)
        while self.round < stripes:
            with frame.whole():
                started = time.monotonic()
                mean = self._run_round(int(order[self.round]))
                self.round += 1
                self.seconds += time.monotonic() - started
            before = (self.first_epoch + self.epoch) * stripes
            self.tracking.step(mean, before + self.round, stripes)
            speed = len(self.tiles) * self.round / stripes / max(self.seconds, 1e-9)
            loss = f"loss {self.history[-1]['loss']:.4f}  " if self.history else ""
            frame.advance(self.epoch + self.round / stripes, f"{loss}{speed:,.0f} records/s")
            if self.round < stripes and self._kept.due:
                self._save()
        if not self.factors.finite():
            raise self._diverged("a vector is not finite")
        with frame.whole():
            record = self._record()
        self._save()
        self.tracking.epoch(record, int(record["epoch"]) * stripes)

    def _run_round(self, number: int) -> float:
        """Train the tiles of a round; the mean loss of their records."""
        tiles, kernel = self.tiles, cast(Any, train_tiles)
        trained = self.factors.trained()
        numbers = (self.learning_rate, math.log(self.x_max), self.alpha)
        rest = trained, *map(np.float32, numbers), self.shifted, self.losses

        def train(part: NDArray[np.int64]) -> None:
            kernel(part, tiles.records(part), *rest)

        parts = tiles.shared_out(number, self.tied, self.n_threads)
        futures = [self._pool.submit(train, part) for part in parts]
        wait(futures)
        for future in futures:
            future.result()
        if not math.isfinite(float(self.losses.sum())):
            raise self._diverged("the loss is not finite")
        of_round = np.concatenate(parts)
        n_records = int((tiles.starts[of_round + 1] - tiles.starts[of_round]).sum())
        return float(self.losses[of_round].sum()) / max(n_records, 1)

    def _record(self) -> dict[str, float]:
        """The epoch in numbers, added to the history; the next one begins."""
        record = {
            "epoch": float(self.first_epoch + self.epoch + 1),
            "loss": math.fsum(self.losses.tolist()) / max(len(self.tiles), 1),
            "records": float(len(self.tiles)),
            "seconds": self.seconds,
            "records_per_second": len(self.tiles) / max(self.seconds, 1e-9),
        }
        self.history.append(record)
        self.epoch += 1
        self.round, self.seconds = 0, 0.0
        return record

    def _diverged(self, what: str) -> InputError:
        return InputError(
            f"learning_rate: training diverged in epoch {self.epoch + 1} ({what}). Lower "
            f"learning_rate (now {self.learning_rate:g})."
        )

    # ---- checkpoints -----------------------------------------------------------------------

    def _save(self) -> None:
        if self.checkpoint is None:  # no need to copy them
            return
        self.factors.write_to(self.arrays, last=False)
        progress = {
            "epoch": self.epoch,
            "round": self.round,
            "seconds": self.seconds,
            "history": self.history,
        }
        arrays = {**self.arrays, "losses": self.losses}
        self._kept.save(arrays, progress)

    def _begin(self) -> None:
        table = like({**self.arrays, "losses": self.losses})
        if (loaded := self._kept.load(_RECORD, table)) is not None:
            arrays, about = loaded
            for name, array in self.arrays.items():
                array[...] = arrays[name]
            self.losses[...] = arrays["losses"]
            self.epoch, self.round = int(about["epoch"]), int(about["round"])
            self.seconds, self.history = float(about.get("seconds", 0.0)), list(about["history"])
        self.factors = Factors.of(self.arrays)
