"""The fast exponential and logistic function against NumPy's in float64."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from polytopic.embeddings.kernels.logistic import exponential, logistic


@njit
def everywhere(z: NDArray[np.float32]) -> NDArray[np.float32]:
    values = np.empty((3, len(z)), np.float32)
    for i in range(len(z)):
        values[0, i], values[1, i] = logistic(z[i])
        values[2, i] = exponential(-abs(z[i]))
    return values


def test_errors_stay_within_what_is_promised() -> None:
    z = np.concatenate([np.linspace(-10, 10, 400_001), np.linspace(-80, 80, 400_001)])
    z = z.astype(np.float32).astype(np.float64)
    probability, loss, power = everywhere(z.astype(np.float32))
    exact = 1.0 / (1.0 + np.exp(-z))
    assert np.abs(probability - exact).max() < 1e-7
    assert np.abs(probability / exact - 1.0).max() < 4e-6
    assert np.all(np.abs(loss - np.logaddexp(0.0, -z)) < 2e-7 * (1.0 + np.abs(z)))
    error = np.abs(power / np.exp(-np.abs(z)) - 1.0)
    assert error[np.abs(z) < 20.0].max() < 1e-6
    assert error.max() < 4e-6


def test_any_size_gives_finite_values() -> None:
    z = np.array([0.0, -0.0, 1e-30, 200.0, -200.0, 1e30, -1e30], np.float32)
    probability, loss, power = everywhere(z)
    assert np.allclose(probability, [0.5, 0.5, 0.5, 1.0, 0.0, 1.0, 0.0], atol=1e-7)
    assert np.allclose(loss[3:], [0.0, 200.0, 0.0, 1e30])
    assert np.all(power <= 1.0)
    assert np.all(power > 0.0)
