"""Skip-gram with negative sampling (Mikolov et al., NeurIPS 2013, section 2.2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.kernels.arguments import (
    Chosen,
    Matrices,
    Noise,
    Sampling,
    Table,
    Windows,
)
from polytopic.embeddings.kernels.negatives import draw
from polytopic.embeddings.kernels.outside import draw_inputs, keep_outside, stream_of_inputs
from polytopic.embeddings.kernels.simd import (
    CONTEXTS,
    LANES,
    OUTPUTS,
    approach,
    prefetch,
    products,
    row,
    slopes,
    update,
)
from polytopic.kernels.compiling import compiled
from polytopic.kernels.random import below, mix, step, stream

__all__ = ["skipgram_negative"]

_AHEAD = 64  # centres whose words are drawn at once, so that the next one's rows can be asked for
_LINE = 64  # bytes of a cache line
_FACTORS = 700  # of at most 2 each, so that their product with those of
_PIECE = 256 * LANES  # so many pairs more is a finite float64
_FAST = {"contract", "reassoc", "nsz", "arcp"}  # not "nnan": vectors that diverged show in the loss


@compiled(fastmath=_FAST)
def skipgram_negative(
    chosen: Chosen,
    key: int,
    windows: Windows,
    noise: Noise,
    matrices: Matrices,
    rate: float,
    totals: NDArray[np.float64],
    sampling: Sampling,
) -> None:
    """Train on the centres ``ids[low:high]``: log sigmoid(x o) + sum of log sigmoid(-x n).

    x is the input row of a context word, o the output row of the centre, n the noise rows of the
    centre's negatives, which all its contexts share; a negative equal to the centre is left out.
    The slopes of a centre come from the rows as they were before it, so that the dot products
    are one small matrix product. Then rows are moved, :data:`~.simd.OUTPUTS` of o and n at a time
    and the rest one by one, each with the contexts in their order.

    With ``noise_inputs``, o is pushed from the rows of as many noise words for each context, all
    of a centre at once, after the steps above: log sigmoid(-m o).

    Parameters
    ----------
    chosen : Chosen
        A block.
    key : uint64
        The centre at ``where[i]`` draws from ``stream(key, where[i])``: its window, its negatives.
    windows : Windows
    noise : Noise
    matrices : Matrices, changed
        Fastest where E is a multiple of 16 (columns of zeros stay zero) and rows begin at
        multiples of 64 bytes.
    rate : float32
        The learning rate.
    totals : float64 array of shape (2,), changed
        Loss in nats and number of pairs of a context and a centre, added to.
    sampling : Sampling
    """
    ids, where, sentences, n_sentences, low, high = chosen
    window, shrink, left, right = windows
    negative, table = noise
    dim, most, n_rows = matrices.inputs.shape[1], 2 * window, 1 + negative
    room = -(-most * n_rows // LANES) * LANES
    sums, steps = np.zeros(room * LANES, np.float32), np.zeros(room, np.float32)
    signs, losses = _signs(n_rows, room), np.repeat(np.array([0.0, 1.0]), LANES)
    os, n_os = np.empty((_AHEAD + 1) * n_rows, np.int64), np.zeros(_AHEAD + 1, np.int64)
    xs, reaches = np.empty(most, np.int64), np.full(_AHEAD, window)
    both = len(sampling.noise_inputs) > 0
    ms = np.empty(most * negative if both else 0, np.int64)
    sentence, factors, pairs = 0, 0, 0
    for start in range(low, high, _AHEAD):
        stop = min(start + _AHEAD, high)
        if shrink:
            _shrink(key, where, start, stop, window, reaches)
        skip = 1 if shrink else 0
        _choose(key, where, ids, start, stop, skip, table, matrices, os, n_os)
        for i in range(start, stop):
            k = i - start
            o, n = k * n_rows, n_os[k]
            _ask(os, o + n_rows, n_os[k + 1], dim)
            while sentence + 1 < n_sentences and sentences[sentence + 1] <= i:
                sentence += 1
            begin = max(i - reaches[k], sentences[sentence]) if left else i
            end = min(i + reaches[k] + 1, sentences[sentence + 1]) if right else i + 1
            n_xs = 0
            for j in range(begin, end):
                if j != i:
                    xs[n_xs] = row(matrices.inputs, ids[j])
                    n_xs += 1
            if n_xs == 0:
                continue
            if sampling.outside:
                n = keep_outside(ids, begin, end, matrices.noise, os, o, n)
            _multiply(xs, n_xs, os, o, n, dim, sums)
            factors = _slopes(sums, signs[n], n_xs * n, rate, steps, losses, factors)
            if sampling.learns:
                _move(xs, n_xs, os, o, n, dim, steps)
            else:
                _approach(xs, n_xs, os, o, n, dim, steps)
            pairs += n_xs
            if both:
                n_ms = _draw_inputs(key, where, ids, i, begin, end, noise, sampling, ms)
                _push_apart(ms, n_ms, os, o, dim, rate, sums, steps, losses)
    _settle(losses)
    totals[0] += losses[:LANES].sum()
    totals[1] += pairs


@compiled(inline="always")
def _ask(os: NDArray[np.int64], start: int, n: int, dim: int) -> None:
    """Ask for the cache lines of the rows ``os[start:start + n]``."""
    for r in range(n):
        for place in range(0, 4 * dim, _LINE):
            prefetch(os[start + r] + place)


@compiled()
def _shrink(
    key: int,
    where: NDArray[np.int64],
    start: int,
    stop: int,
    window: int,
    reaches: NDArray[np.int64],
) -> None:
    """Draw the windows of the centres ``start`` to ``stop``: the first number of each stream."""
    for i in range(start, stop):
        bits = mix(step(stream(key, where[i])))
        reaches[i - start] = 1 + np.int64(below(bits, window))


@compiled()
def _choose(
    key: int,
    where: NDArray[np.int64],
    ids: NDArray[np.int32],
    start: int,
    stop: int,
    skip: int,
    table: Table,
    matrices: Matrices,
    os: NDArray[np.int64],
    n_os: NDArray[np.int64],
) -> None:
    """Draw the negatives of the centres ``start`` to ``stop``, past ``skip`` numbers of a stream.

    ``os`` holds as many places a centre: the addresses of its own output row and of its negatives,
    ``n_os`` how many they are.
    """
    n_rows = len(os) // len(n_os)
    for i in range(start, stop):
        state = stream(key, where[i])
        if skip > 0:
            state = step(state)
        place = (i - start) * n_rows
        os[place] = row(matrices.outputs, ids[i])
        n = 1
        for _ in range(n_rows - 1):
            state = step(state)
            word = draw(mix(state), table)
            os[place + n] = row(matrices.noise, word)
            n += word != ids[i]
        n_os[i - start] = n
    n_os[stop - start] = 0


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
    """Draw noise words in place of each context of a centre; how many."""
    state, n = stream_of_inputs(key, where[centre]), 0
    for j in range(begin, end):
        if j != centre:
            first, last = (begin, end) if sampling.outside else (j, j + 1)
            state, n = draw_inputs(state, noise, ids, first, last, sampling.noise_inputs, ms, n)
    return n


@compiled()
def _signs(n_rows: int, room: int) -> NDArray[np.float32]:
    """Row n: the signs of the pairs of a centre with n output rows, -1 for the centre's own."""
    signs = np.ones((n_rows + 1, room), np.float32)
    for n in range(1, n_rows + 1):
        signs[n, ::n] = -1.0
    return signs


