"""CombinedTM: counts and document embeddings at the encoder."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from polytopic.latent import LaplaceDirichlet, LogisticNormal, Prior
from polytopic.topics.vae.document_embeddings import SideTopicModel

__all__ = ["CombinedTM"]


class CombinedTM(SideTopicModel):
    """ProdLDA whose encoder reads counts and embeddings (Bianchi, Terragni & Hovy, ACL 2021).

        q(h | d) = N(mu(counts_d, e_d), diag(sigma2(counts_d, e_d)))    e: (D, M)
        w_d ~ Multinomial(softmax(BN(softmax(h) W)))

    The embeddings are arguments of ``fit`` and ``transform``, or ``encoder`` makes them of texts.

    Raises
    ------
    InputError
        By ``fit`` and ``transform``: parameters, counts or embeddings that cannot be used.

    >>> import numpy as np
    >>> counts = np.kron(np.eye(2, dtype=int), np.full((10, 4), 2))
    >>> embeddings = np.kron(np.eye(2), np.ones((10, 3)))
    >>> model = CombinedTM(n_topics=2, random_state=0)
    >>> model = model.fit(counts, terms=list("abcdwxyz"), embeddings=embeddings)
    >>> sorted("".join(sorted(words)) for words in model.top_words(4))
    ['abcd', 'wxyz']
    >>> model.transform(counts, embeddings=embeddings).shape
    (20, 2)
    """

    posterior = LogisticNormal
    prior: ClassVar[Callable[..., Prior]] = LaplaceDirichlet
    # By the figures of benchmarks/topics.py, on 20ng-5k; see VAETopicModel for what each is.
    _concentration = 0.2
    _offsets = (-1.0,)
