"""Spherical k-means of weighted points, in NumPy alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError

__all__ = ["spherical_k_means", "unit_rows"]

Floats = NDArray[np.floating[Any]]

_SETTLED = 1e-7
"""Gain in mean cosine at which centres have settled: the precision of float32."""

_ZERO = 1e-9
"""A row shorter than this has no direction."""

_BLOCK = 8192
"""Points compared with all centres at a time: bounds memory, changes no number."""


def spherical_k_means(
    points: Floats,
    weight: Floats,
    n_clusters: int,
    rng: np.random.Generator,
    *,
    n_runs: int = 3,
    n_iterations: int = 50,
) -> Floats:
    """Centres c_k of length one that maximise sum_w weight_w max_k u_w . c_k.

    Dhillon & Modha, Machine Learning 42, 2001: assign each point to its nearest centre, move each
    centre to the weighted mean of its points. Each run starts by k-means++ (Arthur &
    Vassilvitskii, SODA 2007) with the distance 1 - cosine; the best run is kept. A centre left
    without points moves to the point that adds most to the loss.

    Parameters
    ----------
    points : array of shape (V, E)
        Rows u_w of length one, or zero.
    weight : array of shape (V,)
    n_clusters : int
        K.

    Returns
    -------
    array of shape (K, E)

    Raises
    ------
    InputError
        If the points have fewer than K directions.
    """
    best: Floats = np.zeros((n_clusters, points.shape[1]))
    best_score = -np.inf
    for _ in range(n_runs):
        centers = _spread(points, weight, n_clusters, rng)
        score = -np.inf
        for _ in range(n_iterations):
            nearest, cosine = _assign(points, centers)
            before, score = score, float(weight @ cosine)
            if score - before < _SETTLED * float(weight.sum()):
                break
            centers = _move(points, weight, nearest, cosine, centers)
        if score > best_score:
            best, best_score = centers, score
    return best


def unit_rows(rows: Floats) -> Floats:
    """Rows divided by their lengths; rows of (nearly) no length turn zero."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Floats = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > _ZERO)
    return unit


def _assign(points: Floats, centers: Floats) -> tuple[NDArray[np.int64], Floats]:
    nearest = np.empty(len(points), dtype=np.int64)
    cosine = np.empty(len(points), dtype=points.dtype)
    for start in range(0, len(points), _BLOCK):
        part = slice(start, start + _BLOCK)
        similarity = points[part] @ centers.T
        nearest[part] = similarity.argmax(axis=1)
        cosine[part] = similarity.max(axis=1)
    return nearest, cosine


def _move(
    points: Floats,
    weight: Floats,
    nearest: NDArray[np.int64],
    cosine: Floats,
    centers: Floats,
) -> Floats:
    order = np.argsort(nearest, kind="stable")
    present, first = np.unique(nearest[order], return_index=True)
    sums = np.zeros_like(centers)
    sums[present] = np.add.reduceat(points[order] * weight[order, None], first, axis=0)
    moved = unit_rows(sums)
    empty = np.flatnonzero(np.linalg.norm(moved, axis=1) < 0.5)
    if len(empty):
        worst = np.argsort(-weight * (1 - cosine), kind="stable")[: len(empty)]
        moved[empty[: len(worst)]] = points[worst]
    return moved


def _spread(points: Floats, weight: Floats, n_clusters: int, rng: np.random.Generator) -> Floats:
    seen = np.where(np.linalg.norm(points, axis=1) > 0.5, weight.astype(np.float64), 0.0)
    if seen.sum() <= 0:
        raise InputError("vectors: all words have the same vector. Train them for longer.")
    chosen = [int(rng.choice(len(points), p=seen / seen.sum()))]
    distance = 1.0 - points @ points[chosen[0]]
    while len(chosen) < n_clusters:
        odds = seen * np.where(distance > 1e-6, distance, 0.0)
        if odds.sum() <= 0:
            raise InputError(
                f"vectors: the words with a count point in {len(chosen)} directions only, and "
                f"{n_clusters} topics were asked for. Ask for fewer topics."
            )
        chosen.append(int(rng.choice(len(points), p=odds / odds.sum())))
        distance = np.minimum(distance, 1.0 - points @ points[chosen[-1]])
    return points[chosen].copy()
