"""The full softmax over the vocabulary, exact: for small vocabularies and as a reference."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.kernels.arguments import Bag, Chosen, Windows
from polytopic.embeddings.kernels.contexts import (
    FAST,
    add_back,
    add_back_bag,
    bag,
    copy_rows,
    reach_of,
)
from polytopic.embeddings.kernels.logistic import exponential
from polytopic.kernels.compiling import compiled
from polytopic.kernels.random import stream

__all__ = ["cbow_softmax", "skipgram_softmax"]


@compiled(fastmath=FAST, error_model="numpy")
def _normalise(scores: NDArray[np.float32], word: int) -> float:
    """Turn V scores into probabilities in place; return -log p(word)."""
    top = scores[0]
    for v in range(len(scores)):
        top = max(top, scores[v])
    chosen = np.float64(scores[word] - top)
    total = 0.0
    for v in range(len(scores)):
        scores[v] = exponential(scores[v] - top)
        total += scores[v]
    share = np.float32(1.0 / total)
    for v in range(len(scores)):
        scores[v] *= share
    return np.log(total) - chosen


@compiled(fastmath=FAST, error_model="numpy")
def _softmax_step(
    vectors: NDArray[np.float32],
    gradients: NDArray[np.float32],
    n: int,
    word: int,
    outputs: NDArray[np.float32],
    scores: NDArray[np.float32],
    rate: float,
) -> float:
    """One step of ``n`` vectors on -log softmax(outputs x)[word], in two passes over V rows.

    All gradients are those at the rows as they were; those of the vectors are added to
    ``gradients``. ``scores`` has room for n x V numbers.
    """
    n_words, dim = outputs.shape
    for v in range(n_words):
        for c in range(n):
            score = np.float32(0.0)
            for d in range(dim):
                score += outputs[v, d] * vectors[c, d]
            scores[c, v] = score
    loss = 0.0
    for c in range(n):
        loss += _normalise(scores[c], word)
        scores[c, word] -= np.float32(1.0)
    for v in range(n_words):
        for c in range(n):
            slope = np.float32(-rate * scores[c, v])
            for d in range(dim):
                gradients[c, d] += slope * outputs[v, d]
        for c in range(n):
            slope = np.float32(-rate * scores[c, v])
            for d in range(dim):
                outputs[v, d] += slope * vectors[c, d]
    return loss


@compiled(fastmath=FAST, error_model="numpy")
def skipgram_softmax(
    chosen: Chosen,
    key: int,
    windows: Windows,
    inputs: NDArray[np.float32],
    outputs: NDArray[np.float32],
    rate: float,
    totals: NDArray[np.float64],
) -> None:
    """Train skip-gram on the chosen centres; add loss and pairs to ``totals``."""
    ids, where, sentences, n_sentences, low, high = chosen
    window, shrink, left, right = windows
    vectors = np.empty((2 * window, inputs.shape[1]), np.float32)
    gradients = np.empty_like(vectors)
    scores = np.empty((2 * window, len(outputs)), np.float32)
    loss, pairs = 0.0, 0
    for sentence in range(n_sentences):
        start, stop = sentences[sentence], sentences[sentence + 1]
        for centre in range(max(low, start), min(high, stop)):
            reach, _ = reach_of(stream(key, where[centre]), window, shrink)
            first = max(start, centre - reach) if left else centre
            last = min(stop, centre + reach + 1) if right else centre + 1
            if last - first < 2:
                continue
            n = copy_rows(ids, first, centre, last, inputs, vectors, gradients)
            loss += _softmax_step(vectors, gradients, n, ids[centre], outputs, scores, rate)
            add_back(ids, first, centre, last, inputs, gradients)
            pairs += n
    totals[0] += loss
    totals[1] += pairs


@compiled(fastmath=FAST, error_model="numpy")
def cbow_softmax(
    chosen: Chosen,
    key: int,
    windows: Windows,
    inputs: NDArray[np.float32],
    outputs: NDArray[np.float32],
    rate: float,
    totals: NDArray[np.float64],
    bag_of: Bag,
) -> None:
    """Train CBOW on the chosen centres; add loss and pairs to ``totals``."""
    ids, where, sentences, n_sentences, low, high = chosen
    window, shrink, left, right = windows
    vectors = np.empty((1, inputs.shape[1]), np.float32)
    gradients = np.empty_like(vectors)
    scores = np.empty((1, len(outputs)), np.float32)
    loss, pairs = 0.0, 0
    for sentence in range(n_sentences):
        start, stop = sentences[sentence], sentences[sentence + 1]
        for centre in range(max(low, start), min(high, stop)):
            reach, _ = reach_of(stream(key, where[centre]), window, shrink)
            first = max(start, centre - reach) if left else centre
            last = min(stop, centre + reach + 1) if right else centre + 1
            if last - first < 2:
                continue
            bag(ids, first, centre, last, inputs, bag_of.average, vectors[0], gradients[0])
            loss += _softmax_step(vectors, gradients, 1, ids[centre], outputs, scores, rate)
            add_back_bag(ids, first, centre, last, inputs, gradients[0], bag_of.divide)
            pairs += 1
    totals[0] += loss
    totals[1] += pairs
