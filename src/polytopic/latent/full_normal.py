"""The logistic-normal family whose Gaussian has a full covariance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Self

import torch
from torch import Generator, Tensor

from polytopic.latent.quadrature import normal_points
from polytopic.whole_batch import noise

__all__ = ["FullNormal"]

_BEGIN = -1.0
"""log variance of an encoder that knows nothing, as of the models with a diagonal covariance."""


@dataclass(frozen=True)
class FullNormal:
    """theta = softmax(h), h = location + L eps: N(location, L L') of each document.

    (Kingma & Welling 2019, section 2.5.1.)

    Attributes
    ----------
    location : Tensor of shape (B, K)
    factor : Tensor of shape (B, K (K + 1) / 2)
        Rows of L up to the diagonal, one after the other; the diagonal above 0.
    """

    location: Tensor
    factor: Tensor
    n_heads: ClassVar[int] = 0
    """Of the encoder: 1 + K, one a row of L beside the location."""
    space: ClassVar[str] = "reals"

    @classmethod
    def from_heads(cls, *heads: Tensor) -> Self:
        """Rows of L are heads: the diagonal is exp((head - 1) / 2), nothing stands above it."""
        location, rows = heads[0], torch.stack(heads[1:], dim=-2)
        diagonal = torch.diagonal(rows, dim1=-2, dim2=-1)
        lower = torch.tril(rows, -1) + torch.diag_embed((0.5 * (diagonal + _BEGIN)).exp())
        below = torch.tril_indices(lower.shape[-1], lower.shape[-1])
        return cls(location, lower[..., below[0], below[1]])

    def lower(self) -> Tensor:
        """L, shape (B, K, K)."""
        n_topics = self.location.shape[-1]
        rows, columns = torch.tril_indices(n_topics, n_topics)
        lower = self.factor.new_zeros((*self.factor.shape[:-1], n_topics, n_topics))
        lower[..., rows, columns] = self.factor
        return lower

    def _moved(self, noise: Tensor) -> Tensor:
        return self.location + (self.lower() @ noise.unsqueeze(-1)).squeeze(-1)

    def mean(self) -> Tensor:
        """E[softmax(h)] by the points of :class:`LogisticNormal`."""
        total = torch.zeros_like(self.location)
        points = normal_points(self.location.shape[-1]).to(self.location)
        for point in points:
            total += self.proportions(self._moved(point.expand_as(self.location)))
        return total / len(points)

    def center(self) -> Tensor:
        """softmax(location)."""
        return self.proportions(self.location)

    def draw(self, generator: Generator) -> Tensor:
        """location + L eps, eps ~ N(0, I), differentiable."""
        return self._moved(noise(self.location, lambda blank: blank.normal_(generator=generator)))

    def proportions(self, h: Tensor) -> Tensor:
        """softmax(h)."""
        return torch.softmax(h, dim=-1)

    def log_density(self, h: Tensor) -> Tensor:
        """log N(h; location, L L')."""
        shift = (h - self.location).unsqueeze(-1)
        noise = torch.linalg.solve_triangular(self.lower(), shift, upper=False).squeeze(-1)
        diagonal = torch.diagonal(self.lower(), dim1=-2, dim2=-1)
        terms: Tensor = -0.5 * (noise.square() + math.log(2 * math.pi)) - diagonal.log()
        return terms.sum(-1)

    @staticmethod
    def latent_of(theta: Tensor) -> Tensor:
        """theta itself."""
        return theta
