"""The module of FASTopic: two plans of transport, and the words that they reconstruct."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Generator, Tensor, nn

from polytopic.nets import CountsBatch, mixture_log_likelihood
from polytopic.training.monitor import CollapseMonitor
from polytopic.whole_batch import gathered, logsumexp, own_rows

__all__ = ["Relations", "potentials"]

_SWEEPS = 10
"""Sinkhorn's sweeps a step, on from where the last step ended."""

_SETTLED = 100
"""Sweeps over all documents at the end."""


class Relations(nn.Module):
    """Embeddings of topics (K, E) and words (V, E), and the weights of both as marginals.

    theta_dk = softmax_k(g_k - alpha |e_d - t_k|^2), beta_kv = softmax_v(h_v - gamma |t_k - w_v|^2)
    are the rows of the entropic plans whose columns have the marginals softmax(topic weights) and
    softmax(word weights): g and h are their potentials.
    """

    topic_potential: Tensor
    word_potential: Tensor

    def __init__(self, topics: Tensor, words: Tensor, alpha: float, gamma: float) -> None:
        super().__init__()
        self.alpha, self.gamma = alpha, gamma
        self.topics, self.words = nn.Parameter(topics), nn.Parameter(words)
        self.topic_weights = nn.Parameter(torch.zeros(len(topics)))
        self.word_weights = nn.Parameter(torch.zeros(len(words)))
        self.register_buffer("topic_potential", torch.zeros(len(topics)))
        self.register_buffer("word_potential", torch.zeros(len(words)))
        self.monitor = CollapseMonitor(len(topics))

    def forward(
        self, batch: CountsBatch, kl_weight: float, generator: Generator
    ) -> tuple[Tensor, Tensor]:
        """(loss, negative log-likelihood), both means over the batch, in nats a document."""
        assert batch.side is not None
        far, wide = distances(batch.side, self.topics), distances(self.topics, self.words)
        theta, self.topic_potential = _rows_of_plan(
            -self.alpha * far, self.topic_weights, self.topic_potential, of_documents=True
        )
        beta, self.word_potential = _rows_of_plan(
            -self.gamma * wide, self.word_weights, self.word_potential
        )
        fit = -mixture_log_likelihood(theta, beta.t(), batch).mean()
        cost = (theta * far).sum(1).mean() + (beta * wide).sum(1).mean()
        if self.training:
            self.monitor.observe(theta.detach(), torch.zeros_like(theta[:, 0]))
        return fit + cost, fit

    def groups(self, learning_rate: float) -> list[dict[str, Any]]:
        """All learn at the peak rate."""
        return [{"params": list(self.parameters()), "peak": learning_rate}]

    @torch.no_grad()
    def settle(self, documents: Tensor) -> tuple[Tensor, Tensor]:
        """g of all training documents (D, E), and beta (K, V), after training."""
        scores = -self.alpha * distances(documents, self.topics)
        g = potentials(scores, self.topic_weights.log_softmax(0), self.topic_potential, _SETTLED)[1]
        wide = -self.gamma * distances(self.topics, self.words)
        margin = self.word_weights.log_softmax(0)
        h = potentials(wide, margin, self.word_potential, _SETTLED)[1]
        return g, (wide + h).softmax(1)


def distances(rows: Tensor, columns: Tensor) -> Tensor:
    """Squared, (N, M)."""
    squares = rows.square().sum(1, keepdim=True) + columns.square().sum(1)
    return squares - 2.0 * (rows @ columns.t())


@torch.no_grad()
def potentials(
    scores: Tensor, log_margin: Tensor, start: Tensor, sweeps: int
) -> tuple[Tensor, Tensor]:
    """f (N,) and g (M,) of the plan exp(f + g + scores) with even rows, by Sinkhorn's sweeps.

    Cuturi, NeurIPS 2013, in logarithms. ``log_margin`` (M,): of the columns.
    """
    g = start
    for _ in range(sweeps):
        f = -(scores + g).logsumexp(1) - math.log(len(scores))
        g = log_margin - (scores + f.unsqueeze(1)).logsumexp(0)
    return f, g


def _rows_of_plan(
    scores: Tensor, weights: Tensor, start: Tensor, *, of_documents: bool = False
) -> tuple[Tensor, Tensor]:
    """The plan's rows at sum one, and g where the next step goes on.

    The gradient is that of one more sweep (Bolte, Pauwels & Vaiter, NeurIPS 2023: one-step
    differentiation), which costs no sweeps of its own.
    """
    margin = weights.log_softmax(0)
    if not of_documents:
        f, g = potentials(scores.detach(), margin.detach(), start, _SWEEPS)
        last = margin - (scores + f.unsqueeze(1)).logsumexp(0)
    else:
        f, g = potentials(gathered(scores), margin.detach(), start, _SWEEPS)
        last = margin - logsumexp(scores + own_rows(f, scores).unsqueeze(1))
    return (scores + last).softmax(1), g
