"""Collapse seen while it happens: what an epoch's posteriors say of the topics."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from polytopic.whole_batch import summed

__all__ = ["ACTIVE", "CollapseMonitor"]

ACTIVE = 0.01
"""Nats of KL above which a dimension of the latent says something of the documents."""


class CollapseMonitor:
    """Running sums over an epoch's batches, on the device; ``record`` reads and clears them.

    What it tells, with the name of each number in the history:

    - ``winning``: topics that are the largest of some document. Few of them is the collapse of
      components that no document uses.
    - ``kl``: KL of a document, in nats. Near zero, the posterior is the prior whatever the
      document says.
    - ``active``: dimensions with a mean KL above ``ACTIVE``, where the KL falls apart by dimension
      (Burda, Grosse & Salakhutdinov, ICLR 2016, count active units in the same spirit).
    - ``evenness``: entropy of theta over that of an even theta, mean over documents. Near one,
      documents do not differ.
    """

    def __init__(self, n_topics: int) -> None:
        self.n_topics = n_topics
        self._clear()

    def _clear(self) -> None:
        self._wins: Tensor | None = None
        self._kl: Tensor | None = None
        self._entropy: Tensor | None = None
        self._documents = 0

    @torch.no_grad()
    def observe(self, theta: Tensor, kl: Tensor) -> None:
        """Take note of a batch: theta (B, K) and the KL of each document, (B,) or (B, K)."""
        wins = torch.zeros(self.n_topics, device=theta.device)
        wins.index_add_(0, theta.argmax(1), torch.ones(len(theta), device=theta.device))
        entropy = torch.special.entr(theta).sum()
        totals = kl.sum(0)
        if self._wins is None or self._kl is None or self._entropy is None:
            self._wins, self._kl, self._entropy = wins, totals, entropy
        else:
            self._wins, self._kl = self._wins + wins, self._kl + totals
            self._entropy = self._entropy + entropy
        self._documents += len(theta)

    def record(self) -> dict[str, float]:
        """The epoch's numbers; the next epoch begins."""
        if self._wins is None or self._kl is None or self._entropy is None:
            return {}
        n_documents = int(summed(self._wins.new_tensor(self._documents, dtype=torch.int64)))
        kl = summed(self._kl).double().cpu() / n_documents
        found = {
            "winning": float((summed(self._wins) > 0).sum()),
            "kl": float(kl.sum()),
            "evenness": float(summed(self._entropy))
            / (n_documents * max(math.log(self.n_topics), 1e-9)),
        }
        if kl.ndim:
            found["active"] = float((kl > ACTIVE).sum())
        self._clear()
        return found
