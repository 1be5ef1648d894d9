"""CBOW with negative sampling (Mikolov et al., ICLR 2013; NeurIPS 2013, section 2.2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.kernels.arguments import (
    Bag,
    Chosen,
    Matrices,
    Noise,
    Sampling,
    Table,
    Windows,
)
from polytopic.embeddings.kernels.contexts import FAST, reach_of
from polytopic.embeddings.kernels.negatives import draw
from polytopic.embeddings.kernels.outside import draw_inputs, keep_outside, stream_of_inputs
from polytopic.embeddings.kernels.simd import LANES, OUTPUTS, prefetch, products, slopes, update
from polytopic.embeddings.kernels.simd_bag import bag, pull, push, spread
from polytopic.kernels.compiling import compiled
from polytopic.kernels.random import mix, step, stream

__all__ = ["cbow_negative", "draw_rows", "emptied", "gather", "move", "scores"]

_AHEAD = 64
"""Centres whose rows are drawn at once, so that the next one's can be asked for in time."""

_LINE = 64
"""Bytes of a cache line."""

# A product of this many factors of at most 2 stays below the largest float64.
_FACTORS = 900


@compiled()
def _ask(row: int, dim: int) -> None:
    """Ask for the cache lines of the row at an address."""
    for line in range(0, 4 * dim, _LINE):
        prefetch(row + line)


@compiled(fastmath=FAST, error_model="numpy")
def draw_rows(
    ids: NDArray[np.int32],
    where: NDArray[np.int64],
    key: int,
    windows: Windows,
    table: Table,
    matrices: Matrices,
    rows: NDArray[np.int64],
    counts: NDArray[np.int64],
    reaches: NDArray[np.int64],
) -> None:
    """Draw for each centre of ``ids`` its reach and the addresses of its output rows, own first."""
    outputs, noise = matrices.outputs, matrices.noise
    o_start, o_row = np.int64(outputs.ctypes.data), np.int64(outputs.strides[0])
    n_start, n_row = np.int64(noise.ctypes.data), np.int64(noise.strides[0])
    for k in range(len(ids)):
        reaches[k], state = reach_of(stream(key, where[k]), windows.reach, windows.shrink)
        rows[k, 0] = o_start + o_row * ids[k]
        n = 1
        for _ in range(rows.shape[1] - 1):
            state = step(state)
            word = draw(mix(state), table)
            rows[k, n] = n_start + n_row * word
            n += word != ids[k]
        counts[k] = n


@compiled(fastmath=FAST, error_model="numpy")
def scores(
    bags: NDArray[np.int64],
    rows: NDArray[np.int64],
    k: int,
    n_os: int,
    dim: int,
    sums: NDArray[np.float32],
) -> None:
    """Unfolded dot products of the vector at ``bags[0]`` by each output row of centre ``k``."""
    start = k * rows.shape[1]
    o = 0
    while o + OUTPUTS <= n_os:
        products(bags, 0, rows, start + o, dim, sums, o, n_os, 1, OUTPUTS)
        o += OUTPUTS
    while o < n_os:
        products(bags, 0, rows, start + o, dim, sums, o, n_os, 1, 1)
        o += 1


@compiled(fastmath=FAST, error_model="numpy", inline="always")
def gather(
    rows: NDArray[np.int64],
    k: int,
    n_os: int,
    dim: int,
    steps: NDArray[np.float32],
    gradient: NDArray[np.float32],
) -> None:
    """Sum the gradient over all output rows of centre ``k``, which stay.

    A part of its callers: called, it would be the first copy compiled in a process that compiles
    and its caller's own in one that reads compiled code, whose sums are rounded in another order.
    """
    start = k * rows.shape[1]
    gradient[:] = 0.0
    o = 0
    while o + OUTPUTS <= n_os:
        pull(rows, start + o, dim, steps, o, gradient, OUTPUTS)
        o += OUTPUTS
    while o < n_os:
        pull(rows, start + o, dim, steps, o, gradient, 1)
        o += 1


@compiled(fastmath=FAST, error_model="numpy")
def move(
    rows: NDArray[np.int64],
    k: int,
    n_os: int,
    dim: int,
    steps: NDArray[np.float32],
    vector: NDArray[np.float32],
    gradient: NDArray[np.float32],
) -> None:
    """Sum the gradient of ``vector`` over all output rows, then move those."""
    gather(rows, k, n_os, dim, steps, gradient)
    start = k * rows.shape[1]
    o = 0
    while o + OUTPUTS <= n_os:
        push(rows, start + o, dim, steps, o, vector, OUTPUTS)
        o += OUTPUTS
    while o < n_os:
        push(rows, start + o, dim, steps, o, vector, 1)
        o += 1


@compiled()
def emptied(losses: NDArray[np.float64]) -> float:
    """The loss that ``slopes`` has gathered; it starts again."""
    loss = 0.0
    for lane in range(LANES):
        loss += losses[lane] + np.log(losses[LANES + lane])
        losses[lane] = 0.0
        losses[LANES + lane] = 1.0
    return loss


