"""The divergence of a pair of families that has no closed form, from draws of the posterior."""

from __future__ import annotations

from typing import Any

import torch
from torch import Generator, Tensor

__all__ = ["DRAWS", "monte_carlo_kl"]

DRAWS = 32
"""Draws of each document: the estimate is off by sd(log q - log p) / 5.7, where a step of training
draws theta itself once."""

_SEED = 20170426
"""Of the draws where no generator is given, so that the same pair has the same divergence."""


def monte_carlo_kl(q: Any, p: Any, generator: Generator | None = None) -> Tensor:
    """KL(q || p) = E_q[log q(h) - log p(h)] of each document by ``DRAWS`` draws, shape (B,).

    Unbiased, and so is its gradient by the parameters of both: through the draws of a family whose
    draws are differentiable (Kingma & Welling 2014), else by the score function with the mean of
    the other draws as baseline (Mnih & Rezende 2016).
    """
    if generator is None:
        device = next(iter(vars(q).values())).device
        generator = torch.Generator(device).manual_seed(_SEED)
    ratios, scores = [], []
    for _ in range(DRAWS):
        h = q.draw(generator)
        own = q.log_density(h)
        ratios.append(own - p.log_density(h))
        if own.requires_grad and not h.requires_grad:
            scores.append(own)
    ratio = torch.stack(ratios)
    divergence = ratio.mean(0)
    if not scores:
        return divergence
    score, signal = torch.stack(scores), ratio.detach()
    others = (signal.sum(0) - signal) / (DRAWS - 1)
    return divergence + ((signal - others) * (score - score.detach())).mean(0)
