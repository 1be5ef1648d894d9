"""Decoders of the plain autoencoders: what a code says of a row, by the likelihood's name.

No D x V matrix is made: squared error needs no B x V one either, the softmax and the Bernoulli
likelihood one a batch.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from polytopic.autoencoders.rows.encoder import Layers
from polytopic.nets import CountsBatch, softmax_log_likelihood, weighted_bag
from polytopic.nets.layers import xavier

__all__ = ["LIKELIHOODS", "Bernoulli", "Categorical", "Gaussian", "RowDecoder", "SquaredError"]


class RowDecoder(nn.Module, ABC):
    """h (B, E) -> softplus layers -> f (B, H) -> one output a column, r = f W + b.

    Parameters
    ----------
    widths : sequence of int
        E, then the widths of the hidden layers.
    bias : Tensor of shape (V,)
        Where b begins, what is said of a row without its code.
    generator : torch.Generator
        Of the initial values.

    Attributes
    ----------
    weight : Parameter of shape (H, V)
    """

    weight: nn.Parameter
    bias: nn.Parameter

    def __init__(self, widths: Sequence[int], bias: Tensor, generator: Generator) -> None:
        super().__init__()
        self.features = Layers(widths, generator)
        self.weight = nn.Parameter(xavier(widths[-1], len(bias), generator))
        self.bias = nn.Parameter(bias.clone())

    @abstractmethod
    def log_likelihood(self, h: Tensor, batch: CountsBatch) -> Tensor:
        """log p(x | h) of each row, shape (B,)."""

    @abstractmethod
    def mean(self, h: Tensor) -> Tensor:
        """What the row is expected to be, shape (B, V)."""

    @abstractmethod
    def draw(self, h: Tensor, generator: Generator, n_tokens: int) -> Tensor:
        """A row for each code, shape (B, V); counts add up to ``n_tokens``."""

    def outputs(self, h: Tensor) -> Tensor:
        """r, shape (B, V)."""
        r: Tensor = self.features(h) @ self.weight + self.bias
        return r


class Categorical(RowDecoder):
    """Tokens from softmax(r): sum_v x_v log softmax(r)_v, the multinomial without its constant.

    ``mean`` lies on the simplex: p(term | h), what one token is expected to be.
    """

    def log_likelihood(self, h: Tensor, batch: CountsBatch) -> Tensor:
        return softmax_log_likelihood(self.features(h), self.weight, self.bias, batch)

    def mean(self, h: Tensor) -> Tensor:
        return torch.softmax(self.outputs(h), dim=-1)

    def draw(self, h: Tensor, generator: Generator, n_tokens: int) -> Tensor:
        terms = torch.multinomial(self.mean(h), n_tokens, replacement=True, generator=generator)
        ones = torch.ones(terms.shape, dtype=h.dtype)
        return torch.zeros(len(h), len(self.bias), dtype=h.dtype).scatter_add_(1, terms, ones)


class Bernoulli(RowDecoder):
    """Entries in [0, 1]: sum_v x_v r_v - softplus(r_v) (Kingma & Welling 2014, appendix C.1)."""

    def log_likelihood(self, h: Tensor, batch: CountsBatch) -> Tensor:
        r = self.outputs(h)
        observed = r[batch.documents, batch.terms] * batch.values
        return batch.sum_pairs(observed) - functional.softplus(r).sum(-1)

    def mean(self, h: Tensor) -> Tensor:
        return torch.sigmoid(self.outputs(h))

    def draw(self, h: Tensor, generator: Generator, n_tokens: int) -> Tensor:
        return torch.bernoulli(self.mean(h), generator=generator)


class Gaussian(RowDecoder):
    """x ~ N(shift + r, variance I): squared error with its variance stated.

        |x - shift - r|^2 = |x - shift|^2 - 2 (x - shift) r + |r|^2

    The middle term needs r at the observed entries only, |r|^2 = f W W' f' + 2 f W b' + b b' no
    output at all.

    Parameters
    ----------
    shift : Tensor of shape (V,)
    variance : float, optional
        Of an entry; None learns one for all (Rybkin, Daniilidis & Levine, ICML 2021).
    """

    shift: Tensor
    log_variance: Tensor

    def __init__(
        self,
        widths: Sequence[int],
        bias: Tensor,
        generator: Generator,
        *,
        shift: Tensor,
        variance: float | None = None,
    ) -> None:
        super().__init__(widths, bias, generator)
        self.register_buffer("shift", shift.clone())
        if variance is None:
            self.log_variance = nn.Parameter(torch.zeros(()))
        else:
            self.register_buffer("log_variance", torch.tensor(math.log(variance)))

    def squared_error(self, h: Tensor, batch: CountsBatch) -> Tensor:
        """|x - shift - r|^2 of each row, shape (B,)."""
        f = self.features(h)
        observed = (batch.values - 2 * self.shift[batch.terms]) * batch.values
        data = batch.sum_pairs(observed) + self.shift.square().sum()
        sums = weighted_bag(self.weight.t().contiguous(), batch.values, batch)
        cross = (f * (sums - self.weight @ self.shift)).sum(-1)
        cross = cross + batch.sum_pairs(batch.values * self.bias[batch.terms])
        cross = cross - self.shift @ self.bias
        gram = self.weight @ self.weight.t()
        square = ((f @ gram + 2 * (self.weight @ self.bias)) * f).sum(-1) + self.bias.square().sum()
        error: Tensor = data - 2 * cross + square
        return error.clamp_min(0.0)

    def log_likelihood(self, h: Tensor, batch: CountsBatch) -> Tensor:
        error = self.squared_error(h, batch)
        constant = 0.5 * len(self.bias) * (math.log(2 * math.pi) + self.log_variance)
        return -0.5 * error * torch.exp(-self.log_variance) - constant

    def mean(self, h: Tensor) -> Tensor:
        return self.shift + self.outputs(h)

    def draw(self, h: Tensor, generator: Generator, n_tokens: int) -> Tensor:
        mean = self.mean(h)
        noise = torch.empty_like(mean).normal_(generator=generator)
        return mean + torch.exp(0.5 * self.log_variance) * noise


class SquaredError(Gaussian):
    """Minus the squared error itself, which needs no variance: what a plain autoencoder fits."""

    def log_likelihood(self, h: Tensor, batch: CountsBatch) -> Tensor:
        return -self.squared_error(h, batch)


LIKELIHOODS: dict[str, Callable[..., RowDecoder]] = {
    "categorical": Categorical,
    "gaussian": Gaussian,
    "bernoulli": Bernoulli,
}
"""The likelihoods by name."""
