"""Rounds of blocks from first to last in compiled code: threads meet without the interpreter."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from polytopic.embeddings.kernels.arguments import (
    Bag,
    Chosen,
    Found,
    Matrices,
    Noise,
    Piece,
    Sampling,
    Table,
    Windows,
)
from polytopic.embeddings.kernels.cbow import cbow_negative
from polytopic.embeddings.kernels.deterministic.blocks import choose_block
from polytopic.embeddings.kernels.deterministic.grams import add_to_grams, compose, moved
from polytopic.embeddings.kernels.deterministic.relabelling import Used, relabel
from polytopic.embeddings.kernels.deterministic.rounds import STRENGTH, Copied, add, gather
from polytopic.embeddings.kernels.skipgram import skipgram_negative
from polytopic.kernels.compiling import compiled

__all__ = ["Blocks", "Prediction", "Worker", "train_rounds"]

_LOOKS = 4_000  # at the counter, before a waiting thread gives its processor to others
_yield = types.ExternalFunction("sched_yield", types.int32())


@intrinsic
def _count(typing: Any, counter: Any, step: Any) -> Any:
    """Add ``step`` to ``counter[0]`` in one step that no other thread can divide; the old value."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        step = context.cast(builder, args[1], signature.args[1], types.int64)
        place = cgutils.gep_inbounds(builder, array.data, context.get_constant(types.intp, 0))
        place = builder.bitcast(place, ir.IntType(64).as_pointer())
        return builder.atomic_rmw("add", place, step, "seq_cst")

    return types.int64(counter, step), emit


