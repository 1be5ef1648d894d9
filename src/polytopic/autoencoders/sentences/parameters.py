"""The parameters of the sentence VAE."""

from __future__ import annotations

from typing import Any

from polytopic.autoencoders.sentences.module import ANNEALINGS
from polytopic.embeddings.vectors import WordVectors
from polytopic.parameters import NONE, AnyOf, Choice, Custom, Integer, Real, parameter
from polytopic.training.estimators import LoopEstimator

__all__ = ["SentenceParameters"]


class SentenceParameters(LoopEstimator):
    """What the constructor of the sentence VAE takes."""

    dim: int = parameter(Integer(1), "E.", default=16)
    hidden: int = parameter(Integer(1), "Units of both LSTMs.", default=512)
    word_dim: int = parameter(
        Integer(1), "Length of a word's vector, unless ``vectors`` are given.", default=256
    )
    vectors: Any = parameter(
        AnyOf(NONE, Custom("WordVectors", lambda value: isinstance(value, WordVectors))),
        "Where the words' vectors begin; they are trained along. Words without one begin at "
        "random.",
        default=None,
        kind="WordVectors, optional",
    )
    min_count: int = parameter(Integer(1), "Rarer words are read as <unk>.", default=1)
    max_words: int | None = parameter(
        AnyOf(Integer(2), NONE),
        "Size of the vocabulary, <unk> among it, the end of a sentence not.",
        default=20_000,
    )
    max_length: int = parameter(
        Integer(1), "Words of a training sentence, and of one that ``decode`` makes.", default=80
    )
    long: str = parameter(
        Choice(("cut", "drop", "error")),
        "What ``fit`` does with longer sentences. ``encode`` and ``perplexity`` read them whole.",
        default="cut",
    )
    free_bits: float = parameter(
        Real(0),
        "Nats of KL a sentence that cost the same whether used or not (Kingma et al. 2016), "
        "so that the decoder cannot gain by doing without the code; 0 for the plain bound.",
        default=0.0,
    )
    spread: float | None = parameter(
        AnyOf(NONE, Real(0, 1, open_low=True, open_high=True)),
        "Deviation that each dimension of the posterior means has over the sentences (Zhu et "
        "al., ACL 2020): the KL is at least E spread^2 / 2. None leaves it to the bound.",
        default=0.6,
    )
    beta: float = parameter(
        Real(0),
        "Weight of the KL in the loss (Higgins et al., ICLR 2017); 1 is the bound.",
        default=1.0,
    )
    annealing: str = parameter(
        Choice(tuple(ANNEALINGS)), "How the KL weight rises.", default="linear"
    )
    kl_warm_up: float = parameter(
        Real(0, 1),
        "Share of the training, or of one of its ``kl_cycles``, over which it rises to one.",
        default=0.2,
    )
    kl_cycles: int = parameter(
        Integer(1), "How often it rises anew (Fu et al., NAACL 2019).", default=1
    )
    word_dropout: float = parameter(
        Real(0, 1),
        "Share of the decoder's input words that are hidden as <unk> while training.",
        default=0.0,
    )
    dropout: float = parameter(
        Real(0, 1, open_high=True),
        "Of word vectors and states in the decoder, while training.",
        default=0.4,
    )
    epochs: int = parameter(Integer(1), "Passes over the sentences.", default=20)
    batch_size: int = parameter(text="Sentences a step.", default=64)
    learning_rate: float = parameter(
        Real(0, open_low=True), "Peak of the one-cycle schedule of Adam.", default=0.002
    )
    precision: str = parameter(
        Choice(("auto", "float32", "bfloat16")),
        'Of the factors of matrix products (sums are float32). "auto": bfloat16 where the '
        "processor multiplies such tiles.",
        default="auto",
    )
