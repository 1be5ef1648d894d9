"""The parameters of every autoencoder of rows, each declared once."""

from __future__ import annotations

from typing import Any

from polytopic.autoencoders.rows.decoders import LIKELIHOODS
from polytopic.autoencoders.rows.reading import listed
from polytopic.parameters import NONE, AnyOf, Choice, Custom, Integer, Real, parameter
from polytopic.training.estimators import LoopEstimator

__all__ = ["RowParameters"]

WIDTHS = Custom(
    "a number of units, or a list of them, one a layer (0: no hidden layer)",
    lambda value: all(Integer(0).accepts(width) for width in listed(value)),
)


class RowParameters(LoopEstimator):
    """What the constructor of every autoencoder of rows takes."""

    dim: int = parameter(Integer(1), "E, at most V.", default=50)
    likelihood: str = parameter(
        Choice(tuple(LIKELIHOODS)),
        "What the rows are: counts, real numbers such as tf-idf (squared error), or entries "
        "in [0, 1].",
        default="categorical",
    )
    hidden: Any = parameter(
        WIDTHS,
        "Units of the encoder's hidden layers; 0 for none.",
        default=500,
        kind="int or list of int",
    )
    decoder_hidden: Any = parameter(
        WIDTHS,
        "Units of the decoder's hidden layers; 0 for none: each output is linear in h.",
        default=0,
        kind="int or list of int",
    )
    epochs: int | None = parameter(
        AnyOf(Integer(1), NONE),
        "Passes over the rows; by default twenty, more for few rows.",
        default=None,
    )
    learning_rate: float = parameter(
        Real(0, open_low=True), "Peak of the one-cycle schedule of Adam.", default=0.01
    )
    held_out: float = parameter(
        text="Share of the rows kept out of training; how they are restored decides which weights "
        "are kept.",
        default=0.0,
    )
    patience: int | None = parameter(
        text="With ``held_out``: epochs without a better value before training stops.", default=None
    )
