"""fastText's tree of labels, for the hierarchical softmax of its classifiers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from polytopic.embeddings.kernels.arguments import Tree

__all__ = ["label_tree"]

_ENDLESS = 10**15
"""The count of a node that is not joined yet, as in fastText."""


def label_tree(counts: Sequence[int]) -> Tree:
    """The path of each of K labels, counts falling, as in ``HierarchicalSoftmaxLoss::buildTree``.

    Of equal counts inner nodes are joined first, which is not so in the tree of words. A code of 1
    means the chance sigma(node . h), 0 the rest.

    >>> tuple(label_tree([5, 2, 1]))
    (array([0, 1, 3, 5]), array([1, 0, 1, 0, 1], dtype=int32), array([1, 1, 0, 0, 0], dtype=uint8))
    """
    n = len(counts)
    weights = [*counts, *[_ENDLESS] * (n - 1)]
    parents, codes = [-1] * (2 * n - 1), [0] * (2 * n - 1)
    leaf, node = n - 1, n
    for joined in range(n, 2 * n - 1):
        pair = []
        for _ in range(2):
            if leaf >= 0 and weights[leaf] < weights[node]:
                pair.append(leaf)
                leaf -= 1
            else:
                pair.append(node)
                node += 1
        weights[joined] = sum(weights[child] for child in pair)
        for child in pair:
            parents[child] = joined
        codes[pair[1]] = 1
    starts, points, turns = [0], [], []
    for label in range(n):
        at = label
        while parents[at] != -1:
            points.append(parents[at] - n)
            turns.append(codes[at])
            at = parents[at]
        starts.append(len(points))
    return Tree(
        np.array(starts, dtype=np.int64),
        np.array(points, dtype=np.int32),
        np.array(turns, dtype=np.uint8),
    )
