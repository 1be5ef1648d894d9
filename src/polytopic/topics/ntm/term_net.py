"""Where NTM begins: lt from the terms' vectors, and W1 from the lt of documents' terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.topics.from_vectors.clustering import spherical_k_means, unit_rows
from polytopic.topics.ntm.kernels.steps import OPTIMISERS, Step, move
from polytopic.topics.ntm.recipe import Recipe

__all__ = [
    "TermNet",
    "begin_net",
    "features",
    "first_logits",
    "move_part",
    "number_of",
    "rebuilding_slopes",
    "sigmoid",
    "softmax_of_softplus",
    "tied_slopes",
]

Floats = NDArray[np.float32]

_FIRST_NEW, _SECOND_NEW = 0.1, 0.01
"""What a step adds to the mean of the slopes, and of their squares: a run has as few as forty
steps, which a mean square over a thousand (Adam's usual .001) would not follow."""

_RATE = 0.02
"""Of Adam for the auto-encoder; not compared with others."""

_LEARN_FROM = 10_000
"""The commonest terms, from which directions are learnt."""

_STEPS, _BATCH = 200, 2048
"""Of the auto-encoder of the paper's recipe, which does not say how long it is trained."""

_SMALL = np.float32(0.01)
"""Deviation of a random W2: lt starts near a half everywhere, as in the paper."""


@dataclass
class TermNet:
    """lt = activation(le W2 + b): ``weights`` W2, (E, K), and ``bias`` b, (K,), float32."""

    weights: Floats
    bias: Floats
    activation: str = "sigmoid"

    def topics(self, vectors: Floats) -> Floats:
        """lt of terms, (V, K)."""
        logits = vectors @ self.weights + self.bias
        return sigmoid(logits) if self.activation == "sigmoid" else softmax_of_softplus(logits)

    def by_logits(self, vectors: Floats, lt: Floats, slope: Floats) -> None:
        """Turn a slope by lt, (V, K), into that by le W2 + b, in place."""
        if self.activation == "sigmoid":
            slope *= lt
            slope *= 1 - lt
            return
        slope -= (slope * lt).sum(axis=1, keepdims=True)
        slope *= lt
        slope *= sigmoid(vectors @ self.weights + self.bias)


def sigmoid(logits: NDArray[Any]) -> NDArray[Any]:
    """1 / (1 + exp(-x)), entry by entry, without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)), dtype=logits.dtype)


def softmax_of_softplus(logits: NDArray[Any]) -> NDArray[Any]:
    """softmax(log(1 + exp(x))) over the last axis: a share grows with x, and not faster."""
    powers = np.logaddexp(logits.dtype.type(0), logits)
    powers = np.exp(powers - powers.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def features(vectors: Floats, share: NDArray[np.float64], recipe: Recipe) -> Floats:
    """le as training sees it, (V, E): bare, or less its mean over pairs and of length one."""
    if not recipe.unit:
        return vectors
    seen = share * np.any(vectors, axis=1)
    if seen.sum() > 0:
        centred = vectors - (seen @ vectors / seen.sum()).astype(np.float32)
        vectors = np.where(np.any(vectors, axis=1)[:, None], centred, np.float32(0))
    return np.asarray(unit_rows(vectors), dtype=np.float32)


def begin_net(
    vectors: Floats, share: NDArray[np.float64], n_topics: int, recipe: Recipe, seed: int
) -> TermNet:
    """W2 and the bias before the first pair; ``share``: of each term among all pairs, (V,)."""
    rng = np.random.default_rng([seed, 5])
    bias = np.full(n_topics, 0.0 if recipe.bias is None else recipe.bias, dtype=np.float32)
    if recipe.start == "random":
        noise = _SMALL * rng.standard_normal((vectors.shape[1], n_topics), np.float32)
        return TermNet(noise, bias, recipe.activation)
    if recipe.start == "autoencoder":
        found = autoencoder(vectors[share > 0], n_topics, rng, tied=recipe.tied)
        return TermNet(found, bias, recipe.activation)
    usable = np.flatnonzero((share > 0) & np.any(vectors, axis=1))
    learned = usable[np.argsort(-share[usable], kind="stable")[:_LEARN_FROM]]
    points, weight = unit_rows(vectors[learned]), np.sqrt(share[learned])
    centers = _centers(points.astype(np.float32), weight.astype(np.float32), n_topics, rng)
    directions = np.ascontiguousarray(np.float32(recipe.contrast) * centers.T)
    return TermNet(directions, bias, recipe.activation)


def _centers(
    points: Floats, weight: Floats, n_topics: int, rng: np.random.Generator
) -> NDArray[np.floating[Any]]:
    """Directions of k-means, filled up with random ones where points have too few."""
    n = min(n_topics, len(np.unique(points.round(5), axis=0)))
    extra = unit_rows(rng.standard_normal((n_topics - n, points.shape[1])))
    if n < 2:
        return np.vstack([unit_rows(rng.standard_normal((n, points.shape[1]))), extra])
    found = spherical_k_means(points, weight / weight.sum(), n, rng, n_runs=1, n_iterations=20)
    return np.asarray(np.vstack([found, extra]))


def rebuilding_slopes(
    batch: NDArray[Any], encoder: NDArray[Any], decoder: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Slopes of half the squared error of sigmoid(batch W) A, a mean over rows, by W and by A."""
    inner = sigmoid(batch @ encoder)
    error = (inner @ decoder - batch) / batch.dtype.type(len(batch))
    return batch.T @ ((error @ decoder.T) * inner * (1 - inner)), inner.T @ error


def tied_slopes(batch: NDArray[Any], encoder: NDArray[Any]) -> tuple[NDArray[Any]]:
    """Slope of half the squared error of sigmoid(batch W) W', a mean over rows, by W."""
    by_encoder, by_decoder = rebuilding_slopes(batch, encoder, encoder.T)
    return (by_encoder + by_decoder.T,)


def autoencoder(
    vectors: Floats, n_topics: int, rng: np.random.Generator, *, tied: bool = False
) -> Floats:
    """W2 of le ~ sigmoid(le W2) A, (E, K), by Adam on the squared error (Cao et al., section 4).

    The decoder A (K, E) is a matrix of its own, or W2 turned over if ``tied``.
    """
    dim = vectors.shape[1]
    shapes = ((dim, n_topics),) if tied else ((dim, n_topics), (n_topics, dim))
    parts = [
        (rng.standard_normal(shape) / np.sqrt(shape[0])).astype(np.float32) for shape in shapes
    ]
    moments = [(np.zeros_like(part), np.zeros_like(part)) for part in parts]
    for step in range(1, _STEPS + 1):
        batch = vectors[rng.integers(len(vectors), size=min(_BATCH, len(vectors)))]
        slopes = tied_slopes(batch, *parts) if tied else rebuilding_slopes(batch, *parts)
        for part, slope, (first, second) in zip(parts, slopes, moments, strict=True):
            adam(part, slope, first, second, step, _RATE)
    found: Floats = parts[0]
    return found


def adam(
    part: Floats, slope: Floats, first: Floats, second: Floats, step: int, rate: float
) -> None:
    """One step of Adam (Kingma & Ba 2015) in place, with decays .9 and .99."""
    first += np.float32(_FIRST_NEW) * (slope - first)
    second += np.float32(_SECOND_NEW) * (slope * slope - second)
    scale = np.sqrt(second / np.float32(1 - (1 - _SECOND_NEW) ** step)) + np.float32(1e-12)
    part -= np.float32(rate / (1 - (1 - _FIRST_NEW) ** step)) * first / scale


def move_part(
    part: Floats, slope: Floats, moments: Sequence[Floats], recipe: Recipe, pairs: int, step: int,
    fall: float,
) -> None:  # fmt: skip
    """One step of W2 or the bias, the ``step``-th, from a sum of slopes over ``pairs``, in place.

    ``fall``: the share of the rate of W2 at this point.
    """
    rate = recipe.term_rate * fall
    if recipe.optimiser == "sgd":
        part -= np.float32(rate) * slope
        return
    scaled = slope / np.float32(max(1, pairs))
    if recipe.optimiser == "row-adagrad":
        adam(part, scaled, moments[0], moments[1], step, rate)
        return
    how = Step(rate, number_of(recipe), step)
    for row in zip(*(np.atleast_2d(array) for array in (part, scaled, *moments)), strict=True):
        move(*row, how)


def number_of(recipe: Recipe) -> int:
    """Of the recipe's optimiser, as a :class:`Step` holds it."""
    return 0 if recipe.optimiser == "row-adagrad" else OPTIMISERS.index(recipe.optimiser)


def first_logits(
    term_topics: Floats, share: NDArray[np.float64], recipe: Recipe
) -> tuple[Floats, float, float]:
    """What W1 sums over a document's N tokens, (V, K), and the scale and power of N^-power."""
    if not recipe.centred:
        return term_topics, 1.0, 0.0
    logs = np.log(np.maximum(term_topics, np.float32(1e-20)))
    logs -= (share @ logs).astype(np.float32)
    logs -= logs.mean(axis=1, keepdims=True)
    return logs, 1.0, 0.5
