"""Decoders whose topics are vectors among the words' vectors."""

from __future__ import annotations

from typing import Any, Self

import torch
from torch import Tensor, nn

from polytopic.nets.batch import CountsBatch
from polytopic.nets.decoders import (
    Decoder,
    DecoderStart,
    Experts,
    Mixture,
    Product,
    cosines,
    departures,
)
from polytopic.nets.layers import row_products
from polytopic.nets.likelihood import topic_softmax_log_likelihood
from polytopic.nets.log_linear import LogLinear
from polytopic.nets.products import product

__all__ = ["DECODERS", "Distance", "Embedding", "squared_distances"]


class Embedding(Decoder):
    """p(v | theta) = sum_k theta_k beta_kv, beta_k = softmax_v(rho_v . alpha_k).

    The embedded topic model (Dieng, Ruiz & Blei, TACL 2020, section 4): rho_v are the words'
    vectors, alpha_k the topics' own. With ``background`` beta_k = softmax_v(rho_v . alpha_k + b_v)
    and topic_word is the :func:`~polytopic.nets.decoders.departures` of rho_v . alpha_k; without,
    as published, there is no b and topic_word is beta.

    Parameters
    ----------
    topic_vectors : Tensor of shape (K, E)
        Initial alpha.
    word_vectors : Tensor of shape (V, E)
        Initial rho.
    log_frequency : Tensor of shape (V,)
        Initial b.
    trust : Tensor of shape (V,)
        In [0, 1]: how far each term's departure from its base rate is believed in topic_word.
    background, learn_background : bool
        Whether there is a background b, and whether it is learned along.
    learn_words : bool
        Whether rho is learned along or stays as given.
    """

    def __init__(
        self,
        topic_vectors: Tensor,
        word_vectors: Tensor,
        log_frequency: Tensor,
        trust: Tensor,
        *,
        background: bool = False,
        learn_background: bool = True,
        learn_words: bool = True,
    ) -> None:
        super().__init__(
            topic_vectors,
            log_frequency if background else torch.zeros_like(log_frequency),
            trust,
            background=background,
            learn_background=background and learn_background,
        )
        self.word_vectors = nn.Parameter(word_vectors.clone(), requires_grad=learn_words)
        self._products: Tensor | None = None

    @classmethod
    def build(cls, start: DecoderStart, **options: Any) -> Self:
        """alpha begins as the centres, as long as it takes for logits of deviation one."""
        centers, vectors = torch.as_tensor(start.centers), torch.as_tensor(start.vectors)
        cosine = centers @ vectors.t()
        spread = (cosine - cosine.mean(0)).std().clamp_min(1e-6)
        rest = torch.as_tensor(start.log_frequency), torch.as_tensor(start.trust)
        return cls(centers / spread, vectors, *rest, **options)

    @property
    def topic_vectors(self) -> Tensor:
        """alpha, shape (K, E)."""
        return self.weight

    def similarity(self) -> Tensor:
        """Cosines of the topics' logits less their mean, shape (K, K).

        Of words that stay as given, the E x E products are made once.
        """
        apart = self.weight - self.weight.mean(0)
        if self.word_vectors.requires_grad:
            logits = product(apart, self.word_vectors.t())
            return cosines(row_products(logits))
        if self._products is None:
            self._products = product(self.word_vectors.t(), self.word_vectors)
        return cosines(apart @ self._products @ apart.t())

    def beta(self) -> Tensor:
        """p(v | topic) in the likelihood, shape (K, V)."""
        return torch.softmax(self._logits(), dim=0).t()

    def topic_word(self) -> Tensor:
        if not self.stands_apart:
            return self.beta().contiguous()
        return departures(self.weight @ self.word_vectors.t(), self.background, self.trust)

    def log_likelihood(self, theta: Tensor, batch: CountsBatch) -> Tensor:
        return topic_softmax_log_likelihood(theta, self._logits(), batch)

    def term_probability(self, theta: Tensor) -> Tensor:
        return theta @ self.beta()

    def _logits(self) -> Tensor:
        """Shape (V, K)."""
        logits = product(self.word_vectors, self.weight.t())
        return logits + self.background.unsqueeze(1) if self.stands_apart else logits