@compiled(fastmath=FAST, error_model="numpy")
def cbow_negative(
    chosen: Chosen,
    key: int,
    windows: Windows,
    noise: Noise,
    matrices: Matrices,
    rate: float,
    totals: NDArray[np.float64],
    bag_of: Bag,
    sampling: Sampling,
) -> None:
    """Train CBOW on the centres ``ids[low:high]``; add loss and pairs to ``totals``.

    A negative equal to the centre is left out, as in word2vec.c. All gradients of a centre are
    those at the rows as they were. Averaged and not divided it is
    gensim's CBOW. With ``noise_inputs``, the centre's output row is then pushed from the rows of as
    many noise words in place of the bag; words that are in the bag are left out.
    """
    ids, where, sentences, n_sentences, low, high = chosen
    window, left, right = windows.reach, windows.left, windows.right
    negative, table = noise
    inputs = matrices.inputs
    dim = inputs.shape[1]
    room = -(-(1 + negative) // LANES) * LANES
    sums = np.zeros(room * LANES, np.float32)
    steps, signs = np.zeros(room, np.float32), np.ones(room, np.float32)
    signs[0] = -1.0
    losses = np.zeros(2 * LANES)
    losses[LANES:] = 1.0
    vector, gradient = np.zeros(dim, np.float32), np.zeros(dim, np.float32)
    bags = np.full(1, np.int64(vector.ctypes.data))
    xs = np.empty(2 * window, np.int64)
    rows = np.empty((_AHEAD, 1 + negative), np.int64)
    counts, reaches = np.empty(_AHEAD, np.int64), np.empty(_AHEAD, np.int64)
    x_start, x_row = np.int64(inputs.ctypes.data), np.int64(inputs.strides[0])
    both = len(sampling.noise_inputs) > 0
    ms, apart = np.empty(negative if both else 0, np.int64), np.ones(room, np.float32)
    sentence, factors, pairs, loss = 0, 0, 0, 0.0
    for i in range(low, high):
        k = (i - low) & (_AHEAD - 1)
        if k == 0:
            stop = min(i + _AHEAD, high)
            draw_rows(
                ids[i:stop], where[i:stop], key, windows, table, matrices, rows, counts, reaches
            )  # fmt: skip
        if k + 1 < _AHEAD and i + 1 < high:
            for r in range(counts[k + 1]):
                _ask(rows[k + 1, r], dim)
        if i + 1 + window < sentences[n_sentences]:
            _ask(x_start + x_row * ids[i + 1 + window], dim)
        while sentence + 1 < n_sentences and sentences[sentence + 1] <= i:
            sentence += 1
        begin = max(i - reaches[k], sentences[sentence]) if left else i
        end = min(i + reaches[k] + 1, sentences[sentence + 1]) if right else i + 1
        n_xs = 0
        for j in range(begin, end):
            if j != i:
                xs[n_xs] = x_start + x_row * ids[j]
                n_xs += 1
        if n_xs == 0:
            continue
        whole, part = np.float32(1.0), np.float32(1.0) / np.float32(n_xs)
        if sampling.outside:
            counts[k] = keep_outside(ids, begin, end, matrices.noise, rows[k], 0, counts[k])
        bag(xs, n_xs, dim, part if bag_of.average else whole, vector)
        scores(bags, rows, k, counts[k], dim, sums)
        slopes(sums, signs, 0, counts[k], rate, steps, losses)
        if sampling.learns:
            move(rows, k, counts[k], dim, steps, vector, gradient)
        else:
            gather(rows, k, counts[k], dim, steps, gradient)
        spread(xs, n_xs, dim, part if bag_of.divide else whole, gradient)
        if both:
            n_ms = _draw_inputs(key, where, ids, i, begin, end, noise, sampling, ms)
            for m in range(n_ms):
                products(ms, m, rows[k], 0, dim, sums, m, 1, 1, 1)
            slopes(sums, apart, 0, n_ms, rate, steps, losses)
            update(ms, n_ms, rows[k], 0, dim, steps, 0, 1, 1)
            factors += 1 + n_ms // LANES
        pairs += 1
        factors += 1 + counts[k] // LANES
        if factors > _FACTORS:
            loss += emptied(losses)
            factors = 0
    totals[0] += loss + emptied(losses)
    totals[1] += pairs


@compiled()
def _draw_inputs(
    key: int,
    where: NDArray[np.int64],
    ids: NDArray[np.int32],
    centre: int,
    begin: int,
    end: int,
    noise: Noise,
    sampling: Sampling,
    ms: NDArray[np.int64],
) -> int:
    """Draw noise words in place of the bag of a centre; how many."""
    # The centre itself may stand for its bag, unless the whole window is excluded.
    words = ids[begin:end].copy()
    if not sampling.outside:
        words[centre - begin] = words[centre - begin - 1 if centre > begin else 1]
    state = stream_of_inputs(key, where[centre])
    return draw_inputs(state, noise, words, 0, len(words), sampling.noise_inputs, ms, 0)[1]
