"""The Huffman tree of a vocabulary (Huffman 1952), for the hierarchical softmax."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.kernels.arguments import Tree
from polytopic.kernels.compiling import compiled

__all__ = ["huffman_paths"]


def huffman_paths(counts: NDArray[np.int64]) -> Tree:
    """The path of each of V words from the root, as arrays of one CSR layout.

    Inner nodes are numbered 0 to V-2 in the order they are joined, so the root is V-2. Of equal
    counts the later word is joined first, and words before inner nodes, which keeps the longest
    path short (Schwartz 1964). A vocabulary of one word has an empty path.

    Parameters
    ----------
    counts : int64 array of shape (V,)
        A count below 1 is taken as 1.

    Returns
    -------
    starts : int64 array of shape (V+1,)
        Word v passes ``points[starts[v]:starts[v + 1]]`` and leaves them by ``codes`` of the same
        places.
    points : int32 array
        Inner nodes, the root first.
    codes : uint8 array
        0 or 1: p(word | x) is the product over the path of sigma((1 - 2 code) node . x).

    >>> tuple(huffman_paths(np.array([5, 2, 1])))
    (array([0, 1, 3, 5]), array([1, 1, 0, 1, 0], dtype=int32), array([0, 1, 0, 1, 1], dtype=uint8))
    """
    counts = np.maximum(np.asarray(counts, np.int64), 1)
    order = np.argsort(-counts, kind="stable")[::-1].copy()
    parents, sides = _join(counts[order])
    lengths = np.empty(len(counts), np.int64)
    lengths[order] = _depths(parents, len(counts))
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    points, codes = _walk(parents, sides, order, starts)
    return Tree(starts, points, codes)


@compiled()
def _join(weights: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Parent and side of each of the 2V-1 nodes, words first, their weights rising.

    Joined weights rise too, so the two lightest head two queues (van Leeuwen 1976).
    """
    n = len(weights)
    total = np.empty(2 * n - 1, np.int64)
    total[:n] = weights
    parents = np.zeros(2 * n - 1, np.int64)
    sides = np.zeros(2 * n - 1, np.uint8)
    word, inner = 0, n
    for node in range(n, 2 * n - 1):
        total[node] = 0
        for side in range(2):
            if word < n and (inner >= node or total[word] <= total[inner]):
                child = word
                word += 1
            else:
                child = inner
                inner += 1
            total[node] += total[child]
            parents[child] = node
            sides[child] = 1 - side
    return parents, sides


@compiled()
def _depths(parents: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """How many inner nodes stand above each of the ``n`` words."""
    depths = np.zeros(len(parents), np.int64)
    for node in range(len(parents) - 2, -1, -1):
        depths[node] = depths[parents[node]] + 1
    return depths[:n]


@compiled()
def _walk(
    parents: NDArray[np.int64],
    sides: NDArray[np.uint8],
    order: NDArray[np.int64],
    starts: NDArray[np.int64],
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Points and codes of each word, written from the word up to the root."""
    n = len(order)
    points = np.empty(starts[n], np.int32)
    codes = np.empty(starts[n], np.uint8)
    for leaf in range(n):
        word = order[leaf]
        node = leaf
        for place in range(starts[word + 1] - 1, starts[word] - 1, -1):
            codes[place] = sides[node]
            node = parents[node]
            points[place] = node - n
    return points, codes
