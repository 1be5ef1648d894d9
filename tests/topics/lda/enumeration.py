"""Sums over every assignment of topics to the tokens of a short document."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln


def exact(
    words: list[int], phi: NDArray[np.float64], alpha: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """p(words), and the posterior mean and standard deviation of theta."""
    total, size = alpha.sum(), len(words)
    evidence, first, second = 0.0, np.zeros(len(alpha)), np.zeros(len(alpha))
    for z in product(range(len(alpha)), repeat=size):
        n = np.bincount(z, minlength=len(alpha))
        log_prior = gammaln(total) - gammaln(total + size)
        log_prior += np.sum(gammaln(n + alpha) - gammaln(alpha))
        p = np.exp(log_prior) * np.prod([phi[k, w] for k, w in zip(z, words, strict=True)])
        a = n + alpha
        evidence += p
        first += p * a / a.sum()
        second += p * a * (a + 1) / (a.sum() * (a.sum() + 1))
    mean = first / evidence
    return evidence, mean, np.sqrt(second / evidence - mean**2)
