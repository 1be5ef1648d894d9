"""Where the topics lie on the map: distances, a layout in the plane, and a colour for each."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

__all__ = ["classical_scaling", "colours", "jensen_shannon", "spread", "topic_positions"]

Floats = NDArray[np.floating[Any]]
Points = NDArray[np.float64]

LOGARITHMS = 8e7
"""Most logarithms taken for the distances: beyond it, the rarest terms are pooled into one."""

FEWEST_FOR_TSNE = 8
"""With fewer topics classical scaling alone draws the map."""

ASPECT = 1.4
"""Width of the map by its height."""

FILLED = 0.5
"""Share of the map's area that the bubbles cover."""


def jensen_shannon(topic_word: Floats, *, budget: float = LOGARITHMS) -> Points:
    """Jensen-Shannon distance between topics: square root of the divergence in bits, 0 to 1.

    With H the entropy, the divergence of P and Q is H((P + Q) / 2) - (H(P) + H(Q)) / 2
    (Lin, IEEE Transactions on Information Theory 1991, eq. 4.1).

    Parameters
    ----------
    topic_word : array of shape (K, V)
        Rows on the simplex.
    budget : float
        Most logarithms to take. Where K * K * V / 2 exceeds it, the terms with the least
        probability over all topics are pooled into one, which can only lessen a distance.

    Returns
    -------
    array of shape (K, K), symmetric with a zero diagonal.

    >>> jensen_shannon(np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])).round(3).tolist()
    [[0.0, 1.0, 0.558], [1.0, 0.0, 0.558], [0.558, 0.558, 0.0]]
    """
    n_topics = topic_word.shape[0]
    pairs = max(n_topics * (n_topics - 1) / 2, 1.0)
    rows = _pool_rare(np.asarray(topic_word, dtype=np.float64), max(int(budget / pairs), 200))
    rows = rows / rows.sum(axis=1, keepdims=True)
    own = _entropy(rows)
    divergence = np.zeros((n_topics, n_topics))
    step = max(1, int(4e6 / rows.shape[1]))
    for first in range(n_topics - 1):
        for start in range(first + 1, n_topics, step):
            others = slice(start, min(start + step, n_topics))
            mixed = _entropy((rows[first] + rows[others]) / 2)
            divergence[first, others] = mixed - (own[first] + own[others]) / 2
    divergence = np.clip(divergence + divergence.T, 0.0, 1.0)
    return np.asarray(np.sqrt(divergence))


def _pool_rare(rows: Points, keep: int) -> Points:
    if rows.shape[1] <= keep + 1:
        return rows
    common = np.argpartition(-rows.sum(axis=0), keep)[:keep]
    kept = rows[:, common]
    rest = np.clip(rows.sum(axis=1) - kept.sum(axis=1), 0.0, None)
    return np.column_stack([kept, rest])


def _entropy(rows: Points) -> Points:
    logs = np.log2(rows, out=np.zeros_like(rows), where=rows > 0)
    return np.asarray(-np.einsum("ij,ij->i", rows, logs))


def classical_scaling(distances: Floats) -> Points:
    """Points in the plane whose distances approach those given (Torgerson, Psychometrika 1952).

    The two leading eigenvectors of the doubly centred squared distances, signs fixed so that
    the same input gives the same map.

    >>> classical_scaling(np.array([[0.0, 3.0], [3.0, 0.0]])).round(6).tolist()
    [[1.5, 0.0], [-1.5, 0.0]]
    """
    squared = np.asarray(distances, dtype=np.float64) ** 2
    centred = squared - squared.mean(axis=0) - squared.mean(axis=1, keepdims=True) + squared.mean()
    values, vectors = np.linalg.eigh(-centred / 2)
    leading = np.argsort(-values, kind="stable")[:2]
    points = np.zeros((len(squared), 2))
    for axis, column in enumerate(leading):
        vector = vectors[:, column]
        sign = -1.0 if vector[np.abs(vector).argmax()] < 0 else 1.0
        points[:, axis] = sign * vector * math.sqrt(max(values[column], 0.0))
    if len(points) == 2 and points[0, 0] < 0:
        points[:, 0] *= -1.0
    return points


def topic_positions(distances: Floats, sizes: Floats) -> tuple[Points, Points]:
    """Centres and radii of the bubbles of the map, in about 2 ASPECT by 2 around zero.

    Few topics are laid out by classical scaling; more by t-SNE started from it (van der Maaten
    & Hinton, JMLR 2008), which keeps near topics near. Bubbles that overlap are moved apart.

    Parameters
    ----------
    distances : array of shape (K, K)
    sizes : array of shape (K,)
        Shares of tokens: the areas of the bubbles.

    Returns
    -------
    points : array of shape (K, 2)
    radii : array of shape (K,)
    """
    n_topics = len(distances)
    points = classical_scaling(distances)
    if n_topics >= FEWEST_FOR_TSNE:
        points = _even_out(_neighbour_embedding(distances, points))
    points = _fit_square(points) * (ASPECT, 1.0) * min(1.0, 0.35 + 0.1 * n_topics)
    shares = np.maximum(np.asarray(sizes, dtype=np.float64), 0.1 / n_topics)
    radii = np.sqrt(FILLED * 4 * ASPECT * shares / shares.sum() / math.pi)
    radii = np.clip(radii, 0.015, 0.4)
    points = spread(points, radii * 1.05)
    low = (points - radii[:, None]).min(axis=0)
    high = (points + radii[:, None]).max(axis=0)
    return points - (low + high) / 2, radii


