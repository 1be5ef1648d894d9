"""Hierarchical softmax (Morin & Bengio 2005; Mikolov et al., NeurIPS 2013, section 2.1)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.kernels.arguments import Bag, Chosen, Tree, Windows
from polytopic.embeddings.kernels.contexts import (
    FAST,
    add_back,
    add_back_bag,
    bag,
    copy_rows,
    reach_of,
)
from polytopic.embeddings.kernels.logistic import logistic
from polytopic.kernels.compiling import compiled
from polytopic.kernels.random import stream

__all__ = ["cbow_hierarchical", "skipgram_hierarchical"]


@compiled(fastmath=FAST, error_model="numpy")
def _path_step(
    vectors: NDArray[np.float32],
    gradients: NDArray[np.float32],
    n: int,
    word: int,
    tree: Tree,
    nodes: NDArray[np.float32],
    slopes: NDArray[np.float32],
    rate: float,
) -> float:
    """One step of ``n`` vectors against the path of ``word``; each node's row is met once.

    p(word | x) = prod over the path of sigma((1 - 2 code) node . x). All gradients are those at the
    rows as they were; those of the vectors are added to ``gradients``.
    """
    dim = vectors.shape[1]
    loss = 0.0
    for place in range(tree.starts[word], tree.starts[word + 1]):
        node = nodes[tree.points[place]]
        label = 1.0 - tree.codes[place]
        for c in range(n):
            score = np.float32(0.0)
            for d in range(dim):
                score += node[d] * vectors[c, d]
            probability, surprise = logistic(score if label > 0.5 else -score)
            loss += surprise
            slopes[c] = rate * (1.0 - probability) * (2.0 * label - 1.0)
        for c in range(n):
            slope = slopes[c]
            for d in range(dim):
                gradients[c, d] += slope * node[d]
        for c in range(n):
            slope = slopes[c]
            for d in range(dim):
                node[d] += slope * vectors[c, d]
    return loss


@compiled(fastmath=FAST, error_model="numpy")
def skipgram_hierarchical(
    chosen: Chosen,
    key: int,
    windows: Windows,
    tree: Tree,
    inputs: NDArray[np.float32],
    nodes: NDArray[np.float32],
    rate: float,
    totals: NDArray[np.float64],
) -> None:
    """Train skip-gram on the chosen centres; add loss and pairs to ``totals``."""
    ids, where, sentences, n_sentences, low, high = chosen
    window, shrink, left, right = windows
    vectors = np.empty((2 * window, inputs.shape[1]), np.float32)
    gradients = np.empty_like(vectors)
    slopes = np.empty(2 * window, np.float32)
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
            loss += _path_step(vectors, gradients, n, ids[centre], tree, nodes, slopes, rate)
            add_back(ids, first, centre, last, inputs, gradients)
            pairs += n
    totals[0] += loss
    totals[1] += pairs


@compiled(fastmath=FAST, error_model="numpy")
def cbow_hierarchical(
    chosen: Chosen,
    key: int,
    windows: Windows,
    tree: Tree,
    inputs: NDArray[np.float32],
    nodes: NDArray[np.float32],
    rate: float,
    totals: NDArray[np.float64],
    bag_of: Bag,
) -> None:
    """Train CBOW on the chosen centres; add loss and pairs to ``totals``."""
    ids, where, sentences, n_sentences, low, high = chosen
    window, shrink, left, right = windows
    vectors = np.empty((1, inputs.shape[1]), np.float32)
    gradients = np.empty_like(vectors)
    slopes = np.empty(1, np.float32)
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
            loss += _path_step(vectors, gradients, 1, ids[centre], tree, nodes, slopes, rate)
            add_back_bag(ids, first, centre, last, inputs, gradients[0], bag_of.divide)
            pairs += 1
    totals[0] += loss
    totals[1] += pairs
