"""Documents on a plane, by t-SNE."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["LANDMARKS", "project"]

Points = NDArray[np.float64]

LANDMARKS = 2000
"""So many documents scikit-learn lays out in seconds, 50,000 in minutes. Of more, openTSNE lays out
all; where it is not, these alone, and each other stands among the nearest of them."""

PERPLEXITY = 30.0
"""scikit-learn's default (van der Maaten & Hinton 2008 advise 5 to 50)."""

ROUNDS = 500
"""Of t-SNE, half of scikit-learn's default."""

MANY_PERPLEXITY = 10.0
"""Of more than LANDMARKS. Of 10 and 30 that which kept more of the ten nearest of 50,000 abstracts,
in less time."""

MANY_ROUNDS = (125, 250)
"""Exaggerated and other rounds, half of openTSNE's defaults: 50,000 documents in half a minute."""

_NEAREST = 4
_BLOCK = 4096
_JITTER = 0.006
"""Of the width: documents with the same nearest landmarks do not hide each other."""


def project(doc_topic: NDArray[Any], topic_points: Points) -> Points:
    """Places of documents in the square from 0 to 1, shape (D, 2).

    Distances are Hellinger's: those of the square roots of the proportions. t-SNE (van der Maaten
    & Hinton, JMLR 2008) starts from the documents' mean place among their topics on the map of the
    topics, so that both maps agree (an informative start keeps what is far apart: Kobak &
    Linderman, Nature Biotechnology 2021).

    Parameters
    ----------
    doc_topic : array of shape (D, K)
        Rows on the simplex.
    topic_points : array of shape (K, 2)
    """
    n = len(doc_topic)
    if n > LANDMARKS and find_spec("openTSNE") is not None:
        return _filling_square(_laid_out(doc_topic, topic_points, _of_many))
    places = np.unique(np.linspace(0, n - 1, min(n, LANDMARKS)).round().astype(int))
    laid = _filling_square(_laid_out(doc_topic[places], topic_points, _of_few))
    if len(places) == n:
        return laid
    chosen = np.sqrt(np.asarray(doc_topic[places], dtype=np.float32))
    points = np.empty((n, 2))
    for first in range(0, n, _BLOCK):
        rows = np.sqrt(np.asarray(doc_topic[first : first + _BLOCK], dtype=np.float32))
        points[first : first + len(rows)] = _among(rows, chosen, laid)
    points += np.random.default_rng(0).normal(scale=_JITTER, size=points.shape)
    points[places] = laid
    return np.clip(points, 0.0, 1.0)


def _laid_out(
    doc_topic: NDArray[Any],
    topic_points: Points,
    embed: Callable[[NDArray[np.float32], Points], Points],
) -> Points:
    """By ``embed`` from the documents' mean places among their topics; few or equal ones there."""
    start = np.asarray(doc_topic, dtype=np.float64) @ topic_points
    spread = float(start.std(axis=0).max())
    noise = np.random.default_rng(0).normal(scale=1e-6, size=start.shape)
    begun = np.asarray(start / max(spread, 1e-12) * 1e-4 + noise)
    if len(start) < 8 or spread < 1e-9:
        return begun
    return embed(np.sqrt(np.asarray(doc_topic, dtype=np.float32)), begun)


def _of_many(rows: NDArray[np.float32], begun: Points) -> Points:
    """openTSNE's, which interpolates the forces (Linderman et al., Nature Methods 2019)."""
    from openTSNE import TSNE

    exaggerated, rounds = MANY_ROUNDS
    model = TSNE(
        initialization=begun,
        perplexity=MANY_PERPLEXITY,
        early_exaggeration_iter=exaggerated,
        n_iter=rounds,
        negative_gradient_method="fft",
        random_state=0,
        n_jobs=1,
    )
    return np.asarray(model.fit(rows), dtype=np.float64)


def _of_few(rows: NDArray[np.float32], begun: Points) -> Points:
    """scikit-learn's."""
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    model = TSNE(
        init=begun.astype(np.float32),
        perplexity=min(PERPLEXITY, (len(rows) - 1) / 4),
        learning_rate="auto",
        max_iter=ROUNDS,
        random_state=0,
        n_jobs=1,
    )
    with threadpool_limits(1):  # threads that wait for each other spin where cores are shared
        return np.asarray(model.fit_transform(rows), dtype=np.float64)


def _filling_square(points: Points) -> Points:
    low, high = points.min(axis=0), points.max(axis=0)
    extent = np.where(high > low, high - low, 1.0)
    return np.asarray(np.where(high > low, 0.03 + 0.94 * (points - low) / extent, 0.5))


def _among(rows: NDArray[np.float32], landmarks: NDArray[np.float32], laid: Points) -> Points:
    """The weighted mean place of the nearest landmarks; the nearest weighs most."""
    likeness = rows @ landmarks.T  # 1 - half of the squared Hellinger distance
    near = np.argpartition(-likeness, _NEAREST - 1, axis=1)[:, :_NEAREST]
    apart = np.maximum(1.0 - np.take_along_axis(likeness, near, axis=1).astype(np.float64), 1e-9)
    weights = (apart / apart.min(axis=1, keepdims=True)) ** -3.0
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray(np.einsum("ij,ijk->ik", weights, laid[near]))
