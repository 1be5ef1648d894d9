"""Encoders: a sparse first layer over counts, dense document embeddings, or both.

Each ends in the same heads: a direct path to the topics and a bend beside it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from polytopic.errors import InputError
from polytopic.nets.batch import CountsBatch
from polytopic.nets.layers import ShiftBatchNorm, dropout, xavier
from polytopic.nets.likelihood import weighted_bag
from polytopic.nets.products import product

__all__ = ["CombinedEncoder", "CountsEncoder", "EmbeddingsEncoder", "Encoder"]

_GAIN = 4.0
"""Features have length one, a cosine of two topics' centres seldom exceeds a half: four times that
bends softplus. Chosen with the defaults, on 20ng-5k (`benchmarks/topics.py`)."""


class Encoder(nn.Module, ABC):
    """A document's features to the ``n_heads`` outputs, each of shape (B, K), of a posterior.

        first head  = s BN(4 h C' + softplus(4 h F + f) G)
        other heads = h L + b

    h is the document's feature vector, of length one (or zero). C begins as topic centres among
    the features, G and L as zeros: the first head starts as the normalised cosine of document and
    topic. BN is batch normalisation without a scale of its own a topic
    (:class:`ShiftBatchNorm`); s is one number for all.
    """

    def __init__(
        self,
        *,
        centers: Tensor,
        hidden: int,
        n_heads: int,
        scale: float,
        offsets: tuple[float, ...],
        dropout_rate: float,
        generator: Generator,
    ) -> None:
        super().__init__()
        n_topics, dim = centers.shape
        self.dropout_rate = dropout_rate
        self.centers = nn.Parameter(centers.t().contiguous())
        self.bend = nn.Parameter(xavier(dim, hidden, generator))
        self.bend_bias = nn.Parameter(torch.zeros(hidden))
        self.bent = nn.Parameter(torch.zeros(hidden, n_topics))
        self.norm = ShiftBatchNorm(n_topics)
        self.log_scale = nn.Parameter(torch.tensor(scale).log())
        self.others = nn.ParameterList(torch.zeros(dim, n_topics) for _ in range(n_heads - 1))
        self.other_biases = nn.ParameterList(torch.full((n_topics,), o) for o in offsets)

    @abstractmethod
    def features(self, batch: CountsBatch, generator: Generator | None) -> Tensor:
        """h, shape (B, E); dropout draws from ``generator`` (None: no dropout)."""

    def forward(self, batch: CountsBatch, generator: Generator | None) -> list[Tensor]:
        """The heads for a batch; dropout draws from ``generator`` (None: no dropout)."""
        hidden = self.features(batch, generator)
        bent = functional.softplus(product(_GAIN * hidden, self.bend) + self.bend_bias) @ self.bent
        first = self.norm(product(_GAIN * hidden, self.centers) + bent) * self.log_scale.exp()
        others = zip(self.others, self.other_biases, strict=True)
        return [first, *(product(hidden, weight) + bias for weight, bias in others)]


class CountsEncoder(Encoder):
    """Counts to heads (:class:`Encoder`).

        x = log(1 + counts) * term_weight               at the observed terms only
        h = x E / |x E|                                 (B, E), E: one row a term

    E begins as word vectors. An empty document is the zero vector: it gets the posterior of the
    biases, finite as any other.
    """

    term_weight: Tensor

    def __init__(
        self,
        *,
        vectors: Tensor,
        centers: Tensor,
        term_weight: Tensor,
        hidden: int,
        n_heads: int,
        scale: float,
        offsets: tuple[float, ...],
        dropout_rate: float,
        generator: Generator,
    ) -> None:
        super().__init__(
            centers=centers,
            hidden=hidden,
            n_heads=n_heads,
            scale=scale,
            offsets=offsets,
            dropout_rate=dropout_rate,
            generator=generator,
        )
        self.register_buffer("term_weight", term_weight.clone())
        self.vectors = nn.Parameter(vectors.clone())

    def features(self, batch: CountsBatch, generator: Generator | None) -> Tensor:
        values = batch.values.log1p() * self.term_weight[batch.terms]
        summed = weighted_bag(self.vectors, dropout(values, self.dropout_rate, generator), batch)
        return functional.normalize(summed, dim=1)


class EmbeddingsEncoder(Encoder):
    """Document embeddings to heads (:class:`Encoder`), without a look at the words.

        h = (side - shift) / |side - shift|             (B, M)

    The contextual encoder of ZeroShotTM (Bianchi, Terragni, Hovy, Nozza & Fersini, EACL 2021):
    documents in another language, or of words never seen, have topics too. ``side`` is
    ``batch.side``, the embeddings of the batch's documents.

    Parameters
    ----------
    centers : Tensor of shape (K, M)
        Initial C: topic centres among the shifted embeddings, rows of length one.
    shift : Tensor of shape (M,), optional
        Mean embedding of the corpus: embeddings of one text encoder share a large part.
    dropout_rate : float
        Share of a document's numbers hidden at each step.
    """

    shift: Tensor

    def __init__(
        self,
        *,
        centers: Tensor,
        shift: Tensor | None = None,
        hidden: int,
        n_heads: int,
        scale: float,
        offsets: tuple[float, ...],
        dropout_rate: float,
        generator: Generator,
    ) -> None:
        super().__init__(
            centers=centers,
            hidden=hidden,
            n_heads=n_heads,
            scale=scale,
            offsets=offsets,
            dropout_rate=dropout_rate,
            generator=generator,
        )
        shift = torch.zeros(centers.shape[1]) if shift is None else shift
        self.register_buffer("shift", shift.clone())

    def features(self, batch: CountsBatch, generator: Generator | None) -> Tensor:
        return _side_features(batch, self.shift, self.dropout_rate, generator)


class CombinedEncoder(CountsEncoder):
    """Counts and document embeddings to heads (:class:`Encoder`).

        h = [h of the counts, h of the embeddings] / sqrt(2)     (B, E + M)

    The encoder of CombinedTM (Bianchi, Terragni & Hovy, ACL 2021), its parts those of
    :class:`CountsEncoder` and :class:`EmbeddingsEncoder`, each of length one, so that neither
    drowns the other.

    Parameters
    ----------
    vectors : Tensor of shape (V, E)
        Initial E of the counts.
    centers : Tensor of shape (K, E)
        Initial C of the counts.
    side_centers : Tensor of shape (K, M)
        Initial C of the embeddings; zeros begin from the counts alone.
    shift : Tensor of shape (M,), optional
        Mean embedding of the corpus.
    """

    shift: Tensor

    def __init__(
        self,
        *,
        vectors: Tensor,
        centers: Tensor,
        side_centers: Tensor,
        term_weight: Tensor,
        shift: Tensor | None = None,
        hidden: int,
        n_heads: int,
        scale: float,
        offsets: tuple[float, ...],
        dropout_rate: float,
        generator: Generator,
    ) -> None:
        super().__init__(
            vectors=vectors,
            centers=torch.cat([centers, side_centers], 1),
            term_weight=term_weight,
            hidden=hidden,
            n_heads=n_heads,
            scale=scale,
            offsets=offsets,
            dropout_rate=dropout_rate,
            generator=generator,
        )
        shift = torch.zeros(side_centers.shape[1]) if shift is None else shift
        self.register_buffer("shift", shift.clone())

    def features(self, batch: CountsBatch, generator: Generator | None) -> Tensor:
        counts = super().features(batch, generator)
        side = _side_features(batch, self.shift, self.dropout_rate, generator)
        return torch.cat([counts, side], 1).mul(0.5**0.5)


def _side_features(
    batch: CountsBatch, shift: Tensor, rate: float, generator: Generator | None
) -> Tensor:
    if batch.side is None:
        raise InputError(
            "side: this encoder reads document embeddings and the batch has none. Pass them beside "
            "the counts, one row a document."
        )
    if batch.side.shape[1] != len(shift):
        raise InputError(
            f"side: document embeddings of {batch.side.shape[1]} numbers where the encoder was "
            f"built for {len(shift)}. Embed the documents with the text encoder of the training."
        )
    centred = dropout(batch.side - shift, rate, generator)
    return functional.normalize(centred, dim=1)
