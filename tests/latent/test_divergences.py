"""Divergences: closed forms against Monte Carlo with SciPy, gradients against differences."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from rows import DRAWS, GAUSS, MANY, SIGMAS, WEIBULL
from scipy import stats

from polytopic import latent
from polytopic.errors import InputError
from polytopic.latent import Dirichlet, Gamma, Gaussian, LogisticNormal, Weibull

Array = NDArray[np.float64]


def rows_of(values: dict[str, Array]) -> dict[str, torch.Tensor]:
    return {name: torch.tensor(value[None]) for name, value in values.items()}


@dataclass(frozen=True)
class Pair:
    q: Any
    p: Any

    def __str__(self) -> str:
        return f"{type(self.q).__name__}-{type(self.p).__name__}"


OTHER = {"location": np.array([0.0, 0.1, -0.1]), "log_variance": np.array([0.3, 0.0, 0.2])}
PAIRS = [
    Pair(q(**rows_of(GAUSS)), p(**rows_of(OTHER)))
    for q in (LogisticNormal, Gaussian)
    for p in (LogisticNormal, Gaussian)
]
PAIRS += [
    Pair(
        Dirichlet(**rows_of(MANY)),
        Dirichlet(**rows_of({"concentration": np.array([1.0, 0.5, 2.0])})),
    ),
    Pair(
        Weibull(**rows_of(WEIBULL)),
        Gamma(**rows_of({"shape": np.array([0.3, 1.0, 2.5]), "rate": np.array([1.0, 0.7, 2.0])})),
    ),
]
EVERY = pytest.mark.parametrize("pair", PAIRS, ids=str)


def scipy_density(member: Any) -> Any:
    """Frozen SciPy distributions of the coordinates; None for the Dirichlet."""
    v = {name: value.numpy()[0] for name, value in vars(member).items()}
    if isinstance(member, LogisticNormal):
        return stats.norm(v["location"], np.exp(0.5 * v["log_variance"]))
    if isinstance(member, Weibull):
        return stats.weibull_min(v["shape"], scale=v["scale"])
    return stats.gamma(v["shape"], scale=1 / v["rate"])


@EVERY
def test_closed_form_is_the_monte_carlo_average(pair: Pair) -> None:
    rng = np.random.default_rng(2)
    if isinstance(pair.q, Dirichlet):
        a, b = (member.concentration.numpy()[0] for member in (pair.q, pair.p))
        theta = rng.dirichlet(a, DRAWS)
        ratio = stats.dirichlet(a).logpdf(theta.T) - stats.dirichlet(b).logpdf(theta.T)
    else:
        q, p = scipy_density(pair.q), scipy_density(pair.p)
        z = q.rvs((DRAWS, 3), random_state=rng)
        ratio = (q.logpdf(z) - p.logpdf(z)).sum(1)
    error = SIGMAS * ratio.std() / math.sqrt(DRAWS)
    assert error < 0.1 * ratio.mean()
    assert abs(float(latent.kl(pair.q, pair.p)) - ratio.mean()) < error


@EVERY
def test_gradient_of_both_sides_is_that_of_differences(pair: Pair) -> None:
    """Of the posterior, and of a learned prior."""
    sides = [list(vars(member)) for member in (pair.q, pair.p)]
    inputs = [v for member in (pair.q, pair.p) for v in vars(member).values()]

    def value(*parameters: torch.Tensor) -> torch.Tensor:
        q, p = parameters[: len(sides[0])], parameters[len(sides[0]) :]
        return latent.kl(type(pair.q)(*q), type(pair.p)(*p))

    leaves = tuple(v.clone().requires_grad_() for v in inputs)
    assert torch.autograd.gradcheck(value, leaves, eps=1e-6, atol=1e-6)


@EVERY
def test_nothing_diverges_from_itself(pair: Pair) -> None:
    if not isinstance(pair.q, Weibull):
        assert float(latent.kl(pair.q, pair.q)) == pytest.approx(0.0, abs=1e-12)
        return
    one, rate = torch.ones(1, 2), torch.tensor([[0.5, 3.0]])
    exponential = latent.kl(Weibull(one, 1 / rate), Gamma(one, rate))
    assert float(exponential) == pytest.approx(0.0, abs=1e-6)


@EVERY
def test_documents_share_one_prior(pair: Pair) -> None:
    """A prior of shape (1, K) against B posteriors."""
    many = type(pair.q)(**{n: v.expand(4, -1) for n, v in vars(pair.q).items()})
    together = latent.kl(many, pair.p)
    assert together.shape == (4,)
    assert together.numpy() == pytest.approx(np.full(4, float(latent.kl(pair.q, pair.p))))


def test_a_pair_without_closed_form_is_refused() -> None:
    with pytest.raises(InputError, match="Dirichlet against Gaussian"):
        latent.kl(Dirichlet(torch.ones(1, 2)), Gaussian(torch.zeros(1, 2), torch.zeros(1, 2)))
