"""Small layers that the encoders and decoders share."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Generator, Tensor, nn

from polytopic.nets.products import product
from polytopic.whole_batch import batch_norm, noise

__all__ = ["ShiftBatchNorm", "dropout", "row_products", "xavier"]


def xavier(rows: int, columns: int, generator: Generator) -> Tensor:
    """Uniform(-b, b) with b = sqrt(6 / (rows + columns)) (Glorot & Bengio 2010), on the host."""
    bound = (6.0 / (rows + columns)) ** 0.5
    return torch.empty(rows, columns).uniform_(-bound, bound, generator=generator)


def dropout(values: Tensor, rate: float, generator: Generator | None) -> Tensor:
    """Inverted dropout whose mask comes from ``generator``; None leaves the values as they are."""
    if generator is None or rate == 0.0:
        return values
    keep = noise(values, lambda blank: blank.bernoulli_(1.0 - rate, generator=generator))
    return values * keep / (1.0 - rate)


def row_products(rows: Tensor) -> Tensor:
    """Products of rows (K, N) with one another, (K, K); its gradient is one product, not two."""
    return cast(Tensor, _RowProducts.apply(rows))  # type: ignore[no-untyped-call]


class _RowProducts(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: Tensor) -> Tensor:
        ctx.save_for_backward(rows)
        return product(rows, rows.t())

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        rows: Tensor = ctx.saved_tensors[0]
        return product(gradient + gradient.t(), rows)


class ShiftBatchNorm(nn.Module):
    """Batch normalisation with a learned bias and no scale (Srivastava & Sutton 2017, section 3.4).

    Without the scale no topic can be switched off by shrinking it; without the bias the decoder
    loses the terms' base rates.

    In evaluation mode the running statistics serve, so that no document's answer depends on the
    company it keeps in a batch.
    """

    running_mean: Tensor
    running_variance: Tensor

    def __init__(self, n_features: int, *, momentum: float = 0.05, epsilon: float = 1e-3) -> None:
        super().__init__()
        self.momentum, self.epsilon = momentum, epsilon
        self.bias = nn.Parameter(torch.zeros(n_features))
        self.register_buffer("running_mean", torch.zeros(n_features))
        self.register_buffer("running_variance", torch.ones(n_features))

    def forward(self, values: Tensor) -> Tensor:
        normalized = batch_norm(
            values,
            self.running_mean,
            self.running_variance,
            training=self.training,
            momentum=self.momentum,
            eps=self.epsilon,
        )
        return normalized + self.bias
