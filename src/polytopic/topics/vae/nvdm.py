"""NVDM: documents as Gaussian vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from polytopic.errors import InputError
from polytopic.latent import Gaussian, Prior, StandardNormal
from polytopic.topics.vae.model import VAETopicModel

__all__ = ["NVDM"]


class NVDM(VAETopicModel):
    """The neural variational document model (Miao, Yu & Blunsom, ICML 2016, arXiv:1511.06038).

        h ~ N(0, I)                              (D, K)
        w_d ~ Multinomial(softmax(h W + b))      the columns of W sum to zero

    h is no distribution. ``transform`` gives softmax(E[h]), from which the likelihood gets h back
    but for a constant that it does not see; ``topic_word_`` are the words that each dimension
    raises.

    Raises
    ------
    InputError
        By ``fit`` and ``transform``: parameters or counts that cannot be used.

    >>> import numpy as np
    >>> counts = np.kron(np.eye(2, dtype=int), np.full((10, 4), 2))
    >>> model = NVDM(n_topics=2, random_state=0).fit(counts, terms=list("abcdwxyz"))
    >>> sorted("".join(sorted(words)) for words in model.top_words(4))
    ['abcd', 'wxyz']
    >>> model.transform(counts).shape
    (20, 2)
    """

    posterior = Gaussian
    prior: ClassVar[Callable[..., Prior]] = StandardNormal
    _decoder = "log-linear"
    # By the figures of benchmarks/topics.py, on 20ng-5k; see VAETopicModel for what each is.
    _offsets = (-1.0,)
    _scale = 1.0
    _peak_rate = 0.03

    def _prior(self) -> Prior:
        return self._standard_normal()

    def _check_choices(self) -> None:
        super()._check_choices()
        if self.decoder in ("mixture", "embedding"):
            raise InputError(
                f"decoder: {self.decoder!r} mixes topics by their shares, and the h of NVDM is no "
                'distribution. Use "log-linear", "product" or "distance", or GSM for a mixture.'
            )
