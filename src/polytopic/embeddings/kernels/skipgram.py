"""Skip-gram with negative sampling (Mikolov et al., NeurIPS 2013, section 2.2)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from polytopic.embeddings.kernels.negatives import draw
from polytopic.embeddings.kernels.random import below, mix, step, stream

__all__ = ["skipgram_negative"]


@njit(nogil=True, fastmath=True, cache=True)
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
    rows = np.empty(1 + negative, np.int32)
    back = np.empty((1 + negative, dim), np.float32)
    slope = np.empty(1 + negative, np.float32)
    sentence = 0
    loss, pairs = 0.0, 0
    for i in range(low, high):
        while sentence + 1 < n_sentences and sentences[sentence + 1] <= i:
            sentence += 1
        state = stream(key, where[i])
        reach = window
        if shrink:
            state = step(state)
            reach = 1 + np.int64(below(mix(state), window))
        begin = max(i - reach, sentences[sentence]) if left else i
        end = min(i + reach + 1, sentences[sentence + 1]) if right else i + 1
        if end - begin < 2:
            continue
        n = 1
        rows[0] = ids[i]
        for _ in range(negative):
            state = step(state)
            word = draw(mix(state), first, second, threshold)
            if word != ids[i]:
                rows[n] = word
                n += 1
        back[:n] = 0.0
        for j in range(begin, end):
            if j == i:
                continue
            x = inputs[ids[j]]
            for r in range(n):
                o = outputs[rows[r]] if r == 0 else noise[rows[r]]
                z = np.float32(0.0)
                for d in range(dim):
                    z += x[d] * o[d]
                t = np.float64(-z if r == 0 else z)
                loss += max(t, 0.0) + np.log1p(np.exp(-abs(t)))
                label = 1.0 if r == 0 else 0.0
                slope[r] = rate * (label - 1.0 / (1.0 + np.exp(-np.float64(z))))
            pairs += 1
            for d in range(dim):
                old = x[d]
                new = np.float32(0.0)
                for r in range(n):
                    o = outputs[rows[r]] if r == 0 else noise[rows[r]]
                    new += slope[r] * o[d]
                    back[r, d] += slope[r] * old
                x[d] += new
        for r in range(n):
            o = outputs[rows[r]] if r == 0 else noise[rows[r]]
            for d in range(dim):
                o[d] += back[r, d]
    totals[0] += loss
    totals[1] += pairs
