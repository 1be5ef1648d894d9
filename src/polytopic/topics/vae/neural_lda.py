"""NeuralLDA: LDA's mixture of topics with an inference network."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from polytopic.latent import LaplaceDirichlet, LogisticNormal, Prior
from polytopic.topics.vae.model import VAETopicModel

__all__ = ["NeuralLDA"]


class NeuralLDA(VAETopicModel):
    """LDA's own likelihood, inferred by a network (Srivastava & Sutton, ICLR 2017).

        h ~ N(mu_0, diag(sigma2_0))            Laplace approximation of Dirichlet(concentration)
        theta = softmax(h)                     (D, K)
        w_d ~ Multinomial(theta beta)          beta_k = softmax(W_k + b): (K, V)

    Raises
    ------
    InputError
        By ``fit`` and ``transform``: parameters or counts that cannot be used.

    >>> import numpy as np
    >>> counts = np.kron(np.eye(2, dtype=int), np.full((10, 4), 2))
    >>> model = NeuralLDA(n_topics=2, random_state=0).fit(counts, terms=list("abcdwxyz"))
    >>> sorted("".join(sorted(words)) for words in model.top_words(4))
    ['abcd', 'wxyz']
    >>> model.transform(counts).shape
    (20, 2)
    """

    posterior = LogisticNormal
    prior: ClassVar[Callable[..., Prior]] = LaplaceDirichlet
    _decoder = "mixture"
    _background = True
    # By the figures of benchmarks/topics.py, on 20ng-5k; see VAETopicModel for what each is.
    _concentration = 0.2
    _offsets = (-1.0,)
    _peak_rate = 0.03
    _diversity = 3.0
    _diversity_falls = False

    def _prior(self) -> Prior:
        """The same concentration a topic for every K: a wider prior leaves topics unused."""
        if self.prior_concentration is None:
            return LaplaceDirichlet(self._concentration)
        return super()._prior()
