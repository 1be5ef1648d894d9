"""Decoders: from topic proportions to the likelihood of the counts."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Generator, Tensor, nn

from polytopic.nets.batch import CountsBatch
from polytopic.nets.layers import ShiftBatchNorm, xavier

__all__ = ["Decoder", "Mixture", "Product"]

_SMALLEST = 1e-30


class Decoder(nn.Module, ABC):
    """p(term | theta) for a K x V weight matrix; the two kinds differ in where the softmax stands.

    ``weight`` has shape (K, V).
    """

    weight: nn.Parameter

    def __init__(self, n_topics: int, n_terms: int, generator: Generator) -> None:
        super().__init__()
        self.weight = nn.Parameter(xavier(n_topics, n_terms, generator))

    @abstractmethod
    def log_likelihood(self, theta: Tensor, batch: CountsBatch) -> Tensor:
        """sum_v counts_dv log p(v | theta_d) of each document in nats, shape (B,)."""

    @abstractmethod
    def term_probability(self, theta: Tensor) -> Tensor:
        """p(v | theta), shape (B, V), rows on the simplex."""

    def topic_word(self) -> Tensor:
        """p(v | topic), shape (K, V): what a document all of one topic would draw from."""
        return self.term_probability(torch.eye(self.weight.shape[0], device=self.weight.device))


class Mixture(Decoder):
    """p(v | theta) = sum_k theta_k beta_kv, beta = softmax(W): LDA's likelihood.

    Training needs p only at the observed pairs: P sums of K products instead of B x V of them.
    """

    def log_likelihood(self, theta: Tensor, batch: CountsBatch) -> Tensor:
        beta = torch.softmax(self.weight, dim=1).t().contiguous()
        probability = (theta[batch.documents] * beta[batch.terms]).sum(-1)
        return batch.sum_pairs(batch.values * probability.clamp_min(_SMALLEST).log())

    def term_probability(self, theta: Tensor) -> Tensor:
        return theta @ torch.softmax(self.weight, dim=1)


class Product(Decoder):
    """p(v | theta) = softmax(BN(theta W)): a product of experts (Srivastava & Sutton 2017, eq. 10).

    The normaliser needs all V terms; the counts enter at the observed pairs only.
    """

    def __init__(self, n_topics: int, n_terms: int, generator: Generator) -> None:
        super().__init__(n_topics, n_terms, generator)
        self.norm = ShiftBatchNorm(n_terms)

    def log_likelihood(self, theta: Tensor, batch: CountsBatch) -> Tensor:
        logits = self.norm(theta @ self.weight)
        observed = logits[batch.documents, batch.terms]
        return batch.sum_pairs(batch.values * observed) - batch.totals * logits.logsumexp(-1)

    def term_probability(self, theta: Tensor) -> Tensor:
        return torch.softmax(self.norm(theta @ self.weight), dim=-1)
