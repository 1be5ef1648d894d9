"""Means on the simplex where no closed form exists: fixed quasi-random points."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor

__all__ = ["log_exponential_points", "normal_points", "softmax_mean"]


def softmax_mean(location: Tensor, deviation: Tensor, points: Tensor) -> Tensor:
    """The average of softmax(location + deviation * point) over the points, shape (B, K)."""
    total = torch.zeros_like(location)
    for point in points.to(location):
        total += torch.softmax(location + deviation * point, dim=-1)
    return total / len(points)


def normal_points(n_topics: int) -> Tensor:
    """32 standard normal points, shape (32, K)."""
    return _points(_normal, n_topics, 32)


def log_exponential_points(n_topics: int) -> Tensor:
    """128 points of log E, E ~ Exponential(1), shape (128, K)."""
    return _points(_log_exponential, n_topics, 128)


@cache
def _points(quantile: Callable[[Tensor], Tensor], n_topics: int, n_points: int) -> Tensor:
    """Quantiles at a scrambled Sobol net and, in the second half, at its mirror image."""
    net = torch.quasirandom.SobolEngine(n_topics, scramble=True, seed=20170426)
    uniform = net.draw(n_points // 2).double().clamp(1e-6, 1 - 1e-6)
    return torch.cat([quantile(uniform), quantile(1 - uniform)]).float()


def _normal(uniform: Tensor) -> Tensor:
    normal: Tensor = torch.special.ndtri(uniform)
    return normal


def _log_exponential(uniform: Tensor) -> Tensor:
    return torch.log(-torch.log1p(-uniform))
