"""The Gamma family: what Weibull posteriors are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

__all__ = ["Gamma"]


@dataclass(frozen=True)
class Gamma:
    """z_k ~ Gamma(shape_k, rate_k), independent; h = log z.

    Attributes
    ----------
    shape, rate : Tensor of shape (B, K), above 0
    """

    shape: Tensor
    rate: Tensor
    space: ClassVar[str] = "reals"

    def log_density(self, h: Tensor) -> Tensor:
        """log density of h = log z: a log(rate) + a h - rate exp(h) - log Gamma(a)."""
        a = self.shape
        terms = a * (self.rate.log() + h) - self.rate * h.exp() - torch.lgamma(a)
        return terms.sum(-1)
