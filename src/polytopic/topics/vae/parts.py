"""What the constructor of every autoencoder topic model accepts, and how its parts are built."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from polytopic.kernels.arrays import bytes_of
from polytopic.latent import Family, Prior
from polytopic.nets import (
    CombinedEncoder,
    Decoder,
    EmbeddingsEncoder,
    Encoder,
    Objective,
)
from polytopic.scratch import empty
from polytopic.topics.vae.elbo import TopicVAE
from polytopic.topics.vae.initial_values import Start

__all__ = [
    "Choices",
    "build_module",
    "digest",
    "enough_epochs",
    "many_topics",
    "on_simplex",
    "overlap_weight",
]

_ROWS = 1 << 16
"""Documents whose shares are divided at a time."""

_VISITS = 400_000
"""Documents seen in training, all passes together, beyond which more of them bring little."""

_STEPS = 200
"""Steps below which a run has not arrived."""

_REFERENCE_TOPICS = 50
"""The number of topics for which rates and weights are stated; other numbers scale them."""

_ENCODER_RATE = 1.4
"""Peak learning rate of the encoder in terms of the decoder's; with many topics it is lowered,
since a quick encoder moves all documents of a small topic to its neighbours."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """A model's row of the algebra's table, nothing left to be decided.

    ``encoder`` reads counts, by themselves or (``reads_counts``) beside document embeddings.
    """

    n_topics: int
    posterior: type[Family]
    gradient: str
    prior: Prior
    encoder: Callable[..., Encoder]
    reads_counts: bool
    hidden: int
    scale: float
    offsets: tuple[float, ...]
    dropout: float
    decoder: type[Decoder]
    decoder_options: Mapping[str, Any]
    objective: Objective
    usage_floor: float


def build_module(
    choices: Choices, start: Start, seed: int, side: NDArray[np.float32] | None = None
) -> TopicVAE:
    """The axes' parts wired into a module with its initial values.

    ``side`` (K + 1, M): centres among the documents' embeddings, and in the last row their mean.
    """
    n_topics = choices.n_topics
    return TopicVAE(
        encoder=_encoder(choices, start, seed, side),
        posterior=choices.posterior,
        gradient=choices.gradient,
        prior=choices.prior,
        decoder=choices.decoder.build(start, **choices.decoder_options),
        n_topics=n_topics,
        objective=choices.objective,
        usage_floor=choices.usage_floor,
        encoder_rate=_ENCODER_RATE * min(1.0, (_REFERENCE_TOPICS / n_topics) ** 2),
    )


def many_topics(n_topics: int) -> float:
    """What a weight a topic is scaled by, so that its sum over topics is the same from 50 on."""
    return min(1.0, _REFERENCE_TOPICS / n_topics)


def overlap_weight(weight: float, n_topics: int, *, falls: bool) -> float:
    """The weight of the penalty on overlap: stated for 50 topics, falling beyond them or not."""
    return weight * max(_REFERENCE_TOPICS / n_topics, 0.0 if falls else 1.0)


def _encoder(
    choices: Choices, start: Start, seed: int, side: NDArray[np.float32] | None
) -> Encoder:
    shared: dict[str, Any] = {
        "hidden": choices.hidden,
        "n_heads": choices.posterior.n_heads or 1 + choices.n_topics,
        "scale": choices.scale,
        "offsets": choices.offsets if choices.posterior.n_heads else (0.0,) * choices.n_topics,
        "dropout_rate": choices.dropout,
        "generator": torch.Generator().manual_seed(seed),
    }
    counts: dict[str, Any] = {
        "vectors": torch.from_numpy(start.vectors),
        "term_weight": torch.from_numpy(start.term_weight),
    }
    centers = torch.from_numpy(start.centers)
    if side is None:
        return choices.encoder(centers=centers, **counts, **shared)
    among, shift = torch.from_numpy(side[:-1]), torch.from_numpy(side[-1])
    if choices.reads_counts:
        return CombinedEncoder(centers=centers, side_centers=among, shift=shift, **counts, **shared)
    return EmbeddingsEncoder(centers=among, shift=shift, **shared)


def on_simplex(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows that sum to one up to rounding, divided by their float64 sums."""
    whole = empty(rows.shape, np.float32)
    for first in range(0, len(rows), _ROWS):
        part = rows[first : first + _ROWS]
        whole[first : first + _ROWS] = part / part.sum(axis=1, keepdims=True, dtype=np.float64)
    return whole


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
        found.update(bytes_of(np.ascontiguousarray(array)))
    return {"beside": found.hexdigest()[:16]}
