"""How torch uses the processors: every operation on one thread, several blocks side by side.

An operation that torch divides among threads adds up in another order for each number of them, so
that the same seed would give other bits on another machine. Where processors are shared its threads
also wait for each other by spinning, and after a fork they are gone while it waits for them. Here
each operation has one thread, and what the package divides is divided in blocks whose limits depend
on the data alone: the bits are the same for any number of threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from polytopic.machine import ProcessSetting, resolve_threads
from polytopic.nets.batch import CountsBatch, SparseCounts
from polytopic.scratch import empty

__all__ = [
    "INFERENCE_BATCH",
    "OPERATION_THREADS",
    "filled_up",
    "in_blocks",
    "one_thread",
    "over_blocks",
    "slices",
]

OPERATION_THREADS = 1
"""Threads of one operation of torch. Any fixed number would repeat the bits; one needs no pool of
OpenMP's, which spins on shared processors and hangs in forked children."""

INFERENCE_BATCH = 512
"""Documents of a block of inference. Products of matrices of another height may have other last
bits, so all have one height: a short block is filled up."""


_Block = TypeVar("_Block")

_outside = OPERATION_THREADS
"""torch's number of threads before the first of those that are inside came."""


def _limit_torch(n_threads: int) -> Callable[[], None]:
    global _outside
    _outside = before = torch.get_num_threads()
    torch.set_num_threads(n_threads)
    return lambda: torch.set_num_threads(before)


_TORCH = ProcessSetting(_limit_torch)
_OWN = threading.local()
"""``depth``: how often a thread is inside."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Operations of torch on one thread inside, as before outside; of this thread and its blocks.

    torch keeps a number for each thread, and one with which new threads begin.
    """
    around = getattr(_OWN, "depth", 0)
    with _TORCH.at(OPERATION_THREADS):
        torch.set_num_threads(OPERATION_THREADS)
        _OWN.depth = around + 1
        try:
            yield
        finally:
            _OWN.depth = around
            if not around:
                torch.set_num_threads(_outside)


def slices(n: int, size: int) -> list[slice]:
    """``n`` rows cut into blocks of ``size``, the last of what is left."""
    return [slice(first, min(first + size, n)) for first in range(0, n, size)]


def over_blocks(
    work: Callable[[_Block], None], blocks: Sequence[_Block], n_threads: int | None = None
) -> None:
    """``work`` of each block, without gradients; up to ``n_threads`` at once (None: a processor
    each)."""

    def alone(block: _Block) -> None:
        with torch.no_grad(), one_thread():
            work(block)

    n_workers = min(resolve_threads(n_threads), len(blocks))
    if n_workers < 2:
        for block in blocks:
            alone(block)
        return
    with ThreadPoolExecutor(n_workers) as pool:
        for done in [pool.submit(alone, block) for block in blocks]:
            done.result()


def in_blocks(
    documents: SparseCounts,
    width: int,
    answer: Callable[[CountsBatch], Tensor],
    n_threads: int | None = None,
) -> NDArray[np.float32]:
    """``answer`` of all documents, shape (D, width), in blocks of one fixed size.

    No document's answer depends on how many others there are.
    """
    out = empty((len(documents), width), np.float32)

    def work(block: slice) -> None:
        found = answer(documents.batch(filled_up(block))).numpy()
        out[block] = found.reshape(INFERENCE_BATCH, -1)[: block.stop - block.start]

    over_blocks(work, slices(len(documents), INFERENCE_BATCH), n_threads)
    return out


def filled_up(block: slice) -> NDArray[np.int64]:
    """The rows of a block, and the first of all for each that it has too few."""
    rows = np.arange(block.start, block.stop)
    return np.concatenate([rows, np.zeros(INFERENCE_BATCH - len(rows), np.int64)])
