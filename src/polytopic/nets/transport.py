"""Entropic optimal transport between two even distributions, by Sinkhorn's iterations."""

from __future__ import annotations

import math
from typing import Any, cast

import torch
from torch import Tensor

__all__ = ["sinkhorn_plan", "transport_cost"]

_LARGEST = 50.0
"""Log of the scalings beyond which they are taken into the kernel (float32 ends at 88)."""

_SMALLEST = 1e-30
"""Sums below this are read as this, until the scalings are next taken into the kernel."""

_CHECK = 10
"""Iterations between two looks at the error."""


def sinkhorn_plan(
    cost: Tensor, *, alpha: float, max_iterations: int = 100, tolerance: float = 0.005
) -> Tensor:
    """The plan P of shape (K, V) least in <P, cost> - H(P) / alpha, with even margins 1/K and 1/V.

    Sinkhorn's iterations (Cuturi, NeurIPS 2013) on potentials: log P = f_k + g_v - alpha cost_kv.
    They run as products with exp(f_k + g_v - alpha cost_kv), and what they scale it by is taken
    into f and g before it can overflow (Schmitzer 2019, section 3.2); the first g and f come from
    logsumexp. The rows' sums are exact; iterations end when the columns' are off by less than
    ``tolerance`` in sum.
    """
    n_rows, n_columns = cost.shape
    scores = cost * -alpha
    f = scores.new_zeros(n_rows)
    iteration = 0
    while True:
        g = -(scores + f.unsqueeze(1)).logsumexp(0) - math.log(n_columns)
        f = -(scores + g).logsumexp(1) - math.log(n_rows)
        iteration += 1
        kernel = (scores + f.unsqueeze(1) + g).exp_()
        done, plan, iteration, f = _scale(kernel, f, iteration, max_iterations, tolerance)
        if done:
            return plan


def _scale(
    kernel: Tensor, f: Tensor, iteration: int, max_iterations: int, tolerance: float
) -> tuple[bool, Tensor, int, Tensor]:
    """Plain iterations on a kernel near the plan: (whether it is the plan, plan, iteration, f)."""
    n_rows, n_columns = kernel.shape
    rows, columns = torch.ones_like(kernel[:, 0]), torch.ones_like(kernel[0])
    while True:
        sums = rows @ kernel
        if (iteration - 1) % _CHECK == 0 or iteration >= max_iterations:
            off = float((columns * sums - 1.0 / n_columns).abs().sum())
            if off < tolerance or iteration >= max_iterations:
                return True, kernel.mul_(rows.unsqueeze(1)).mul_(columns), iteration, f
            if max(float(part.log().abs().max()) for part in (rows, columns)) > _LARGEST:
                return False, kernel, iteration, f + rows.log()
        columns = 1.0 / (n_columns * sums.clamp_min(_SMALLEST))
        rows = 1.0 / (n_rows * (kernel @ columns).clamp_min(_SMALLEST))
        iteration += 1


def transport_cost(
    cost: Tensor, *, alpha: float, max_iterations: int = 100, tolerance: float = 0.005
) -> Tensor:
    """<P, cost>, a scalar, of the plan P of :func:`sinkhorn_plan`; its gradient on cost is P."""
    return cast(
        Tensor,
        _TransportCost.apply(  # type: ignore[no-untyped-call]
            cost, alpha, max_iterations, tolerance
        ),
    )


class _TransportCost(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, cost: Tensor, alpha: float, max_iterations: int, tolerance: float
    ) -> Tensor:
        plan = sinkhorn_plan(cost, alpha=alpha, max_iterations=max_iterations, tolerance=tolerance)
        ctx.save_for_backward(plan)
        return (plan * cost).sum()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        (plan,) = ctx.saved_tensors
        return plan * gradient, None, None, None
