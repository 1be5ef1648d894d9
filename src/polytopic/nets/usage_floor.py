"""Keeping every topic in use, without a term in the loss."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from polytopic.whole_batch import length, summed

__all__ = ["UsageFloor"]

_SETTLING = 100
"""Steps of .05 to the head: 5 in all, as far apart as heads of documents lie. A topic that then
wins nothing is left as it is."""


class UsageFloor(nn.Module):
    """A lift for topics that hardly any document has as its main topic.

    During training a running average of how often each topic wins is kept; a topic that wins less
    than ``floor`` times its even share 1 / K is raised by ``rate`` a step in the encoder's first
    head, until it wins again. Topics above the floor are left alone. (The balancing without a loss
    of Wang et al. 2024, arXiv:2408.15664, for mixtures of experts.)

    Training sees documents with words hidden. :meth:`settle` keeps the promise for whole ones.
    """

    lift: Tensor
    share: Tensor

    def __init__(
        self, n_topics: int, floor: float, *, rate: float = 0.05, momentum: float = 0.05
    ) -> None:
        super().__init__()
        self.floor, self.rate, self.momentum = floor, rate, momentum
        self.register_buffer("lift", torch.zeros(n_topics))
        self.register_buffer("share", torch.full((n_topics,), 1.0 / n_topics))

    def forward(self, head: Tensor) -> Tensor:
        """The head of a batch, shape (B, K), with the lift added."""
        return head + self.lift

    @torch.no_grad()
    def observe(self, theta: Tensor) -> None:
        """Take note of which topics win in a training batch of theta, shape (B, K)."""
        n_topics = len(self.share)
        wins = torch.zeros_like(self.share)
        wins.index_add_(0, theta.argmax(1), torch.ones(len(theta), device=theta.device))
        self.share.lerp_(summed(wins) / length(theta), self.momentum)
        self.lift.add_(self.rate * (self.share < self.floor / n_topics).float())

    @torch.no_grad()
    def settle(self, winners: Callable[[], Tensor]) -> None:
        """Lift what wins less than its floor among some documents, 100 times at most.

        ``winners``: main topic of each document as the lift is now, int64, shape (N,). Documents
        too few for one win a topic at the floor say nothing, and change nothing.
        """
        n_topics = len(self.share)
        for _ in range(_SETTLING):
            won = winners()
            low = torch.bincount(won, minlength=n_topics) < int(self.floor * len(won) / n_topics)
            if not bool(low.any()):
                break
            self.lift.add_(self.rate * low.float())