@compiled()
def _meet(counter: NDArray[np.int64], n: int) -> None:
    """Wait until all of ``n`` threads have come."""
    ticket = _count(counter, 1)
    enough = (ticket // n + 1) * n
    looks = 0
    while _count(counter, 0) < enough:
        looks += 1
        if looks > _LOOKS:
            _yield()


class Worker(NamedTuple):
    """One of ``n_threads`` threads, which meet at ``counter`` (1,): zero at the beginning."""

    thread: int
    n_threads: int
    counter: NDArray[np.int64]


class Blocks(NamedTuple):
    """Blocks of ``size`` positions, ``n_round`` a round: ``tokens[start:stop]`` of a piece.

    ``number`` is that of the first one in the whole stream. ``margin`` and ``keep`` are as for
    :func:`~.blocks.choose_block`; ``keys`` (2,) are for subsampling, and for the kernel.
    """

    n_blocks: int
    n_round: int
    size: int
    number: int
    start: int
    stop: int
    margin: int
    keep: NDArray[np.uint64]
    keys: NDArray[np.uint64]


class Prediction(NamedTuple):
    """What is predicted: skip-gram's pairs, or with ``cbow`` centres from their ``bag``.

    ``negative``: noise words a centre; ``share``: negatives in a block's pool for each kept token.
    ``outside``, ``learns``: as for :class:`~..arguments.Sampling`; ``apart``: as for
    :class:`~.rounds.Round`.
    """

    windows: Windows
    cbow: bool
    bag: Bag
    negative: int
    share: float
    outside: bool = False
    learns: bool = True
    apart: bool = False


@compiled(inline="always")
def _take(copied: Copied, slot: int, n_different: int, of_grams: bool) -> None:
    """Copy the rows that a block uses; of words that are means of rows, the means."""
    words, n_rows = copied.used.words[slot], copied.used.n_rows[slot]
    first = 0
    if of_grams:
        first = 1
        compose(
            copied.matrices[0], words, n_rows[0], copied.grams, copied.copies[0][slot],
            copied.origins[slot],
        )  # fmt: skip
    for m in range(first, n_different):
        n = n_rows[1 if m >= copied.roles[2] else 0]
        gather(copied.matrices[m], words, n, copied.copies[m][slot])


@compiled(inline="always")
def _add_all(copied: Copied, n_here: int, strength: float, worker: Worker, of_grams: bool) -> None:
    """Add what the blocks of a round changed to a thread's part of the rows of each matrix."""
    if of_grams:
        add_to_grams(
            copied.matrices[0], copied.copies[0], copied.used, n_here, copied.grams,
            copied.row_places, strength, worker.thread, worker.n_threads,
        )  # fmt: skip
    add(copied, n_here, strength, worker.thread, worker.n_threads)


@compiled(inline="always")
def _train_rounds(
    worker: Worker, blocks: Blocks, piece: Piece, found: Found, how: Prediction, copied: Copied,
    rates: NDArray[np.float64], totals: NDArray[np.float64], cbow: bool, of_grams: bool,
) -> None:  # fmt: skip
    """What one thread does of some blocks.

    Each thread is called with the same arguments but its number and ``found``; thread t takes the
    blocks t, t + n_threads, ... of a round and then its part of the rows.

    A part of its callers, which say what is trained by constants: the branches that are not taken
    are not compiled.

    Parameters
    ----------
    worker : Worker
    blocks : Blocks
    piece : Piece
        With the margins of the blocks.
    found : Found, written
        Of this thread.
    how : Prediction
    copied : Copied, changed
    rates : float64 array of shape (n_blocks,)
    totals : float64 array of shape (n_blocks, 2), changed
        Loss and pairs of each block, added to.
    cbow, of_grams : bool
        Constants: as ``how`` and ``copied`` have it.
    """
    thread, n_threads, counter = worker
    n_blocks, n_round, size, number, start, stop, margin, keep, keys = blocks
    windows, _, bag, negative, share, outside, learns, apart = how
    table, roles, copies = copied.table, copied.roles, copied.copies
    own_ids, pools, always, used = copied.ids, copied.pools, copied.always, copied.used
    n_different = max(max(roles[0], roles[1]), max(roles[2], roles[3])) + 1
    both = roles[3] != roles[2]
    for begun in range(0, n_blocks, n_round):
        n_here = min(n_round, n_blocks - begun)
        for slot in range(thread, n_here, n_threads):
            b = begun + slot
            low = start + b * size
            begin, end, first_s, last_s, low_c, high_c = choose_block(
                piece, low, min(low + size, stop), margin, windows.reach, keep, keys[0], found
            )
            n = end - begin
            n_pool = max(1, min(np.int64(n * share), pools.shape[1]))
            local, pool = own_ids[slot, :n], pools[slot, :n_pool]
            block_used = Used(used.words[slot], used.counts[slot], used.n_rows[slot])
            draws = negative * (high_c - low_c) / n_pool
            n_pool = relabel(
                found.ids[begin:end], table, keys[1], number + b, copied.places[slot], local,
                pool, block_used, draws, apart,
            )  # fmt: skip
            pool = pool[:n_pool]
            _take(copied, slot, n_different, of_grams)
            chosen = Chosen(
                local, found.where[begin:end], found.sentences[first_s : last_s + 1],
                last_s - first_s, low_c, high_c,
            )  # fmt: skip
            noise = Noise(negative if n_pool > 0 else 0, Table(pool, pool, always[:n_pool]))
            others = copies[roles[3]][slot]
            sampling = Sampling(outside, learns, others[: len(others) if both else 0])
            trained = Matrices(
                copies[roles[0]][slot], copies[roles[1]][slot], copies[roles[2]][slot]
            )
            rate = np.float32(rates[b])
            if cbow:
                cbow_negative(
                    chosen, keys[1], windows, noise, trained, rate, totals[b], bag, sampling
                )  # fmt: skip
            else:
                skipgram_negative(
                    chosen, keys[1], windows, noise, trained, rate, totals[b], sampling
                )  # fmt: skip
            if of_grams:  # copies of means become what they changed by
                moved(copied.copies[0][slot], copied.origins[slot], copied.used.n_rows[slot, 0])
        _meet(counter, n_threads)
        _add_all(copied, n_here, STRENGTH * rates[begun], worker, of_grams)
        _meet(counter, n_threads)


@compiled()
def _pairs_of_words(
    worker: Worker, blocks: Blocks, piece: Piece, found: Found, how: Prediction, copied: Copied,
    rates: NDArray[np.float64], totals: NDArray[np.float64],
) -> None:  # fmt: skip
    _train_rounds(worker, blocks, piece, found, how, copied, rates, totals, False, False)


@compiled()
def _bags_of_words(
    worker: Worker, blocks: Blocks, piece: Piece, found: Found, how: Prediction, copied: Copied,
    rates: NDArray[np.float64], totals: NDArray[np.float64],
) -> None:  # fmt: skip
    _train_rounds(worker, blocks, piece, found, how, copied, rates, totals, True, False)


@compiled()
def _pairs_of_grams(
    worker: Worker, blocks: Blocks, piece: Piece, found: Found, how: Prediction, copied: Copied,
    rates: NDArray[np.float64], totals: NDArray[np.float64],
) -> None:  # fmt: skip
    _train_rounds(worker, blocks, piece, found, how, copied, rates, totals, False, True)


@compiled()
def _bags_of_grams(
    worker: Worker, blocks: Blocks, piece: Piece, found: Found, how: Prediction, copied: Copied,
    rates: NDArray[np.float64], totals: NDArray[np.float64],
) -> None:  # fmt: skip
    _train_rounds(worker, blocks, piece, found, how, copied, rates, totals, True, True)


def train_rounds(
    worker: Worker,
    blocks: Blocks,
    piece: Piece,
    found: Found,
    how: Prediction,
    copied: Copied,
    rates: NDArray[np.float64],
    totals: NDArray[np.float64],
) -> None:
    """What one thread does of some blocks, in compiled code of no more than ``how`` needs."""
    if len(copied.grams.starts) > 0:
        kernel = _bags_of_grams if how.cbow else _pairs_of_grams
    else:
        kernel = _bags_of_words if how.cbow else _pairs_of_words
    kernel(worker, blocks, piece, found, how, copied, rates, totals)
