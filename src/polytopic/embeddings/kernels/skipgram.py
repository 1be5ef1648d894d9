"""Skip-gram with negative sampling (Mikolov et al., NeurIPS 2013, section 2.2)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from polytopic.embeddings.kernels.negatives import draw
from polytopic.embeddings.kernels.random import below, mix, step, stream
from polytopic.embeddings.kernels.simd import (
    CONTEXTS,
    LANES,
    OUTPUTS,
    prefetch,
    products,
    slopes,
    update,
)

__all__ = ["skipgram_negative"]

_AHEAD = 64
_LINE = 64
# A product of this many factors of at most 2 stays below the largest float64.
_FACTORS = 900
# No "nnan": a vector that diverged must show in the loss.
_FAST = {"contract", "reassoc", "nsz", "arcp"}


@njit(nogil=True, fastmath=_FAST, cache=True)
def skipgram_negative(
    ids: NDArray[np.int32],
    where: NDArray[np.int64],
    sentences: NDArray[np.int64],
    n_sentences: int,
    low: int,
    high: int,
    key: int,
    window: int,
    shrink: bool,
    left: bool,
    right: bool,
    negative: int,
    first: NDArray[np.int32],
    second: NDArray[np.int32],
    threshold: NDArray[np.uint64],
    inputs: NDArray[np.float32],
    outputs: NDArray[np.float32],
    noise: NDArray[np.float32],
    rate: float,
    totals: NDArray[np.float64],
) -> None:
    """Train on the centres ``ids[low:high]``; add loss and number of pairs to ``totals``."""
    dim = inputs.shape[1]
    widest = 2 * window
    room = -(-widest * (1 + negative) // LANES) * LANES
    sums = np.zeros(room * LANES, np.float32)
    steps = np.zeros(room, np.float32)
    losses = np.zeros(2 * LANES)
    losses[LANES:] = 1.0
    signs = np.ones((2 + negative, room), np.float32)
    for n in range(1, 2 + negative):
        signs[n, ::n] = -1.0
    words = np.empty((_AHEAD, 1 + negative), np.int32)
    reaches = np.empty(_AHEAD, np.int64)
    counts = np.empty(_AHEAD, np.int64)
    xs = np.empty(widest, np.int64)
    os = np.empty((2, 1 + negative), np.int64)
    sentence = 0
    factors = 0
    pairs = 0
    loss = 0.0
    x_start, x_row = np.int64(inputs.ctypes.data), np.int64(inputs.strides[0])
    o_start, o_row = np.int64(outputs.ctypes.data), np.int64(outputs.strides[0])
    n_start, n_row = np.int64(noise.ctypes.data), np.int64(noise.strides[0])
    for start in range(low, high, _AHEAD):
        stop = min(start + _AHEAD, high)
        for k in range(stop - start):
            i = start + k
            state = stream(key, where[i])
            reaches[k] = window
            if shrink:
                state = step(state)
                reaches[k] = 1 + np.int64(below(mix(state), window))
            n = 1
            words[k, 0] = ids[i]
            for _ in range(negative):
                state = step(state)
                word = draw(mix(state), first, second, threshold)
                words[k, n] = word
                n += word != ids[i]
            counts[k] = n
        for i in range(start, stop):
            k = i - start
            if i + 1 < stop:
                for r in range(counts[k + 1]):
                    at = n_start + n_row * words[k + 1, r]
                    if r == 0:
                        at = o_start + o_row * words[k + 1, r]
                    for line in range(0, 4 * dim, _LINE):
                        prefetch(at + line)
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
            n_os = counts[k]
            os[0, 0] = o_start + o_row * words[k, 0]
            for r in range(1, n_os):
                os[0, r] = n_start + n_row * words[k, r]
            x = 0
            while x + CONTEXTS <= n_xs:
                o = 0
                while o + OUTPUTS <= n_os:
                    products(xs, x, os, o, dim, sums, x * n_os + o, n_os, CONTEXTS, OUTPUTS)
                    o += OUTPUTS
                while o < n_os:
                    products(xs, x, os, o, dim, sums, x * n_os + o, n_os, CONTEXTS, 1)
                    o += 1
                x += CONTEXTS
            while x < n_xs:
                o = 0
                while o + OUTPUTS <= n_os:
                    products(xs, x, os, o, dim, sums, x * n_os + o, n_os, 1, OUTPUTS)
                    o += OUTPUTS
                while o < n_os:
                    products(xs, x, os, o, dim, sums, x * n_os + o, n_os, 1, 1)
                    o += 1
                x += 1
            slopes(sums, signs[n_os], n_xs * n_os, rate, steps, losses)
            o = 0
            while o + OUTPUTS <= n_os:
                update(xs, n_xs, os, o, dim, steps, n_os, OUTPUTS)
                o += OUTPUTS
            while o < n_os:
                update(xs, n_xs, os, o, dim, steps, n_os, 1)
                o += 1
            pairs += n_xs
            factors += 1 + n_xs * n_os // LANES
            if factors > _FACTORS:
                for lane in range(LANES, 2 * LANES):
                    loss += np.log(losses[lane])
                    losses[lane] = 1.0
                factors = 0
    for lane in range(LANES):
        loss += losses[lane] + np.log(losses[LANES + lane])
    totals[0] += loss
    totals[1] += pairs
