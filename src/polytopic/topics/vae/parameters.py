"""The parameters of every autoencoder topic model, each declared once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from polytopic.latent import GRADIENTS
from polytopic.nets import DECODERS
from polytopic.parameters import FLAG, NONE, AnyOf, Choice, Custom, Integer, Real, parameter
from polytopic.topics.seed_words import SEED_WORDS
from polytopic.topics.vae.initial_values import START
from polytopic.training.estimators import LoopEstimator

__all__ = ["VAEParameters"]

_ONE_A_TOPIC = Custom(
    "one number a topic",
    lambda value: isinstance(value, (tuple, list, np.ndarray)) and len(value) > 0,
)


class VAEParameters(LoopEstimator):
    """What the constructor of every autoencoder topic model takes."""

    n_topics: int = parameter(
        Integer(2), "K, at least 2 and at most the number of terms.", default=50
    )
    gradient: str | None = parameter(
        AnyOf(NONE, Choice(tuple(sorted({name for _, name in GRADIENTS})))),
        'How a draw of theta is differentiated: "pathwise" and "score" (logistic-normal, '
        'Gaussian, Weibull); "implicit", "rejection", "rejection-corrected", "inverse-cdf", '
        '"laplace" and "score" (Dirichlet). By default the model\'s own.',
        default=None,
    )
    decoder: str | None = parameter(
        AnyOf(NONE, Choice(tuple(DECODERS))),
        "By default the model's own.",
        default=None,
        kind='{"product", "mixture", "embedding", "distance", "log-linear"}, optional',
    )
    background: bool | None = parameter(
        Choice((None, False, True)),
        "Whether the terms' log base rates stand beside the topics, so that stop words lead none.",
        default=None,
    )
    dim: int = parameter(
        Integer(1),
        "E, dimensions of the word vectors in the encoder's first layer (given vectors keep "
        "theirs).",
        default=300,
    )
    hidden: int = parameter(
        Integer(1), "Units of the encoder's bend beside the direct path.", default=100
    )
    prior_concentration: Any = parameter(
        AnyOf(Real(0, open_low=True), NONE, Choice(("learned",)), _ONE_A_TOPIC),
        "Concentration of the prior a topic; by default the model's own, less for more "
        'topics. "learned" needs a Dirichlet prior.',
        default=None,
        kind='float, array of shape (K,) or "learned", optional',
    )
    beta: float = parameter(
        Real(0),
        "Weight of the KL in the loss (Higgins et al., ICLR 2017); 1 is the bound.",
        default=1.0,
    )
    samples: int = parameter(
        Integer(1),
        "Draws of theta a document and step, L of the bound's estimate (Kingma & Welling 2014).",
        default=1,
    )
    alternate: bool = parameter(
        FLAG,
        "Steps in turn of the encoder, with topics held (E step), and of all else (M step), and "
        "not of both at once.",
        default=False,
    )
    covariance: str = parameter(
        Choice(("diagonal", "full")),
        "Of a logistic-normal posterior: a variance a topic, or mu + L eps with an L of each "
        "document.",
        default="diagonal",
    )
    free_bits: float = parameter(
        Real(0),
        "Nats of KL that cost the same whether used or not (Kingma et al., NeurIPS 2016), for"
        " each dimension where the KL falls apart by dimension, else for the document.",
        default=0.0,
    )
    dropout: float = parameter(
        Real(0, 1, open_high=True),
        "Share of a document's terms hidden from the encoder at each step.",
        default=0.3,
    )
    diversity: float | None = parameter(
        AnyOf(NONE, Real(0)),
        "Weight of the penalty on topics that point the same way, in nats a document.",
        default=None,
    )
    clustering: float | None = parameter(
        AnyOf(NONE, Real(0)),
        "Weight of ECRTM's embedding clustering; needs an embedding or distance decoder.",
        default=None,
    )
    usage_floor: float = parameter(
        Real(0, 1, open_high=True),
        "A topic that wins less than this part of its even share of the documents is lifted.",
        default=0.2,
    )
    seed_words: Mapping[str, Sequence[str]] | None = parameter(
        SEED_WORDS,
        "Guided topics, by name: each begins where its words stand and is held by a prior. They "
        "come first.",
        default=None,
        kind="dict of str to lists of str, optional",
    )
    seed_strength: float = parameter(
        Real(0, open_low=True),
        "Pseudo-counts of a seed in its topic, in terms of the word's own count.",
        default=1.0,
    )
    epochs: int | None = parameter(
        AnyOf(Integer(1), NONE),
        "Passes over the documents; by default ten, more for small corpora, fewer for large ones.",
        default=None,
    )
    batch_size: int = parameter(text="Documents a step.", default=500)
    learning_rate: float | None = parameter(
        AnyOf(NONE, Real(0, open_low=True)), "Peak of the one-cycle schedule.", default=None
    )
    kl_warm_up: float = parameter(
        Real(0, 1),
        "Share of the training (of a cycle) over which the KL weight rises to one.",
        default=0.0,
    )
    kl_cycles: int = parameter(
        Integer(1), "How often it rises anew (Fu et al., NAACL 2019).", default=1
    )
    held_out: float = parameter(
        text="Share of the documents kept out of training; their bound decides which weights are "
        "kept.",
        default=0.0,
    )
    start: Any = parameter(
        START,
        "Vectors of the corpus itself (chosen: the best of eight clusterings by them), noise, or "
        "given vectors in the order of the terms.",
        default="vectors",
        kind='{"vectors", "chosen", "random"}, array of shape (V, E) or WordVectors',
    )
