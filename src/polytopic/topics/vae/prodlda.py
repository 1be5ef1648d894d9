"""ProdLDA: topics as a product of experts."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from polytopic.latent import LaplaceDirichlet, LogisticNormal, Prior
from polytopic.topics.vae.model import VAETopicModel

__all__ = ["ProdLDA"]


class ProdLDA(VAETopicModel):
    """Topics as a product of experts (Srivastava & Sutton, ICLR 2017, arXiv:1703.01488).

        h ~ N(mu_0, diag(sigma2_0))               Laplace approximation of Dirichlet(concentration)
        theta = softmax(h)                        (D, K)
        w_d ~ Multinomial(softmax(BN(theta W)))   W: (K, V), unconstrained

    Raises
    ------
    InputError
        By ``fit`` and ``transform``: parameters or counts that cannot be used.

    >>> import numpy as np
    >>> counts = np.kron(np.eye(2, dtype=int), np.full((10, 4), 2))
    >>> model = ProdLDA(n_topics=2, random_state=0).fit(counts, terms=list("abcdwxyz"))
    >>> sorted("".join(sorted(words)) for words in model.top_words(4))
    ['abcd', 'wxyz']
    >>> model.transform(counts).shape
    (20, 2)
    """

    posterior = LogisticNormal
    prior: ClassVar[Callable[..., Prior]] = LaplaceDirichlet
    # By the figures of benchmarks/topics.py, on 20ng-5k; see VAETopicModel for what each is.
    _concentration = 0.2
    _offsets = (-1.0,)
