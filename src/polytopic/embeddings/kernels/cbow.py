"""CBOW with negative sampling (Mikolov et al., ICLR 2013; NeurIPS 2013, section 2.2)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from polytopic.embeddings.kernels.contexts import reach_of
from polytopic.embeddings.kernels.negatives import draw
from polytopic.embeddings.kernels.random import mix, step, stream
from polytopic.embeddings.kernels.simd import LANES, OUTPUTS, prefetch, products, slopes
from polytopic.embeddings.kernels.simd_bag import bag, pull, push, spread

__all__ = ["cbow_negative"]

_AHEAD = 64
_LINE = 64
# A product of this many factors of at most 2 stays below the largest float64.
_FACTORS = 900
# No "nnan": a vector that diverged must show in the loss.
_FAST = {"contract", "reassoc", "nsz", "arcp"}


@njit(nogil=True, fastmath=_FAST, error_model="numpy", cache=True)
def cbow_negative(
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
    average: bool,
    divide: bool,
) -> None:
    """Train CBOW on the centres ``ids[low:high]``; add loss and pairs to ``totals``.

    A negative equal to the centre is left out, as in word2vec.c. All gradients of a centre are
    those at the rows as they were.
    """
    dim = inputs.shape[1]
    room = -(-(1 + negative) // LANES) * LANES
    sums = np.zeros(room * LANES, np.float32)
    steps = np.zeros(room, np.float32)
    signs = np.ones(room, np.float32)
    signs[0] = -1.0
    losses = np.zeros(2 * LANES)
    losses[LANES:] = 1.0
    vector = np.zeros(dim, np.float32)
    gradient = np.zeros(dim, np.float32)
    xs = np.empty(2 * window, np.int64)
    os = np.empty(1 + negative, np.int64)
    bags = np.full(1, np.int64(vector.ctypes.data))
    words = np.empty((_AHEAD, 1 + negative), np.int32)
    counts = np.empty(_AHEAD, np.int64)
    reaches = np.empty(_AHEAD, np.int64)
    x_start, x_row = np.int64(inputs.ctypes.data), np.int64(inputs.strides[0])
    o_start, o_row = np.int64(outputs.ctypes.data), np.int64(outputs.strides[0])
    n_start, n_row = np.int64(noise.ctypes.data), np.int64(noise.strides[0])
    sentence, factors, pairs, loss = 0, 0, 0, 0.0
    for start in range(low, high, _AHEAD):
        stop = min(start + _AHEAD, high)
        for k in range(stop - start):
            i = start + k
            reaches[k], state = reach_of(stream(key, where[i]), window, shrink)
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
            if i + 1 + window < sentences[n_sentences]:
                at = x_start + x_row * ids[i + 1 + window]
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
            os[0] = o_start + o_row * words[k, 0]
            for r in range(1, n_os):
                os[r] = n_start + n_row * words[k, r]
            part = np.float32(1.0) / np.float32(n_xs)
            bag(xs, n_xs, dim, part if average else np.float32(1.0), vector)
            o = 0
            while o + OUTPUTS <= n_os:
                products(bags, 0, os, o, dim, sums, o, n_os, 1, OUTPUTS)
                o += OUTPUTS
            while o < n_os:
                products(bags, 0, os, o, dim, sums, o, n_os, 1, 1)
                o += 1
            slopes(sums, signs, n_os, rate, steps, losses)
            gradient[:] = 0.0
            o = 0
            while o + OUTPUTS <= n_os:
                pull(os, o, dim, steps, gradient, OUTPUTS)
                o += OUTPUTS
            while o < n_os:
                pull(os, o, dim, steps, gradient, 1)
                o += 1
            o = 0
            while o + OUTPUTS <= n_os:
                push(os, o, dim, steps, vector, OUTPUTS)
                o += OUTPUTS
            while o < n_os:
                push(os, o, dim, steps, vector, 1)
                o += 1
            spread(xs, n_xs, dim, part if divide else np.float32(1.0), gradient)
            pairs += 1
            factors += 1 + n_os // LANES
            if factors > _FACTORS:
                for lane in range(LANES, 2 * LANES):
                    loss += np.log(losses[lane])
                    losses[lane] = 1.0
                factors = 0
    for lane in range(LANES):
        loss += losses[lane] + np.log(losses[LANES + lane])
    totals[0] += loss
    totals[1] += pairs
