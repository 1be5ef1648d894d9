"""CBOW with negative sampling (Mikolov et al., ICLR 2013; NeurIPS 2013, section 2.2)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from polytopic.embeddings.kernels.contexts import add_back_bag, bag, reach_of
from polytopic.embeddings.kernels.logistic import logistic
from polytopic.embeddings.kernels.negatives import draw
from polytopic.embeddings.kernels.random import mix, step, stream

__all__ = ["cbow_negative"]


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def _slopes(scores: NDArray[np.float32], n: int, rate: float) -> float:
    """Turn the scores of the centre (place 0) and its negatives into steps; return the loss."""
    loss = 0.0
    for r in range(n):
        label = np.float32(1.0) if r == 0 else np.float32(-1.0)
        probability, surprise = logistic(label * scores[r])
        scores[r] = label * rate * (np.float32(1.0) - probability)
        loss += surprise
    return loss


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def _step(
    vector: NDArray[np.float32],
    gradient: NDArray[np.float32],
    rows: NDArray[np.int32],
    n: int,
    outputs: NDArray[np.float32],
    noise: NDArray[np.float32],
    scores: NDArray[np.float32],
    rate: float,
) -> float:
    """One step of ``vector`` towards the output row of rows[0] and away from the noise of the rest.

    All gradients are those at the rows as they were.
    """
    dim = len(vector)
    for r in range(n):
        row = outputs[rows[r]] if r == 0 else noise[rows[r]]
        score = np.float32(0.0)
        for d in range(dim):
            score += row[d] * vector[d]
        scores[r] = score
    loss = _slopes(scores, n, rate)
    for r in range(n):
        row = outputs[rows[r]] if r == 0 else noise[rows[r]]
        for d in range(dim):
            gradient[d] += scores[r] * row[d]
    for r in range(n):
        row = outputs[rows[r]] if r == 0 else noise[rows[r]]
        for d in range(dim):
            row[d] += scores[r] * vector[d]
    return loss


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
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

    A negative equal to the centre is left out, as in word2vec.c.
    """
    vector = np.empty(inputs.shape[1], np.float32)
    gradient = np.empty(inputs.shape[1], np.float32)
    rows = np.empty(1 + negative, np.int32)
    scores = np.empty(1 + negative, np.float32)
    loss, pairs = 0.0, 0
    for sentence in range(n_sentences):
        start, stop = sentences[sentence], sentences[sentence + 1]
        for centre in range(max(low, start), min(high, stop)):
            reach, state = reach_of(stream(key, where[centre]), window, shrink)
            begin = max(start, centre - reach) if left else centre
            end = min(stop, centre + reach + 1) if right else centre + 1
            if end - begin < 2:
                continue
            rows[0] = ids[centre]
            n = 1
            for _ in range(negative):
                state = step(state)
                word = draw(mix(state), first, second, threshold)
                if word != rows[0]:
                    rows[n] = word
                    n += 1
            bag(ids, begin, centre, end, inputs, average, vector, gradient)
            loss += _step(vector, gradient, rows, n, outputs, noise, scores, rate)
            add_back_bag(ids, begin, centre, end, inputs, gradient, divide)
            pairs += 1
    totals[0] += loss
    totals[1] += pairs