def _neighbour_embedding(distances: Floats, start: Points) -> Points:
    from sklearn.manifold import TSNE

    spread_of_start = start.std(axis=0).max()
    if spread_of_start < 1e-6:
        return np.zeros_like(start)
    noise = np.random.default_rng(0).normal(scale=1e-6, size=start.shape)
    # "exact": at these sizes faster than Barnes-Hut, whose threads spin where cores are shared.
    perplexity = max(2.0, min(12.0, (len(distances) - 1) / 4))
    model = TSNE(
        metric="precomputed",
        init=(start / spread_of_start * 1e-4 + noise).astype(np.float32),
        perplexity=perplexity,
        learning_rate="auto",
        method="exact",
        max_iter=1000 if len(distances) <= 200 else 500,
        random_state=0,
    )
    return np.asarray(model.fit_transform(np.asarray(distances)), dtype=np.float64)


def _even_out(points: Points) -> Points:
    """Draw far points in and go half the way to even spacing along each axis, so that a topic far
    from all others does not squeeze them together."""
    deviation = points.std(axis=0)
    if deviation.max() < 1e-6:
        return points
    points = np.clip((points - np.median(points, axis=0)) / np.maximum(deviation, 1e-12), -1.7, 1.7)
    ranks = points.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    return np.asarray(_fit_square(points) + _fit_square(ranks.astype(np.float64)))


def _fit_square(points: Points) -> Points:
    """Centre the points and scale each axis so that the furthest lies at 1."""
    low, high = points.min(axis=0), points.max(axis=0)
    extent = np.where(high - low > 1e-6, high - low, 1.0)
    fitted = (points - (low + high) / 2) / extent * 2
    return np.asarray(np.where(high - low > 1e-6, fitted, 0.0))


def spread(points: Points, radii: Floats, *, rounds: int = 300) -> Points:
    """Move discs apart until none overlap, or ``rounds`` have passed; shape (K, 2) in and out.

    >>> apart = spread(np.array([[0.0, 0.0], [0.1, 0.0]]), np.array([0.5, 0.5]))
    >>> bool(np.linalg.norm(apart[0] - apart[1]) > 0.99)
    True
    """
    moved = points + np.random.default_rng(0).normal(scale=1e-6, size=points.shape)
    radii = np.asarray(radii)
    for _ in range(rounds):
        first, second = cKDTree(moved).query_pairs(2 * radii.max(), output_type="ndarray").T
        offsets = moved[first] - moved[second]
        lengths = np.maximum(np.sqrt((offsets**2).sum(axis=1)), 1e-9)
        overlaps = np.clip(radii[first] + radii[second] - lengths, 0.0, None)
        if not len(overlaps) or overlaps.max() <= 1e-3 * radii.max():
            break
        pushes = offsets * (0.5 * overlaps / lengths)[:, None]
        pressed = np.zeros(len(moved))
        np.add.at(pressed, np.concatenate([first, second]), np.tile(overlaps > 0, 2))
        shares = 1.0 / np.sqrt(np.maximum(pressed, 1.0))[:, None]
        np.add.at(moved, first, pushes * shares[first])
        np.add.at(moved, second, -pushes * shares[second])
    return moved


def colours(points: Points) -> list[str]:
    """A colour for each topic, ``#rrggbb``: neighbours on the map get neighbouring hues.

    Hues follow the angle of a point around the centre, evenly spaced, at one lightness and chroma
    of OKLCH, so that none stands out and all read on light and dark ground.

    >>> colours(np.array([[1.0, 0.0], [-1.0, 0.0]]))[0]
    '#cb697b'
    """
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    angles = np.arctan2(points[:, 1] - centre[1], points[:, 0] - centre[0])
    ranks = np.empty(len(points))
    ranks[np.argsort(angles, kind="stable")] = np.arange(len(points))
    return [_oklch(0.64, 0.125, 360.0 * rank / len(points) + 10.0) for rank in ranks]


def _oklch(lightness: float, chroma: float, hue: float) -> str:
    """sRGB of an OKLCH colour (Ottosson 2020), clipped to the gamut."""
    a = chroma * math.cos(math.radians(hue))
    b = chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * _gamma(value)):02x}" for value in linear)


def _gamma(value: float) -> float:
    value = min(max(value, 0.0), 1.0)
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
