"""The encoder of counts: a sparse first layer, a softplus layer, and normalised heads."""

from __future__ import annotations

from torch import Generator, Tensor, nn
from torch.nn import functional

from polytopic.nets.batch import CountsBatch
from polytopic.nets.layers import ShiftBatchNorm, SparseLinear, dropout, xavier

__all__ = ["CountsEncoder"]

DOCUMENT_LENGTH = 50.0
"""Every document is scaled to this many tokens before the first layer."""


class CountsEncoder(nn.Module):
    """Counts to the ``n_heads`` outputs, each of shape (B, K), that make a posterior.

    x = counts / tokens * 50;  h1 = softplus(x W1 + b1);  h2 = softplus(h1 W2 + b2);
    head_i = BN(h2 V_i), batch normalisation with bias and no scale.

    An empty document is a row of zeros: it gets the posterior of the biases, finite like any other.
    """

    def __init__(
        self,
        n_terms: int,
        n_topics: int,
        *,
        hidden: int,
        n_heads: int,
        dropout_rate: float,
        generator: Generator,
    ) -> None:
        super().__init__()
        self.dropout_rate = dropout_rate
        self.first = SparseLinear(n_terms, hidden, generator)
        self.second = nn.Parameter(xavier(hidden, hidden, generator))
        self.second_bias = nn.Parameter(self.first.bias.detach().clone())
        self.heads = nn.ParameterList(xavier(hidden, n_topics, generator) for _ in range(n_heads))
        self.norms = nn.ModuleList(ShiftBatchNorm(n_topics) for _ in range(n_heads))

    def forward(self, batch: CountsBatch, generator: Generator | None) -> list[Tensor]:
        """The heads for a batch; dropout draws from ``generator`` (None: no dropout)."""
        totals = batch.totals.clamp_min(1.0)[batch.documents]
        hidden = functional.softplus(self.first(batch, batch.values * DOCUMENT_LENGTH / totals))
        hidden = functional.softplus(hidden @ self.second + self.second_bias)
        hidden = dropout(hidden, self.dropout_rate, generator)
        return [norm(hidden @ head) for head, norm in zip(self.heads, self.norms, strict=True)]
