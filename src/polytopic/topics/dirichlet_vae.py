"""DirichletVAE: a Dirichlet posterior with implicit gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from polytopic.base import Choice, Constraint
from polytopic.latent import GRADIENTS, Dirichlet, DirichletPrior, Prior
from polytopic.nets import DECODERS
from polytopic.topics.vae import VAETopicModel

__all__ = ["DirichletVAE"]


class DirichletVAE(VAETopicModel):
    """A Dirichlet posterior in place of the logistic normal (Burkhardt & Kramer, JMLR 2019).

        theta ~ Dirichlet(concentration)          (D, K)
        w_d ~ Multinomial(softmax(BN(theta W)))   W: (K, V), unconstrained

    The posterior's concentrations are a softplus of the encoder's output; the gradient of a draw is
    the implicit one of Figurnov, Mohamed & Mnih (NeurIPS 2018).
    """

    posterior = Dirichlet
    prior: ClassVar[Callable[[float], Prior]] = DirichletPrior
    _concentration = 0.1
    _constraints: ClassVar[Mapping[str, Constraint]] = {
        **VAETopicModel._constraints,
        "gradient": Choice(tuple(name for family, name in GRADIENTS if family is Dirichlet)),
        "decoder": Choice(tuple(DECODERS)),
    }

    def __init__(
        self,
        *,
        n_topics: int = 50,
        gradient: str = "implicit",
        decoder: str = "product",
        dim: int = 300,
        hidden: int = 100,
        prior_concentration: float | None = None,
        dropout: float = 0.3,
        diversity: float = 1.0,
        usage_floor: float = 0.2,
        epochs: int | None = None,
        batch_size: int = 500,
        learning_rate: float = 0.014,
        kl_warm_up: float = 0.0,
        held_out: float = 0.0,
        patience: int | None = None,
        start: Any = "vectors",
        device: str = "auto",
        n_threads: int | None = None,
        checkpoint: str | Path | None = None,
        trackers: Any = None,
        random_state: Any = None,
        verbose: bool = False,
    ) -> None:
        self.n_topics = n_topics
        self.gradient = gradient
        self.decoder = decoder
        self.dim = dim
        self.hidden = hidden
        self.prior_concentration = prior_concentration
        self.dropout = dropout
        self.diversity = diversity
        self.usage_floor = usage_floor
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.kl_warm_up = kl_warm_up
        self.held_out = held_out
        self.patience = patience
        self.start = start
        self.device = device
        self.n_threads = n_threads
        self.checkpoint = checkpoint
        self.trackers = trackers
        self.random_state = random_state
        self.verbose = verbose
