"""How a posterior is sampled so that a gradient reaches its parameters.

Each (family, name) pair has one sampler; :func:`sample` looks it up. All noise comes from an
explicit generator: the same seed gives the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from polytopic.errors import InputError
from polytopic.latent.families import Dirichlet, Family, LogisticNormal

__all__ = ["GRADIENTS", "register", "sample"]

Sampler = Callable[[Any, Generator], Tensor]

GRADIENTS: dict[tuple[type, str], Sampler] = {}
"""Sampler by family and gradient name."""


def register(family: type, name: str) -> Callable[[Sampler], Sampler]:
    """Decorator that enters a sampler for ``family`` under ``name``."""

    def enter(sampler: Sampler) -> Sampler:
        GRADIENTS[family, name] = sampler
        return sampler

    return enter


def sample(posterior: Family, gradient: str, generator: Generator) -> Tensor:
    """Draw theta, shape (B, K), rows on the simplex, one draw a document.

    Raises
    ------
    InputError
        If the family has no gradient of that name; the message lists those it has.
    """
    try:
        sampler = GRADIENTS[type(posterior), gradient]
    except KeyError:
        names = [name for family, name in GRADIENTS if family is type(posterior)]
        raise InputError(
            f'gradient: {type(posterior).__name__} has no "{gradient}" gradient. '
            f"Choose one of: {', '.join(names)}."
        ) from None
    return sampler(posterior, generator)


@register(LogisticNormal, "pathwise")
def _logistic_normal_pathwise(posterior: LogisticNormal, generator: Generator) -> Tensor:
    """softmax(location + deviation * eps), eps ~ N(0, I) (Kingma & Welling 2014)."""
    noise = torch.empty_like(posterior.location).normal_(generator=generator)
    return torch.softmax(posterior.location + torch.exp(0.5 * posterior.log_variance) * noise, -1)


@register(Dirichlet, "implicit")
def _dirichlet_implicit(posterior: Dirichlet, generator: Generator) -> Tensor:
    """Implicit reparameterisation (Figurnov, Mohamed & Mnih, NeurIPS 2018)."""
    theta: Tensor = _ImplicitDirichlet.apply(  # type: ignore[no-untyped-call]
        posterior.concentration, generator
    )
    return theta


class _ImplicitDirichlet(torch.autograd.Function):
    """A Dirichlet draw whose backward pass is torch's implicit gradient of the Beta quantiles."""

    @staticmethod
    def forward(ctx: Any, concentration: Tensor, generator: Generator) -> Tensor:
        theta = torch._sample_dirichlet(concentration.contiguous(), generator=generator)
        ctx.save_for_backward(theta, concentration)
        return theta

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        theta, concentration = ctx.saved_tensors
        total = concentration.sum(-1, keepdim=True).expand_as(concentration)
        slope = torch._dirichlet_grad(theta, concentration.contiguous(), total.contiguous())
        return slope * (gradient - (theta * gradient).sum(-1, keepdim=True)), None
