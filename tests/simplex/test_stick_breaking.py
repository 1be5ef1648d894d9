"""Draws of a Dirichlet process against its moments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from polytopic import simplex
from polytopic.errors import InputError


@pytest.mark.parametrize("alpha", [0.5, 1.0, 10.0])
def test_atoms_have_the_moments_of_the_process(alpha: float) -> None:
    weights = simplex.stick_breaking(alpha, 40, 20_000, random_state=0)
    simplex.check_distribution(weights)
    expected = 1 / (1 + alpha) * (alpha / (1 + alpha)) ** np.arange(39)
    error = weights[:, :39].std(axis=0) / np.sqrt(len(weights))
    assert (np.abs(weights[:, :39].mean(axis=0) - expected) < 4.5 * error + 1e-9).all()
    first = stats.kstest(weights[:, 0], stats.beta(1, alpha).cdf)
    assert first.pvalue > 1e-3
    broken = weights[:, 1] / (1 - weights[:, 0])
    usable = weights[:, 0] < 0.99
    assert stats.kstest(broken[usable], stats.beta(1, alpha).cdf).pvalue > 1e-3


def test_extreme_concentrations_stay_on_the_simplex() -> None:
    for alpha in (1e-8, 1e8):
        simplex.check_distribution(simplex.stick_breaking(alpha, 7, 3, random_state=1))
    assert simplex.stick_breaking(3.0, 1, 2).tolist() == [[1.0], [1.0]]


def test_a_seed_gives_the_same_draws() -> None:
    one, same, other = (simplex.stick_breaking(2.0, 9, random_state=s) for s in (4, 4, 5))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"alpha": 0}, "alpha: 0 given"),
        ({"alpha": -1.0}, "alpha: -1.0"),
        ({"alpha": float("nan")}, "alpha: nan"),
        ({"alpha": "1"}, "alpha: '1'"),
        ({"alpha": 1.0, "n_atoms": 0}, "n_atoms: 0"),
        ({"alpha": 1.0, "n_draws": 1.5}, "n_draws: 1.5"),
    ],
)
def test_what_cannot_be_drawn_is_told(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        simplex.stick_breaking(**given)
