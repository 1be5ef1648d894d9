"""Schedules as pure functions of how much of the training has been done, in [0, 1].

And what else is done to the KL of a bound: :func:`free_bits`.
"""

from __future__ import annotations

import math

from torch import Tensor

from polytopic.whole_batch import mean

__all__ = ["cyclical", "free_bits", "one_cycle", "warm_up"]


def one_cycle(done: float, *, rise: float = 0.3, start: float = 0.04, end: float = 1e-3) -> float:
    """Factor on the peak learning rate: cosine up during ``rise``, cosine down after it.

    Smith & Topin (2018), arXiv:1708.07120; begins at ``start`` and ends at ``end``.

    >>> one_cycle(0.3)
    1.0
    """
    if done < rise:
        return start + (1 - start) * _cosine(done / rise)
    return 1.0 + (end - 1.0) * _cosine(min(1.0, (done - rise) / (1 - rise)))


def warm_up(done: float, share: float) -> float:
    """KL weight: rises linearly from 0 to 1 over the first ``share`` of the training.

    >>> warm_up(0.1, 0.4), warm_up(0.9, 0.4), warm_up(0.0, 0.0)
    (0.25, 1.0, 1.0)
    """
    return 1.0 if share <= 0 else min(1.0, done / share)


def cyclical(done: float, cycles: int = 4, ratio: float = 0.5) -> float:
    """KL weight: in each of ``cycles`` equal parts of the training it rises anew from 0 to 1.

    It rises linearly over the first ``ratio`` of a part and stays at 1 for the rest (Fu, Li, Liu,
    Gao, Celikyilmaz & Carin, NAACL 2019, eq. 6 and 7). One cycle is :func:`warm_up`.

    >>> [cyclical(done, cycles=2) for done in (0.0, 0.125, 0.25, 0.5, 0.625, 1.0)]
    [0.0, 0.5, 1.0, 0.0, 0.5, 1.0]
    """
    if done >= 1.0:
        return 1.0
    return warm_up((done * cycles) % 1.0, ratio)


def free_bits(kl: Tensor, floor: float) -> Tensor:
    """A batch's KL, of which ``floor`` nats a group cost the same whether used or not: a scalar.

    Sum over groups of max(floor, mean over the batch of the group's KL) (Kingma et al., NeurIPS
    2016, eq. 15): below the floor no gradient draws a posterior back to the prior.

    Parameters
    ----------
    kl : Tensor of shape (B, K) or (B,)
        KL of each document and dimension (K groups), or of each document as a whole (one group).
    floor : float
        Nats; 0 leaves the mean KL as it is.
    """
    return mean(kl).clamp_min(floor).sum()


def _cosine(part: float) -> float:
    return 0.5 - 0.5 * math.cos(math.pi * part)
