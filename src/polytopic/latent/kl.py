"""Kullback-Leibler divergences by the pair of types: in closed form, or else from draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from polytopic.errors import InputError
from polytopic.latent.families import Dirichlet, Gaussian, GaussianSoftmax, LogisticNormal
from polytopic.latent.full_normal import FullNormal
from polytopic.latent.gamma import Gamma
from polytopic.latent.monte_carlo import monte_carlo_kl
from polytopic.latent.sticks import Beta, Kumaraswamy
from polytopic.latent.weibull import Weibull

__all__ = ["kl"]

Divergence = Callable[[Any, Any], Tensor]

_EULER = 0.5772156649015329
"""The Euler-Mascheroni constant."""

_TERMS = 30
"""Of the series of a Kumaraswamy's E[log(1 - v)], whose rest is added as an integral: within .002
nats for a up to 3, .02 up to 10, where b is .05 or more (tests/latent/test_kumaraswamy.py)."""


class _Divergences:
    """``kl(q, p)`` calls the function registered for ``(type(q), type(p))``.

    A pair without one is estimated (:func:`~polytopic.latent.monte_carlo.monte_carlo_kl`), as long
    as both are densities over the same space.
    """

    def __init__(self) -> None:
        self.table: dict[tuple[type, type], Divergence] = {}

    def register(self, q: type, p: type) -> Callable[[Divergence], Divergence]:
        """Decorator that enters a divergence for a pair of families."""

        def enter(function: Divergence) -> Divergence:
            self.table[q, p] = function
            return function

        return enter

    def __call__(self, q: Any, p: Any, generator: Generator | None = None) -> Tensor:
        """KL(q || p) of each document in nats, shape (B,).

        ``generator``: of the draws of a pair without closed form; without one they are always the
        same.

        Raises
        ------
        InputError
            If one is a density of h and the other one of theta.
        """
        terms = self.terms(q, p, generator)
        return terms if terms.ndim < 2 else terms.sum(-1)

    def terms(self, q: Any, p: Any, generator: Generator | None = None) -> Tensor:
        """The same by dimension, shape (B, K), or (B,) of a pair that does not fall apart."""
        function = self.table.get((type(q), type(p)))
        if function is not None:
            return function(q, p)
        if q.space != p.space:
            raise InputError(
                f"kl: {type(q).__name__} against {type(p).__name__}: one is a density over the "
                f"{q.space}, the other over the {p.space}. Choose a prior of the posterior's kind."
            )
        return monte_carlo_kl(q, p, generator)


kl = _Divergences()


@kl.register(GaussianSoftmax, Gaussian)
@kl.register(LogisticNormal, LogisticNormal)
@kl.register(LogisticNormal, Gaussian)
@kl.register(Gaussian, LogisticNormal)
@kl.register(Gaussian, Gaussian)
def _logistic_normal(q: LogisticNormal, p: LogisticNormal) -> Tensor:
    """Between the Gaussians of h (Srivastava & Sutton 2017, eq. 7)."""
    ratio = torch.exp(q.log_variance - p.log_variance)
    shift = (q.location - p.location).square() * torch.exp(-p.log_variance)
    return 0.5 * (ratio + shift - 1.0 + p.log_variance - q.log_variance)


@kl.register(Dirichlet, Dirichlet)
def _dirichlet(q: Dirichlet, p: Dirichlet) -> Tensor:
    """Burkhardt & Kramer 2019, eq. 6."""
    a, b = torch.broadcast_tensors(q.concentration, p.concentration)
    total = a.sum(-1)
    constant = torch.lgamma(total) - torch.lgamma(b.sum(-1))
    terms = torch.lgamma(b) - torch.lgamma(a)
    slope = (a - b) * (torch.digamma(a) - torch.digamma(total).unsqueeze(-1))
    divergence: Tensor = constant + (terms + slope).sum(-1)
    return divergence


@kl.register(Weibull, Gamma)
def _weibull_gamma(q: Weibull, p: Gamma) -> Tensor:
    """Before the proportions are formed (Zhang et al., ICLR 2018)."""
    log_mean = q.scale.log() + torch.lgamma(1 + 1 / q.shape)
    return (
        _EULER * (p.shape / q.shape - 1)
        - 1
        - p.shape * (q.scale.log() + p.rate.log())
        + q.shape.log()
        + p.rate * log_mean.exp()
        + torch.lgamma(p.shape)
    )


@kl.register(FullNormal, LogisticNormal)
@kl.register(FullNormal, Gaussian)
def _full_normal(q: FullNormal, p: LogisticNormal) -> Tensor:
    """Of a Gaussian with covariance L L' from one with a diagonal; a sum over rows of L."""
    lower = q.lower()
    spread = lower.square().sum(-1) * torch.exp(-p.log_variance)
    shift = (q.location - p.location).square() * torch.exp(-p.log_variance)
    own = 2.0 * torch.diagonal(lower, dim1=-2, dim2=-1).log()
    terms: Tensor = 0.5 * (spread + shift - 1.0 + p.log_variance - own)
    return terms


@kl.register(Kumaraswamy, Beta)
def _kumaraswamy_beta(q: Kumaraswamy, p: Beta) -> Tensor:
    """Nalisnick & Smyth 2017, eq. 13, break by break."""
    log_v = (-_EULER - torch.digamma(q.b) - 1 / q.b) / q.a
    whole = torch.lgamma(p.alpha) + torch.lgamma(p.beta) - torch.lgamma(p.alpha + p.beta)
    return (
        (q.a - p.alpha) * log_v
        + q.a.log()
        + q.b.log()
        + whole
        - (q.b - 1) / q.b
        - (p.beta - 1) * mean_log_rest(q)
    )


def mean_log_rest(q: Kumaraswamy) -> Tensor:
    """E[log(1 - v)] = -sum_m b / (m + a b) B(m / a, b), by ``_TERMS`` and an integral."""
    total = torch.zeros_like(q.a)
    for m in range(1, _TERMS + 1):
        log_beta = torch.lgamma(m / q.a) + torch.lgamma(q.b) - torch.lgamma(m / q.a + q.b)
        total = total + q.b / (m + q.a * q.b) * log_beta.exp()
    # with x = m/a, B(x, b) ~ Gamma(b) y^-b at y = x + (b - 1) / 2: the integral of
    # b Gamma(b) y^-b / (x + b) from y is Gamma(b) y^-b / (1 + b / 2y), but for terms in 1 / y^2
    edge = (_TERMS + 0.5) / q.a + 0.5 * (q.b - 1)
    rest = (torch.lgamma(q.b) - q.b * edge.log()).exp() / (1 + 0.5 * q.b / edge)
    return -(total + rest)
