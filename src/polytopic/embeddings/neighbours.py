"""The nearest rows of a matrix: products of blocks, and the best of each row of scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["nearest_rows", "unit_rows"]

_BLOCK_BYTES = 1 << 25
"""Scores held at once."""

_GROUPS = 64
"""Scores compared at once in the search for a bound."""

Floats = NDArray[np.float32]
Found = list[tuple[NDArray[np.int64], Floats]]


def unit_rows(matrix: Floats) -> Floats:
    """The rows scaled to length one; rows of zeros stay zeros. Shape (V, E)."""
    unit = np.empty(matrix.shape, dtype=np.float32)
    step = max(1, _BLOCK_BYTES // (8 * max(matrix.shape[1], 1)))
    for start in range(0, len(matrix), step):
        rows = np.asarray(matrix[start : start + step], dtype=np.float64)
        largest = np.abs(rows).max(axis=1, keepdims=True)
        rows = rows / np.where(largest > 0.0, largest, 1.0)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        unit[start : start + step] = rows / np.where(lengths > 0.0, lengths, 1.0)
    return unit


def nearest_rows(
    unit: Floats, queries: Floats, n: int, exclude: Sequence[Sequence[int]] | None = None
) -> Found:
    """The ``n`` rows of the largest inner product with each query, best first.

    Parameters
    ----------
    unit : float32 array of shape (V, E)
    queries : float32 array of shape (Q, E)
    n : int
        Fewer are returned where fewer rows are left.
    exclude : Q sequences of int, optional
        Rows that a query may not find.

    Returns
    -------
    list of Q pairs
        Row numbers (int64) and their products (float32); equal products in the order of the rows.

    >>> import numpy as np
    >>> [(rows, values)] = nearest_rows(np.eye(3, dtype="f4"), np.eye(3, dtype="f4")[:1], 2)
    >>> rows.tolist(), values.tolist()
    ([0, 1], [1.0, 0.0])
    """
    step = max(1, _BLOCK_BYTES // (4 * max(len(unit), 1)))
    found: Found = []
    for start in range(0, len(queries), step):
        scores = queries[start : start + step] @ unit.T
        if exclude is not None:
            for place, rows in enumerate(exclude[start : start + step]):
                scores[place, list(rows)] = -np.inf
        found += _best(scores, n)
    return found


def _best(scores: Floats, n: int) -> Found:
    bounds = _bounds(scores, n)
    best: Found = []
    for row, bound in zip(scores, bounds, strict=True):
        candidates = np.flatnonzero(row >= bound)
        if len(candidates) > 8 * n + 1024:
            smallest = np.partition(row, len(row) - n)[len(row) - n]
            candidates = candidates[row[candidates] >= smallest]
        order = np.argsort(-row[candidates], kind="stable")[:n]
        chosen = candidates[order].astype(np.int64)
        chosen = chosen[row[chosen] > -np.inf]
        best.append((chosen, row[chosen]))
    return best


def _bounds(scores: Floats, n: int) -> Floats:
    """At least ``n`` scores of a row reach its bound: n groups have their largest above it."""
    width = scores.shape[1] // _GROUPS
    if width <= 2 * n:
        return np.full(len(scores), -np.inf, dtype=np.float32)
    groups = scores[:, : width * _GROUPS].reshape(len(scores), _GROUPS, width).max(axis=1)
    bounds: Floats = np.partition(groups, width - n, axis=1)[:, width - n]
    return bounds