@compiled(inline="always")
def _multiply(
    xs: NDArray[np.int64],
    n_xs: int,
    os: NDArray[np.int64],
    start: int,
    n: int,
    dim: int,
    sums: NDArray[np.float32],
) -> None:
    """Dot products of the x rows and ``n`` o rows from ``start``: pair (x, o) at x n + o."""
    blocks, full = n_xs - n_xs % CONTEXTS, n - n % OUTPUTS
    for x in range(0, blocks, CONTEXTS):
        for o in range(0, full, OUTPUTS):
            products(xs, x, os, start + o, dim, sums, x * n + o, n, CONTEXTS, OUTPUTS)
        for o in range(full, n):
            products(xs, x, os, start + o, dim, sums, x * n + o, n, CONTEXTS, 1)
    for x in range(blocks, n_xs):
        for o in range(0, full, OUTPUTS):
            products(xs, x, os, start + o, dim, sums, x * n + o, n, 1, OUTPUTS)
        for o in range(full, n):
            products(xs, x, os, start + o, dim, sums, x * n + o, n, 1, 1)


@compiled(inline="always")
def _slopes(
    sums: NDArray[np.float32],
    signs: NDArray[np.float32],
    n_pairs: int,
    rate: float,
    steps: NDArray[np.float32],
    losses: NDArray[np.float64],
    factors: int,
) -> int:
    """Steps and losses of pairs; how many factors the products in ``losses`` have then."""
    for pair in range(0, n_pairs, _PIECE):
        last = min(pair + _PIECE, n_pairs)
        slopes(sums, signs, pair, last, rate, steps, losses)
        factors += 1 + (last - pair) // LANES
        if factors > _FACTORS:
            factors = 0
            _settle(losses)
    return factors


@compiled(inline="always")
def _move(
    xs: NDArray[np.int64],
    n_xs: int,
    os: NDArray[np.int64],
    start: int,
    n: int,
    dim: int,
    steps: NDArray[np.float32],
) -> None:
    """Move the x rows and ``n`` o rows from ``start`` by the steps of their pairs."""
    full = n - n % OUTPUTS
    for o in range(0, full, OUTPUTS):
        update(xs, n_xs, os, start + o, dim, steps, o, n, OUTPUTS)
    for o in range(full, n):
        update(xs, n_xs, os, start + o, dim, steps, o, n, 1)


@compiled(fastmath=_FAST)
def _approach(
    xs: NDArray[np.int64],
    n_xs: int,
    os: NDArray[np.int64],
    start: int,
    n: int,
    dim: int,
    steps: NDArray[np.float32],
) -> None:
    """Move the x rows alone, as :func:`_move` does."""
    full = n - n % OUTPUTS
    for o in range(0, full, OUTPUTS):
        approach(xs, n_xs, os, start + o, dim, steps, o, n, OUTPUTS)
    for o in range(full, n):
        approach(xs, n_xs, os, start + o, dim, steps, o, n, 1)


@compiled(fastmath=_FAST)
def _push_apart(
    ms: NDArray[np.int64],
    n_ms: int,
    os: NDArray[np.int64],
    own: int,
    dim: int,
    rate: float,
    sums: NDArray[np.float32],
    steps: NDArray[np.float32],
    losses: NDArray[np.float64],
) -> None:
    """Move the m rows and the output row ``os[own]`` apart; losses as sums, no longer products."""
    signs = np.ones(len(steps), np.float32)
    _multiply(ms, n_ms, os, own, 1, dim, sums)
    _settle(losses)
    _slopes(sums, signs, n_ms, rate, steps, losses, 0)
    _settle(losses)
    _move(ms, n_ms, os, own, 1, dim, steps)


@compiled()
def _settle(losses: NDArray[np.float64]) -> None:
    """Turn the products in the second half of ``losses`` to sums in the first."""
    for lane in range(LANES):
        losses[lane] += np.log(losses[LANES + lane])
        losses[LANES + lane] = 1.0
