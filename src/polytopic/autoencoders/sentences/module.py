"""The networks of the sentence VAE, and its bound."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast

import torch
from torch import Generator, Tensor, nn

from polytopic import latent
from polytopic.autoencoders.rows.encoder import RowEncoder
from polytopic.autoencoders.rows.modules import VariationalCode
from polytopic.autoencoders.sentences.cells import (
    linear,
    long_short_term,
    step,
    tied_log_softmax,
)
from polytopic.autoencoders.sentences.words import SentenceBatch
from polytopic.latent import Gaussian
from polytopic.nets import Objective
from polytopic.nets.layers import dropout, xavier
from polytopic.training.schedules import free_bits
from polytopic.whole_batch import batch_norm, gathered, length, noise, own_rows, placed

__all__ = ["ANNEALINGS", "SentenceCode", "SentenceDecoder", "SentenceEncoder"]

_STEEPNESS = 10.0
"""Of the logistic rise over the warm-up, which then goes from .007 to .993 of its height before it
is stretched to 0 and 1. Bowman et al. give the curve's shape, not its slope."""

_MOMENTUM = 0.05
"""Of the running mean and spread of the codes once 20 batches are seen; before, they are plain
means. A convention of batch normalisation (.1 there); not compared with others."""

_NO_ESCAPE = 1e-12
"""A larger summand, and locations shrink below it to be rid of the KL."""


def _sigmoid(weight: float) -> float:
    """0 to 1 along a logistic curve instead of a line (Bowman et al. 2016, figure 2)."""
    low, high = (1 / (1 + math.exp(s * _STEEPNESS / 2)) for s in (1, -1))
    return (1 / (1 + math.exp(-_STEEPNESS * (weight - 0.5))) - low) / (high - low)


def _straight(weight: float) -> float:
    return weight


ANNEALINGS = {"linear": _straight, "sigmoid": _sigmoid}
"""Name to the shape of the rise of the KL weight from 0 to 1."""


def _recurrent(inputs: int, width: int, generator: Generator) -> tuple[nn.Parameter, ...]:
    """Weights from the inputs, (I, 4H), from the state, (H, 4H), and bias, (4H,); gates i, f, o, g.

    The forget gate begins open (Jozefowicz, Zaremba & Sutskever, ICML 2015).
    """
    bias = torch.zeros(4 * width)
    bias[width : 2 * width] = 1.0
    blocks = [nn.init.orthogonal_(torch.empty(width, width), generator=generator) for _ in range(4)]
    entering = torch.cat([xavier(inputs, width, generator) for _ in range(4)], 1)
    return nn.Parameter(entering), nn.Parameter(torch.cat(blocks, 1)), nn.Parameter(bias)


def _linear(inputs: int, outputs: int, generator: Generator) -> nn.Linear:
    layer = nn.Linear(inputs, outputs)
    with torch.no_grad():
        layer.weight.copy_(xavier(inputs, outputs, generator).t())
        layer.bias.zero_()
    return layer


class _Spread(nn.Module):
    """Means of the codes scaled to one deviation a dimension, over the sentences of a batch.

    The mean KL is then at least E deviation^2 / 2, whatever the decoder does, and since the codes
    stay about the prior's middle it is spent on telling sentences apart (Zhu, Bi, Liu, Ma, Li & Wu,
    ACL 2020, arXiv:2004.12585, who learn a shift besides). In evaluation mode running statistics
    serve, so that no sentence's answer depends on its company.
    """

    running_mean: Tensor
    running_variance: Tensor
    seen: Tensor

    def __init__(self, dim: int, deviation: float) -> None:
        super().__init__()
        self.deviation = deviation
        self.register_buffer("running_mean", torch.zeros(dim))
        self.register_buffer("running_variance", torch.ones(dim))
        self.register_buffer("seen", torch.zeros(()))

    def forward(self, location: Tensor) -> Tensor:
        """Locations of a batch, (B, E)."""
        learning = self.training and length(location) > 1
        if learning:  # of few batches the mean, of many the last ones
            self.seen += 1
        normalized = batch_norm(
            location, self.running_mean, self.running_variance,
            training=learning, momentum=max(_MOMENTUM, 1 / max(1.0, float(self.seen))),
            eps=_NO_ESCAPE,
        )  # fmt: skip
        return self.deviation * normalized


