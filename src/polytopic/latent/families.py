"""Posterior families over the topic proportions of a document.

A family holds its parameters as tensors of shape (B, K) (or broadcastable to it), says how many
outputs of the encoder it is made from, and knows its mean on the simplex. How it is sampled so
that gradients flow is the business of :mod:`polytopic.latent.gradients`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol, Self

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["MIN_CONCENTRATION", "Dirichlet", "Family", "LogisticNormal"]

MIN_CONCENTRATION = 1e-3
"""Floor of a Dirichlet posterior's concentrations: the implicit gradient is finite from here on."""

_QUADRATURE_POINTS = 32


class Family(Protocol):
    """What every posterior family offers."""

    n_heads: ClassVar[int]
    """How many (B, K) outputs of the encoder make one posterior."""

    @classmethod
    def from_heads(cls, *heads: Tensor) -> Self:
        """The posterior of a batch from unconstrained encoder outputs, each of shape (B, K)."""
        ...

    def mean(self) -> Tensor:
        """E[theta], shape (B, K), rows on the simplex; the same for the same parameters."""
        ...

    def center(self) -> Tensor:
        """A cheap, differentiable stand-in for the mean, rows on the simplex."""
        ...


@dataclass(frozen=True)
class LogisticNormal:
    """theta = softmax(h), h ~ N(location, diag(exp(log_variance))) (Atchison & Shen 1980).

    Attributes
    ----------
    location, log_variance : Tensor of shape (B, K)
    """

    location: Tensor
    log_variance: Tensor
    n_heads: ClassVar[int] = 2

    @classmethod
    def from_heads(cls, *heads: Tensor) -> Self:
        location, log_variance = heads
        return cls(location, log_variance)

    def mean(self) -> Tensor:
        """E[softmax(h)] by fixed antithetic quasi-Monte-Carlo points (no closed form exists).

        The same 32 points serve every document, so that the answer of a document depends on
        nothing but its own parameters; the error against a long Monte Carlo run is below .01.
        """
        noise = _normal_points(self.location.shape[-1]).to(self.location)
        deviation = torch.exp(0.5 * self.log_variance)
        total = torch.zeros_like(self.location)
        for point in noise:
            total += torch.softmax(self.location + deviation * point, dim=-1)
        return total / len(noise)

    def center(self) -> Tensor:
        """softmax(location)."""
        return torch.softmax(self.location, dim=-1)


@dataclass(frozen=True)
class Dirichlet:
    """theta ~ Dirichlet(concentration).

    Attributes
    ----------
    concentration : Tensor of shape (B, K), above 0
    """

    concentration: Tensor
    n_heads: ClassVar[int] = 1

    @classmethod
    def from_heads(cls, *heads: Tensor) -> Self:
        """softplus(head - 2) with a floor (Burkhardt & Kramer 2019, section 3).

        The shift makes an encoder that knows nothing say "few topics": concentrations near .13.
        """
        (raw,) = heads
        return cls(functional.softplus(raw - 2.0) + MIN_CONCENTRATION)

    def mean(self) -> Tensor:
        """concentration / total."""
        return self.concentration / self.concentration.sum(dim=-1, keepdim=True)

    def center(self) -> Tensor:
        """The mean itself."""
        return self.mean()


_POINTS: dict[int, Tensor] = {}


def _normal_points(n_topics: int) -> Tensor:
    """Fixed standard normal points, shape (S, K): a scrambled Sobol net and its mirror image."""
    if n_topics not in _POINTS:
        net = torch.quasirandom.SobolEngine(n_topics, scramble=True, seed=20170426)
        uniform = net.draw(_QUADRATURE_POINTS // 2).double().clamp(1e-6, 1 - 1e-6)
        normal = torch.special.ndtri(uniform).float()
        _POINTS[n_topics] = torch.cat([normal, -normal])
    return _POINTS[n_topics]
