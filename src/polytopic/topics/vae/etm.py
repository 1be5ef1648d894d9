"""ETM: topics as vectors among the words' vectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from polytopic.latent import LaplaceDirichlet, LogisticNormal, Prior
from polytopic.parameters import FLAG, parameter
from polytopic.topics.vae.initial_values import START
from polytopic.topics.vae.model import VAETopicModel

__all__ = ["ETM"]


class ETM(VAETopicModel):
    """The embedded topic model (Dieng, Ruiz & Blei, TACL 2020, arXiv:1907.04907).

        theta = softmax(h), h ~ N(mu_0, diag(sigma2_0))    (D, K)
        beta_k = softmax(rho alpha_k)                      rho: (V, E), alpha_k: (E,)
        w_d ~ Multinomial(theta beta)

    A topic is a vector alpha_k where words have theirs, so that words of one meaning come to one
    topic, rare ones too.

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

    _left_out: ClassVar[tuple[str, ...]] = ("start",)

    vectors: Any = parameter(
        START,
        "rho: vectors of the corpus itself, noise, or given ones in the order of the terms.",
        default="vectors",
        kind='{"vectors", "chosen", "random"}, array of shape (V, E) or WordVectors',
    )
    learn_words: bool = parameter(FLAG, "Whether rho is trained along.", default=False)

    posterior = LogisticNormal
    prior: ClassVar[Callable[..., Prior]] = LaplaceDirichlet
    _decoder = "embedding"
    _background = True
    # By the figures of benchmarks/topics.py, on 20ng-5k; see VAETopicModel for what each is.
    _peak_rate = 0.03
    _concentration = 0.2
    _offsets = (-1.0,)
    _vectors_name = "vectors"

    def _options_of(self, decoder: str) -> Mapping[str, Any]:
        return {"learn_words": self.learn_words} if decoder == "embedding" else {}
