"""What a loss holds beside the likelihood: one record for all autoencoders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from polytopic.nets.decoders import Decoder

__all__ = ["Objective"]


@dataclass(frozen=True)
class Objective:
    """What the loss holds beside the likelihood.

    ``beta``: weight of the KL (Higgins et al., ICLR 2017); ``free_bits``: nats of it that cost the
    same whether used or not; ``penalties``: (name in ``REGULARIZERS``, weight); ``seeds``: minus
    the log prior of guided topics, a part of the objective that the bound does not hold.
    ``samples``: draws of theta a document, over which the likelihood is averaged (L of Kingma &
    Welling 2014, eq. 7).
    """

    beta: float = 1.0
    free_bits: float = 0.0
    penalties: Sequence[tuple[str, float]] = ()
    seeds: Callable[[Decoder], Tensor] | None = None
    samples: int = 1
