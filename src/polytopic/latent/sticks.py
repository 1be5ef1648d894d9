"""Stick-breaking: shares of a Dirichlet process, with Kumaraswamy posteriors of the breaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import torch
from torch import Generator, Tensor
from torch.nn import functional

from polytopic.whole_batch import noise

__all__ = ["Beta", "Kumaraswamy", "log_rest"]

_LEAST_SHAPE = 0.05
"""Floor of a: a break of a smaller one is 0 or 1 in float32."""

_STEEPEST = 10.0
"""Bound of |log b|: beyond it a break is 0 or 1 in float32."""

_UNBROKEN = 3.0
"""log b of an encoder that knows nothing: it breaks a twentieth off the stick, and twenty topics
have their share."""

_NEAREST = 1e-7
"""How near to 0 the logarithm of a break may come: 1 less it is then a float32 above 0."""


def log_rest(h: Tensor) -> Tensor:
    """log(1 - v) of breaks with log v = h < 0."""
    return torch.log(-torch.expm1(h.clamp_max(-_NEAREST)))


@dataclass(frozen=True)
class Kumaraswamy:
    """theta of a broken stick: theta_k = v_k prod_{j<k} (1 - v_j), the last takes what is left.

    v_k ~ Kumaraswamy(a_k, b_k), density a b v^(a-1) (1 - v^a)^(b-1), so that
    v = (1 - u^(1/b))^(1/a) of a uniform u (Nalisnick & Smyth, ICLR 2017); h = log v, shape
    (B, K - 1).

    Attributes
    ----------
    a, b : Tensor of shape (B, K - 1), above 0
    """

    a: Tensor
    b: Tensor
    n_heads: ClassVar[int] = 2
    """Of the encoder; the last topic's outputs have no part."""
    space: ClassVar[str] = "sticks"

    @classmethod
    def from_heads(cls, *heads: Tensor) -> Self:
        """log b = 3 - first head, a = softplus(second) with a floor: b = 1/v - 1 where a is 1."""
        first, second = (head[..., :-1] for head in heads)
        steep = (_UNBROKEN - first).clamp(-_STEEPEST, _STEEPEST)
        return cls(functional.softplus(second) + _LEAST_SHAPE, steep.exp())

    def mean(self) -> Tensor:
        """E[theta], exact: the breaks are independent, E[v] = b B(1 + 1/a, b)."""
        power = 1 / self.a
        log_v = (
            self.b.log() + torch.lgamma(1 + power) + torch.lgamma(self.b)
            - torch.lgamma(1 + power + self.b)
        )  # fmt: skip
        return self.proportions(log_v)

    def center(self) -> Tensor:
        """The mean itself."""
        return self.mean()

    def draw(self, generator: Generator) -> Tensor:
        """log v, differentiable: u = exp(-e) of an exponential e."""
        waits = noise(self.a, lambda blank: blank.exponential_(generator=generator))
        least = torch.finfo(waits.dtype).tiny
        return log_rest(-waits.clamp_min(least) / self.b) / self.a

    def proportions(self, h: Tensor) -> Tensor:
        """theta of breaks, shape (B, K)."""
        rest = log_rest(h).cumsum(-1)
        first = torch.zeros_like(rest[..., :1])
        logs = torch.cat([h, first], -1) + torch.cat([first, rest], -1)
        return torch.softmax(logs, dim=-1)  # of logs that sum to one already, up to rounding

    def log_density(self, h: Tensor) -> Tensor:
        """log density of h = log v: log(a b) + a h + (b - 1) log(1 - exp(a h))."""
        terms = self.a.log() + self.b.log() + self.a * h + (self.b - 1) * log_rest(self.a * h)
        return terms.sum(-1)

    @staticmethod
    def latent_of(theta: Tensor) -> Tensor:
        """theta itself."""
        return theta


@dataclass(frozen=True)
class Beta:
    """Breaks v_k ~ Beta(alpha_k, beta_k), independent; h = log v.

    With alpha 1 and one beta, those of a Dirichlet process of concentration beta (Sethuraman 1994).

    Attributes
    ----------
    alpha, beta : Tensor of shape (B, K - 1), above 0
    """

    alpha: Tensor
    beta: Tensor
    space: ClassVar[str] = "sticks"

    def log_density(self, h: Tensor) -> Tensor:
        """log density of h = log v: alpha h + (beta - 1) log(1 - v) - log B(alpha, beta)."""
        whole = torch.lgamma(self.alpha) + torch.lgamma(self.beta)
        whole = whole - torch.lgamma(self.alpha + self.beta)
        terms = self.alpha * h + (self.beta - 1) * log_rest(h) - whole
        return terms.sum(-1)