class SentenceEncoder(nn.Module):
    """An LSTM over the words; its states, the last and the mean, give the heads of q(h | x).

    The mean lets every word reach the code on a short way (Long, Cao & Cheung 2019,
    arXiv:1911.03976, pool the states for that reason). There is no dropout: its noise would spread
    the locations while training, and sentences told apart then would not be afterwards.
    """

    def __init__(self, *, word_dim: int, hidden: int, dim: int,
                 spread: float | None, generator: Generator) -> None:  # fmt: skip
        super().__init__()
        self.dim, self.hidden = dim, hidden
        self.entering, self.weights, self.bias = _recurrent(word_dim, hidden, generator)
        self.heads = _linear(2 * hidden, 2 * dim, generator)
        self.spread = nn.Identity() if spread is None else _Spread(dim, spread)

    def forward(self, words: Tensor, batch: SentenceBatch) -> tuple[Tensor, Tensor]:
        """Location and log-variance, (B, E) each, from the words' vectors, (P, W)."""
        inputs = linear(words, self.entering, self.bias)
        zeros = inputs.new_zeros(batch.n_documents, self.hidden)
        states = long_short_term(inputs, self.weights, zeros, zeros, batch.sizes)
        mean = batch.sum_positions(states) / batch.totals.unsqueeze(1)
        read = torch.cat([states[batch.lasts], mean], 1)
        location, log_variance = self.heads(read).chunk(2, dim=1)
        return self.spread(location), log_variance


