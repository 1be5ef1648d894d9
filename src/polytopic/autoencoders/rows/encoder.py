"""The encoder of the plain autoencoders: a sparse first layer, then dense ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from polytopic.autoencoders.rows.noise import Noise
from polytopic.nets import CountsBatch, weighted_bag
from polytopic.nets.layers import ShiftBatchNorm, xavier
from polytopic.whole_batch import noise

__all__ = ["Layers", "Reading", "RowEncoder"]

_LATER_HEADS = 0.1
"""Factor on the first weights of the variance's head: rows begin with much the same variance."""

_SMALLEST = 1e-12
"""A row of zeros keeps its direction of zeros; any length of a row with counts is far above."""


@dataclass(frozen=True)
class Reading:
    """How a row becomes the encoder's input u, of length about one.

    With ``counts``, u = log(1 + x) weight / |log(1 + x) weight|; else u = (x - center) weight.

    Attributes
    ----------
    weight, center : Tensor of shape (V,)
    counts : bool
    """

    weight: Tensor
    center: Tensor
    counts: bool


class Layers(nn.Module):
    """Dense layers, each x -> softplus(x W + b): (B, widths[0]) to (B, widths[-1])."""

    def __init__(self, widths: Sequence[int], generator: Generator) -> None:
        super().__init__()
        pairs = list(pairwise(widths))
        self.weights = nn.ParameterList(xavier(a, b, generator) for a, b in pairs)
        self.biases = nn.ParameterList(torch.zeros(b) for _, b in pairs)

    def forward(self, values: Tensor) -> Tensor:
        for weight, bias in zip(self.weights, self.biases, strict=True):
            values = functional.softplus(values @ weight + bias)
        return values


class RowEncoder(nn.Module):
    """A sparse row to the ``n_heads`` outputs, each of shape (B, E), of a code or a posterior.

        a     = u W_1                      u: Reading, at the observed entries only
        z     = softplus(... softplus(a + b_1) W_2 + b_2 ...)
        head  = z H + c                    without hidden layers W_1 gives the heads themselves

    Parameters
    ----------
    reading : Reading
    hidden : sequence of int
        Widths of the hidden layers, which may be none.
    dim, n_heads : int
        E, and how many outputs.
    noise : Noise
        What is done to the input while training.
    normalized : bool
        Batch normalisation of the first head, without a scale
        (:class:`~polytopic.nets.ShiftBatchNorm`): a dimension cannot fall silent by shrinking.
    generator : torch.Generator
        Of the initial values.
    """

    weight: Tensor
    center: Tensor

    def __init__(
        self,
        reading: Reading,
        hidden: Sequence[int],
        *,
        dim: int,
        n_heads: int,
        noise: Noise,
        normalized: bool,
        generator: Generator,
    ) -> None:
        super().__init__()
        self.counts, self.noise, self.n_heads, self.dim = reading.counts, noise, n_heads, dim
        self.register_buffer("weight", reading.weight.clone())
        self.register_buffer("center", reading.center.clone())
        n_terms = len(reading.weight)
        width = hidden[0] if hidden else dim * n_heads
        self.first = nn.Parameter(torch.empty(n_terms, width).normal_(generator=generator))
        self.first_bias = nn.Parameter(torch.zeros(width))
        self.layers = Layers(hidden, generator) if hidden else None
        if hidden:
            self.heads = nn.ParameterList(
                xavier(hidden[-1], dim, generator) * (_LATER_HEADS if head else 1.0)
                for head in range(n_heads)
            )
            self.head_biases = nn.ParameterList(torch.zeros(dim) for _ in range(n_heads))
        self.norm = ShiftBatchNorm(dim) if normalized else None

    def forward(self, batch: CountsBatch, generator: Generator | None) -> list[Tensor]:
        """The heads; the noise draws from ``generator`` (None: the input stays as it is)."""
        values = batch.values if generator is None else self.noise.values(batch.values, generator)
        a = self._read(values, batch) + self.first_bias
        if generator is not None and self.noise.spread:
            shape = (batch.n_documents, len(self.first))
            spread = noise(a, lambda blank: blank.normal_(generator=generator), shape=shape)
            a = a + (self.noise.rate / len(self.first) ** 0.5) * (spread @ self.first)
        if self.layers is None:
            heads = list(a.split(self.dim, dim=1))
        else:
            z = self.layers(functional.softplus(a))
            pairs = zip(self.heads, self.head_biases, strict=True)
            heads = [z @ weight + bias for weight, bias in pairs]
        if self.norm is not None:
            heads[0] = self.norm(heads[0])
        return heads

    def _read(self, values: Tensor, batch: CountsBatch) -> Tensor:
        """u W_1, shape (B, width)."""
        weight = self.weight[batch.terms]
        if not self.counts:
            return weighted_bag(self.first, values * weight, batch) - self.center @ self.first
        logs = values.log1p() * weight
        length = batch.sum_pairs(logs.square()).sqrt().clamp_min(_SMALLEST)
        return weighted_bag(self.first, logs / length[batch.documents], batch)
