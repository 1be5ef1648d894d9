"""ProdLDA: topics as a product of experts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from polytopic.latent import LaplaceDirichlet, LogisticNormal, Prior
from polytopic.topics.vae import VAETopicModel

__all__ = ["ProdLDA"]


class ProdLDA(VAETopicModel):
    """Topics as a product of experts (Srivastava & Sutton, ICLR 2017, arXiv:1703.01488).

    h ~ N(mu_0, diag(sigma2_0))               Laplace approximation of Dirichlet(concentration)
    theta = softmax(h)                        (D, K)
    w_d ~ Multinomial(softmax(BN(theta W)))   W: (K, V), unconstrained
    """

    posterior = LogisticNormal
    prior: ClassVar[Callable[[float], Prior]] = LaplaceDirichlet
    decoder = "product"
    gradient = "pathwise"
    _offsets = (-1.0,)
    _concentration = 0.2

    def __init__(
        self,
        *,
        n_topics: int = 50,
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
