"""The two objectives: restoring the input, and the package's one bound."""

from __future__ import annotations

import math
from typing import Any, cast

import torch
from torch import Generator, Tensor, nn

from polytopic.autoencoders.rows.decoders import RowDecoder
from polytopic.autoencoders.rows.encoder import RowEncoder
from polytopic.latent import Gaussian, StandardNormal
from polytopic.nets import CountsBatch, Decoder, Encoder, Objective
from polytopic.topics.vae.elbo import TopicVAE
from polytopic.training.monitor import CollapseMonitor

__all__ = ["Code", "VariationalCode"]


class Code(nn.Module):
    """encoder -> code -> decoder, and the loss -log p(x | code(noisy x)) of the clean row x.

    Without noise that is the autoencoder, with it the denoising autoencoder (Vincent, Larochelle,
    Bengio & Manzagol, ICML 2008, eq. 4).
    """

    encoder: RowEncoder
    decoder: RowDecoder

    def __init__(self, encoder: RowEncoder, decoder: RowDecoder) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.monitor = CollapseMonitor(encoder.dim)

    def forward(
        self, batch: CountsBatch, kl_weight: float, generator: Generator
    ) -> tuple[Tensor, Tensor]:
        """The loss twice, mean over the batch: there is no KL to weigh."""
        (code,) = self.encoder(batch, generator if self.training else None)
        loss = -self.decoder.log_likelihood(code, batch).mean()
        return loss, loss

    def location(self, batch: CountsBatch) -> Tensor:
        """The code of each row, shape (B, E)."""
        return cast(Tensor, self.encoder(batch, None)[0])

    def groups(self, learning_rate: float) -> list[dict[str, Any]]:
        """All parameters at one rate."""
        return [{"params": list(self.parameters()), "peak": learning_rate}]


class _UnitMonitor(CollapseMonitor):
    """Of a latent that is no distribution over topics: its KL and its active dimensions."""

    def record(self) -> dict[str, float]:
        found = super().record()
        return {name: found[name] for name in ("kl", "active") if name in found}


class VariationalCode(TopicVAE):
    """The bound of :class:`~polytopic.topics.vae.elbo.TopicVAE` with h ~ N(0, I) and q Gaussian."""

    encoder: RowEncoder  # type: ignore[assignment]
    decoder: RowDecoder  # type: ignore[assignment]

    def __init__(
        self, encoder: RowEncoder, decoder: RowDecoder, *, gradient: str, objective: Objective
    ) -> None:
        super().__init__(
            encoder=cast(Encoder, encoder),
            posterior=Gaussian,
            gradient=gradient,
            prior=StandardNormal(),
            decoder=cast(Decoder, decoder),
            n_topics=encoder.dim,
            objective=objective,
        )
        self.monitor = _UnitMonitor(encoder.dim)

    def moments(self, batch: CountsBatch) -> Gaussian:
        """q(h | x) of each row."""
        return cast(Gaussian, self.posterior(batch))

    def location(self, batch: CountsBatch) -> Tensor:
        """E_q[h] of each row, shape (B, E)."""
        return self.moments(batch).location

    def weighted_bound(self, batch: CountsBatch, noise: Tensor) -> Tensor:
        """log of the mean of p(x | h) p(h) / q(h | x) over S draws, shape (B,).

        A bound that rises to log p(x) with S (Burda, Grosse & Salakhutdinov, ICLR 2016, eq. 8).
        ``noise``: shape (S, E), the same for every row.
        """
        q = self.moments(batch)
        deviation = torch.exp(0.5 * q.log_variance)
        weights = []
        for epsilon in noise:
            h = q.location + deviation * epsilon
            prior = cast(Gaussian, self.prior).log_density(h)
            weights.append(self.decoder.log_likelihood(h, batch) + prior - q.log_density(h))
        return torch.logsumexp(torch.stack(weights).double(), 0) - math.log(len(noise))
