"""The table of the latent algebra: every family and gradient with the exact law of its draws.

A new family is one row of ``KINDS``, a new gradient one of ``SPECIAL``: all tests read both. A law
gives the mean and the covariance of theta, in closed form or by quadrature over the noise; a
density is that of h, or of theta on the simplex. Both are in NumPy and SciPy alone.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import special, stats

from polytopic.latent import (
    Beta,
    Dirichlet,
    DirichletPrior,
    FullNormal,
    Gamma,
    GammaPrior,
    Gaussian,
    GaussianSoftmax,
    Gradient,
    Kumaraswamy,
    LaplaceDirichlet,
    LogisticNormal,
    Prior,
    Rejection,
    StandardNormal,
    StickBreaking,
    Weibull,
)

Array = NDArray[np.float64]
Parameters = dict[str, Array]
Law = tuple[Array, Array]

DRAWS = 100_000
SIGMAS = 4.5
"""Standard errors that an average of draws may be off."""

WEIGHTS = np.array([1.0, -2.0, 0.5, -1.5])


def of_points(theta: Array, mass: Array) -> Law:
    mean = mass @ theta
    return mean, (theta * mass[:, None]).T @ theta - np.outer(mean, mean)


def cube(points: Array, mass: Array, n_topics: int) -> tuple[Array, Array]:
    """Independent coordinates: points (N^K, K) and their mass, 1 in all."""
    grid = np.stack(np.meshgrid(*[points] * n_topics, indexing="ij"), -1).reshape(-1, n_topics)
    product = functools.reduce(np.multiply.outer, [mass] * n_topics).ravel()
    return grid, product / product.sum()


@functools.cache
def normal(n_topics: int) -> tuple[Array, Array]:
    return cube(*np.polynomial.hermite_e.hermegauss(24), n_topics)


@functools.cache
def log_exponential(n_topics: int) -> tuple[Array, Array]:
    """log E, E ~ Exponential(1), by the trapezoid rule; fine for two topics."""
    log = np.linspace(-22.0, 3.4, {2: 800, 3: 56}[n_topics])
    return cube(log, np.exp(log - np.exp(log)), n_topics)


def dirichlet_law(p: Parameters) -> Law:
    a = p["concentration"]
    mean = a / a.sum()
    return mean, (np.diag(mean) - np.outer(mean, mean)) / (a.sum() + 1)


def gaussian_law(p: Parameters) -> Law:
    return p["location"], np.diag(np.exp(p["log_variance"]))


def logistic_normal_law(p: Parameters) -> Law:
    noise, mass = normal(len(p["location"]))
    h = p["location"] + np.exp(0.5 * p["log_variance"]) * noise
    return of_points(special.softmax(h, axis=1), mass)


def gaussian_softmax_law(p: Parameters) -> Law:
    noise, mass = normal(len(p["location"]))
    h = p["location"] + np.exp(0.5 * p["log_variance"]) * noise
    return of_points(special.softmax(h @ LINK["link"] + LINK["offset"], axis=1), mass)


def weibull_law(p: Parameters) -> Law:
    noise, mass = log_exponential(len(p["shape"]))
    return of_points(special.softmax(np.log(p["scale"]) + noise / p["shape"], axis=1), mass)


def inverse_cdf_law(p: Parameters) -> Law:
    a = p["concentration"]
    noise, mass = log_exponential(len(a))
    log_z = (-np.exp(noise) + np.log(a) + special.gammaln(a)) / a
    return of_points(special.softmax(log_z, axis=1), mass)


def laplace_law(p: Parameters) -> Law:
    a = p["concentration"]
    variance = (1 / a) * (1 - 2 / len(a)) + (1 / a).sum() / len(a) ** 2
    return logistic_normal_law(
        {"location": np.log(a) - np.log(a).mean(), "log_variance": np.log(variance)}
    )


def lower_of(p: Parameters) -> Array:
    size = len(p["location"])
    lower = np.zeros((size, size))
    lower[np.tril_indices(size)] = p["factor"]
    return lower


def full_normal_law(p: Parameters) -> Law:
    noise, mass = normal(len(p["location"]))
    h = p["location"] + noise @ lower_of(p).T
    return of_points(special.softmax(h, axis=1), mass)


def kumaraswamy_law(p: Parameters) -> Law:
    """Moments of independent breaks, E[v^n] = b B(1 + n/a, b), put together."""
    a, b = p["a"], p["b"]
    first, second = (b * special.beta(1 + n / a, b) for n in (1, 2))
    left, square_left = 1 - first, 1 - 2 * first + second
    n_topics = len(a) + 1
    ones = np.ones(n_topics)
    mean = np.append(first, 1) * np.cumprod(np.append(1, left))
    square = np.append(second, 1) * np.cumprod(np.append(1, square_left))
    covariance = np.diag(square - mean**2)
    for i in range(n_topics):
        for j in range(i):
            both = square_left[:j].prod() * (first[j] - second[j]) * left[j + 1 : i].prod()
            both *= np.append(first, 1)[i]
            covariance[i, j] = covariance[j, i] = both - mean[i] * mean[j]
    assert abs(mean @ ones - 1) < 1e-9
    return mean, covariance


def full_normal_density(p: Parameters, h: Array) -> Array:
    lower = lower_of(p)
    return np.asarray(stats.multivariate_normal(p["location"], lower @ lower.T).logpdf(h))


def kumaraswamy_density(p: Parameters, h: Array) -> Array:
    """Of u = v^a ~ Beta(1, b), by the change of variable to h = log v."""
    a = p["a"]
    log_beta = stats.beta(1, p["b"]).logpdf(np.exp(a * h))
    return np.asarray((log_beta + np.log(a) + a * h).sum(1))


def beta_density(p: Parameters, h: Array) -> Array:
    return np.asarray((stats.beta(p["alpha"], p["beta"]).logpdf(np.exp(h)) + h).sum(1))


def normal_density(p: Parameters, h: Array) -> Array:
    deviation = np.exp(0.5 * p["log_variance"])
    return np.asarray(stats.norm(p["location"], deviation).logpdf(h).sum(1))


def dirichlet_density(p: Parameters, h: Array) -> Array:
    theta = np.exp(h)
    theta /= theta.sum(1)[:, None]
    return np.asarray(stats.dirichlet(p["concentration"]).logpdf(theta.T))


def weibull_density(p: Parameters, h: Array) -> Array:
    z = np.exp(h)
    return np.asarray((stats.weibull_min(p["shape"], scale=p["scale"]).logpdf(z) + h).sum(1))


def gamma_density(p: Parameters, h: Array) -> Array:
    z = np.exp(h)
    return np.asarray((stats.gamma(p["shape"], scale=1 / p["rate"]).logpdf(z) + h).sum(1))


@dataclass(frozen=True)
class Kind:
    """A family: parameters, what SciPy says of them, and the prior that models compare it with."""

    family: type
    parameters: Parameters
    law: Callable[[Parameters], Law]
    density: Callable[[Parameters, Array], Array]
    prior: Prior
    second: Parameters
    """Of another member of the family, with which each is compared."""
    gradients: tuple[str, ...] = ("pathwise", "score")
    """Those that are exact, whose draws have the law."""
    mean: Callable[[Parameters], Array] | None = None
    """Of ``mean()``, where that is a convention and not the law's."""
    precision: float = 0.005
    """Of ``mean()``."""
    shares: bool = True
    """Whether draws lie on the simplex."""
    shared: Parameters = field(default_factory=dict)
    """What all documents have in common."""

    def __str__(self) -> str:
        return self.family.__name__

    def posterior(self, rows: int = 1) -> Any:
        """The family member with its parameters repeated, float64."""
        return self.member(self.leaves(rows))

    def member(self, leaves: dict[str, torch.Tensor]) -> Any:
        """The family member of these parameters and those shared."""
        return self.family(**leaves, **{n: torch.tensor(v) for n, v in self.shared.items()})

    def leaves(self, rows: int) -> dict[str, torch.Tensor]:
        return {n: torch.tensor(np.tile(v, (rows, 1))) for n, v in self.parameters.items()}


