"""The one evidence lower bound of the package, as a module wired from the axes' parts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Generator, Tensor, nn

from polytopic import latent
from polytopic.latent import Family, GaussianSoftmax, Member, Prior
from polytopic.nets import (
    REGULARIZERS,
    CountsBatch,
    Decoder,
    Encoder,
    Objective,
    SparseCounts,
    UsageFloor,
)
from polytopic.training.monitor import CollapseMonitor
from polytopic.training.schedules import free_bits

__all__ = ["TopicVAE"]

_LINK_RATE = 0.1
"""Share of the learning rate for the prior's link of covariates, a few numbers that every document
moves."""

_SETTLED_ON = 5_000
"""Documents by which topics are lifted after training: at the floor some ten of them win a topic at
K = 50."""


class TopicVAE(nn.Module):
    """encoder -> posterior -> theta -> decoder, and the ELBO

        L(d) = E_q(theta | d)[log p(d | theta)] - KL(q(theta | d) || p(theta))

    with ``objective.samples`` draws of theta a document (Kingma & Welling 2014, eq. 7). The loss
    weighs the KL by ``beta`` and the warm-up's weight, and adds the penalties, regularisers and no
    part of the bound; :class:`~polytopic.nets.UsageFloor` keeps every topic in use.
    """

    def __init__(
        self,
        *,
        encoder: Encoder,
        posterior: type[Family],
        gradient: str | latent.Gradient,
        prior: Prior,
        decoder: Decoder,
        n_topics: int,
        objective: Objective,
        usage_floor: float = 0.0,
        encoder_rate: float = 1.0,
    ) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.objective, self.encoder_rate = objective, encoder_rate
        self.usage, self.monitor = UsageFloor(n_topics, usage_floor), CollapseMonitor(n_topics)
        self.posterior_type, self.gradient = posterior, gradient
        if issubclass(posterior, GaussianSoftmax):
            self.link = nn.Parameter(torch.eye(n_topics))
        member = prior.family(n_topics)
        self._prior_type, self._prior_fields = type(member), tuple(vars(member))
        for name, value in vars(member).items():
            if prior.learned:
                self.register_parameter(f"log_prior_{name}", nn.Parameter(value.log()))
            else:
                self.register_buffer(f"prior_{name}", value)

    def posterior(self, batch: CountsBatch, generator: Generator | None = None) -> Family:
        """q(theta | d) of a batch; ``generator`` drives the dropout (None: no dropout)."""
        return self.lifted(*self.encoder(batch, generator))

    def lifted(self, first: Tensor, *others: Tensor) -> Family:
        """q of what the encoder says, with unused topics lifted."""
        if issubclass(self.posterior_type, GaussianSoftmax):
            q = self.posterior_type.from_heads(first, *others)
            return replace(q, link=self.link, offset=self.usage.lift)
        return self.posterior_type.from_heads(self.usage(first), *others)

    def forward(
        self, batch: CountsBatch, kl_weight: float, generator: Generator
    ) -> tuple[Tensor, Tensor]:
        """(loss with the weighted KL, negative ELBO), both means over the batch, in nats."""
        q = self.posterior(batch, generator if self.training else None)
        likelihood, score = self._likelihood(q, batch, generator)
        terms = latent.kl.terms(q, self.prior, generator)
        divergence = terms.mean(0).sum()
        weight = kl_weight * self.objective.beta
        floor = self.objective.free_bits
        loss = weight * (free_bits(terms, floor) if floor > 0 else divergence) - likelihood
        if score is not None:
            loss = loss - score
        if self.training:
            for name, strength in self.objective.penalties:
                loss = loss + strength * REGULARIZERS[name](self.decoder)
            if self.objective.seeds is not None:
                loss = loss + self.objective.seeds(self.decoder)
            center = q.center().detach()
            self.usage.observe(center)
            self.monitor.observe(center, terms.detach())
        return loss, divergence - likelihood

    def _likelihood(
        self, q: Family, batch: CountsBatch, generator: Generator
    ) -> tuple[Tensor, Tensor | None]:
        """E_q[log p(d | theta)] by draws, a mean over the batch, and what its gradient lacks."""
        fits, scores = [], []
        for _ in range(self.objective.samples):
            draw = latent.sample(q, self.gradient, generator)
            fit = self.decoder.log_likelihood(draw.theta, batch)
            fits.append(fit.mean())
            if draw.score is not None:
                scores.append(latent.score_term(draw.score, fit, batch.totals).mean())
        if len(fits) == 1:
            return fits[0], scores[0] if scores else None
        return torch.stack(fits).mean(), torch.stack(scores).mean() if scores else None

    @torch.no_grad()
    def settle(self, documents: SparseCounts) -> None:
        """After training: every topic wins its least share of whole documents, too."""
        self.eval()
        n = min(len(documents), _SETTLED_ON)
        rows = torch.linspace(0, len(documents) - 1, n, dtype=torch.float64).long()
        heads = self.encoder(documents.batch(rows), None)
        self.usage.settle(lambda: self.lifted(*heads).mean().argmax(1))

    def theta(self, batch: CountsBatch) -> Tensor:
        """The posterior mean, shape (B, K), rows on the simplex."""
        return self.posterior(batch).mean()

    def log_likelihood(self, theta: Tensor, batch: CountsBatch) -> Tensor:
        """log p(d | theta) of each document, theta on the simplex, shape (B,)."""
        return self.decoder.log_likelihood(self.posterior_type.latent_of(theta), batch)

    def groups(self, learning_rate: float) -> list[dict[str, Any]]:
        """The decoder learns at the peak rate, the encoder at ``encoder_rate`` times it.

        The link learns at a tenth: a quick one takes back what lifts an unused topic.
        """
        groups = [
            {"params": list(self.encoder.parameters()), "peak": self.encoder_rate * learning_rate},
            {"params": list(self.decoder.parameters()), "peak": learning_rate},
        ]
        for name, peak in (("log_prior_", learning_rate), ("link", _LINK_RATE * learning_rate)):
            own = [p for n, p in self.named_parameters() if n.startswith(name)]
            groups += [{"params": own, "peak": peak}] if own else []
        return groups

    @property
    def prior(self) -> Member:
        """p(theta), parameters of shape (1, K); a learned prior's are kept as logarithms."""
        return self._prior_type(**{name: self._prior_field(name) for name in self._prior_fields})

    def _prior_field(self, name: str) -> Tensor:
        log: Tensor | None = getattr(self, f"log_prior_{name}", None)
        value: Tensor = getattr(self, f"prior_{name}") if log is None else log.exp()
        return value