class Distance(Experts):
    """Experts of distances: W_kv = softmax over topics of -|rho_v - alpha_k|^2 / temperature.

    The decoder of ECRTM (Wu, Dong, Nguyen & Luu, ICML 2023, eq. 6) as in its authors' code:
    softmax(BN(theta W)), batch normalisation in full (power .5) with a learned shift b that starts
    at zero, word vectors learned. A column of W is p(topic | v): no distribution over terms.
    topic_word weighs all terms alike, p(v | topic) = W_kv / sum_v W_kv, which keeps the order of
    the published lists.

    With ``background`` b starts at the terms' log base rates and topic_word is the
    :func:`~polytopic.nets.decoders.departures` of W~, the experts as the likelihood has them. With
    or without, a term that goes with every topic is given to the nearest and may lead its list.

    Parameters
    ----------
    topic_vectors : Tensor of shape (K, E)
        Initial alpha.
    word_vectors : Tensor of shape (V, E)
        Initial rho.
    log_frequency : Tensor of shape (V,)
        Initial b with ``background``.
    trust : Tensor of shape (V,)
        In [0, 1]: how far each term's departure is believed in topic_word with ``background``.
    temperature : float
        By which squared distances are divided.
    background, learn_background : bool
        Whether b starts at the log base rates, and whether it is learned along.
    learn_words : bool
        Whether rho is learned along or stays as given.
    power, momentum, epsilon : float
        Of the normalisation: see :class:`~polytopic.nets.decoders.Experts`.
    """

    def __init__(
        self,
        topic_vectors: Tensor,
        word_vectors: Tensor,
        log_frequency: Tensor,
        trust: Tensor,
        *,
        temperature: float = 0.2,
        background: bool = False,
        learn_background: bool = True,
        learn_words: bool = True,
        power: float = 0.5,
        momentum: float = 0.1,
        epsilon: float = 1e-5,
    ) -> None:
        super().__init__(
            topic_vectors,
            log_frequency if background else torch.zeros_like(log_frequency),
            trust,
            background=background,
            learn_background=learn_background,
            power=power,
            momentum=momentum,
            epsilon=epsilon,
        )
        self.temperature = temperature
        self.word_vectors = nn.Parameter(word_vectors.clone(), requires_grad=learn_words)

    @classmethod
    def build(cls, start: DecoderStart, **options: Any) -> Self:
        """alpha begins as the centres."""
        arrays = start.centers, start.vectors, start.log_frequency, start.trust
        return cls(*(torch.as_tensor(array) for array in arrays), **options)

    @property
    def topic_vectors(self) -> Tensor:
        """alpha, shape (K, E)."""
        return self.weight

    def experts(self) -> Tensor:
        return torch.softmax(self._closeness(), dim=0)

    def topic_word(self) -> Tensor:
        if self.stands_apart:
            return super().topic_word()
        return torch.softmax(self._closeness().log_softmax(0), dim=1)

    def _closeness(self) -> Tensor:
        return squared_distances(self.weight, self.word_vectors) / -self.temperature


def squared_distances(topic_vectors: Tensor, word_vectors: Tensor) -> Tensor:
    """|rho_v - alpha_k|^2, shape (K, V), of vectors of shape (K, E) and (V, E)."""
    lengths = topic_vectors.square().sum(1, keepdim=True) + word_vectors.square().sum(1)
    return lengths - 2.0 * product(topic_vectors, word_vectors.t())


DECODERS: dict[str, type[Decoder]] = {
    "product": Product,
    "mixture": Mixture,
    "embedding": Embedding,
    "distance": Distance,
    "log-linear": LogLinear,
}
"""Decoder by the name a model's parameter gives it."""
