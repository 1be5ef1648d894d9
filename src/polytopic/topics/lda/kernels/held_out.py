"""Unbiased estimates of p(w | phi, alpha) of documents: left to right, and by annealing."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled
from polytopic.kernels.csr import Csr
from polytopic.kernels.random import step, uniform
from polytopic.topics.lda.kernels.drawing import (
    document_stream,
    draw_topic,
    expand,
    weigh,
)

__all__ = ["annealed_block", "left_to_right_block"]

_LANE = 16
"""Topics summed at once, as in drawing."""

_ONE = np.float32(1.0)
_LEAST = np.float32(1e-30)
"""A term that a topic gives nothing has a finite logarithm, e^-69, at which no token of it is
drawn."""


@compiled()
def left_to_right_block(
    given: Csr,
    first: int,
    last: int,
    rows: NDArray[np.float32],
    alpha: NDArray[np.float32],
    n_particles: int,
    moves: int,
    key: int,
    out: NDArray[np.float64],
) -> None:
    """Write log p(w | phi, alpha) of documents ``first`` to ``last``; see topics.held_out."""
    indptr, indices, data = given
    whole = 0.0
    for k in range(len(alpha)):
        whole += alpha[k]
    for document in range(first, last):
        terms = indices[indptr[document] : indptr[document + 1]]
        counts = data[indptr[document] : indptr[document + 1]]
        size = 0
        for place in range(len(terms)):
            size += int(counts[place])
        places = np.empty(size, dtype=np.int32)
        state = expand(terms, counts, document_stream(key, terms, counts), places)
        out[document] = _particles(terms, places, rows, alpha, whole, n_particles, moves, state)


@compiled()
def _particles(
    terms: NDArray[np.int32],
    places: NDArray[np.int32],
    rows: NDArray[np.float32],
    alpha: NDArray[np.float32],
    whole: float,
    n_particles: int,
    moves: int,
    state: int,
) -> float:
    """The particle filter over the tokens of one document."""
    size, width = len(places), len(alpha)
    topics = np.empty((n_particles, size), dtype=np.int32)
    totals = np.zeros((n_particles, width), dtype=np.float32)
    weights, sums = np.empty(width, np.float32), np.empty(width // _LANE, np.float32)
    chances = np.full(n_particles, 1.0 / n_particles)
    log_p = 0.0
    for n in range(size):
        row, mean = rows[terms[places[n]]], 0.0
        for r in range(n_particles):
            total, chosen = totals[r], topics[r]
            everywhere = moves < 0 or moves >= n
            for j in range(n if everywhere else moves):
                i = j
                if not everywhere:
                    i = int(uniform(state) * n)
                    state = step(state)
                total[chosen[i]] -= _ONE
                mass = weigh(total, alpha, rows[terms[places[i]]], weights, sums)
                chosen[i] = draw_topic(uniform(state) * mass, weights, sums)
                state = step(state)
                total[chosen[i]] += _ONE
            mass = weigh(total, alpha, row, weights, sums)
            chosen[n] = draw_topic(uniform(state) * mass, weights, sums)
            state = step(state)
            total[chosen[n]] += _ONE
            chances[r] *= mass / (whole + n)
            mean += chances[r]
        if mean <= 0.0:
            return -np.inf
        log_p += math.log(mean)
        squares = 0.0
        for r in range(n_particles):
            chances[r] /= mean
            squares += chances[r] * chances[r]
        if squares * n_particles > 2.0:
            _resample(chances, topics, totals, n + 1, uniform(state))
            state = step(state)
    return log_p


@compiled()
def _resample(
    chances: NDArray[np.float64],
    topics: NDArray[np.int32],
    totals: NDArray[np.float32],
    n: int,
    offset: float,
) -> None:
    """Systematic resampling: particle r is kept about R chances_r times; chances become equal."""
    n_particles = len(chances)
    old_topics, old_totals = topics[:, :n].copy(), totals.copy()
    source, reached = 0, chances[0]
    for r in range(n_particles):
        point = (r + offset) / n_particles
        while reached < point and source < n_particles - 1:
            source += 1
            reached += chances[source]
        topics[r, :n] = old_topics[source]
        totals[r] = old_totals[source]
    chances[:] = 1.0 / n_particles


@compiled()
def annealed_block(
    given: Csr,
    first: int,
    last: int,
    rows: NDArray[np.float32],
    alpha: NDArray[np.float32],
    n_temperatures: int,
    n_chains: int,
    key: int,
    out: NDArray[np.float64],
) -> None:
    """Write log p(w | phi, alpha) of documents ``first`` to ``last``; see topics.held_out."""
    indptr, indices, data = given
    width = len(alpha)
    for document in range(first, last):
        terms = indices[indptr[document] : indptr[document + 1]]
        counts = data[indptr[document] : indptr[document + 1]]
        size = 0
        for place in range(len(terms)):
            size += int(counts[place])
        places = np.empty(size, dtype=np.int32)
        state = expand(terms, counts, document_stream(key, terms, counts), places)
        logs, steps = np.empty((2, len(terms), width), dtype=np.float32)
        for place in range(len(terms)):
            for k in range(width):
                logs[place, k] = math.log(max(rows[terms[place], k], _LEAST))
                steps[place, k] = math.exp(logs[place, k] / n_temperatures)
        best, total = -np.inf, 0.0
        for _ in range(n_chains):
            weight, state = _anneal(places, logs, steps, alpha, n_temperatures, state)
            if weight > best:
                total = total * math.exp(best - weight) + 1.0
                best = weight
            else:
                total += math.exp(weight - best)
        out[document] = best + math.log(total / n_chains)


@compiled()
def _anneal(
    places: NDArray[np.int32],
    logs: NDArray[np.float32],
    steps: NDArray[np.float32],
    alpha: NDArray[np.float32],
    n_temperatures: int,
    state: int,
) -> tuple[float, int]:
    """The log weight of one chain from the prior of the topics to their posterior."""
    size, width = len(places), len(alpha)
    topics = np.empty(size, dtype=np.int32)
    weights, sums = np.empty(width, np.float32), np.empty(width // _LANE, np.float32)
    totals, powers = np.zeros_like(alpha), np.ones_like(steps)
    log_weight = 0.0
    for s in range(n_temperatures):
        for n in range(size):
            if s > 0:
                totals[topics[n]] -= _ONE
            mass = weigh(totals, alpha, powers[places[n]], weights, sums)
            topics[n] = draw_topic(uniform(state) * mass, weights, sums)
            state = step(state)
            totals[topics[n]] += _ONE
        fit = 0.0
        for n in range(size):
            fit += logs[places[n], topics[n]]
        log_weight += fit / n_temperatures
        for place in range(len(powers)):
            for k in range(width):
                powers[place, k] *= steps[place, k]
    return log_weight, state
