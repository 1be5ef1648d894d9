"""K clusters of points: scikit-learn's k-means, or its HDBSCAN joined or divided to K."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.machine import one_openmp_thread
from polytopic.topics.clusters.distances import cluster_means
from polytopic.topics.clusters.neighbourhoods import gathered

__all__ = ["Clusters", "hdbscan_clusters", "k_means_clusters"]

Floats = NDArray[np.float32]

_RUNS = 3
"""Of k-means, the best is kept."""

_SAMPLE = 20_000
"""Documents that are clustered; the others go to the nearest centre."""


@dataclass(frozen=True)
class Clusters:
    """The cluster of each point (N,), -1 where it is left open; ``history``: a record a run."""

    labels: NDArray[np.int64]
    history: list[dict[str, float]]


def k_means_clusters(
    points: Floats, n_clusters: int, neighbours: int, iterations: int, seed: int
) -> Clusters:
    """By k-means from k-means++ (Arthur & Vassilvitskii 2007), the best of a few runs.

    Points are first moved together along the graph of so many nearest ones (:func:`gathered`).
    """
    from sklearn.cluster import KMeans

    rng = np.random.default_rng(seed)
    rows = np.arange(len(points))
    if len(points) > _SAMPLE:
        rows = np.sort(rng.choice(len(points), _SAMPLE, replace=False))
    moved = gathered(points[rows], neighbours)
    history: list[dict[str, float]] = []
    best = None
    with warnings.catch_warnings(), one_openmp_thread():
        warnings.simplefilter("ignore")  # fewer distinct points than clusters: told as collapse
        for run in range(_RUNS):
            found = KMeans(n_clusters, n_init=1, max_iter=iterations, random_state=seed + run)
            found.fit(moved)
            loss = float(found.inertia_) / len(rows)
            history.append({"run": run + 1.0, "passes": float(found.n_iter_), "loss": loss})
            if best is None or found.inertia_ < best.inertia_:
                best = found
    assert best is not None
    labels = np.full(len(points), -1, dtype=np.int64)
    labels[rows] = best.labels_
    return Clusters(labels, history)


def hdbscan_clusters(
    points: Floats, n_clusters: int, smallest: int, iterations: int, seed: int
) -> Clusters:
    """By density (Campello, Moulavi & Sander 2013), then joined, or divided, to so many.

    Clusters beyond ``n_clusters`` are joined by Ward's rule; the largest is divided by k-means, as
    often as they are too few. Points of no cluster are left open.

    Raises
    ------
    InputError
        If there is no dense region at all.
    """
    from sklearn.cluster import HDBSCAN

    size = max(2, min(smallest, len(points) // 2))
    with warnings.catch_warnings(), one_openmp_thread():
        warnings.simplefilter("ignore")
        labels = HDBSCAN(min_cluster_size=size, copy=True).fit(points).labels_.astype(np.int64)
        kept = labels >= 0
        if not kept.any():
            raise InputError(
                f"min_cluster_size: no {size} documents lie together, so there is no cluster. Ask "
                'for smaller ones, fewer dimensions (reduce=), or clustering="kmeans".'
            )
        n_found, n_noise = int(labels.max()) + 1, int((~kept).sum())
        labels[kept] = _joined(points[kept], labels[kept], n_clusters)
        labels[kept] = _divided(points[kept], labels[kept], n_clusters, iterations, seed)
    centers, _ = cluster_means(points[kept], labels[kept], n_clusters)
    loss = float(np.square(points[kept] - centers[labels[kept]]).sum() / kept.sum())
    record = {"clusters": float(n_found), "noise": float(n_noise), "loss": loss}
    return Clusters(labels, [record])


# ---- parts ---------------------------------------------------------------------------------------


def _joined(points: Floats, labels: NDArray[np.int64], n_clusters: int) -> NDArray[np.int64]:
    """Clusters joined until there are no more than so many: the pair whose joint sum of squares
    grows least (Ward, JASA 58, 1963)."""
    centers = cluster_means(points, labels, int(labels.max()) + 1)[0].astype(np.float64)
    sizes = np.bincount(labels, minlength=len(centers)).astype(np.float64)
    place = np.arange(len(centers))
    alive = list(range(len(centers)))
    while len(alive) > n_clusters:
        c, n = centers[alive], sizes[alive]
        squared = np.square(c).sum(axis=1)
        growth = np.maximum(squared[:, None] + squared - 2.0 * np.einsum("ie,je->ij", c, c), 0.0)
        growth *= np.multiply.outer(n, n) / np.add.outer(n, n)
        np.fill_diagonal(growth, np.inf)
        i, j = (alive[int(k)] for k in np.unravel_index(int(growth.argmin()), growth.shape))
        centers[i] = (sizes[i] * centers[i] + sizes[j] * centers[j]) / (sizes[i] + sizes[j])
        sizes[i] += sizes[j]
        place[place == j] = i
        alive.remove(j)
    order = {cluster: number for number, cluster in enumerate(alive)}
    return np.array([order[int(place[label])] for label in labels], dtype=np.int64)


def _divided(
    points: Floats, labels: NDArray[np.int64], n_clusters: int, iterations: int, seed: int
) -> NDArray[np.int64]:
    """The largest clusters divided in two until there are so many, or no two points differ."""
    from sklearn.cluster import KMeans

    labels = labels.copy()
    for new in range(int(labels.max()) + 1, n_clusters):
        members = np.flatnonzero(labels == np.bincount(labels).argmax())
        if len(members) < 2:
            break
        halves = KMeans(2, n_init=1, max_iter=iterations, random_state=seed).fit(points[members])
        labels[members[halves.labels_ == 1]] = new
    return labels
