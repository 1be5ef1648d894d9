"""How the blocks of a pass are divided among threads: freely, or in rounds that repeat the bits."""

from __future__ import annotations

import itertools
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.kernels.arguments import Chosen, Found, Piece
from polytopic.embeddings.kernels.deterministic.passes import (
    Blocks,
    Prediction,
    Worker,
    train_rounds,
)
from polytopic.embeddings.kernels.deterministic.rounds import BLOCK, ROUND, Round
from polytopic.embeddings.tokens import Stream

__all__ = ["FreeThreads", "InRounds", "Threads", "TrainBlock", "Work"]

_TOGETHER = 8 * ROUND
"""Blocks that a thread trains without coming back to the interpreter."""

TrainBlock = Callable[[Chosen, np.uint64, float, NDArray[np.float64]], None]
"""Takes what was chosen, the key of its random numbers, the rate, and totals to add to."""


class Work(NamedTuple):
    """Blocks to be done.

    ``starts``: their first positions; ``record``: takes number, loss and pairs of a block that is
    done; ``rate``: learning rate at a position; ``stop``: set when no more blocks are to be begun;
    ``store``, ``margin``, ``keep``, ``keys``: the stream, and how its blocks are chosen; ``run``:
    for threads that run free, does a block by a given way of training and records it.
    """

    starts: range
    record: Callable[[int, float, float], None]
    rate: Callable[[int], float]
    stop: threading.Event
    store: Stream
    margin: int
    keep: NDArray[np.uint64]
    keys: NDArray[np.uint64]
    run: Callable[[int, TrainBlock], None] | None = None


class Threads(ABC):
    """A way to divide blocks among ``n_threads``; what is done is always a run of first blocks."""

    n_threads: int

    @abstractmethod
    def block_size(self, n_tokens: int) -> int:
        """Positions a block in a stream of ``n_tokens``."""

    @abstractmethod
    def begin(self, work: Work) -> Callable[[int], None]:
        """What each thread is to call, with its number, until it returns."""


@dataclass(frozen=True)
class FreeThreads(Threads):
    """Each thread takes the next block when it is free, and all write to the same matrices.

    Without locks (Niu et al., "Hogwild!", NeurIPS 2011): the result depends on who comes first,
    unless there is one thread.
    """

    n_threads: int
    train: TrainBlock

    def block_size(self, n_tokens: int) -> int:
        return int(np.clip(n_tokens // 100, 500, 10_000))

    def begin(self, work: Work) -> Callable[[int], None]:
        numbers, run = itertools.count(), work.run
        assert run is not None

        def go(_: int) -> None:
            while not work.stop.is_set() and (number := next(numbers)) < len(work.starts):
                run(number, self.train)

        return go


@dataclass(frozen=True)
class InRounds(Threads):
    """Blocks in rounds, each on copies of its rows: the same bits for any number of threads.

    A thread stays in compiled code for ``_TOGETHER`` blocks.
    """

    n_threads: int
    prediction: Prediction
    round: Round

    def block_size(self, n_tokens: int) -> int:
        return BLOCK

    def begin(self, work: Work) -> Callable[[int], None]:
        n_threads = min(self.n_threads, ROUND)
        counter = np.zeros(1, dtype=np.int64)
        stopping = False

        def prepare() -> None:
            nonlocal stopping
            counter[0] = 0
            stopping = work.stop.is_set()

        barrier = threading.Barrier(n_threads, action=prepare)

        def go(thread: int) -> None:
            if thread >= n_threads:
                return
            room = BLOCK + 2 * work.margin
            found = Found.of(room, room + 2)
            try:
                for begun in range(0, len(work.starts), _TOGETHER):
                    starts = work.starts[begun : begun + _TOGETHER]
                    # What can fail comes before the meeting: in compiled code the others would
                    # wait for ever for a thread that never comes.
                    piece = _read(work, starts)
                    if len(found.sentences) < len(piece.bounds) + 2:
                        found = Found.of(room, len(piece.bounds) + 2)
                    barrier.wait()
                    if stopping:
                        return
                    worker = Worker(thread, n_threads, counter)
                    totals = self._train(work, starts, piece, worker, found)
                    for number in range(len(starts)):
                        if number % ROUND % n_threads == thread:
                            work.record(begun + number, *totals[number].tolist())
            except threading.BrokenBarrierError:
                return
            except BaseException:
                barrier.abort()
                raise

        return go

    def _train(
        self, work: Work, starts: range, piece: Piece, worker: Worker, found: Found
    ) -> NDArray[np.float64]:
        """The part of one thread in some blocks; loss and pairs of each that it did."""
        totals = np.zeros((len(starts), 2))
        start = starts[0] - piece.position
        stop = min(starts[-1] + BLOCK, work.store.n_tokens) - piece.position
        blocks = Blocks(
            len(starts), ROUND, BLOCK, starts[0] // BLOCK, start, stop, work.margin, work.keep,
            work.keys,
        )  # fmt: skip
        rates = np.array([work.rate(position) for position in starts])
        train_rounds(
            worker, blocks, piece, found, self.prediction, self.round.arrays, rates, totals
        )
        return totals


def _read(work: Work, starts: range) -> Piece:
    """The blocks that begin at ``starts``, with the margins on both sides."""
    low = max(starts[0] - work.margin, 0)
    high = min(starts[-1] + BLOCK + work.margin, work.store.n_tokens)
    return Piece(*work.store.read(low, high), low)
