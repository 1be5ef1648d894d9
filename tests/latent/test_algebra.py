"""The latent algebra as a table: a new family is a new row."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from polytopic import latent
from polytopic.errors import InputError
from polytopic.latent import Dirichlet, DirichletPrior, LaplaceDirichlet, LogisticNormal
from polytopic.latent.families import MIN_CONCENTRATION

DRAWS = 40_000


def tensor(*values: float) -> torch.Tensor:
    return torch.tensor([values], dtype=torch.float64)


@dataclass
class Case:
    name: str
    family: type
    gradient: str
    parameters: dict[str, torch.Tensor]
    against: Any
    log_density: Any
    """(q, p, samples in the space of the KL) -> log q - log p, by SciPy."""
    draw: Any
    """Samples in the space of the KL, by SciPy or NumPy."""
    mean: np.ndarray | None = None
    variance: np.ndarray | None = None
    check: tuple[str, ...] = field(default_factory=tuple)

    def __str__(self) -> str:
        return self.name


def _gaussian_ratio(q: LogisticNormal, p: LogisticNormal, h: np.ndarray) -> np.ndarray:
    def log(d: LogisticNormal) -> np.ndarray:
        scale = np.exp(0.5 * d.log_variance.numpy()[0])
        return stats.norm.logpdf(h, d.location.numpy()[0], scale).sum(1)

    return log(q) - log(p)


def _gaussian_draw(q: LogisticNormal, rng: np.random.Generator) -> np.ndarray:
    scale = np.exp(0.5 * q.log_variance.numpy()[0])
    return rng.normal(q.location.numpy()[0], scale, (DRAWS, len(scale)))


def _dirichlet_ratio(q: Dirichlet, p: Dirichlet, theta: np.ndarray) -> np.ndarray:
    def log(d: Dirichlet) -> np.ndarray:
        return stats.dirichlet(d.concentration.numpy()[0]).logpdf(theta.T)

    return log(q) - log(p)


def _dirichlet_draw(q: Dirichlet, rng: np.random.Generator) -> np.ndarray:
    theta = rng.dirichlet(q.concentration.numpy()[0], DRAWS).clip(1e-12)
    return theta / theta.sum(1, keepdims=True)


ALPHA = np.array([0.7, 2.0, 5.0])

CASES = [
    Case(
        "logistic-normal",
        LogisticNormal,
        "pathwise",
        {"location": tensor(0.3, -0.5, 1.0), "log_variance": tensor(-0.4, 0.2, -1.0)},
        LogisticNormal(tensor(0.0, 0.1, -0.1), tensor(0.3, 0.0, 0.2)),
        _gaussian_ratio,
        _gaussian_draw,
    ),
    Case(
        "dirichlet-implicit",
        Dirichlet,
        "implicit",
        {"concentration": torch.tensor(ALPHA[None])},
        Dirichlet(tensor(1.0, 0.5, 2.0)),
        _dirichlet_ratio,
        _dirichlet_draw,
        mean=ALPHA / ALPHA.sum(),
        variance=stats.dirichlet(ALPHA).var(),
    ),
]


def build(case: Case, rows: int = 1) -> Any:
    return case.family(**{n: v.expand(rows, -1).clone() for n, v in case.parameters.items()})


@pytest.mark.parametrize("case", CASES, ids=str)
def test_samples_lie_on_the_simplex(case: Case) -> None:
    theta = latent.sample(build(case, 500), case.gradient, torch.Generator().manual_seed(0)).theta
    assert torch.isfinite(theta).all()
    assert (theta >= 0).all()
    assert torch.allclose(theta.sum(1), torch.ones(500, dtype=theta.dtype), atol=1e-6)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_mean_and_variance_match(case: Case) -> None:
    posterior = build(case, DRAWS)
    theta = latent.sample(posterior, case.gradient, torch.Generator().manual_seed(1)).theta.numpy()
    error = 4 * theta.std(0) / math.sqrt(DRAWS)
    mean = build(case).mean().numpy()[0]
    slack = 0.01 if case.mean is None else 1e-9
    assert (np.abs(theta.mean(0) - mean) < error + slack).all()
    if case.mean is not None:
        assert mean == pytest.approx(case.mean)
        assert theta.var(0) == pytest.approx(case.variance, rel=0.05)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_kl_matches_monte_carlo_with_scipy_densities(case: Case) -> None:
    q = build(case)
    rng = np.random.default_rng(2)
    ratio = case.log_density(q, case.against, case.draw(q, rng))
    error = 4 * ratio.std() / math.sqrt(DRAWS)
    assert abs(float(latent.kl(q, case.against)) - ratio.mean()) < error
    assert float(latent.kl(q, q)) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_kl_gradient_matches_finite_differences(case: Case) -> None:
    def value(*parameters: torch.Tensor) -> torch.Tensor:
        return latent.kl(case.family(*parameters), case.against)

    inputs = tuple(v.clone().requires_grad_() for v in case.parameters.values())
    assert torch.autograd.gradcheck(value, inputs, eps=1e-6, atol=1e-6)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_sampling_gradient_is_unbiased(case: Case) -> None:
    """d E[f(theta)] / d parameters by the estimator, against differences of long averages."""
    weights = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)

    def objective(parameters: dict[str, torch.Tensor], seed: int) -> torch.Tensor:
        rows = {n: v.expand(DRAWS, -1) for n, v in parameters.items()}
        theta = latent.sample(
            case.family(**rows), case.gradient, torch.Generator().manual_seed(seed)
        ).theta
        return (theta * weights).sum(1).square()

    leaves = {n: v.clone().requires_grad_() for n, v in case.parameters.items()}
    objective(leaves, 3).mean().backward()
    for name, value in case.parameters.items():
        for k in range(3):
            slope = _expected_slope(case, name, k, weights.numpy())
            scale = max(0.05, abs(slope))
            assert float(leaves[name].grad[0, k]) == pytest.approx(slope, abs=0.06 * scale), (
                name,
                k,
                value,
            )


def _expected_slope(case: Case, name: str, k: int, weights: np.ndarray) -> float:
    """Central difference of E[(w . theta)^2], exact for the Dirichlet, by quadrature otherwise."""

    def expectation(shift: float) -> float:
        moved = {n: v.clone() for n, v in case.parameters.items()}
        moved[name][0, k] += shift
        if case.family is Dirichlet:
            a = moved["concentration"].numpy()[0]
            mean, total = a / a.sum(), a.sum()
            covariance = (np.diag(mean) - np.outer(mean, mean)) / (total + 1)
            return float(weights @ covariance @ weights + (weights @ mean) ** 2)
        points, mass = np.polynomial.hermite_e.hermegauss(24)
        grid = np.stack(np.meshgrid(points, points, points, indexing="ij"), -1).reshape(-1, 3)
        prob = np.einsum("i,j,k->ijk", mass, mass, mass).ravel() / mass.sum() ** 3
        h = moved["location"].numpy()[0] + grid * np.exp(0.5 * moved["log_variance"].numpy()[0])
        theta = np.exp(h - h.max(1, keepdims=True))
        theta /= theta.sum(1, keepdims=True)
        return float(prob @ (theta @ weights) ** 2)

    return (expectation(1e-4) - expectation(-1e-4)) / 2e-4


@pytest.mark.parametrize("size", [1e-3, 1e-2, 1.0, 30.0, 1e3])
def test_dirichlet_stays_finite_in_float32(size: float) -> None:
    concentration = torch.full((64, 20), size, requires_grad=True)
    q = Dirichlet(concentration)
    theta = latent.sample(q, "implicit", torch.Generator().manual_seed(0)).theta
    loss = (theta**2).sum() + latent.kl(q, Dirichlet(torch.full((1, 20), 0.02))).sum()
    loss.backward()
    assert torch.isfinite(theta).all()
    assert torch.allclose(theta.sum(1), torch.ones(64), atol=1e-4)
    assert torch.isfinite(concentration.grad).all()
    assert torch.isfinite(q.mean()).all()


def test_dirichlet_head_has_a_floor() -> None:
    q = Dirichlet.from_heads(torch.full((1, 3), -100.0))
    assert float(q.concentration.min()) == pytest.approx(MIN_CONCENTRATION)


def test_laplace_prior_is_the_paper_s_formula() -> None:
    a = np.array([0.2, 1.0, 3.0])
    prior = LaplaceDirichlet(tuple(a)).family(3)
    assert prior.location.numpy()[0] == pytest.approx(np.log(a) - np.log(a).mean(), rel=1e-6)
    variance = (1 / a) * (1 - 2 / 3) + (1 / 9) * (1 / a).sum()
    assert prior.log_variance.exp().numpy()[0] == pytest.approx(variance, rel=1e-6)


def test_dirichlet_prior_broadcasts_one_number() -> None:
    assert DirichletPrior(0.02).family(4).concentration.tolist() == [[pytest.approx(0.02)] * 4]


def test_prior_with_the_wrong_number_of_concentrations_is_refused() -> None:
    with pytest.raises(InputError, match="2 values for 3 topics"):
        DirichletPrior((0.1, 0.2)).family(3)


def test_unknown_gradient_lists_those_there_are() -> None:
    q = Dirichlet(torch.ones(1, 2))
    with pytest.raises(InputError, match=r'no "wrong" gradient. Choose one of: implicit'):
        latent.sample(q, "wrong", torch.Generator())


def test_kl_of_a_pair_without_closed_form_is_refused() -> None:
    with pytest.raises(InputError, match="Dirichlet against LogisticNormal"):
        latent.kl(Dirichlet(torch.ones(1, 2)), LogisticNormal(torch.zeros(1, 2), torch.zeros(1, 2)))


def test_same_seed_same_draw() -> None:
    for case in CASES:
        draws = [
            latent.sample(build(case, 9), case.gradient, torch.Generator().manual_seed(5)).theta
            for _ in range(2)
        ]
        assert torch.equal(*draws)
