"""ECRTM: embedding clustering against topics that fall together."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from polytopic.latent import LaplaceDirichlet, LogisticNormal, Prior
from polytopic.topics.vae.model import VAETopicModel

__all__ = ["ECRTM"]


class ECRTM(VAETopicModel):
    """Topics as centres of their own clusters of words (Wu, Dong, Nguyen & Luu, ICML 2023).

        h ~ N(mu_0, diag(sigma2_0))              Laplace approximation of Dirichlet(concentration)
        theta = softmax(h)                       (D, K)
        W_kv = softmax_k(-|rho_v - alpha_k|^2 / .2)
        w_d ~ Multinomial(softmax(BN(theta W)))

    rho (V, E) are word vectors, alpha (K, E) topic vectors; the penalty ``clustering`` is the cost
    of an even transport from words to topics, so that no two topics share a cluster.

    Raises
    ------
    InputError
        By ``fit`` and ``transform``: parameters or counts that cannot be used.

    >>> import numpy as np
    >>> counts = np.kron(np.eye(2, dtype=int), np.full((10, 4), 2))
    >>> model = ECRTM(n_topics=2, random_state=0).fit(counts, terms=list("abcdwxyz"))
    >>> sorted("".join(sorted(words)) for words in model.top_words(4))
    ['abcd', 'wxyz']
    >>> model.transform(counts).shape
    (20, 2)
    """

    posterior = LogisticNormal
    prior: ClassVar[Callable[..., Prior]] = LaplaceDirichlet
    _decoder = "distance"
    # By the figures of benchmarks/topics.py, on 20ng-5k; see VAETopicModel for what each is.
    _concentration = 0.2
    _offsets = (-1.0,)
    _diversity = 0.0
    _clustering = 50.0
    _peak_rate = 0.005
    _background = True
