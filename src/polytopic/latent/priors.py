"""Priors over the topic proportions; each makes the family member it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeAlias

import torch
from torch import Tensor

from polytopic.errors import InputError
from polytopic.latent.families import Dirichlet, Gaussian, LogisticNormal
from polytopic.latent.gamma import Gamma
from polytopic.latent.sticks import Beta

__all__ = [
    "DirichletPrior",
    "GammaPrior",
    "LaplaceDirichlet",
    "Member",
    "Prior",
    "StandardNormal",
    "StickBreaking",
]

Member: TypeAlias = LogisticNormal | Gaussian | Dirichlet | Gamma | Beta
"""What a prior can be."""

Numbers: TypeAlias = float | tuple[float, ...]
"""One number for all topics, or one a topic."""


class Prior(Protocol):
    """A prior is turned into the parameters of a family for K topics."""

    @property
    def learned(self) -> bool:
        """Whether the parameters, all positive, are fitted with the model, in log space."""
        ...

    def family(self, n_topics: int) -> Member:
        """The prior as a family member with parameters of shape (1, K)."""
        ...


def _one_a_topic(name: str, value: Numbers, n_topics: int) -> Tensor:
    """Positive numbers as float64, shape (1, K)."""
    values = [value] * n_topics if isinstance(value, (int, float)) else list(value)
    if len(values) != n_topics:
        raise InputError(
            f"{name}: {len(values)} values for {n_topics} topics. "
            "Give one number, or one for each topic."
        )
    row = torch.tensor([values], dtype=torch.float64)
    if not bool(((row > 0) & torch.isfinite(row)).all()):
        raise InputError(f"{name}: {value} given. Give positive, finite numbers.")
    return row


@dataclass(frozen=True)
class StandardNormal:
    """h ~ N(0, I)."""

    learned: ClassVar[bool] = False

    def family(self, n_topics: int) -> Gaussian:
        return Gaussian(torch.zeros(1, n_topics), torch.zeros(1, n_topics))


@dataclass(frozen=True)
class LaplaceDirichlet:
    """Laplace approximation of a Dirichlet (:meth:`polytopic.latent.Dirichlet.laplace`).

    ``concentration``: symmetric (one number, by default the flat one of Srivastava & Sutton 2017)
    or a tuple, one a topic.

    Raises
    ------
    InputError
        By ``family``, as with every prior: another number of values than topics, or none positive.
    """

    concentration: Numbers = 1.0
    learned: ClassVar[bool] = False

    def family(self, n_topics: int) -> LogisticNormal:
        a = _one_a_topic("concentration", self.concentration, n_topics)
        normal = Dirichlet(a).laplace()
        return LogisticNormal(normal.location.float(), normal.log_variance.float())


@dataclass(frozen=True)
class DirichletPrior:
    """Dirichlet(concentration): symmetric (one number) or not (a tuple, one a topic).

    Learned, the concentrations start there and are fitted by the bound (what an
    asymmetric prior is good for: Wallach, Mimno & McCallum, NeurIPS 2009).
    """

    concentration: Numbers = 0.02
    learned: bool = False

    def family(self, n_topics: int) -> Dirichlet:
        return Dirichlet(_one_a_topic("concentration", self.concentration, n_topics).float())


@dataclass(frozen=True)
class GammaPrior:
    """z_k ~ Gamma(shape, rate); with one rate, z / sum(z) ~ Dirichlet(shape)."""

    shape: Numbers = 0.1
    rate: Numbers = 1.0
    learned: ClassVar[bool] = False

    def family(self, n_topics: int) -> Gamma:
        shape = _one_a_topic("shape", self.shape, n_topics)
        return Gamma(shape.float(), _one_a_topic("rate", self.rate, n_topics).float())


@dataclass(frozen=True)
class StickBreaking:
    """v_k ~ Beta(1, concentration), K - 1 breaks: a Dirichlet process cut off after K topics.

    (Sethuraman 1994.) The larger the concentration, the more topics share a document.
    """

    concentration: Numbers = 5.0
    learned: ClassVar[bool] = False

    def family(self, n_topics: int) -> Beta:
        beta = _one_a_topic("concentration", self.concentration, n_topics)[:, :-1].float()
        return Beta(torch.ones_like(beta), beta)
