"""What stands beside the words of a document: covariates that shift them, labels they foretell."""

from __future__ import annotations

from typing import Any, Self

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from polytopic.errors import InputError
from polytopic.nets.batch import UNKNOWN, CountsBatch
from polytopic.nets.decoders import DecoderStart, Product
from polytopic.nets.encoder import CountsEncoder
from polytopic.nets.layers import xavier
from polytopic.nets.likelihood import softmax_log_likelihood
from polytopic.whole_batch import noise

__all__ = ["LabelHead", "MetadataEncoder", "MetadataProduct", "Standard"]

_GAIN = 10.0
"""A share of .1 counts as much as a covariate one deviation out: theta is small where K is large.
Chosen with the defaults, on 20ng-5k (`benchmarks/scholar.py`)."""


class Standard(nn.Module):
    """Covariates less their mean and over their spread, shape (B, C).

    Parameters
    ----------
    mean, spread : Tensor of shape (C,)
    """

    mean: Tensor
    spread: Tensor

    def __init__(self, mean: Tensor, spread: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean.clone())
        self.register_buffer("spread", spread.clone())

    def forward(self, batch: CountsBatch) -> Tensor:
        """c of a batch; of no columns if there are none."""
        given = batch.covariates
        if not len(self.mean):
            return torch.zeros(batch.n_documents, 0).to(batch.totals)
        if given is None or given.shape[1] != len(self.mean):
            found = "none" if given is None else str(given.shape[1])
            raise InputError(
                f"covariates: the documents bring {found}, the model was built for "
                f"{len(self.mean)}. Pass the columns of the training, in their order."
            )
        return (given.to(self.mean) - self.mean) / self.spread


class MetadataEncoder(CountsEncoder):
    """Counts, covariates and labels to heads (:class:`~polytopic.nets.Encoder`).

        h = [h of the counts, c / sqrt(1 + |c|^2), y]           (B, E + C + L)

    y is the label as an indicator: zeros where it is not known, outside of training, and in
    training for a share of the documents, so that theta can be told without it.

    Parameters
    ----------
    mean, spread : Tensor of shape (C,)
        Of :class:`Standard`.
    n_classes : int
        L, 0 for none.
    label_dropout : float
        Share of the labels that are not shown; 1 shows none.
    parts
        Those of :class:`~polytopic.nets.CountsEncoder`.
    """

    def __init__(
        self,
        *,
        mean: Tensor,
        spread: Tensor,
        n_classes: int,
        label_dropout: float,
        centers: Tensor,
        **parts: Any,
    ) -> None:
        beside = torch.zeros(len(centers), len(mean) + n_classes)
        super().__init__(centers=torch.cat([centers, beside], 1), **parts)
        self.covariates = Standard(mean, spread)
        self.n_classes, self.label_dropout = n_classes, label_dropout

    def features(self, batch: CountsBatch, generator: Generator | None) -> Tensor:
        counts = super().features(batch, generator)
        given = self.covariates(batch)
        bounded = given * (1 + given.square().sum(1, keepdim=True)).rsqrt()
        labels = torch.zeros(batch.n_documents, self.n_classes).to(counts)
        if self.training and batch.labels is not None and self.n_classes:
            share = 1.0 - self.label_dropout
            shown = noise(counts[:, 0], lambda blank: blank.bernoulli_(share, generator=generator))
            shown = shown * (batch.labels != UNKNOWN)
            labels = labels.scatter(1, batch.labels.clamp_min(0).unsqueeze(1), shown.unsqueeze(1))
        return torch.cat([counts, bounded, labels], 1)


