"""Draws of the topics given the counts: phi_k ~ Dirichlet(eta_k + n_k), word by word."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled
from polytopic.kernels.random import stream
from polytopic.topics.lda.kernels.gamma import gamma, small_gamma, small_gamma_floor
from polytopic.topics.lda.kernels.gibbs_sweeps import BLOCK

__all__ = ["draw_gammas", "gather_moves", "mean_gammas", "scale"]


@compiled()
def gather_moves(
    counts: NDArray[np.int32],
    moves: NDArray[np.int32],
    first: int,
    last: int,
) -> None:
    """Add the moves of one worker to the counts of words ``first`` to ``last``, and clear them."""
    for w in range(first, last):
        for k in range(counts.shape[1]):
            counts[w, k] += moves[w, k]
            moves[w, k] = 0


@compiled()
def draw_gammas(
    counts: NDArray[np.int32],
    eta: NDArray[np.float64],
    n_topics: int,
    key: int,
    first: int,
    last: int,
    phi: NDArray[np.float32],
    totals: NDArray[np.float64],
) -> None:
    """Draw Gamma(counts + eta) for words ``first`` to ``last``; ``totals`` (K,) gets their sums.

    ``eta`` is (1, 1), (V, 1) or (V, K); where it is 0 and the count too, phi is 0. Draws below
    ``gamma.NEGLIGIBLE`` are 0 where the count is 0 and eta below 1.
    """
    by_word, by_topic = eta.shape[0] > 1, eta.shape[1] > 1
    totals[:] = 0.0
    shape, floor = -1.0, 0.0
    for w in range(first, last):
        state = stream(key, w)
        for k in range(n_topics):
            prior = eta[w if by_word else 0, k if by_topic else 0]
            if prior != shape:
                shape = prior
                floor = small_gamma_floor(prior) if prior < 1.0 else 0.0
            count = counts[w, k]
            if count == 0 and prior < 1.0:
                value = 0.0
                if prior > 0.0:
                    value, state = small_gamma(prior, floor, state)
            elif count + prior < 1.0:
                value, state = small_gamma(count + prior, 0.0, state)
            else:
                value, state = gamma(count + prior, state)
            phi[w, k] = value
            totals[k] += value


@compiled()
def mean_gammas(
    counts: NDArray[np.int32],
    eta: NDArray[np.float64],
    n_topics: int,
    first: int,
    last: int,
    phi: NDArray[np.float32],
    totals: NDArray[np.float64],
) -> None:
    """As ``draw_gammas``, with the means counts + eta in place of draws."""
    by_word, by_topic = eta.shape[0] > 1, eta.shape[1] > 1
    totals[:] = 0.0
    for w in range(first, last):
        for k in range(n_topics):
            value = counts[w, k] + eta[w if by_word else 0, k if by_topic else 0]
            phi[w, k] = value
            totals[k] += value


@compiled()
def scale(
    phi: NDArray[np.float32],
    factors: NDArray[np.float32],
    locked: NDArray[np.int64],
    fixed: NDArray[np.float32],
    alpha: NDArray[np.float32],
    masses: NDArray[np.float32],
    first: int,
    last: int,
) -> None:
    """Multiply columns by ``factors`` (P,), put the ``locked`` topics' rows in, fill ``masses``.

    ``fixed`` is (V, len(locked)). ``masses`` (V, 0) are left out, else see ``sweep_sparse``.
    """
    n_places, n_masses = phi.shape[1], masses.shape[1]
    for w in range(first, last):
        for k in range(n_places):
            phi[w, k] *= factors[k]
        for j in range(len(locked)):
            phi[w, locked[j]] = fixed[w, j]
        if n_masses:
            whole = np.float32(0.0)
            for block in range(n_places // BLOCK):
                mass = np.float32(0.0)
                for k in range(block * BLOCK, (block + 1) * BLOCK):
                    mass += phi[w, k] * alpha[k]
                masses[w, block] = mass
                whole += mass
            masses[w, n_masses - 1] = whole
