"""Decoders: from topic proportions to the likelihood of the counts."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from polytopic.nets.batch import CountsBatch
from polytopic.nets.likelihood import mixture_log_likelihood, softmax_log_likelihood

__all__ = ["BACKGROUND", "DECODERS", "Decoder", "Mixture", "Product"]

BACKGROUND = 0.2
"""Share of the terms' log base rates that stays in a product decoder's topics."""


class Decoder(nn.Module, ABC):
    """p(term | theta) for a K x V weight matrix; the kinds differ in where the softmax stands.

    Parameters
    ----------
    weight : Tensor of shape (K, V)
        Initial weights.
    log_frequency : Tensor of shape (V,)
        Initial log base rates of the terms.
    trust : Tensor of shape (V,)
        In [0, 1]: how far each term's departure from its base rate is believed in topic_word.
    """

    weight: nn.Parameter
    background: nn.Parameter
    trust: Tensor

    def __init__(self, weight: Tensor, log_frequency: Tensor, trust: Tensor) -> None:
        super().__init__()
        self.register_buffer("trust", trust.clone())
        self.weight = nn.Parameter(weight.clone())
        self.background = nn.Parameter(log_frequency.clone())

    @abstractmethod
    def log_likelihood(self, theta: Tensor, batch: CountsBatch) -> Tensor:
        """sum_v counts_dv log p(v | theta_d) of each document in nats, shape (B,)."""

    @abstractmethod
    def term_probability(self, theta: Tensor) -> Tensor:
        """p(v | theta), shape (B, V), rows on the simplex."""

    @abstractmethod
    def topic_word(self) -> Tensor:
        """p(v | topic), shape (K, V), rows on the simplex."""


class Mixture(Decoder):
    """p(v | theta) = sum_k theta_k beta_kv, beta_k = softmax(W_k + b): LDA's likelihood.

    Training needs p only at the observed pairs: P sums of K products instead of B x V of them.
    b starts as the terms' log base rates, so that W says how a topic departs from them.
    """

    def topic_word(self) -> Tensor:
        return torch.softmax(self.weight + self.background, dim=1)

    def log_likelihood(self, theta: Tensor, batch: CountsBatch) -> Tensor:
        return mixture_log_likelihood(theta, self.topic_word().t().contiguous(), batch)

    def term_probability(self, theta: Tensor) -> Tensor:
        return theta @ self.topic_word()


class Product(Decoder):
    """p(v | theta) = softmax((theta - m) W~ + b), W~_v = W_v (var_v + eps)^-power.

    A product of experts (Srivastava & Sutton 2017, eq. 10), its batch normalisation written out:
    m and C are mean and covariance of theta over the batch (running averages in evaluation mode),
    and var_v = W_v' C W_v is the variance of a term's logit, so the normalisation costs K x K x V
    instead of passes over (B, V). ``power`` = .5 is batch normalisation as published, 0 none; in
    between it keeps topics distinct without pulling rare words into them.

    topic_word is softmax(r (W~ - mean over topics) + .2 b), r the terms' trust: a topic's departure
    from the corpus, believed less for terms in few documents (whose weights are mostly noise and
    would lead the lists), with a fifth of the terms' log base rates.
    """

    running_mean: Tensor
    running_covariance: Tensor

    def __init__(
        self,
        weight: Tensor,
        log_frequency: Tensor,
        trust: Tensor,
        *,
        power: float = 0.25,
        momentum: float = 0.05,
        epsilon: float = 1e-3,
    ) -> None:
        super().__init__(weight, log_frequency, trust)
        self.power, self.momentum, self.epsilon = power, momentum, epsilon
        n_topics = len(weight)
        self.register_buffer("running_mean", torch.full((n_topics,), 1.0 / n_topics))
        self.register_buffer("running_covariance", torch.eye(n_topics) / n_topics)

    def log_likelihood(self, theta: Tensor, batch: CountsBatch) -> Tensor:
        mean, covariance = self._moments(theta)
        return softmax_log_likelihood(
            theta - mean, self._scaled(covariance), self.background, batch
        )

    def term_probability(self, theta: Tensor) -> Tensor:
        scaled = self._scaled(self.running_covariance)
        return torch.softmax((theta - self.running_mean) @ scaled + self.background, dim=-1)

    def topic_word(self) -> Tensor:
        scaled = self._scaled(self.running_covariance)
        departure = self.trust * (scaled - scaled.mean(0))
        return torch.softmax(departure + BACKGROUND * self.background, dim=-1)

    def _scaled(self, covariance: Tensor) -> Tensor:
        variance = ((covariance @ self.weight) * self.weight).sum(0)
        return self.weight * (variance + self.epsilon).pow(-self.power)

    def _moments(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        if not self.training:
            return self.running_mean, self.running_covariance
        mean = theta.mean(0)
        centred = theta - mean
        covariance = centred.t() @ centred / len(theta)
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_covariance.lerp_(covariance, self.momentum)
        return mean, covariance


DECODERS: dict[str, type[Decoder]] = {"product": Product, "mixture": Mixture}
"""Decoder by the name a model's parameter gives it."""