class LabelHead(nn.Module):
    """p(y | theta, c) = softmax(x A + softplus(x F + f) G + a), x = [10 theta, c], shape (B, L).

    A, G and a begin as zeros: all classes alike.
    """

    def __init__(self, n_topics: int, n_covariates: int, n_classes: int, hidden: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        width = n_topics + n_covariates
        self.direct = nn.Parameter(torch.zeros(width, n_classes))
        self.bend = nn.Parameter(xavier(width, hidden, generator))
        self.bend_bias = nn.Parameter(torch.zeros(hidden))
        self.bent = nn.Parameter(torch.zeros(hidden, n_classes))
        self.bias = nn.Parameter(torch.zeros(n_classes))

    def forward(self, theta: Tensor, covariates: Tensor) -> Tensor:
        """The classes' logits, shape (B, L)."""
        both = torch.cat([_GAIN * theta, covariates], 1)
        bent = functional.softplus(both @ self.bend + self.bend_bias) @ self.bent
        return both @ self.direct + bent + self.bias


class MetadataProduct(Product):
    """:class:`~polytopic.nets.Product` beside covariates, and the labels' likelihood.

        p(v | theta, c) = softmax((theta - m) W~ + c B + (c x theta) I + b)
        p(y | theta, c)   by :class:`LabelHead`

    The model of Scholar (Card, Tan & Smith, ACL 2018, section 3.1). B, and I where it is asked for,
    begin as zeros. ``log_likelihood`` judges what a batch holds: the words, and the labels that are
    known. ``term_probability`` and ``topic_word`` are those of a document of average covariates.

    Parameters
    ----------
    weight, log_frequency, trust
        Of :class:`~polytopic.nets.Product`.
    mean, spread : Tensor of shape (C,)
        Of :class:`Standard`.
    interactions : bool
        Whether covariates shift each topic in its own way.
    n_classes : int
        L, 0 for no labels.
    hidden : int
        Units of the head's bend.
    label_weight : float
        Weight of log p(y | theta, c).
    options
        Of :class:`~polytopic.nets.Product`.
    """

    def __init__(
        self,
        weight: Tensor,
        log_frequency: Tensor,
        trust: Tensor,
        *,
        mean: Tensor,
        spread: Tensor,
        interactions: bool = False,
        n_classes: int = 0,
        hidden: int = 0,
        label_weight: float = 1.0,
        **options: Any,
    ) -> None:
        super().__init__(weight, log_frequency, trust, **options)
        (n_topics, n_terms), n_covariates = weight.shape, len(mean)
        self.covariates, self.label_weight = Standard(mean, spread), label_weight
        self.deviations = nn.Parameter(torch.zeros(n_covariates, n_terms))
        rows = n_covariates * n_topics if interactions else 0
        self.interactions = nn.Parameter(torch.zeros(rows, n_terms))
        self.head = LabelHead(n_topics, n_covariates, n_classes, hidden) if n_classes else None

    @classmethod
    def build(cls, start: DecoderStart, **options: Any) -> Self:
        arrays = (start.weight, start.log_frequency, start.trust)
        return cls(*map(torch.as_tensor, arrays), **options)

    def log_likelihood(self, theta: Tensor, batch: CountsBatch) -> Tensor:
        given = self.covariates(batch)
        mean, covariance = self._moments(theta)
        features, weight = [theta - mean, given], [self._scaled(covariance), self.deviations]
        if len(self.interactions):
            features.append((given.unsqueeze(2) * features[0].unsqueeze(1)).flatten(1))
            weight.append(self.interactions)
        words = softmax_log_likelihood(
            torch.cat(features, 1), torch.cat(weight), self.background, batch
        )
        if self.head is None or batch.labels is None:
            return words
        labels = functional.cross_entropy(
            self.head(theta, given), batch.labels, ignore_index=UNKNOWN, reduction="none"
        )
        return words - self.label_weight * labels

    def label_logits(self, theta: Tensor, batch: CountsBatch) -> Tensor:
        """Of the classes, shape (B, L); there must be some."""
        assert self.head is not None
        logits: Tensor = self.head(theta, self.covariates(batch))
        return logits

    def shrinkage(self) -> Tensor:
        """-log p(B, I) up to a constant, entries ~ N(0, 1): a scalar."""
        return 0.5 * (self.deviations.square().sum() + self.interactions.square().sum())
