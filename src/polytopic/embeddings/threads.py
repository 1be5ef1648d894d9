"""How the blocks of a pass are divided among threads: freely, or in rounds that repeat the bits."""

from __future__ import annotations

import itertools
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.kernels.rounds import BLOCK, ROUND, STRENGTH, Copies, Round

__all__ = ["Chosen", "FreeThreads", "InRounds", "Meeting", "Threads", "TrainBlock", "Work"]


_QUICK_LOOKS = 2_000
_PAUSE = 1e-4
"""After so many looks a waiting thread sleeps between them, in seconds."""


class Chosen(NamedTuple):
    """What is left of a block after subsampling; the centres are ``ids[low:high]``."""

    ids: NDArray[np.int32]
    where: NDArray[np.int64]
    sentences: NDArray[np.int64]
    n_sentences: int
    low: int
    high: int


TrainBlock = Callable[[Chosen, np.uint64, float, NDArray[np.float64]], None]
"""Takes what was chosen, the key of its random numbers, the rate, and totals to add to."""


class Work(NamedTuple):
    """Blocks to be done.

    ``starts``: their first positions; ``run``: does one by a given way of training and keeps its
    totals under its number; ``rate``: learning rate at a position; ``stop``: set when no more
    blocks are to be begun.
    """

    starts: range
    run: Callable[[int, TrainBlock], None]
    rate: Callable[[int], float]
    stop: threading.Event


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
        numbers = itertools.count()

        def go(_: int) -> None:
            while not work.stop.is_set() and (number := next(numbers)) < len(work.starts):
                work.run(number, self.train)

        return go


class Meeting:
    """A place where ``n`` threads wait for one another, quickly; ``action`` is done by the last.

    ``threading.Barrier`` takes about a tenth of a millisecond, as long as a block. Here a thread
    that waits looks again and again, giving way to the others in between.
    """

    def __init__(self, n: int, action: Callable[[], None]) -> None:
        self.n, self.action = n, action
        self.lock = threading.Lock()
        self.here, self.times = 0, 0
        self.given_up = False

    def wait(self) -> bool:
        """Wait for all; whether all came. False if a thread has given up."""
        with self.lock:
            before = self.times
            self.here += 1
            if self.here == self.n:
                self.action()
                self.here = 0
                self.times += 1
                return not self.given_up
        looks = 0
        while self.times == before and not self.given_up:
            looks += 1
            time.sleep(0.0 if looks < _QUICK_LOOKS else _PAUSE)
        return not self.given_up


TrainCopies = Callable[[Copies, int, Chosen, np.uint64, float, NDArray[np.float64]], None]
"""As ``TrainBlock``, on copies of the rows of a block with the given number."""


@dataclass(frozen=True)
class InRounds(Threads):
    """Blocks in rounds, each on copies of its rows: the same bits for any number of threads."""

    n_threads: int
    train: TrainCopies
    round: Round

    def block_size(self, n_tokens: int) -> int:
        return BLOCK

    def begin(self, work: Work) -> Callable[[int], None]:
        n_threads = min(self.n_threads, ROUND)
        first = work.starts[0] // BLOCK if len(work.starts) else 0
        last_round = False

        def decide() -> None:
            nonlocal last_round
            last_round = work.stop.is_set()

        meeting = Meeting(n_threads, decide)

        def go(thread: int) -> None:
            if thread >= n_threads:
                return
            try:
                for begun in range(0, len(work.starts), ROUND):
                    n_blocks = min(ROUND, len(work.starts) - begun)
                    for slot in range(thread, n_blocks, n_threads):
                        work.run(begun + slot, self._on_copies(slot, first + begun + slot))
                    if not meeting.wait():
                        return
                    strength = STRENGTH * work.rate(work.starts[begun])
                    self.round.add(n_blocks, strength, thread, n_threads)
                    if not meeting.wait() or last_round:
                        return
            except BaseException:
                meeting.given_up = True
                raise

        return go

    def _on_copies(self, slot: int, number: int) -> TrainBlock:
        copies = self.round.blocks[slot]

        def train(chosen: Chosen, key: np.uint64, rate: float, totals: NDArray[np.float64]) -> None:
            self.train(copies, number, chosen, key, rate, totals)

        return train
