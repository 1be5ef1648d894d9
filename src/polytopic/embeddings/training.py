"""Passes over a token stream in blocks: threads, learning rate, loss, interruption, checkpoints.

A block is a few thousand positions. Blocks are begun in order and each is finished, so what is done
is always the beginning of the stream: a run can stop anywhere and go on from there.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.kernels.arguments import Chosen, Found, Piece
from polytopic.embeddings.kernels.deterministic.blocks import choose_block
from polytopic.embeddings.kernels.subsampling import keep_thresholds
from polytopic.embeddings.threads import Threads, TrainBlock, Work
from polytopic.embeddings.tokens import TokenStore
from polytopic.errors import InputError
from polytopic.io.schemas import NUMBER, WHOLE, ListOf, history_of, like
from polytopic.parameters import Integer
from polytopic.tracking import NOT_TRACKED, Tracking
from polytopic.training.run import Checkpoint, Frame, running

__all__ = ["MARGIN", "BlockReader", "Passes", "Progress"]

KIND = "word vector checkpoint"
_RECORD = {
    "epoch": WHOLE,
    "position": WHOLE,
    "seconds": NUMBER,
    "totals": ListOf(ListOf(NUMBER, 2)),
    "history": history_of("epoch", "loss", "pairs"),
}
"""What its record holds beside identity and history."""
MARGIN = 16
"""Positions beyond its ends that a block sees, in windows: subsampling thins them out."""

_PIECE = 1 << 15
"""Positions that a thread reads at a time."""

_POLL_SECONDS = 0.2
"""Between two looks at signals and the checkpoint: what a person notices as at once."""

_DIVERGED = 20.0
"""Times the untrained loss, from which on a block's mean loss counts as diverged."""

Matrices = Mapping[str, NDArray[Any]]


@dataclass
class Progress:
    """How far a run has come: passes done, position in the next one, its sums so far."""

    epoch: int = 0
    position: int = 0
    seconds: float = 0.0
    totals: list[tuple[float, float]] = field(default_factory=list)
    history: list[dict[str, float]] = field(default_factory=list)
    interrupted: bool = False


