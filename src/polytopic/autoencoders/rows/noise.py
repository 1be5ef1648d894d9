"""What a denoising autoencoder does to its input before it must restore it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol

import torch
from torch import Generator, Tensor

from polytopic.whole_batch import drawn, noise

__all__ = ["NOISES", "AddedNoise", "Mask", "Noise", "WordDrop"]


class Noise(Protocol):
    """What every corruption offers; ``rate`` 0 leaves all as it is."""

    spread: ClassVar[bool]
    """Whether noise of deviation ``rate`` is to be added to every entry, observed or not."""

    @property
    def rate(self) -> float:
        """How much is spoilt."""
        ...

    def values(self, values: Tensor, generator: Generator) -> Tensor:
        """The values of the observed pairs, shape (P,), as the encoder gets to see them."""
        ...


@dataclass(frozen=True)
class Mask:
    """Each entry is zero with probability ``rate`` (Vincent et al., ICML 2008, section 2.3).

    In a sparse row the other entries are zero already, so only observed ones are drawn.
    """

    rate: float
    spread: ClassVar[bool] = False

    def values(self, values: Tensor, generator: Generator) -> Tensor:
        if self.rate == 0.0:
            return values
        return values * noise(
            values, lambda blank: blank.bernoulli_(1.0 - self.rate, generator=generator)
        )


@dataclass(frozen=True)
class WordDrop:
    """Each token is left out with probability ``rate``: a count x becomes Binomial(x, 1 - rate)."""

    rate: float
    spread: ClassVar[bool] = False

    def values(self, values: Tensor, generator: Generator) -> Tensor:
        share = 1.0 - self.rate
        return drawn(
            lambda x: torch.binomial(x, torch.full_like(x, share), generator=generator), values
        )


@dataclass(frozen=True)
class AddedNoise:
    """N(0, rate^2) is added to every entry of the encoder's input (Vincent et al., JMLR 2010).

    The unit is the root mean square of an entry: at ``rate`` 1 the noise is as long as the row.
    """

    rate: float
    spread: ClassVar[bool] = True

    def values(self, values: Tensor, generator: Generator) -> Tensor:
        return values


NOISES: dict[str, Callable[[float], Noise]] = {
    "mask": Mask,
    "word-drop": WordDrop,
    "gaussian": AddedNoise,
}
"""The corruptions by name."""
