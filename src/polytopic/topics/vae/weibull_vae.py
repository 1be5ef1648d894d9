"""WeibullVAE: a Weibull posterior with pathwise gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from polytopic.latent import GammaPrior, Prior, Weibull
from polytopic.topics.vae.model import VAETopicModel

__all__ = ["WeibullVAE"]


class WeibullVAE(VAETopicModel):
    """A Weibull posterior against a Gamma prior (Zhang, Chen, Guo & Zhou, ICLR 2018).

        z_k ~ Gamma(concentration, 1)            theta = z / sum(z), so theta ~ Dirichlet
        q(z_k) = Weibull(shape_k, scale_k)       a draw is a power of an exponential one
        w_d ~ Multinomial(softmax(BN(theta W)))  W: (K, V), unconstrained

    One layer of the paper's hierarchy, with the decoder of the other models.

    Raises
    ------
    InputError
        By ``fit`` and ``transform``: parameters or counts that cannot be used.

    >>> import numpy as np
    >>> counts = np.kron(np.eye(2, dtype=int), np.full((10, 4), 2))
    >>> model = WeibullVAE(n_topics=2, random_state=0).fit(counts, terms=list("abcdwxyz"))
    >>> sorted("".join(sorted(words)) for words in model.top_words(4))
    ['abcd', 'wxyz']
    >>> model.transform(counts).shape
    (20, 2)
    """

    posterior = Weibull
    prior: ClassVar[Callable[..., Prior]] = GammaPrior
    # By the figures of benchmarks/topics.py, on 20ng-5k; see VAETopicModel for what each is.
    _concentration = 0.2
    _offsets = (0.0,)

    def _prior(self) -> Prior:
        """The same concentration a topic for every K: that of few topics asks for shapes below
        the floor of the posterior's, where a topic leads by rare, huge draws and wins nowhere."""
        if self.prior_concentration is None:
            return GammaPrior(self._concentration)
        return super()._prior()
