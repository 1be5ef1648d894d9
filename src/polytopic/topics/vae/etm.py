"""ETM: topics as vectors among the words' vectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from polytopic.base import Choice, Constraint
from polytopic.latent import LaplaceDirichlet, LogisticNormal, Prior
from polytopic.topics.vae.initial_values import START
from polytopic.topics.vae.model import VAETopicModel

__all__ = ["ETM"]


class ETM(VAETopicModel):
    """The embedded topic model (Dieng, Ruiz & Blei, TACL 2020, arXiv:1907.04907).

        theta = softmax(h), h ~ N(mu_0, diag(sigma2_0))    (D, K)
        beta_k = softmax(rho alpha_k)                      rho: (V, E), alpha_k: (E,)
        w_d ~ Multinomial(theta beta)

    A topic is a vector alpha_k where words have theirs, so that words of one meaning come to one
    topic, rare ones too. Parameters are those of
    :class:`~polytopic.topics.vae.model.VAETopicModel`, without ``start``, and:

    Parameters
    ----------
    vectors : {"vectors", "random"}, array of shape (V, E) or WordVectors
        rho: vectors of the corpus itself, noise, or given ones in the order of the terms.
    learn_words : bool
        Whether rho is trained along.

    Raises
    ------
    InputError
        By ``fit`` and ``transform``: parameters, vectors or counts that cannot be used.

    >>> import numpy as np
    >>> counts = np.kron(np.eye(2, dtype=int), np.full((10, 4), 2))
    >>> model = ETM(n_topics=2, random_state=0).fit(counts, terms=list("abcdwxyz"))
    >>> sorted("".join(sorted(words)) for words in model.top_words(4))
    ['abcd', 'wxyz']
    >>> model.transform(counts).shape
    (20, 2)
    """

    posterior = LogisticNormal
    prior: ClassVar[Callable[..., Prior]] = LaplaceDirichlet
    _decoder = "embedding"
    _background = True
    _peak_rate = 0.03
    _concentration = 0.2
    _offsets = (-1.0,)
    _vectors_name = "vectors"

    _constraints: ClassVar[Mapping[str, Constraint]] = {
        **{n: c for n, c in VAETopicModel._constraints.items() if n != "start"},
        "vectors": START,
        "learn_words": Choice((False, True)),
    }

    def __init__(
        self,
        *,
        n_topics: int = 50,
        gradient: str | None = None,
        decoder: str | None = None,
        background: bool | None = None,
        dim: int = 300,
        hidden: int = 100,
        prior_concentration: Any = None,
        beta: float = 1.0,
        free_bits: float = 0.0,
        dropout: float = 0.3,
        diversity: float | None = None,
        clustering: float | None = None,
        usage_floor: float = 0.2,
        epochs: int | None = None,
        batch_size: int = 500,
        learning_rate: float | None = None,
        kl_warm_up: float = 0.0,
        kl_cycles: int = 1,
        held_out: float = 0.0,
        patience: int | None = None,
        vectors: Any = "vectors",
        learn_words: bool = False,
        device: str = "auto",
        n_threads: int | None = None,
        checkpoint: str | Path | None = None,
        trackers: Any = None,
        random_state: Any = None,
        verbose: bool = False,
    ) -> None:
        super().__init__(
            n_topics=n_topics,
            gradient=gradient,
            decoder=decoder,
            background=background,
            dim=dim,
            hidden=hidden,
            prior_concentration=prior_concentration,
            beta=beta,
            free_bits=free_bits,
            dropout=dropout,
            diversity=diversity,
            clustering=clustering,
            usage_floor=usage_floor,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            kl_warm_up=kl_warm_up,
            kl_cycles=kl_cycles,
            held_out=held_out,
            patience=patience,
            start=vectors,
            device=device,
            n_threads=n_threads,
            checkpoint=checkpoint,
            trackers=trackers,
            random_state=random_state,
            verbose=verbose,
        )
        del self.start
        self.vectors = vectors
        self.learn_words = learn_words

    def _options_of(self, decoder: str) -> Mapping[str, Any]:
        return {"learn_words": self.learn_words} if decoder == "embedding" else {}
