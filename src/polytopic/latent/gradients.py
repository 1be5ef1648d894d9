"""How a posterior is sampled so that a gradient reaches its parameters.

Each (family, name) pair has one gradient, a small frozen object; :func:`sample` looks it up. All
noise comes from an explicit generator: the same seed gives the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Generator, Tensor

from polytopic.errors import InputError
from polytopic.latent.families import Dirichlet, Family, Gaussian, GaussianSoftmax, LogisticNormal
from polytopic.latent.full_normal import FullNormal
from polytopic.latent.sticks import Kumaraswamy
from polytopic.latent.weibull import Weibull
from polytopic.whole_batch import drawn

__all__ = ["GRADIENTS", "Draw", "Gradient", "Implicit", "Pathwise", "register", "sample"]


@dataclass(frozen=True)
class Draw:
    """One draw of each document.

    Attributes
    ----------
    theta : Tensor of shape (B, K)
        Rows on the simplex (a :class:`Gaussian`'s are unconstrained).
    score : Tensor of shape (B,), optional
        A log density whose gradient, weighed by the learning signal, belongs to the gradient of
        the expectation: see :func:`polytopic.latent.score.score_term`. None where the gradient
        flows through theta alone.
    """

    theta: Tensor
    score: Tensor | None = None


class Gradient(Protocol):
    """What every gradient offers."""

    def draw(self, posterior: Any, generator: Generator) -> Draw:
        """One draw a document."""
        ...


GRADIENTS: dict[tuple[type, str], Gradient] = {}
"""Gradient by family and name."""


def register(family: type, name: str, gradient: Gradient) -> None:
    """Enter ``gradient`` for ``family`` under ``name``."""
    GRADIENTS[family, name] = gradient


def sample(posterior: Family, gradient: str | Gradient, generator: Generator) -> Draw:
    """Draw theta, shape (B, K), one draw a document; a name stands for the family's own gradient.

    Raises
    ------
    InputError
        If the family has no gradient of that name; the message lists those it has.
    """
    if not isinstance(gradient, str):
        return gradient.draw(posterior, generator)
    found = GRADIENTS.get((type(posterior), gradient))
    if found is None:
        names = [name for family, name in GRADIENTS if family is type(posterior)]
        raise InputError(
            f'gradient: {type(posterior).__name__} has no "{gradient}" gradient. '
            f"Choose one of: {', '.join(names)}."
        )
    return found.draw(posterior, generator)


@dataclass(frozen=True)
class Pathwise:
    """Through a differentiable map of parameter-free noise (Kingma & Welling 2014)."""

    def draw(self, posterior: Family, generator: Generator) -> Draw:
        """theta of a differentiable h."""
        return Draw(posterior.proportions(posterior.draw(generator)))


@dataclass(frozen=True)
class Implicit:
    """Implicit reparameterisation of the Dirichlet (Figurnov, Mohamed & Mnih, NeurIPS 2018)."""

    def draw(self, posterior: Dirichlet, generator: Generator) -> Draw:
        """theta whose backward pass is torch's implicit gradient of the Beta quantiles."""
        return Draw(
            _ImplicitDirichlet.apply(  # type: ignore[no-untyped-call]
                posterior.concentration, generator
            )
        )


class _ImplicitDirichlet(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, concentration: Tensor, generator: Generator) -> Tensor:
        theta = drawn(lambda a: _dirichlet(a, generator), concentration.contiguous())
        ctx.save_for_backward(theta, concentration)
        return theta

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        theta, concentration = ctx.saved_tensors
        total = concentration.sum(-1, keepdim=True).expand_as(concentration)
        slope = torch._dirichlet_grad(theta, concentration.contiguous(), total.contiguous())
        return slope * (gradient - (theta * gradient).sum(-1, keepdim=True)), None


def _dirichlet(concentration: Tensor, generator: Generator) -> Tensor:
    theta = torch._sample_dirichlet(concentration, generator=generator)
    _redraw_even(theta, concentration, generator)
    return theta


def _redraw_even(theta: Tensor, concentration: Tensor, generator: Generator) -> None:
    """Draw the rows anew, in logarithms and in place, whose Gamma variables all underflowed.

    torch calls such a row even: one in eight at three concentrations of .001. What is left of an
    exponential variable beyond a bound is exponential again, so a fresh draw has the right law.
    """
    even = theta.amax(-1) == theta.amin(-1)
    if theta.shape[-1] > 1 and bool(even.any()):
        fresh = Dirichlet(concentration.expand_as(theta)[even]).draw(generator).exp()
        theta[even] = fresh.clamp_min(torch.finfo(theta.dtype).tiny)


for _family in (LogisticNormal, FullNormal, Gaussian, GaussianSoftmax, Weibull, Kumaraswamy):
    register(_family, "pathwise", Pathwise())
register(Dirichlet, "implicit", Implicit())
