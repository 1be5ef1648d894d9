"""Documents brought together along the graph of their nearest ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.machine import one_blas_thread
from polytopic.topics.encoding.own_vectors import unit_rows

__all__ = ["gathered"]

Floats = NDArray[np.float32]

_STEPS = 14
"""Of the walk. With 8 documents of one subject lie further apart, with 24 subjects run into each
other: by purity and NMI of test documents, looked at on snippets, 20ng-5k and nyt-10k
(`benchmarks/document_embeddings.py`)."""

_STAY = 0.5
"""Chance that a step stays: less, and documents that are only each other's would swap places."""

_BLOCK = 1024
"""Documents whose neighbours are looked for at a time."""

_NARROWEST, _WIDEST, _HALVINGS = 1e-6, 1e3, 40
"""Bounds of a neighbourhood's width, far outside those of distances (at most two), and how often
they are halved: so often leaves no digit of it open."""


def gathered(points: Floats, neighbours: int) -> Floats:
    """Points (N, E) at length one, moved towards those on short paths of close neighbours.

    By a lazy random walk on the graph of the nearest ones by cosine (``neighbours`` of them, the
    point itself among them), each point to the mean of where the walk leads. A pair's weight is
    UMAP's (McInnes, Healy & Melville, arXiv:1802.03426, 2018): by the distance beyond that of the
    nearest, in widths that give each point as many neighbours in all; either may make a pair one.
    """
    n = min(neighbours, len(points)) - 1
    if n < 1:
        return points
    near, far = _nearest(points, n)
    starts = np.arange(0, n * len(points) + 1, n)
    one_way = sparse.csr_matrix(
        (_memberships(far).ravel(), near.ravel(), starts), shape=(len(points), len(points))
    )
    graph: Any = one_way + one_way.T - one_way.multiply(one_way.T)
    chances = sparse.diags((1.0 - _STAY) / np.asarray(graph.sum(axis=1)).ravel()) @ graph
    walk = (chances + _STAY * sparse.eye(len(points))).tocsr().astype(np.float32)
    moved = points
    for _ in range(_STEPS):
        moved = unit_rows(walk @ moved)
    return moved


def _nearest(points: Floats, n: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The ``n`` nearest others of each point and their cosine distances, (N, n) each."""
    near = np.empty((len(points), n), dtype=np.int64)
    far = np.empty((len(points), n))
    with one_blas_thread():
        for start in range(0, len(points), _BLOCK):
            cosine = points[start : start + _BLOCK] @ points.T
            rows = np.arange(len(cosine))
            cosine[rows, start + rows] = -np.inf
            found = np.argpartition(-cosine, n - 1, axis=1)[:, :n]
            near[start + rows] = found
            far[start + rows] = 1.0 - np.take_along_axis(cosine, found, axis=1)
    return near, far


def _memberships(far: NDArray[np.float64]) -> NDArray[np.float64]:
    """exp(-(d - least d) / width) of each neighbour, (N, n), which add up to log2(n + 1)."""
    beyond = far - far.min(axis=1, keepdims=True)
    wanted = np.log2(far.shape[1] + 1)
    low = np.full((len(far), 1), np.log(_NARROWEST))
    high = np.full((len(far), 1), np.log(_WIDEST))
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        wide = np.exp(-beyond / np.exp(middle)).sum(axis=1, keepdims=True) > wanted
        low, high = np.where(wide, low, middle), np.where(wide, middle, high)
    found: NDArray[np.float64] = np.exp(-beyond / np.exp(low))
    return found
