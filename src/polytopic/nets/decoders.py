"""Decoders: from topic proportions to the likelihood of the counts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Protocol, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from polytopic import whole_batch
from polytopic.nets.batch import CountsBatch
from polytopic.nets.layers import row_products
from polytopic.nets.likelihood import (
    softmax_log_likelihood,
    topic_softmax_log_likelihood,
    unit_variance,
)

__all__ = [
    "BACKGROUND",
    "Decoder",
    "DecoderStart",
    "Experts",
    "Mixture",
    "Product",
    "cosines",
    "departures",
]

BACKGROUND = 0.2
"""Share of the terms' log base rates that stays in topics with a background of their own."""


class DecoderStart(Protocol):
    """Initial values, float32 arrays, of which a decoder takes what it needs."""

    @property
    def vectors(self) -> NDArray[np.float32]:
        """Word vectors, shape (V, E)."""
        ...

    @property
    def centers(self) -> NDArray[np.float32]:
        """Topics among the word vectors, shape (K, E)."""
        ...

    @property
    def weight(self) -> NDArray[np.float32]:
        """Each topic's departure from the base rates, shape (K, V)."""
        ...

    @property
    def log_frequency(self) -> NDArray[np.float32]:
        """Log base rates of the terms, shape (V,)."""
        ...

    @property
    def trust(self) -> NDArray[np.float32]:
        """How far each term's departure is believed, in [0, 1], shape (V,)."""
        ...


class Decoder(nn.Module, ABC):
    """p(term | theta); the kinds differ in where the softmax stands and what its logits are.

    With ``background`` the terms' log base rates b stand beside the topics, as in SAGE (Eisenstein,
    Ahmed & Xing, ICML 2011) and Scholar (Card, Tan & Smith, ACL 2018): a topic is its departure
    from the corpus, and :meth:`topic_word` leaves most of b out, so that stop words lead no topic.
    Without, topic_word is p(term | topic) as the model generates it, stop words and all.

    Attributes
    ----------
    weight : Parameter of shape (K, V), or (K, E) where topics are vectors
        What says how topics differ.
    background : Parameter of shape (V,)
        b.
    """

    weight: nn.Parameter
    background: nn.Parameter
    trust: Tensor

    def __init__(
        self,
        weight: Tensor,
        log_frequency: Tensor,
        trust: Tensor,
        *,
        background: bool = False,
        learn_background: bool = True,
    ) -> None:
        super().__init__()
        self.register_buffer("trust", trust.clone())
        self.weight = nn.Parameter(weight.clone())
        self.background = nn.Parameter(log_frequency.clone(), requires_grad=learn_background)
        self.stands_apart = background

    @classmethod
    @abstractmethod
    def build(cls, start: DecoderStart, **options: Any) -> Self:
        """A decoder with its initial values; ``options``: keywords of the constructor."""

    def similarity(self) -> Tensor:
        """Cosines of what says how topics differ, shape (K, K): what overlap is judged by."""
        return cosines(row_products(self.weight))

    @abstractmethod
    def log_likelihood(self, theta: Tensor, batch: CountsBatch) -> Tensor:
        """sum_v counts_dv log p(v | theta_d) of each document in nats, shape (B,)."""

    @abstractmethod
    def term_probability(self, theta: Tensor) -> Tensor:
        """p(v | theta), shape (B, V), rows on the simplex."""

    def beta(self) -> Tensor | None:
        """p(v | topic) in the likelihood, shape (K, V); None where documents are no mixtures."""
        return None

    @abstractmethod
    def topic_word(self) -> Tensor:
        """A distribution over the terms a topic, shape (K, V), rows on the simplex."""


def cosines(products: Tensor) -> Tensor:
    """Cosines of rows from their products with one another, (K, K) to (K, K)."""
    lengths = products.diagonal().clamp_min(1e-12).sqrt()
    return products / lengths / lengths.unsqueeze(1)


def departures(logits: Tensor, background: Tensor, trust: Tensor) -> Tensor:
    """Topics beside a background: softmax(r (L - mean of L over topics) + .2 b), shape (K, V).

    r is the terms' trust: a departure is believed less for terms in few documents, whose weights
    are mostly noise and would lead the lists. ``logits``: L, shape (K, V); ``background``: b.
    """
    departure = trust * (logits - logits.mean(0))
    return torch.softmax(departure + BACKGROUND * background, dim=-1)


class Mixture(Decoder):
    """p(v | theta) = sum_k theta_k beta_kv, beta_k = softmax(W_k + b): LDA's likelihood.

    As Srivastava & Sutton (ICLR 2017) train it in their neural LDA.

    Training needs p only at the observed pairs: P sums of K products instead of B x V of them.
    b starts as the terms' log base rates, so that W says how a topic departs from them.

    topic_word is beta, or with ``background`` the :func:`departures` of W.

    Parameters
    ----------
    weight : Tensor of shape (K, V)
        Initial W.
    log_frequency : Tensor of shape (V,)
        Initial b.
    trust : Tensor of shape (V,)
        In [0, 1]: how far each term's departure from its base rate is believed in topic_word.
    background : bool
        Whether b stands apart from the topics.
    learn_background : bool
        Whether b is learned along.
    """

    @classmethod
    def build(cls, start: DecoderStart, **options: Any) -> Self:
        return cls(*_tensors(start.weight, start.log_frequency, start.trust), **options)

    def beta(self) -> Tensor:
        """p(v | topic) in the likelihood, shape (K, V)."""
        return torch.softmax(self.weight + self.background, dim=1)

    def topic_word(self) -> Tensor:
        if not self.stands_apart:
            return self.beta()
        return departures(self.weight, self.background, self.trust)

    def log_likelihood(self, theta: Tensor, batch: CountsBatch) -> Tensor:
        logits = (self.weight + self.background).t().contiguous()
        return topic_softmax_log_likelihood(theta, logits, batch)

    def term_probability(self, theta: Tensor) -> Tensor:
        return theta @ self.beta()


