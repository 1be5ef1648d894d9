"""Records of a co-occurrence matrix dealt into tiles, and passes over them by several threads."""

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
from scipy import sparse

from polytopic.embeddings.cooccurrence_spool import scratch
from polytopic.embeddings.kernels.glove import (
    Records,
    Trained,
    count_tiles,
    fill_tiles,
    train_tiles,
)
from polytopic.errors import InputError
from polytopic.io.schemas import NUMBER, WHOLE, history_of, like
from polytopic.tracking import NOT_TRACKED, Tracking
from polytopic.training.run import Checkpoint, Frame, running

__all__ = ["Factors", "Run", "Tiles", "n_stripes"]

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

Arrays = Mapping[str, NDArray[Any]]
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


@dataclass(frozen=True)
class Tiles:
    """The records X_ij of a matrix, tile by tile: 8 bytes each.

    ``starts`` has S^2 + 1 entries; ``rows``, ``columns`` (uint16) and ``logs`` one a record.
    """

    n_stripes: int
    starts: NDArray[np.int64]
    rows: NDArray[np.uint16]
    columns: NDArray[np.uint16]
    logs: Floats

    @classmethod
    def of(
        cls, matrix: sparse.csr_matrix, stripes: int, seed: int, memory: float, n_threads: int
    ) -> Tiles:
        """Deal the records out; beyond half of ``memory`` (GB) they are put in temporary files."""
        indptr = matrix.indptr.astype(np.int64)
        key = np.random.SeedSequence([seed, 0]).generate_state(1, np.uint64)[0]
        starts = np.zeros(stripes * stripes + 1, np.int64)
        counts = np.zeros((stripes, stripes), np.int64)
        in_file = 8 * matrix.nnz > 0.5 * memory * 1e9
        rows, columns = (scratch(np.uint16, matrix.nnz, in_file) for _ in range(2))
        logs = scratch(np.float32, matrix.nnz, in_file)

        def fill(stripe: int) -> None:
            mine = starts[stripe * stripes : (stripe + 1) * stripes + 1]
            fill_tiles(indptr, matrix.indices, matrix.data, stripe, mine, key, rows, columns, logs)

        with ThreadPoolExecutor(n_threads) as pool:
            each = range(stripes)
            list(pool.map(lambda s: count_tiles(indptr, matrix.indices, s, counts[s]), each))
            np.cumsum(counts.ravel(), out=starts[1:])
            list(pool.map(fill, each))
        return cls(stripes, starts, rows, columns, logs)

    def __len__(self) -> int:
        return len(self.logs)

    def shared_out(self, round_number: int, tied: bool, n_threads: int) -> list[NDArray[np.int64]]:
        """The tiles of a round, for each thread about as many records.

        With tied vectors tile (i, j) changes the same rows as (j, i): they go together.
        """
        first = np.arange(self.n_stripes)
        second = (round_number - first) % self.n_stripes
        groups = np.stack([first, second], axis=1)
        if tied:
            groups = groups[first <= second]
        tiles = groups[:, :1] * self.n_stripes + groups[:, 1:]
        if tied:
            mirrored = groups[:, 1:] * self.n_stripes + groups[:, :1]
            tiles = np.concatenate([tiles, np.where(mirrored == tiles, -1, mirrored)], axis=1)
        sizes = np.where(tiles >= 0, self.starts[tiles + 1] - self.starts[tiles], 0).sum(axis=1)
        ends = np.cumsum(sizes)
        cuts = np.searchsorted(ends, ends[-1] * np.arange(1, n_threads) / n_threads)
        parts = [part.ravel() for part in np.split(tiles, cuts)]
        return [part[part >= 0] for part in parts if len(part)]


@dataclass(frozen=True)
class Factors:
    """Vectors and biases with their AdaGrad sums side by side, rows filled up to 16 numbers.

    ``vectors``: two arrays of shape (V, 2, P); ``biases``: two of shape (V, 2); the same array
    twice where the model is tied.
    """

    vectors: tuple[Floats, Floats]
    biases: tuple[Floats, Floats]

    @classmethod
    def of(cls, arrays: Arrays) -> Factors:
        """From the arrays of a model."""
        roles = ("input", "output") if "output" in arrays else ("input",)
        vectors, biases = [], []
        for role in roles:
            n_terms, dim = arrays[role].shape
            both = np.zeros((n_terms, 2, _padded(dim)), np.float32)
            both[:, 0, :dim], both[:, 1, :dim] = arrays[role], arrays[f"{role}_squares"]
            both[:, 1, dim:] = 1.0
            vectors.append(both)
            pair = (arrays[f"{role}_bias"], arrays[f"{role}_bias_squares"])
            biases.append(np.stack(pair, axis=1))
        return cls((vectors[0], vectors[-1]), (biases[0], biases[-1]))

    def write_to(self, arrays: Arrays) -> None:
        """Back into the arrays of a model."""
        for role, vectors, biases in zip(
            ("input", "output"), self.vectors, self.biases, strict=True
        ):
            if role in arrays:
                dim = arrays[role].shape[1]
                arrays[role][...] = vectors[:, 0, :dim]
                arrays[f"{role}_squares"][...] = vectors[:, 1, :dim]
                arrays[f"{role}_bias"][...] = biases[:, 0]
                arrays[f"{role}_bias_squares"][...] = biases[:, 1]

    def finite(self) -> bool:
        """Whether all numbers are."""
        return all(bool(np.isfinite(part).all()) for part in (*self.vectors, *self.biases))


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
        self.factors.write_to(self.arrays)
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
        records = Records(tiles.starts, tiles.rows, tiles.columns, tiles.logs, tiles.n_stripes)
        trained = Trained(*self.factors.vectors, *self.factors.biases, self.tied)
        numbers = (self.learning_rate, math.log(self.x_max), self.alpha)
        rest = records, trained, *map(np.float32, numbers), self.shifted, self.losses
        parts = tiles.shared_out(number, self.tied, self.n_threads)
        futures = [self._pool.submit(kernel, part, *rest) for part in parts]
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
        self.factors.write_to(self.arrays)
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
