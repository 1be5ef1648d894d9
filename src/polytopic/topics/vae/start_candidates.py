"""Candidates of a start: small clusters that are merged, and what the best of them is known by.

Which clusters k-means finds hangs on where it begins, and what is found decides how well the
trained topics' words stand together in new documents: it is worth a choice among several.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.metrics.coherence import npmi_of_pairs
from polytopic.metrics.counting import pairs_of
from polytopic.metrics.probabilities import Probabilities

__all__ = ["merit", "standing_together", "ward_merged"]

_PARTS = 9
"""Of the documents, each judged by itself: in a ninth, as in new documents, a pair of rare words
meets seldom (`benchmarks/start_candidates.py --starts` holds it against NPMI held out)."""

_WORDS, _DIFFERENT_WORDS = 10, 25
"""First words of a topic that should stand together, and that should be no other topic's, as NPMI
and TD are commonly given."""

_APART = 0.5
"""What the share of different words counts beside NPMI: without it topics share more words, with
one held out falls (`benchmarks/start_candidates.py` on 20ng-5k, nyt-10k and snippets)."""

_ROUNDING = 1e-12
"""Clusters on one spot are no less than nothing apart."""


def ward_merged(
    means: NDArray[Any], sizes: NDArray[np.float64], n_clusters: int
) -> NDArray[np.float64]:
    """Means (n, E) of clusters with ``sizes`` (n,) points, merged until ``n_clusters`` are left.

    Of all pairs the two are merged whose union adds least to the sum of squares within clusters,
    n_a n_b / (n_a + n_b) |m_a - m_b|^2 (Ward, JASA 1963). Clusters without points are left out.

    Returns
    -------
    float64 array of shape (min(n_clusters, clusters with points), E)
    """
    held = sizes > 0
    m, n = means[held].astype(np.float64), sizes[held].astype(np.float64)
    cost = _cost(m, m, n, n)
    np.fill_diagonal(cost, np.inf)
    alive = np.ones(len(n), dtype=np.bool_)
    for _ in range(len(n) - n_clusters):
        a, b = divmod(int(cost.argmin()), len(n))
        m[a] = (n[a] * m[a] + n[b] * m[b]) / (n[a] + n[b])
        n[a] += n[b]
        alive[b] = False
        new = _cost(m[a : a + 1], m, n[a : a + 1], n)[0]
        new[~alive] = new[a] = np.inf
        cost[b], cost[:, b], cost[a], cost[:, a] = np.inf, np.inf, new, new
    merged: NDArray[np.float64] = m[alive]
    return merged


def _cost(
    left: NDArray[np.float64],
    right: NDArray[np.float64],
    n: NDArray[np.float64],
    o: NDArray[np.float64],
) -> NDArray[np.float64]:
    """What each union adds to the squares within, shape (len(left), len(right))."""
    apart = (left**2).sum(1)[:, None] + (right**2).sum(1) - 2.0 * left @ right.T
    cost: NDArray[np.float64] = np.maximum(apart, _ROUNDING) * (n[:, None] * o / (n[:, None] + o))
    return cost


def merit(order: NDArray[np.int64], counts: sparse.csr_matrix) -> float:
    """NPMI of topics' first ten words in parts of the documents (D, V), and half their TD.

    ``order``: the terms of each topic, first ones first, shape (K, n). TD: of the first 25 words of
    all topics the share of different ones (Dieng, Ruiz & Blei, TACL 2020).
    """
    leading = order[:, :_DIFFERENT_WORDS]
    different = len(np.unique(leading)) / leading.size
    return standing_together(order[:, :_WORDS], counts) + _APART * different


def standing_together(first: NDArray[np.int64], counts: sparse.csr_matrix) -> float:
    """NPMI of topics' first words, columns of shape (K, n), in parts of the documents (D, V).

    The mean over nine parts, every ninth document, of NPMI over the part's documents (Bouma, GSCL
    2009): a pair that a part does not hold together counts -1 there.
    """
    terms, places = np.unique(first, return_inverse=True)
    coded = places.reshape(first.shape)
    pairs = pairs_of(coded, len(terms))
    held = sparse.csr_matrix(counts[:, terms] > 0, dtype=np.float32)
    parts = min(_PARTS, held.shape[0])
    found = []
    for part in range(parts):
        own = held[part::parts]
        joint = np.asarray((own.T @ own).toarray(), dtype=np.float64) / own.shape[0]
        of_pairs = joint[pairs.first, pairs.second]
        likely = Probabilities(
            joint.diagonal(), of_pairs, pairs.first, pairs.second, coded, pairs.of_topics
        )
        found.append(likely.mean(npmi_of_pairs(likely)).mean())
    return float(np.mean(found))
