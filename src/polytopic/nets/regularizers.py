"""Penalties that may be added to the bound, by name."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from polytopic.errors import InputError
from polytopic.nets.decoders import Decoder
from polytopic.nets.embedding_decoders import squared_distances
from polytopic.nets.metadata import MetadataProduct
from polytopic.nets.transport import transport_cost

__all__ = ["REGULARIZERS", "embedding_clustering", "topic_overlap"]


def topic_overlap(weight: Tensor) -> Tensor:
    """Sum over ordered pairs of topics of the squared positive cosine of their rows, a scalar.

    ``weight``: shape (K, V). Topics that point apart cost nothing, so that only overlap is
    discouraged (after the angular diversity of Xie, Deng & Xing, KDD 2015).
    """
    unit = functional.normalize(weight, dim=1)
    return _overlap(unit @ unit.t())


def _overlap(cosine: Tensor) -> Tensor:
    off_diagonal = cosine - torch.diag(torch.diagonal(cosine))
    return off_diagonal.clamp_min(0).square().sum()


def embedding_clustering(
    topic_vectors: Tensor,
    word_vectors: Tensor,
    *,
    alpha: float = 20.0,
    max_iterations: int = 100,
    tolerance: float = 0.005,
) -> Tensor:
    """What it costs to move the words, evenly, to the topics, evenly: a scalar.

        min over plans P >= 0 with P 1 = 1/K, P' 1 = 1/V of  <P, C> - H(P) / alpha
        C_kv = |rho_v - alpha_k|^2

    and <P, C> at that plan is the penalty: each topic is the centre of its own V / K words, so that
    no two gather in one place (embedding clustering regularisation: Wu, Dong, Nguyen & Luu, ICML
    2023, eq. 4 and 5). Their code has alpha = 20, at most 1,000 iterations and on 20 Newsgroups a
    weight of 250 in the loss; TopMost's weight is 100.
    The gradient holds the plan fixed: it is the gradient of the minimum itself (Danskin).

    Parameters
    ----------
    topic_vectors : Tensor of shape (K, E)
    word_vectors : Tensor of shape (V, E)
    alpha : float
        Sharpness of the plan; larger is nearer to unregularised transport.
    max_iterations : int
        Sinkhorn's iterations at most.
    tolerance : float
        Sinkhorn's iterations end when the plan's shares of the words are off by less in sum.
    """
    cost = squared_distances(topic_vectors, word_vectors)
    return transport_cost(cost, alpha=alpha, max_iterations=max_iterations, tolerance=tolerance)


def _overlap_of(decoder: Decoder) -> Tensor:
    """Squared positive cosines of the topics, two by two (after Xie, Deng & Xing, KDD 2015)."""
    return _overlap(decoder.similarity())


def _clustering_of(decoder: Decoder) -> Tensor:
    """Optimal transport of the words to the topics (Wu, Dong, Nguyen & Luu, ICML 2023)."""
    topics, words = getattr(decoder, "topic_vectors", None), getattr(decoder, "word_vectors", None)
    if not isinstance(topics, Tensor) or not isinstance(words, Tensor):
        raise InputError(
            f"embedding_clustering: a {type(decoder).__name__} decoder has no word vectors to "
            'cluster. Use decoder="embedding" or decoder="distance", or leave the penalty out.'
        )
    return embedding_clustering(topics, words)


def _shrinkage_of(decoder: Decoder) -> Tensor:
    """Half the squares of the covariates' effects, of Scholar (Card, Tan & Smith, ACL 2018)."""
    if not isinstance(decoder, MetadataProduct):
        raise InputError(
            f"shrinkage: a {type(decoder).__name__} decoder has no covariates. Leave it out."
        )
    return decoder.shrinkage()


REGULARIZERS: dict[str, Callable[[Decoder], Tensor]] = {
    "topic_overlap": _overlap_of,
    "embedding_clustering": _clustering_of,
    "shrinkage": _shrinkage_of,
}
"""Penalty of a decoder, a scalar, by name; an InputError where the decoder lacks what it reads."""
