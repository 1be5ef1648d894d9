"""Draws of every family and gradient: where they lie, and the moments of their exact law."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from rows import (
    DRAWS,
    KINDS,
    ROWS,
    SIGMAS,
    Kind,
    Law,
    Parameters,
    Row,
    dirichlet_law,
    inverse_cdf_law,
    laplace_law,
)
from scipy import special, stats

from polytopic import latent
from polytopic.errors import InputError
from polytopic.latent import GRADIENTS, Dirichlet, Weibull
from polytopic.latent.families import MIN_CONCENTRATION
from polytopic.latent.weibull import MIN_SHAPE

EVERY = pytest.mark.parametrize("row", ROWS, ids=str)
FAMILIES = pytest.mark.parametrize("kind", KINDS, ids=str)


def draw(row: Row, rows: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return latent.sample(row.posterior(rows), row.gradient, generator).theta


def test_the_table_names_every_gradient() -> None:
    assert {(row.family, row.gradient) for row in ROWS if isinstance(row.gradient, str)} == {
        *GRADIENTS
    }


@EVERY
def test_draws_lie_where_they_should(row: Row) -> None:
    theta = draw(row, 500, 0)
    assert torch.isfinite(theta).all()
    if row.kind.shares:
        assert (theta >= 0).all()
        assert torch.allclose(theta.sum(1), torch.ones(500, dtype=theta.dtype), atol=1e-12)


@EVERY
def test_moments_are_those_of_the_law(row: Row) -> None:
    theta = draw(row, DRAWS, 1).numpy()
    mean, covariance = row.law(row.parameters)
    assert (np.abs(theta.mean(0) - mean) < SIGMAS * theta.std(0) / math.sqrt(DRAWS)).all()
    square = (theta - mean) ** 2
    error = np.abs(square.mean(0) - np.diag(covariance))
    assert (error < SIGMAS * square.std(0) / math.sqrt(DRAWS)).all()


@EVERY
def test_same_seed_same_draw(row: Row) -> None:
    assert torch.equal(draw(row, 9, 5), draw(row, 9, 5))
    assert not torch.equal(draw(row, 9, 5), draw(row, 9, 6))


@FAMILIES
def test_mean_and_center_lie_on_the_simplex(kind: Kind) -> None:
    for point in (kind.posterior(4).mean(), kind.posterior(4).center()):
        assert (point >= 0).all()
        assert point.sum(1).numpy() == pytest.approx(np.ones(4), abs=1e-12)


@FAMILIES
def test_means_are_those_of_the_laws(kind: Kind) -> None:
    """Closed form for the Dirichlet; 32 and 128 points for the others, within what they state."""
    p = kind.parameters
    expected = kind.law(p)[0] if kind.mean is None else kind.mean(p)
    assert kind.posterior().mean().numpy()[0] == pytest.approx(expected, abs=kind.precision)


@pytest.mark.parametrize(
    ("shape", "error"), [(0.1, 0.027), (0.5, 0.011), (1.0, 0.006), (3.0, 0.002)]
)
def test_weibull_mean_is_as_precise_as_it_says(shape: float, error: float) -> None:
    rng = np.random.default_rng(0)
    scale = np.exp(rng.normal(0, 1.5, 50))
    q = Weibull(torch.full((1, 50), shape), torch.tensor(scale[None], dtype=torch.float32))
    noise = np.log(rng.exponential(size=(20_000, 50)))
    long = special.softmax(np.log(scale) + noise / shape, axis=1).mean(0)
    assert np.abs(q.mean().numpy()[0] - long).max() < error


def test_weibull_s_center_is_made_of_the_expectations() -> None:
    row = next(row for row in ROWS if row.family is Weibull)
    p = row.parameters
    expected = stats.weibull_min(p["shape"], scale=p["scale"]).mean()
    assert row.posterior().center().numpy()[0] == pytest.approx(expected / expected.sum())


@FAMILIES
def test_log_density_is_scipy_s(kind: Kind) -> None:
    q = kind.posterior(20)
    h = q.draw(torch.Generator().manual_seed(3))
    assert q.log_density(h).numpy() == pytest.approx(kind.density(kind.parameters, h.numpy()))


# ---- approximations: how far their law is from the Dirichlet -----------------------------------

ALPHAS = np.array([0.01, 0.05, 0.1, 0.3, 0.5, 1.0, 2.0, 10.0])


def test_inverse_cdf_keeps_its_bound() -> None:
    """F of the exact Gamma at the approximate quantile, against the uniform it came from."""
    uniform = np.linspace(1e-6, 1.0, 2001)
    top = np.exp(special.gammaln(ALPHAS + 1) / ALPHAS)
    bound = 1 - np.exp(-top * ALPHAS / (ALPHAS + 1))
    for alpha, z, limit in zip(ALPHAS, top, bound, strict=True):
        error = np.abs(special.gammainc(alpha, z * uniform ** (1 / alpha)) - uniform).max()
        assert 0.85 * limit < error < limit
    assert bound[[0, 2, 4, 5]] == pytest.approx([0.0056, 0.0537, 0.2303, 0.3935], abs=1e-4)


@pytest.mark.parametrize(
    ("law", "size", "mean_error", "variance_error"),
    [
        (inverse_cdf_law, 0.05, 0.0001, 0.02),
        (inverse_cdf_law, 0.1, 0.0005, 0.05),
        (inverse_cdf_law, 0.5, 0.008, 0.34),
        (inverse_cdf_law, 1.0, 0.014, 0.52),
        (laplace_law, 0.5, 0.048, 0.21),
        (laplace_law, 1.0, 0.028, 0.23),
        (laplace_law, 5.0, 0.0064, 0.37),
    ],
)
def test_approximate_laws_are_as_near_as_they_say(
    law: Callable[[Parameters], Law], size: float, mean_error: float, variance_error: float
) -> None:
    ratios = [1.0, 2.0, 4.0] if law is laplace_law else [1.0, 4.0]
    p = {"concentration": size * np.array(ratios)}
    mean, covariance = law(p)
    exact, spread = dirichlet_law(p)
    assert np.abs(mean - exact).max() < mean_error
    assert np.abs(np.diag(covariance) / np.diag(spread) - 1).max() < variance_error


def test_laplace_keeps_its_bounds() -> None:
    """Means and variances of theta's centred log-ratios, exact by digamma and trigamma."""
    rng = np.random.default_rng(0)

    def centred(variance: np.ndarray) -> np.ndarray:
        """Of h_k - mean(h) with independent h."""
        return variance * (1 - 2 / 6) + variance.sum() / 36

    for alpha in np.exp(rng.uniform(np.log(1e-3), np.log(1e3), (200, 6))):
        normal = Dirichlet(torch.tensor(alpha[None])).laplace()
        psi = special.digamma(alpha)
        error = np.abs(normal.location.numpy()[0] - (psi - psi.mean()))
        assert error.max() < 1 / alpha.min()
        exact = centred(special.polygamma(1, alpha))
        ratio = centred(normal.log_variance.exp().numpy()[0]) / exact
        m = alpha.min()
        assert (ratio > (1 - 2 / 6) * m / (m + 1)).all()
        assert (ratio < 2 - 3 / 6).all()


# ---- heads and errors ----------------------------------------------------------------------------


def test_heads_have_floors() -> None:
    low = torch.full((1, 3), -100.0)
    assert float(Dirichlet.from_heads(low).concentration.min()) == pytest.approx(MIN_CONCENTRATION)
    assert float(Weibull.from_heads(low, low).shape.min()) == pytest.approx(MIN_SHAPE)


def test_weibull_s_first_head_is_the_expectation() -> None:
    q = Weibull.from_heads(torch.tensor([[0.0, 2.0]]), torch.tensor([[1.0, -3.0]]))
    z = stats.weibull_min(q.shape.numpy()[0], scale=q.scale.numpy()[0]).mean()
    assert z == pytest.approx(np.log1p(np.exp([0.0, 2.0])), rel=1e-4)


def test_unknown_gradient_lists_those_there_are() -> None:
    q = Dirichlet(torch.ones(1, 2))
    with pytest.raises(InputError, match=r'no "wrong" gradient. Choose one of: implicit, '):
        latent.sample(q, "wrong", torch.Generator())
