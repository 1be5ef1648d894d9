"""Named penalties that may be added to the bound."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["topic_overlap"]


def topic_overlap(weight: Tensor) -> Tensor:
    """Sum over ordered pairs of topics of the squared positive cosine of their rows, a scalar.

    ``weight``: shape (K, V). Topics that point apart cost nothing, so that only overlap is
    discouraged (after the angular diversity of Xie, Deng & Xing, KDD 2015).
    """
    unit = functional.normalize(weight, dim=1)
    cosine = unit @ unit.t()
    off_diagonal = cosine - torch.diag(torch.diagonal(cosine))
    return off_diagonal.clamp_min(0).square().sum()
