"""Classifiers of mean rows (Joulin et al., EACL 2017): training document by document."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.kernels.arguments import Tree
from polytopic.embeddings.kernels.contexts import FAST
from polytopic.embeddings.kernels.deterministic.grams import ask_row
from polytopic.kernels.compiling import compiled

__all__ = ["HIERARCHICAL", "ONE_VS_ALL", "SOFTMAX", "document_rows", "train_documents"]

SOFTMAX, ONE_VS_ALL, HIERARCHICAL = 0, 1, 2
"""Losses."""

_AHEAD = 12
"""Rows that are asked for before they are needed: as many as are on their way at once."""

_FACTOR = np.uint64(116049371)
"""Of the hash of word n-grams (fastText, Dictionary::addWordNgrams)."""


@compiled()
def document_rows(
    ids: NDArray[np.int32],
    offsets: NDArray[np.int64],
    own: tuple[NDArray[np.int64], NDArray[np.int32]],
    hashes: NDArray[np.int32],
    longest: int,
    bucket: int,
    n_words: int,
    bounds: NDArray[np.int64],
    rows: NDArray[np.int32],
) -> None:
    """The rows of each document: those of its words, then of its word n-grams.

    Parameters
    ----------
    ids : int32 array of shape (N,)
        Words, as numbers of a table of T distinct ones.
    offsets : int64 array of shape (D+1,)
    own : pair of arrays
        The rows of word t are ``own[1][own[0][t]:own[0][t + 1]]``.
    hashes : int32 array of shape (T,)
        fastText's hash of each word.
    longest : int
        Words of the longest n-gram; hashed into ``bucket`` rows after ``n_words``.
    bounds : int64 array of shape (D+1,), written
    rows : int32 array, written
        Empty at the first call, which counts; long enough at the second, which writes.
    """
    starts, grams = own
    at = 0
    for d in range(len(offsets) - 1):
        bounds[d] = at
        begin, end = offsets[d], offsets[d + 1]
        for i in range(begin, end):
            for g in range(starts[ids[i]], starts[ids[i] + 1]):
                if len(rows) > 0:
                    rows[at] = grams[g]
                at += 1
        for i in range(begin, end):
            value = np.uint64(np.int64(hashes[ids[i]]))
            for j in range(i + 1, min(end, i + longest)):
                value = value * _FACTOR + np.uint64(np.int64(hashes[ids[j]]))
                if len(rows) > 0:
                    rows[at] = n_words + np.int64(value % np.uint64(bucket))
                at += 1
    bounds[len(offsets) - 1] = at


@compiled(fastmath=FAST, error_model="numpy")
def train_documents(
    order: NDArray[np.int64],
    documents: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64], NDArray[np.int32]],
    loss: int,
    tree: Tree,
    input: NDArray[np.float32],
    output: NDArray[np.float32],
    rates: tuple[float, float],
) -> float:
    """One step for each document of ``order``; the sum of their losses in nats.

    With h the mean of a document's rows, its label's loss is lowered by a step of the rate, which
    goes evenly from ``rates[0]`` to ``rates[1]``; each row gets the gradient of h over their
    number.

    Parameters
    ----------
    order : int64 array of shape (n,)
    documents : tuple
        Bounds (D+1,) and rows of documents, bounds (D+1,) and labels, rising in each document:
        any number of them for a logistic loss for each label, else one.
    loss : int
        Softmax over labels; a logistic loss for each label; or down a tree of labels.
    tree : Tree
    input : float32 array of shape (rows, E), changed
    output : float32 array of shape (labels or nodes, E), changed
    rates : pair of float
    """
    bounds, rows, label_bounds, labels = documents
    dim, n_out = input.shape[1], len(output)
    hidden, gradient = np.empty(dim, np.float32), np.empty(dim, np.float32)
    scores = np.empty(n_out, np.float32)
    total = 0.0
    for step in range(len(order)):
        d = order[step]
        begin, end = bounds[d], bounds[d + 1]
        if begin == end:
            continue
        rate = np.float32(rates[0] + (rates[1] - rates[0]) * step / len(order))
        hidden[:] = 0.0
        gradient[:] = 0.0
        for i in range(begin, end):
            if i + _AHEAD < bounds[len(bounds) - 1]:
                ask_row(input, rows[i + _AHEAD])
            row = input[rows[i]]
            for e in range(dim):
                hidden[e] += row[e]
        share = np.float32(1.0) / np.float32(end - begin)
        for e in range(dim):
            hidden[e] *= share
        first, last = label_bounds[d], label_bounds[d + 1]
        if loss == HIERARCHICAL:
            for place in range(tree.starts[labels[first]], tree.starts[labels[first] + 1]):
                target = np.float32(tree.codes[place])
                total += _logistic(output[tree.points[place]], hidden, gradient, target, rate)
        elif loss == ONE_VS_ALL:
            for k in range(n_out):
                own = first < last and labels[first] == k
                first += own
                target = np.float32(1.0 if own else 0.0)
                total += _logistic(output[k], hidden, gradient, target, rate)
        else:
            total += _softmax(output, hidden, gradient, scores, labels[first], rate)
        for e in range(dim):
            gradient[e] *= share
        for i in range(begin, end):
            row = input[rows[i]]
            for e in range(dim):
                row[e] += gradient[e]
    return total


@compiled(fastmath=FAST, error_model="numpy")
def _logistic(
    row: NDArray[np.float32],
    hidden: NDArray[np.float32],
    gradient: NDArray[np.float32],
    target: float,
    rate: float,
) -> float:
    """A step of one logistic loss: moves the row, adds to the gradient; the loss."""
    z = np.float32(0.0)
    for e in range(len(row)):
        z += row[e] * hidden[e]
    small = np.exp(-np.abs(z))
    chance = np.float32(1.0 / (1.0 + small)) if z > 0 else np.float32(small / (1.0 + small))
    step = rate * (target - chance)
    for e in range(len(row)):
        gradient[e] += step * row[e]
        row[e] += step * hidden[e]
    over = z if z > 0 else np.float32(0.0)
    return np.log(1.0 + small) + (over - target * z)


@compiled(fastmath=FAST, error_model="numpy")
def _softmax(
    output: NDArray[np.float32],
    hidden: NDArray[np.float32],
    gradient: NDArray[np.float32],
    scores: NDArray[np.float32],
    label: int,
    rate: float,
) -> float:
    """A step of the softmax over all rows; the loss."""
    highest = np.float32(-np.inf)
    for k in range(len(output)):
        z = np.float32(0.0)
        for e in range(len(hidden)):
            z += output[k, e] * hidden[e]
        scores[k] = z
        if z > highest:
            highest = z
    loss, mass = np.float64(highest) - scores[label], np.float32(0.0)
    for k in range(len(output)):
        scores[k] = np.exp(scores[k] - highest)
        mass += scores[k]
    for k in range(len(output)):
        step = rate * (np.float32(1.0 if k == label else 0.0) - scores[k] / mass)
        for e in range(len(hidden)):
            gradient[e] += step * output[k, e]
            output[k, e] += step * hidden[e]
    return loss + np.log(mass)