@dataclass(kw_only=True)
class Passes:
    """Trains block by block.

    ``store``: the tokens; ``threads``: who trains which block;
    ``matrices``: what is trained, for checkpoints; ``untrained``: mean loss at zero scores;
    ``identity``: settings that a checkpoint must share.
    """

    store: TokenStore
    threads: Threads
    matrices: Matrices
    untrained: float
    epochs: int
    window: int
    sample: float
    learning_rate: float
    min_learning_rate: float
    seed: int
    first_epoch: int = 0
    checkpoint: Path | None = None
    identity: Mapping[str, Any] = field(default_factory=dict)
    tracking: Tracking = NOT_TRACKED
    description: str = "training"
    verbose: bool = False

    def __post_init__(self) -> None:
        self.progress = Progress()
        self._readers = threading.local()
        self.keep = keep_thresholds(self.store.vocabulary.counts, self.sample)
        self.size = self.threads.block_size(self.store.n_tokens)
        self._n_blocks = -(-self.store.n_tokens // self.size)

    def run(self) -> Progress:
        """All passes; a first Ctrl-C ends the run with whole blocks done.

        Raises
        ------
        InputError
            If the loss turns NaN or grows far beyond its untrained value.
        CheckpointError
            If the checkpoint is of other settings.
        """
        total = float(self.epochs * self.store.n_tokens)
        self._kept = Checkpoint(self.checkpoint, KIND, self.identity)
        with running(
            self._kept, self.description, total, self._save,
            shown=self.verbose, tracking=self.tracking,
        ) as run:  # fmt: skip
            run.begin(self._resume)
            while self.progress.epoch < self.epochs:
                self._run_epoch(run)
        self.progress.interrupted = run.interrupted
        self._refuse_nothing_trained()
        return self.progress

    def _refuse_nothing_trained(self) -> None:
        """Vectors at their start, with a loss of 0, are no result.

        Raises
        ------
        InputError
            If no epoch had an example, saying why.
        """
        history = self.progress.history
        if self.progress.interrupted or not history or any(r["pairs"] for r in history):
            return
        if _has_neighbours(self.store):
            why = f"subsampling (sample={self.sample:g}) left no two neighbours in any epoch"
            todo = "Set sample=0 (--sample 0), as small texts need it, or pass more text"
        else:
            why = "no sentence holds two of them"
            todo = "Pass longer sentences, or lower min_count"
        raise InputError(
            f"source: nothing was trained on its {self.store.n_words:,} words of the vocabulary: "
            f"{why}. {todo}."
        )

    # ---- a pass ----------------------------------------------------------------------------

    def _run_epoch(self, run: Frame) -> None:
        progress = self.progress
        while progress.position < self.store.n_tokens:
            with run.whole() as signals:
                self._run_blocks(run, signals)
            if progress.position < self.store.n_tokens:
                self._save()
        loss, pairs = (math.fsum(column) for column in zip(*progress.totals, strict=True))
        record = {
            "epoch": float(self.first_epoch + progress.epoch + 1),
            "loss": loss / max(pairs, 1.0),
            "pairs": pairs,
            "learning_rate": self._rate(self.store.n_tokens),
            "seconds": progress.seconds,
            "words_per_second": self.store.n_words / max(progress.seconds, 1e-9),
        }
        self.progress = Progress(epoch=progress.epoch + 1, history=[*progress.history, record])
        self._save()
        self.tracking.epoch(record, self._steps_before())

    def _run_blocks(self, frame: Frame, signals: list[int]) -> None:
        """Blocks from the position on, by all threads, until the end, a checkpoint or Ctrl-C."""
        started = time.monotonic()
        before = self.progress.seconds
        done: dict[int, tuple[float, float]] = {}
        tell = self._teller(done, self.size)
        starts = range(self.progress.position, self.store.n_tokens, self.size)

        def run(number: int, train: TrainBlock) -> None:
            record(number, *self._run_block(starts[number], train))

        def record(number: int, loss: float, pairs: float) -> None:
            self._refuse_divergence(loss, pairs)
            done[number] = loss, pairs

        self._keys = self._draw_keys()
        margin, stop = MARGIN * self.window, threading.Event()
        work = Work(
            starts, record, self._rate, stop, self.store, margin, self.keep, self._keys, run
        )
        go = self.threads.begin(work)
        with ThreadPoolExecutor(self.threads.n_threads) as pool:
            futures: list[Future[None]] = []
            try:
                for thread in range(self.threads.n_threads):
                    futures.append(pool.submit(go, thread))
                while wait(futures, _POLL_SECONDS, FIRST_EXCEPTION).not_done:
                    self._show(frame, len(done), before + time.monotonic() - started)
                    tell()
                    if signals or self._kept.due or any(map(_failed, futures)):
                        work.stop.set()
            finally:
                work.stop.set()
                pool.shutdown()
                self.progress.seconds = before + time.monotonic() - started
                self.progress.totals += [done[number] for number in sorted(done)]
                position = self.progress.position + len(done) * self.size
                self.progress.position = min(position, self.store.n_tokens)
        self._show(frame, 0, self.progress.seconds)
        for future in futures:
            future.result()
        tell()

    def _teller(self, done: Mapping[int, tuple[float, float]], size: int) -> Callable[[], None]:
        """Tells the trackers of the blocks that are done, up to the first that is not.

        ``size``: positions of a block.
        """
        first = self._steps_before() + self.progress.position // size
        told = 0

        def tell() -> None:
            nonlocal told
            while told in done:
                loss, pairs = done[told]
                told += 1
                self.tracking.step(loss / max(pairs, 1.0), first + told, self._n_blocks)

        return tell

    def _steps_before(self) -> int:
        """Blocks of the epochs that are done."""
        return (self.first_epoch + self.progress.epoch) * self._n_blocks

    def _run_block(self, start: int, train: TrainBlock) -> tuple[float, float]:
        stop = min(start + self.size, self.store.n_tokens)
        first_key, second_key = self._keys
        chosen = self._reader().choose(start, stop, first_key)
        totals = np.zeros(2)
        train(chosen, second_key, self._rate(start), totals)
        return float(totals[0]), float(totals[1])

    def _refuse_divergence(self, loss: float, pairs: float) -> None:
        mean = loss / max(pairs, 1.0)
        if not mean < _DIVERGED * self.untrained:
            raise InputError(
                f"learning_rate: training diverged in epoch {self.progress.epoch + 1} (the loss is "
                f"{mean:.3g}, and {self.untrained:.3g} before any training). Lower learning_rate "
                f"(now {self.learning_rate:g})."
            )

    def _reader(self) -> BlockReader:
        """The reader of this thread."""
        reader = getattr(self._readers, "reader", None)
        if not isinstance(reader, BlockReader):
            reader = BlockReader(self.store, self.size, self.window, self.keep)
            self._readers.reader = reader
        return reader

    def _rate(self, position: int) -> float:
        """The learning rate, falling evenly from the first position to the last."""
        done = (self.progress.epoch + position / self.store.n_tokens) / self.epochs
        return self.learning_rate + (self.min_learning_rate - self.learning_rate) * done

    def _draw_keys(self) -> NDArray[np.uint64]:
        """Keys of this pass: for subsampling, and for windows and negatives."""
        words = np.random.SeedSequence([self.seed, self.first_epoch + self.progress.epoch])
        return np.asarray(words.generate_state(2, np.uint64), dtype=np.uint64)

    def _show(self, frame: Frame, blocks: int, seconds: float) -> None:
        position = self.progress.position + blocks * self.size
        share = min(position / self.store.n_tokens, 1.0)
        speed = share * self.store.n_words / max(seconds, 1e-9)
        loss = f"loss {self.progress.history[-1]['loss']:.4f}  " if self.progress.history else ""
        text = f"{loss}{speed:,.0f} words/s"
        frame.advance((self.progress.epoch + share) * self.store.n_tokens, text)

    # ---- checkpoints -----------------------------------------------------------------------

    def _save(self) -> None:
        self._kept.save(self.matrices, {name: getattr(self.progress, name) for name in _RECORD})

    def _resume(self) -> None:
        record = _RECORD | {"position": Integer(0, self.store.n_tokens)}
        if (loaded := self._kept.load(record, like(self.matrices))) is None:
            return
        arrays, about = loaded
        for name, matrix in self.matrices.items():
            matrix[...] = arrays[name]
        self.progress = Progress(
            epoch=int(about["epoch"]),
            position=int(about["position"]),
            seconds=float(about.get("seconds", 0.0)),
            totals=[(float(loss), float(pairs)) for loss, pairs in about["totals"]],
            history=list(about["history"]),
        )


class BlockReader:
    """Blocks of a stream, of which a longer piece is read at a time; for one thread.

    ``size``: positions a block at most; ``window``, ``keep``: as in :func:`choose_block`.
    """

    def __init__(self, store: TokenStore, size: int, window: int, keep: NDArray[np.uint64]) -> None:
        self.store, self.window, self.keep = store, window, keep
        self.margin = MARGIN * window
        self.length = max(_PIECE, size) + 2 * self.margin
        self.room = size + 2 * self.margin
        self.found = Found.of(self.room, self.room + 2)
        self.piece = Piece(np.empty(0, np.int32), np.zeros(1, np.int64), 0)

    def choose(self, start: int, stop: int, key: np.uint64) -> Chosen:
        """Subsample the positions ``start`` to ``stop``, with neighbours on both sides.

        What is returned is valid until the next call.
        """
        self._read(start, stop)
        position, found = self.piece.position, self.found
        begin, end, first, last, low, high = choose_block(
            self.piece, start - position, stop - position, self.margin, self.window, self.keep,
            key, found,
        )  # fmt: skip
        sentences = found.sentences[first : last + 1]
        return Chosen(
            found.ids[begin:end], found.where[begin:end], sentences, last - first, low, high
        )

    def _read(self, start: int, stop: int) -> None:
        """Have the block and its margins in memory."""
        low, high = max(start - self.margin, 0), min(stop + self.margin, self.store.n_tokens)
        piece = self.piece
        if low < piece.position or high > piece.position + len(piece.tokens):
            end = min(low + self.length, self.store.n_tokens)
            self.piece = Piece(*self.store.read(low, max(end, high)), low)
            if len(self.found.sentences) < len(self.piece.bounds) + 2:
                self.found = Found.of(self.room, len(self.piece.bounds) + 2)


def _has_neighbours(store: TokenStore) -> bool:
    """Whether the beginning of a text has a sentence with two words of the vocabulary."""
    ids, bounds = store.read(0, min(store.n_tokens, 16 * _PIECE))
    known = np.concatenate([np.zeros(1, np.int64), np.cumsum(ids >= 0)])
    return bool((np.diff(known[bounds]) > 1).any())


def _failed(future: Any) -> bool:
    return bool(future.done() and future.exception() is not None)
