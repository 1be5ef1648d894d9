"""GSM: topic proportions as a softmax of a linear map of a Gaussian."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from polytopic.latent import GaussianSoftmax, Prior, StandardNormal
from polytopic.topics.vae.model import VAETopicModel

__all__ = ["GSM"]


class GSM(VAETopicModel):
    """The Gaussian softmax model (Miao, Grefenstette & Blunsom, ICML 2017, arXiv:1706.00359).

        h ~ N(0, I)                              (D, K)
        theta = softmax(h L)                     L: (K, K), learned
        w_d ~ Multinomial(theta beta)            beta_k = softmax(W_k + b): (K, V)

    Raises
    ------
    InputError
        By ``fit`` and ``transform``: parameters or counts that cannot be used.

    >>> import numpy as np
    >>> counts = np.kron(np.eye(2, dtype=int), np.full((10, 4), 2))
    >>> model = GSM(n_topics=2, random_state=0).fit(counts, terms=list("abcdwxyz"))
    >>> sorted("".join(sorted(words)) for words in model.top_words(4))
    ['abcd', 'wxyz']
    >>> model.transform(counts).shape
    (20, 2)
    """

    posterior = GaussianSoftmax
    prior: ClassVar[Callable[..., Prior]] = StandardNormal
    _decoder = "mixture"
    _background = True
    # By the figures of benchmarks/topics.py, on 20ng-5k; see VAETopicModel for what each is.
    _offsets = (-1.0,)
    _scale = 1.0
    _peak_rate = 0.03
    _diversity = 3.0

    def _prior(self) -> Prior:
        return self._standard_normal()