@dataclass(frozen=True)
class Row:
    """A gradient of a family; ``law``, ``parameters``: others than the family's own."""

    name: str
    kind: Kind
    gradient: str | Gradient
    parameters: Parameters
    law: Callable[[Parameters], Law]
    bias: Callable[[Array], Array] | None = None
    """Of a biased gradient: the bound of its bias a unit of sd(f), by concentration."""

    def __str__(self) -> str:
        return self.name

    @property
    def family(self) -> type:
        return self.kind.family

    def leaves(self, rows: int) -> dict[str, torch.Tensor]:
        return replace(self.kind, parameters=self.parameters).leaves(rows)

    def member(self, leaves: dict[str, torch.Tensor]) -> Any:
        return self.kind.member(leaves)

    def posterior(self, rows: int = 1) -> Any:
        return self.member(self.leaves(rows))


def accepted_information(a: Array, points: int = 20_000) -> Array:
    """Fisher information of the density of Marsaglia & Tsang's accepted noise in the shape a."""
    a = np.atleast_1d(a)[:, None]
    gamma = special.gammaincinv(a, (np.arange(points) + 0.5) / points)
    eps = np.sqrt(9 * a - 3) * (np.cbrt(gamma / (a - 1 / 3)) - 1)

    def log_density(b: Array) -> Array:
        root = 1 + eps / np.sqrt(9 * b - 3)
        h = (b - 1 / 3) * root**3
        slope = 3 * (b - 1 / 3) * root**2 / np.sqrt(9 * b - 3)
        return (b - 1) * np.log(h) - h - special.gammaln(b) + np.log(slope)

    step = 1e-4 * a
    score = (log_density(a + step) - log_density(a - step)) / (2 * step)
    return (score**2).mean(axis=1)


