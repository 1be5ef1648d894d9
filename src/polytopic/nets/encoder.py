"""The encoder of counts: a sparse first layer, a direct path to the topics, a bend beside it."""

from __future__ import annotations

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from polytopic.nets.batch import CountsBatch
from polytopic.nets.layers import ShiftBatchNorm, dropout, xavier

__all__ = ["CountsEncoder"]

_GAIN = 4.0


class CountsEncoder(nn.Module):
    """Counts to the ``n_heads`` outputs, each of shape (B, K), that make a posterior.

        x = log(1 + counts) * term_weight               at the observed terms only
        h = x E / |x E|                                 (B, E), E: one row a term
        first head  = s BN(4 h C' + softplus(4 h F + f) G)
        other heads = h L + b

    E begins as word vectors, C as topic centres among them, G and L as zeros: the first head starts
    as the normalised cosine of document and topic. BN is batch normalisation without a scale of
    its own a topic (:class:`ShiftBatchNorm`); s is one number for all.

    An empty document is the zero vector: it gets the posterior of the biases, finite as any other.
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
        super().__init__()
        n_topics, dim = centers.shape
        self.dropout_rate = dropout_rate
        self.register_buffer("term_weight", term_weight.clone())
        self.vectors = nn.Parameter(vectors.clone())
        self.centers = nn.Parameter(centers.t().contiguous())
        self.bend = nn.Parameter(xavier(dim, hidden, generator))
        self.bend_bias = nn.Parameter(torch.zeros(hidden))
        self.bent = nn.Parameter(torch.zeros(hidden, n_topics))
        self.norm = ShiftBatchNorm(n_topics)
        self.log_scale = nn.Parameter(torch.tensor(scale).log())
        self.others = nn.ParameterList(torch.zeros(dim, n_topics) for _ in range(n_heads - 1))
        self.other_biases = nn.ParameterList(torch.full((n_topics,), o) for o in offsets)

    def forward(self, batch: CountsBatch, generator: Generator | None) -> list[Tensor]:
        """The heads for a batch; dropout of terms draws from ``generator`` (None: no dropout)."""
        values = batch.values.log1p() * self.term_weight[batch.terms]
        summed = functional.embedding_bag(
            batch.terms,
            self.vectors,
            batch.offsets,
            mode="sum",
            per_sample_weights=dropout(values, self.dropout_rate, generator),
        )
        hidden = functional.normalize(summed, dim=1)
        bent = functional.softplus(_GAIN * hidden @ self.bend + self.bend_bias) @ self.bent
        first = self.norm(_GAIN * hidden @ self.centers + bent) * self.log_scale.exp()
        others = zip(self.others, self.other_biases, strict=True)
        return [first, *(hidden @ weight + bias for weight, bias in others)]
