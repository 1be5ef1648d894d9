"""Draws of distributions near the Dirichlet, chosen because their gradients are simple."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Generator

from polytopic.latent.families import Dirichlet
from polytopic.latent.gradients import Draw, register

__all__ = ["InverseCDF", "Laplace"]


@dataclass(frozen=True)
class InverseCDF:
    """Approximate inverse of the Gamma's distribution function (Joo et al., arXiv:1901.02739).

        z_k = (u_k alpha_k Gamma(alpha_k))^(1 / alpha_k),  u_k ~ Uniform(0, 1);  theta = z / sum(z)

    The first term of the series F(z) = z^alpha / (alpha Gamma(alpha)) (1 - z alpha / (alpha + 1)
    + ...) is inverted. z never exceeds b = Gamma(alpha + 1)^(1 / alpha), and with Kummer's
    M(alpha, alpha + 1, -z) >= exp(-z alpha / (alpha + 1)) the distribution functions of z and of
    the Gamma differ by at most 1 - exp(-b alpha / (alpha + 1)): .006 at alpha .01, .054 at .1,
    .24 at .5, .40 at 1. Good for small concentrations only: from about 1 on theta is pulled
    towards the even mixture.
    """

    def draw(self, posterior: Dirichlet, generator: Generator) -> Draw:
        """theta in logarithms; differentiable."""
        alpha = posterior.concentration
        noise = torch.empty_like(alpha).exponential_(generator=generator)
        return Draw(torch.softmax((torch.lgamma(1 + alpha) - noise) / alpha, dim=-1))


@dataclass(frozen=True)
class Laplace:
    """theta of the Laplace approximation of the Dirichlet in the softmax basis.

    The formula that Srivastava & Sutton (ICLR 2017) use for the prior, here for the posterior.
    Good for large concentrations only. In centred log-ratios the Dirichlet's means are
    psi(alpha_k) - mean(psi(alpha)) and its variances hold psi'(alpha_k) where the approximation
    has ln(alpha_k) and 1 / alpha_k. Hence, with m the smallest concentration, a mean is off by
    at most 1 / m, and the true variance is between 1 and 1 + 1 / m times the approximate one.
    """

    def draw(self, posterior: Dirichlet, generator: Generator) -> Draw:
        """softmax of a Gaussian; differentiable."""
        normal = posterior.laplace()
        return Draw(normal.proportions(normal.draw(generator)))


register(Dirichlet, "inverse-cdf", InverseCDF())
register(Dirichlet, "laplace", Laplace())
