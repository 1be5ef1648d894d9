"""Rounds of blocks from first to last in compiled code: threads meet without the interpreter."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from polytopic.embeddings.kernels.cbow import cbow_negative
from polytopic.embeddings.kernels.deterministic.blocks import choose_block
from polytopic.embeddings.kernels.deterministic.rounds import add, difference, gather, relabel
from polytopic.embeddings.kernels.skipgram import skipgram_negative
from polytopic.kernels.compiling import compiled

__all__ = ["train_rounds"]

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


@compiled()
def train_rounds(
    thread: int,
    n_threads: int,
    counter: NDArray[np.int64],
    n_blocks: int,
    n_round: int,
    block: int,
    number: int,
    tokens: NDArray[np.int32],
    bounds: NDArray[np.int64],
    position: int,
    start: int,
    stop: int,
    margin: int,
    keep: NDArray[np.uint64],
    keys: NDArray[np.uint64],
    found: tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]],
    window: int,
    shrink: bool,
    cbow: bool,
    average: bool,
    divide: bool,
    negative: int,
    share: float,
    table: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint64]],
    matrices: tuple[NDArray[np.float32], ...],
    roles: tuple[int, int, int],
    copies: tuple[tuple[NDArray[np.float32], ...], ...],
    places: tuple[NDArray[np.int32], ...],
    locals_: tuple[NDArray[np.int32], ...],
    pools: tuple[NDArray[np.int32], ...],
    always: NDArray[np.uint64],
    words: tuple[NDArray[np.int32], ...],
    counts: tuple[NDArray[np.float32], ...],
    n_rows: tuple[NDArray[np.int64], ...],
    sums: NDArray[np.float64],
    rates: NDArray[np.float64],
    strength: float,
    totals: NDArray[np.float64],
) -> None:
    """What one of ``n_threads`` threads does of ``n_blocks`` blocks, ``n_round`` a round.

    Each thread is called with the same arguments but ``thread`` and ``found``; thread t takes the
    blocks t, t + n_threads, ... of a round and then its part of the rows.

    Parameters
    ----------
    counter : int64 array of shape (1,), changed
        Where the threads meet; zero at the beginning.
    block, number : int
        Positions a block, and the number of the first one in the whole stream.
    tokens, bounds, position
        A piece of the stream with its margins, as for :func:`~.blocks.choose_block`.
    start, stop : int
        The blocks are those of ``tokens[start:stop]``.
    margin, keep
        As for :func:`~.blocks.choose_block`.
    keys : uint64 array of shape (2,)
        For subsampling, and for the kernel.
    found : arrays ``ids``, ``where``, ``sentences`` of this thread, written
    window, shrink, negative, average, divide
        As for the kernels; ``cbow`` says which one.
    share : float
        Negatives in the pool for each kept token.
    table : of :func:`~.negatives.alias_table`
    matrices : three arrays of shape (V, E), changed
        The different ones first; ``roles`` say which serve as inputs, outputs and noise.
    copies : for each of ``matrices``, the rows of each block of a round
    places, locals_, pools, always, words, counts, n_rows, sums
        As for :func:`~.rounds.relabel` and :func:`~.rounds.add`; a tuple has one for each block,
        ``places`` one for each thread.
    rates : float64 array of shape (n_blocks,)
    strength : float
        Of :func:`~.rounds.add`, for each unit of the learning rate.
    totals : float64 array of shape (n_blocks, 2), changed
        Loss and pairs of each block, added to.
    """
    ids, where, sentences = found
    n_different = max(roles[0], max(roles[1], roles[2])) + 1
    first, second, threshold = table
    for begun in range(0, n_blocks, n_round):
        n_here = min(n_round, n_blocks - begun)
        for slot in range(thread, n_here, n_threads):
            b = begun + slot
            low = start + b * block
            begin, end, first_s, last_s, low_c, high_c = choose_block(
                tokens, bounds, position, low, min(low + block, stop), margin, window, keep,
                keys[0], ids, where, sentences,
            )  # fmt: skip
            n = end - begin
            n_pool = max(1, min(np.int64(n * share), len(pools[slot])))
            local, pool = locals_[slot][:n], pools[slot][:n_pool]
            draws = negative * (high_c - low_c) / n_pool
            relabel(
                ids[begin:end], first, second, threshold, keys[1], number + b, places[thread],
                local, pool, words[slot], counts[slot], draws, n_rows[slot],
            )  # fmt: skip
            for m in range(n_different):
                used = n_rows[slot][1 if m == roles[2] else 0]
                gather(matrices[m], words[slot], used, copies[m][slot])
            x, o, noise = (copies[roles[0]][slot], copies[roles[1]][slot], copies[roles[2]][slot])
            rate = np.float32(rates[b])
            here, cut = where[begin:end], sentences[first_s : last_s + 1]
            n_sentences = last_s - first_s
            if cbow:
                cbow_negative(
                    local, here, cut, n_sentences, low_c, high_c, keys[1], window, shrink, True,
                    True, negative, pool, pool, always[:n_pool], x, o, noise, rate, totals[b],
                    average, divide,
                )  # fmt: skip
            else:
                skipgram_negative(
                    local, here, cut, n_sentences, low_c, high_c, keys[1], window, shrink, True,
                    True, negative, pool, pool, always[:n_pool], x, o, noise, rate, totals[b],
                )  # fmt: skip
            for m in range(n_different):
                used = n_rows[slot][1 if m == roles[2] else 0]
                difference(matrices[m], words[slot], used, copies[m][slot])
        _meet(counter, n_threads)
        for m in range(n_different):
            as_token = m == roles[0] or m == roles[1]
            add(
                matrices[m], copies[m], words, counts, n_rows, n_here, as_token, m == roles[2],
                sums, strength * rates[begun], thread, n_threads,
            )  # fmt: skip
        _meet(counter, n_threads)