class Experts(Decoder):
    """p(v | theta) = softmax((theta - m) W~ + b), W~_v = W_v (var_v + eps)^-power.

    A product of experts (Srivastava & Sutton 2017, eq. 10), its batch normalisation written out:
    m and C are mean and covariance of theta over the batch (running averages in evaluation mode),
    and var_v = W_v' C W_v is the variance of a term's logit, so the normalisation costs K x K x V
    instead of passes over (B, V). ``power`` = .5 is batch normalisation as published, 0 none; in
    between it keeps topics distinct without pulling rare words into them.

    :meth:`experts` gives W; with ``background`` its words are the :func:`departures` of W~, scaled
    with ``reading_power`` in place of ``power``: a lower one lets the words lead that the topics
    move most, which more documents hold.
    """

    running_mean: Tensor
    running_covariance: Tensor

    def __init__(
        self,
        weight: Tensor,
        log_frequency: Tensor,
        trust: Tensor,
        *,
        background: bool,
        learn_background: bool,
        power: float,
        momentum: float,
        epsilon: float,
        reading_power: float | None = None,
    ) -> None:
        super().__init__(
            weight,
            log_frequency,
            trust,
            background=background,
            learn_background=learn_background,
        )
        self.power, self.momentum, self.epsilon = power, momentum, epsilon
        self.reading_power = power if reading_power is None else reading_power
        n_topics = len(weight)
        self.register_buffer("running_mean", torch.full((n_topics,), 1.0 / n_topics))
        self.register_buffer("running_covariance", torch.eye(n_topics) / n_topics)

    @abstractmethod
    def experts(self) -> Tensor:
        """W, shape (K, V)."""

    def log_likelihood(self, theta: Tensor, batch: CountsBatch) -> Tensor:
        mean, covariance = self._moments(theta)
        return softmax_log_likelihood(
            theta - mean, self._scaled(covariance), self.background, batch
        )

    def term_probability(self, theta: Tensor) -> Tensor:
        scaled = self._scaled(self.running_covariance)
        return torch.softmax((theta - self.running_mean) @ scaled + self.background, dim=-1)

    def topic_word(self) -> Tensor:
        if not self.stands_apart:
            return self.term_probability(torch.eye(len(self.weight)).to(self.weight))
        read = self._scaled(self.running_covariance, self.reading_power)
        return departures(read, self.background, self.trust)

    def _scaled(self, covariance: Tensor, power: float | None = None) -> Tensor:
        exponent = self.power if power is None else power
        return unit_variance(self.experts(), covariance, exponent, self.epsilon)

    def _moments(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        if not self.training:
            return self.running_mean, self.running_covariance
        mean = whole_batch.mean(theta)
        centred = theta - mean
        covariance = whole_batch.summed(centred.t() @ centred) / whole_batch.length(theta)
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_covariance.lerp_(covariance, self.momentum)
        return mean, covariance


class Product(Experts):
    """Experts whose W is free: the decoder of ProdLDA (Srivastava & Sutton, ICLR 2017).

    Parameters
    ----------
    weight : Tensor of shape (K, V)
        Initial W.
    log_frequency : Tensor of shape (V,)
        Initial b.
    trust : Tensor of shape (V,)
        In [0, 1]: how far each term's departure from its base rate is believed in topic_word.
    background : bool
        Whether topic_word leaves most of b out; without it, it is p(v | theta = the topic alone).
    learn_background : bool
        Whether b is learned along.
    power, momentum, epsilon : float
        Of the normalisation: see :class:`Experts`.
    reading_power : float, optional
        Of the normalisation by which topic_word is read with ``background``; ``power`` by default.
    """

    def __init__(
        self,
        weight: Tensor,
        log_frequency: Tensor,
        trust: Tensor,
        *,
        background: bool = True,
        learn_background: bool = True,
        power: float = 0.25,
        momentum: float = 0.05,
        epsilon: float = 1e-3,
        reading_power: float | None = None,
    ) -> None:
        super().__init__(
            weight,
            log_frequency,
            trust,
            background=background,
            learn_background=learn_background,
            power=power,
            momentum=momentum,
            epsilon=epsilon,
            reading_power=reading_power,
        )

    @classmethod
    def build(cls, start: DecoderStart, **options: Any) -> Self:
        return cls(*_tensors(start.weight, start.log_frequency, start.trust), **options)

    def experts(self) -> Tensor:
        return self.weight


def _tensors(*arrays: NDArray[np.float32]) -> tuple[Tensor, ...]:
    return tuple(torch.as_tensor(array) for array in arrays)
