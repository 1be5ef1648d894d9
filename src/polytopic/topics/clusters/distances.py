"""Documents as points at length one, and shares of topics by their distances from centres."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from polytopic.topics.clusters.kernels.products import products_block
from polytopic.topics.encoding.own_vectors import unit_rows

__all__ = ["Projection", "cluster_means", "row_products", "shares", "temperature_of"]

Floats = NDArray[np.float32]

_BLOCK = 1024
"""Rows a task: so many that taking the next costs nothing."""

_EVEN = 0.3
"""Of the spread within clusters, what is taken as even. By purity and NMI of test documents, looked
at on snippets and 20ng-5k (`benchmarks/document_embeddings.py`)."""

_LEAST_SPREAD, _NO_SIZE = 1e-6, 1e-6
"""Clusters of documents that are all alike are as wide as this, in squares; axes along which the
means differ by less than this share of the largest tell nothing."""

_SPREAD = 0.25
"""Mean entropy of theta that the temperature is set for, as a share of log K: as of the topics that
are made of word vectors (``from_vectors``)."""

_COLDEST, _HOTTEST, _HALVINGS = 1e-4, 1e2, 40
"""Bounds of the temperature that is searched, and how often they are halved: below, a document has
one topic; above, it has all alike; so many halvings leave no digit of it open."""


def row_products(rows: Floats, columns: Floats, n_threads: int) -> Floats:
    """rows (D, E) times columns (K, E), (D, K): each row's answer is its own."""
    found = np.empty((len(rows), len(columns)), dtype=np.float32)
    rows, columns = np.ascontiguousarray(rows), np.ascontiguousarray(columns)
    blocks = [(start, min(start + _BLOCK, len(rows))) for start in range(0, len(rows), _BLOCK)]
    with ThreadPoolExecutor(max(1, min(n_threads, len(blocks)))) as pool:
        list(pool.map(lambda block: products_block(rows, *block, columns, found), blocks))
    return found


@dataclass(frozen=True)
class Projection:
    """From embeddings (D, E) to directions (D, M) and on to coordinates (D, L).

    Directions are centred, on principal axes if any, at length one. In coordinates, which are
    linear in them, clusters are round: squared distances are those by the spread within clusters
    (Fisher, Annals of Eugenics 7, 1936).

    ``mean`` (E,); ``axes`` (M, E) and ``discriminant`` (L, M), of no rows where all is kept.
    """

    mean: Floats
    axes: Floats
    discriminant: Floats

    @classmethod
    def of(cls, embeddings: Floats, n_components: int | None) -> Projection:
        """Of training documents; ``n_components`` axes at most as many as both sides have."""
        unit = unit_rows(embeddings)
        mean = unit.mean(axis=0)
        if n_components is None or n_components >= min(unit.shape):
            return cls.centred(mean)
        spread = (unit - mean).astype(np.float64)
        _, axes = np.linalg.eigh(spread.T @ spread)
        kept = np.ascontiguousarray(axes[:, ::-1][:, :n_components].T, dtype=np.float32)
        return cls(mean, kept, _none(n_components))

    @classmethod
    def centred(cls, mean: Floats) -> Projection:
        """Of all dimensions as they are, less the mean."""
        return cls(mean, _none(len(mean)), _none(len(mean)))

    def telling_apart(
        self, directions: Floats, labels: NDArray[np.int64], n_clusters: int
    ) -> Projection:
        """With the discriminant of these directions, of which ``labels`` names the clusters."""
        return replace(self, discriminant=_discriminant(directions, labels, n_clusters))

    def directions(self, embeddings: Floats, n_threads: int) -> Floats:
        """At length one, or zero where a document has no vector, or that of the mean."""
        unit = unit_rows(embeddings)
        empty = ~unit.any(axis=1)
        moved = unit - self.mean
        if len(self.axes):
            moved = row_products(moved, self.axes, n_threads)
        moved[empty] = 0.0
        return unit_rows(moved)

    def coordinates(self, directions: Floats, n_threads: int) -> Floats:
        """Where directions lie among the centres."""
        if not len(self.discriminant):
            return directions
        return row_products(directions, self.discriminant, n_threads)


def _none(dim: int) -> Floats:
    return np.zeros((0, dim), dtype=np.float32)


def _discriminant(directions: Floats, labels: NDArray[np.int64], n_clusters: int) -> Floats:
    """Axes (L, M) that span the clusters' means, the spread within clusters of one all round.

    The spread is mixed with an even one (Friedman, JASA 84, 1989), which a few documents in many
    dimensions need.
    """
    centers, present = cluster_means(directions, labels, n_clusters)
    dim = directions.shape[1]
    if present.sum() < 2:
        return _none(dim)
    within = (directions - centers[labels]).astype(np.float64)
    spread = within.T @ within / len(within)
    even = max(float(np.trace(spread)) / dim, _LEAST_SPREAD)
    mixed = (1.0 - _EVEN) * spread + _EVEN * even * np.eye(dim)
    values, vectors = np.linalg.eigh(mixed)
    whitener = vectors / np.sqrt(values) @ vectors.T
    among = centers[present].astype(np.float64)
    _, sizes, axes = np.linalg.svd((among - among.mean(axis=0)) @ whitener, full_matrices=False)
    kept = axes[sizes > _NO_SIZE * sizes[0]] if sizes[0] > 0 else axes[:0]
    return np.ascontiguousarray(kept @ whitener, dtype=np.float32)


def cluster_means(
    points: Floats, labels: NDArray[np.int64], n_clusters: int
) -> tuple[Floats, NDArray[np.bool_]]:
    """Means of the points of each cluster, (K, M), zero where it has none, and which have some."""
    order = np.argsort(labels, kind="stable")
    present, first = np.unique(labels[order], return_index=True)
    means = np.zeros((n_clusters, points.shape[1]), dtype=np.float32)
    sums = np.add.reduceat(points[order].astype(np.float64), first, axis=0)
    means[present] = sums / np.bincount(labels, minlength=n_clusters)[present, None]
    return means, np.isin(np.arange(n_clusters), present)


def shares(closeness: Floats, temperature: float) -> Floats:
    """theta_dk = softmax_k(closeness_dk / temperature), (D, K).

    The closeness of a point to centres is x . c - |c|^2 / 2, which orders centres as the distance
    |x - c|^2 does, of which it is minus the half but for what all centres share.
    """
    scaled = closeness.astype(np.float64) / temperature
    scaled -= scaled.max(axis=1, keepdims=True)
    np.exp(scaled, out=scaled)
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True), dtype=np.float32)


def temperature_of(closeness: Floats) -> float:
    """The temperature at which the mean entropy of theta is a quarter of log K."""
    n_topics = closeness.shape[1]
    if n_topics == 1:
        return 1.0
    low, high = np.log(_COLDEST), np.log(_HOTTEST)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        theta = shares(closeness, float(np.exp(middle))).astype(np.float64)
        entropy = -(theta * np.log(np.maximum(theta, 1e-30))).sum(axis=1).mean()
        if entropy > _SPREAD * np.log(n_topics):
            high = middle
        else:
            low = middle
    return float(np.exp(0.5 * (low + high)))
