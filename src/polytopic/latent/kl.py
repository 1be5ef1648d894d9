"""Kullback-Leibler divergences in closed form, looked up by the pair of types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from polytopic.errors import InputError
from polytopic.latent.families import Dirichlet, Gaussian, GaussianSoftmax, LogisticNormal
from polytopic.latent.weibull import Gamma, Weibull

__all__ = ["kl"]

Divergence = Callable[[Any, Any], Tensor]

_EULER = 0.5772156649015329
"""The Euler-Mascheroni constant."""


class _Divergences:
    """``kl(q, p)`` calls the function registered for ``(type(q), type(p))``."""

    def __init__(self) -> None:
        self.table: dict[tuple[type, type], Divergence] = {}

    def register(self, q: type, p: type) -> Callable[[Divergence], Divergence]:
        """Decorator that enters a divergence for a pair of families."""

        def enter(function: Divergence) -> Divergence:
            self.table[q, p] = function
            return function

        return enter

    def __call__(self, q: object, p: object) -> Tensor:
        """KL(q || p) of each document in nats, shape (B,).

        Raises
        ------
        InputError
            If the pair has no closed form here.
        """
        terms = self.terms(q, p)
        return terms if terms.ndim < 2 else terms.sum(-1)

    def terms(self, q: object, p: object) -> Tensor:
        """The same by dimension, shape (B, K), or (B,) of a pair that does not fall apart."""
        function = self.table.get((type(q), type(p)))
        if function is None:
            raise InputError(
                f"kl: no closed form for {type(q).__name__} against {type(p).__name__}. "
                "Choose a prior of the posterior's own kind."
            )
        return function(q, p)


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
