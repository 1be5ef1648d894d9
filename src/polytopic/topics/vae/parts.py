"""What the constructor of every autoencoder topic model accepts, and how its parts are built."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from polytopic.base import NONE, AnyOf, Choice, Constraint, Custom, Integer, Real
from polytopic.latent import GRADIENTS
from polytopic.nets import (
    DECODERS,
    CombinedEncoder,
    EmbeddingsEncoder,
    Encoder,
)
from polytopic.topics.vae.elbo import Objective, TopicVAE
from polytopic.topics.vae.initial_values import START, Start
from polytopic.training.estimators import RUN_CONSTRAINTS

if TYPE_CHECKING:
    from polytopic.topics.vae.model import VAETopicModel

__all__ = [
    "CONSTRAINTS",
    "build_module",
    "digest",
    "enough_epochs",
    "many_topics",
    "on_simplex",
    "plain",
]

_VISITS = 400_000
"""Documents seen in training, all passes together, beyond which more of them bring little."""

_STEPS = 200
"""Steps below which a run has not arrived."""

_REFERENCE_TOPICS = 50
"""The number of topics for which rates and weights are stated; other numbers scale them."""

_ENCODER_RATE = 1.4
"""Peak learning rate of the encoder in terms of the decoder's; with many topics it is lowered,
since a quick encoder moves all documents of a small topic to its neighbours."""

_ARRAY = Custom(
    "one number a topic",
    lambda value: isinstance(value, (tuple, list, np.ndarray)) and len(value) > 0,
)

CONSTRAINTS: Mapping[str, Constraint] = {
    **RUN_CONSTRAINTS,
    "n_topics": Integer(2),
    "dim": Integer(1),
    "hidden": Integer(1),
    "gradient": AnyOf(NONE, Choice(tuple(sorted({name for _, name in GRADIENTS})))),
    "decoder": AnyOf(NONE, Choice(tuple(DECODERS))),
    "background": Choice((None, False, True)),
    "prior_concentration": AnyOf(Real(0, open_low=True), NONE, Choice(("learned",)), _ARRAY),
    "beta": Real(0),
    "free_bits": Real(0),
    "dropout": Real(0, 1, open_high=True),
    "diversity": AnyOf(NONE, Real(0)),
    "clustering": AnyOf(NONE, Real(0)),
    "usage_floor": Real(0, 1, open_high=True),
    "epochs": AnyOf(Integer(1), NONE),
    "learning_rate": AnyOf(NONE, Real(0, open_low=True)),
    "kl_warm_up": Real(0, 1),
    "kl_cycles": Integer(1),
    "start": START,
}


def build_module(
    model: VAETopicModel, start: Start, seed: int, side: NDArray[np.float32] | None = None
) -> TopicVAE:
    """The axes' parts wired into a module with its initial values.

    ``side`` (K + 1, M): centres among the documents' embeddings, and in the last row their mean.
    """
    name = model.decoder or model._decoder
    options = dict(model._options_of(name))
    background = model._background if model.background is None else model.background
    if background is not None:
        options["background"] = background
    n_topics = model.n_topics
    return TopicVAE(
        encoder=_encoder(model, start, seed, side),
        posterior=model.posterior,
        gradient=model._gradient_name(),
        prior=model._prior(),
        decoder=model._decoder_class(name).build(start, **options),
        n_topics=n_topics,
        objective=_objective(model),
        usage_floor=model.usage_floor,
        encoder_rate=_ENCODER_RATE * min(1.0, (_REFERENCE_TOPICS / n_topics) ** 2),
    )


def many_topics(n_topics: int) -> float:
    """What a weight a topic is scaled by, so that its sum over topics is the same from 50 on."""
    return min(1.0, _REFERENCE_TOPICS / n_topics)


def _objective(model: VAETopicModel) -> Objective:
    n_topics = model.n_topics
    weights = {
        "topic_overlap": (model._diversity if model.diversity is None else model.diversity)
        * max(_REFERENCE_TOPICS / n_topics, 0.0 if model._diversity_falls else 1.0),
        "embedding_clustering": (
            model._clustering if model.clustering is None else model.clustering
        ),
        **model._own_penalties,
    }
    penalties = [(name, weight) for name, weight in weights.items() if weight > 0]
    return Objective(beta=model.beta, free_bits=model.free_bits, penalties=penalties)


def _encoder(
    model: VAETopicModel, start: Start, seed: int, side: NDArray[np.float32] | None
) -> Encoder:
    shared: dict[str, Any] = {
        "hidden": model.hidden,
        "n_heads": model.posterior.n_heads,
        "scale": model._scale,
        "offsets": model._offsets,
        "dropout_rate": model.dropout,
        "generator": torch.Generator().manual_seed(seed),
    }
    counts: dict[str, Any] = {
        "vectors": torch.from_numpy(start.vectors),
        "term_weight": torch.from_numpy(start.term_weight),
    }
    centers = torch.from_numpy(start.centers)
    if side is None:
        return model._counts_encoder(centers=centers, **counts, **shared)
    among, shift = torch.from_numpy(side[:-1]), torch.from_numpy(side[-1])
    if model._reads_counts:
        return CombinedEncoder(centers=centers, side_centers=among, shift=shift, **counts, **shared)
    return EmbeddingsEncoder(centers=among, shift=shift, **shared)


def on_simplex(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows that sum to one up to rounding, divided by their float64 sums."""
    return np.asarray(rows / rows.sum(axis=1, keepdims=True, dtype=np.float64), dtype=np.float32)


def enough_epochs(n_documents: int, batch_size: int) -> int:
    """Ten passes; on large corpora fewer (two or more), on small ones enough for the steps that
    ten passes over 10,000 documents make."""
    steps_a_pass = max(1, n_documents // batch_size)
    return max(2, min(10, round(_VISITS / n_documents)), math.ceil(_STEPS / steps_a_pass))


def digest(arrays: Sequence[NDArray[Any]]) -> dict[str, str]:
    """What stands beside the counts, as a part of a run's identity; nothing if there is none."""
    if not arrays:
        return {}
    found = hashlib.sha256()
    for array in arrays:
        found.update(np.ascontiguousarray(array).tobytes())
    return {"beside": found.hexdigest()[:16]}


def plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that JSON and trackers hold."""
    return {n: v for n, v in parameters.items() if v is None or isinstance(v, (int, float, str))}