class SentenceDecoder(nn.Module):
    """p(x | h): an LSTM language model whose state begins from h and which sees h at every step.

    The last layer is tied to the words' vectors (Press & Wolf, EACL 2017; Inan et al., ICLR 2017).
    """

    def __init__(
        self, table: Tensor, log_shares: Tensor, *, hidden: int, dim: int, rate: float,
        word_dropout: float, unknown: int, generator: Generator,
    ) -> None:  # fmt: skip
        super().__init__()
        word_dim = table.shape[1]
        self.rate, self.word_dropout, self.unknown = rate, word_dropout, unknown
        self.table, self.bias = nn.Parameter(table), nn.Parameter(log_shares)
        self.entering, self.weights, self.gate_bias = _recurrent(word_dim, hidden, generator)
        self.start = _linear(dim, 2 * hidden, generator)
        self.along = _linear(dim, 4 * hidden, generator)
        self.leaving = _linear(hidden, word_dim, generator)
        self.aside = nn.Parameter(xavier(dim, word_dim, generator))

    def embed(self, words: Tensor) -> Tensor:
        """Vectors of words, (P, W)."""
        return torch.nn.functional.embedding(words, self.table)

    def begin(self, h: Tensor) -> tuple[Tensor, Tensor]:
        """State and cell before the first word, (B, H) each."""
        state, cell = self.start(h).chunk(2, dim=1)
        return state.tanh().contiguous(), cell.contiguous()

    def log_likelihood(
        self, h: Tensor, batch: SentenceBatch, generator: Generator | None = None
    ) -> Tensor:
        """log p(x | h) of each sentence with its end, (B,); ``generator`` drives all dropout."""
        previous = batch.previous
        if generator is not None and self.word_dropout > 0:
            share = self.word_dropout
            hide = noise(
                h, lambda blank: blank.bernoulli_(share, generator=generator), shape=previous.shape
            )
            previous = previous.masked_fill((hide > 0) & (previous > 0), self.unknown)
        words = dropout(self.embed(previous), self.rate, generator)
        inputs = linear(words, self.entering, self.gate_bias)
        inputs = inputs + self.along(h)[batch.documents]
        states = long_short_term(inputs, self.weights, *self.begin(h), batch.sizes)
        states = dropout(states, self.rate, generator)
        read = linear(states, self.leaving.weight.t(), self.leaving.bias)
        read = read + (h @ self.aside)[batch.documents]
        logs = tied_log_softmax(read, self.table, self.bias, batch.words)
        return batch.sum_positions(logs)

    def follow(
        self, h: Tensor, words: Tensor, state: Tensor, cell: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Log-probabilities of the next word, (B, V), state and cell, after ``words``, (B,)."""
        inputs = torch.addmm(self.gate_bias, self.embed(words), self.entering) + self.along(h)
        state, cell = step(inputs + state @ self.weights, cell)
        read = self.leaving(state) + h @ self.aside
        logits = torch.addmm(self.bias, read, self.table.t())
        return torch.log_softmax(logits, 1), state, cell


def _places(batch: SentenceBatch) -> list[tuple[Tensor, int]]:
    """Where sentences and positions stand in a batch that processes share, longest first."""
    lengths = gathered(batch.totals).long()
    order = torch.argsort(lengths, descending=True, stable=True)
    sentences = own_rows(torch.argsort(order), batch.totals)
    steps = torch.arange(int(lengths.max()), device=lengths.device)
    going_on = (lengths.unsqueeze(0) > steps.unsqueeze(1)).sum(1)
    firsts = going_on.cumsum(0) - going_on
    sizes = torch.tensor(batch.sizes, device=lengths.device)
    positions = firsts[: len(sizes)].repeat_interleave(sizes) + sentences[batch.documents]
    return [(sentences, len(lengths)), (positions, int(lengths.sum()))]


class SentenceCode(VariationalCode):
    """The bound over sentences: log p(x | h) counts every word and the end of a sentence.

    ``objective.free_bits`` are nats of the whole code, not of each dimension.
    """

    encoder: SentenceEncoder  # type: ignore[assignment]
    decoder: SentenceDecoder  # type: ignore[assignment]

    def __init__(
        self, encoder: SentenceEncoder, decoder: SentenceDecoder, *, objective: Objective,
        annealing: str,
    ) -> None:  # fmt: skip
        super().__init__(
            cast(RowEncoder, encoder), cast(Any, decoder), gradient="pathwise", objective=objective
        )
        self.annealing = ANNEALINGS[annealing]
        self.weight = 1.0

    def posterior(self, batch: Any, generator: Generator | None = None) -> Gaussian:
        """q(h | x) of each sentence, in the batch's order; without noise, so no generator."""
        words = self.decoder.embed(batch.words)
        return Gaussian(*self.encoder(words, batch))

    def forward(self, batch: Any, kl_weight: float, generator: Generator) -> tuple[Tensor, Tensor]:
        """(loss with the weighted KL, negative ELBO), both means over the batch, in nats."""
        noise = generator if self.training else None
        q = self.posterior(batch)
        with placed(lambda: _places(batch)):
            h = latent.sample(q, self.gradient, generator).theta
            likelihood = self.decoder.log_likelihood(h, batch, noise).mean()
        terms = latent.kl.terms(q, self.prior)
        weight = self.annealing(kl_weight) * self.objective.beta
        divergence = terms.sum(1)
        loss = weight * free_bits(divergence, self.objective.free_bits) - likelihood
        if self.training:
            self.monitor.observe(q.center().detach(), terms.detach())
        return loss, divergence.mean() - likelihood

    def moments(self, batch: Any) -> Gaussian:
        """The same."""
        return self.posterior(batch)

    def groups(self, learning_rate: float) -> list[dict[str, Any]]:
        """All parameters at one rate."""
        return [{"params": list(self.parameters()), "peak": learning_rate}]

    def history(self, record: Mapping[str, float]) -> dict[str, float]:
        """An epoch's record with the KL weight as it was used."""
        weight = self.annealing(record["kl_weight"])
        return {**record, "kl_weight": weight * self.objective.beta}
