"""The one evidence lower bound of the package, as a module wired from the axes' parts."""

from __future__ import annotations

from typing import Any

from torch import Generator, Tensor, nn

from polytopic import latent
from polytopic.latent import Family, Member, Prior
from polytopic.nets import CountsBatch, CountsEncoder, Decoder, UsageFloor, topic_overlap

__all__ = ["TopicVAE"]


class TopicVAE(nn.Module):
    """encoder -> posterior -> theta -> decoder, and the ELBO

        L(d) = E_q(theta | d)[log p(d | theta)] - w KL(q(theta | d) || p(theta))

    with one draw of theta a document (Kingma & Welling 2014, eq. 3; w = 1 is the bound itself).
    The loss adds ``diversity`` times the overlap of the topics, a regulariser and no part of the
    bound; :class:`~polytopic.nets.UsageFloor` keeps every topic in use.
    """

    def __init__(
        self,
        *,
        encoder: CountsEncoder,
        posterior: type[Family],
        gradient: str,
        prior: Prior,
        decoder: Decoder,
        n_topics: int,
        diversity: float = 0.0,
        usage_floor: float = 0.0,
        encoder_rate: float = 1.0,
    ) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.diversity, self.encoder_rate = diversity, encoder_rate
        self.usage = UsageFloor(n_topics, usage_floor)
        self.posterior_type, self.gradient = posterior, gradient
        member = prior.family(n_topics)
        self._prior_type, self._prior_fields = type(member), tuple(vars(member))
        for name, value in vars(member).items():
            if prior.learned:
                self.register_parameter(f"log_prior_{name}", nn.Parameter(value.log()))
            else:
                self.register_buffer(f"prior_{name}", value)

    def posterior(self, batch: CountsBatch, generator: Generator | None = None) -> Family:
        """q(theta | d) of a batch; ``generator`` drives the dropout (None: no dropout)."""
        first, *others = self.encoder(batch, generator)
        return self.posterior_type.from_heads(self.usage(first), *others)

    def forward(
        self, batch: CountsBatch, kl_weight: float, generator: Generator
    ) -> tuple[Tensor, Tensor]:
        """(loss with the weighted KL, negative ELBO), both means over the batch, in nats."""
        q = self.posterior(batch, generator if self.training else None)
        draw = latent.sample(q, self.gradient, generator)
        fit = self.decoder.log_likelihood(draw.theta, batch)
        likelihood, divergence = fit.mean(), latent.kl(q, self.prior).mean()
        loss = kl_weight * divergence - likelihood
        if draw.score is not None:
            loss = loss - latent.score_term(draw.score, fit, batch.totals).mean()
        if self.diversity > 0 and self.training:
            loss = loss + self.diversity * topic_overlap(self.decoder.weight)
        if self.training:
            self.usage.observe(q.center())
        return loss, divergence - likelihood

    def theta(self, batch: CountsBatch) -> Tensor:
        """The posterior mean, shape (B, K), rows on the simplex."""
        return self.posterior(batch).mean()

    def groups(self, learning_rate: float) -> list[dict[str, Any]]:
        """The decoder learns at the peak rate, the encoder at ``encoder_rate`` times it."""
        groups = [
            {"params": list(self.encoder.parameters()), "peak": self.encoder_rate * learning_rate},
            {"params": list(self.decoder.parameters()), "peak": learning_rate},
        ]
        prior = [p for name, p in self.named_parameters() if name.startswith("log_prior_")]
        return [*groups, {"params": prior, "peak": learning_rate}] if prior else groups

    @property
    def prior(self) -> Member:
        """p(theta), parameters of shape (1, K); a learned prior's are kept as logarithms."""
        return self._prior_type(**{name: self._prior_field(name) for name in self._prior_fields})

    def _prior_field(self, name: str) -> Tensor:
        log: Tensor | None = getattr(self, f"log_prior_{name}", None)
        value: Tensor = getattr(self, f"prior_{name}") if log is None else log.exp()
        return value
