"""Priors over the topic proportions; each makes the family member it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from polytopic.errors import InputError
from polytopic.latent.families import Dirichlet, Family, LogisticNormal

__all__ = ["DirichletPrior", "LaplaceDirichlet", "Prior"]


class Prior(Protocol):
    """A prior is turned into the parameters of a family for K topics."""

    def family(self, n_topics: int) -> Family:
        """The prior as a family member with parameters of shape (1, K)."""
        ...


def _concentrations(value: float | tuple[float, ...], n_topics: int) -> Tensor:
    if isinstance(value, (int, float)):
        return torch.full((1, n_topics), float(value))
    if len(value) != n_topics:
        raise InputError(
            f"concentration: {len(value)} values for {n_topics} topics. "
            "Give one number, or one for each topic."
        )
    return torch.tensor([value], dtype=torch.float32)


@dataclass(frozen=True)
class LaplaceDirichlet:
    """Laplace approximation of a Dirichlet in the softmax basis (Srivastava & Sutton 2017, eq. 5).

    mu_k = ln a_k - mean(ln a);  sigma2_k = (1/a_k)(1 - 2/K) + (1/K^2) sum_i 1/a_i.
    """

    concentration: float | tuple[float, ...] = 1.0

    def family(self, n_topics: int) -> LogisticNormal:
        a = _concentrations(self.concentration, n_topics).double()
        location = a.log() - a.log().mean(-1, keepdim=True)
        inverse = a.reciprocal()
        variance = inverse * (1 - 2 / n_topics) + inverse.sum(-1, keepdim=True) / n_topics**2
        return LogisticNormal(location.float(), variance.log().float())


@dataclass(frozen=True)
class DirichletPrior:
    """Dirichlet(concentration), symmetric when one number is given."""

    concentration: float | tuple[float, ...] = 0.02

    def family(self, n_topics: int) -> Dirichlet:
        return Dirichlet(_concentrations(self.concentration, n_topics))