def rejection_bias(augmentation: int) -> Callable[[Array], Array]:
    return lambda alpha: np.sqrt(accepted_information(alpha + augmentation))


GAUSS = {"location": np.array([0.3, -0.5, 1.0]), "log_variance": np.array([-0.4, 0.2, -1.0])}
OTHER = {"location": np.array([0.0, 0.1, -0.1]), "log_variance": np.array([0.3, 0.0, 0.2])}
LINK = {
    "link": np.array([[0.9, 0.2, -0.3], [-0.1, 0.8, 0.1], [0.3, -0.2, 1.1]]),
    "offset": np.array([0.4, 0.0, -0.6]),
}
MANY = {"concentration": np.array([0.7, 2.0, 5.0])}
FEW = {"concentration": np.array([0.05, 0.3, 0.1])}
PAIR = {"concentration": np.array([0.05, 0.3])}
WEIBULL = {"shape": np.array([0.8, 2.0, 1.2]), "scale": np.array([0.5, 1.5, 1.0])}

FULL = {
    "location": np.array([0.3, -0.5, 1.0]),
    "factor": np.array([0.8, 0.5, 0.6, -0.4, 0.3, 0.7]),
}

DIRICHLET = Kind(
    Dirichlet, MANY, dirichlet_law, dirichlet_density, DirichletPrior(0.02),
    {"concentration": np.array([1.0, 0.5, 2.0])},
    ("implicit", "score", "rejection-corrected"), precision=1e-12,
)  # fmt: skip

KINDS = [
    Kind(LogisticNormal, GAUSS, logistic_normal_law, normal_density, LaplaceDirichlet(0.02),
         OTHER),
    Kind(Gaussian, GAUSS, gaussian_law, normal_density, StandardNormal(), OTHER, shares=False,
         mean=lambda p: special.softmax(p["location"])),
    Kind(GaussianSoftmax, GAUSS, gaussian_softmax_law, normal_density, StandardNormal(), OTHER,
         shared=LINK),
    Kind(Weibull, WEIBULL, weibull_law, weibull_density, GammaPrior(),
         {"shape": np.array([1.1, 0.9, 1.2]), "scale": np.array([1.0, 0.7, 1.5])}),
    Kind(FullNormal, FULL, full_normal_law, full_normal_density, LaplaceDirichlet(0.02),
         {"location": np.array([0.0, 0.1, -0.1]),
          "factor": np.array([1.1, -0.3, 0.9, 0.2, 0.4, 0.8])}, ("pathwise",)),
    Kind(Kumaraswamy, {"a": np.array([0.8, 1.5, 3.0]), "b": np.array([2.0, 0.7, 5.0])},
         kumaraswamy_law, kumaraswamy_density, StickBreaking(),
         {"a": np.array([1.0, 0.9, 1.2]), "b": np.array([1.5, 1.0, 2.0])}, precision=1e-12),
    DIRICHLET,
]  # fmt: skip

SECONDS = [
    *((kind.family, kind.second, kind.density, kind.shared) for kind in KINDS),
    (Gamma, {"shape": np.array([0.3, 1.0, 2.5]), "rate": np.array([1.0, 0.7, 2.0])}, gamma_density,
     {}),
    (Beta, {"alpha": np.array([1.0, 0.6, 2.0]), "beta": np.array([5.0, 1.5, 0.8])}, beta_density,
     {}),
]  # fmt: skip
"""What divergences are from: the second member of each family, and families of priors only."""

SPECIAL = [
    Row("Dirichlet-laplace", DIRICHLET, "laplace", MANY, laplace_law),
    Row("Dirichlet-inverse-cdf", DIRICHLET, "inverse-cdf", PAIR, inverse_cdf_law),
    Row("Dirichlet-inverse-cdf-many", DIRICHLET, "inverse-cdf", MANY, inverse_cdf_law),
]
"""Gradients that are approximate, biased or unnamed, and exact ones at other parameters."""

for _size, _p in (("few", FEW), ("many", MANY)):
    if _size == "few":
        SPECIAL += [
            Row(f"Dirichlet-{_name}-few", DIRICHLET, _name, _p, dirichlet_law)
            for _name in DIRICHLET.gradients
        ]
    SPECIAL += [
        Row(f"Dirichlet-rejection-{_size}", DIRICHLET, "rejection", _p, dirichlet_law,
            rejection_bias(10)),
        Row(f"Dirichlet-rejection-1-corrected-{_size}", DIRICHLET, Rejection(1, corrected=True),
            _p, dirichlet_law),
        Row(f"Dirichlet-rejection-1-{_size}", DIRICHLET, Rejection(1), _p, dirichlet_law,
            rejection_bias(1)),
    ]  # fmt: skip

ROWS = [
    Row(f"{kind}-{name}", kind, name, kind.parameters, kind.law)
    for kind in KINDS
    for name in kind.gradients
] + SPECIAL
