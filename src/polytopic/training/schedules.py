"""Schedules as pure functions of how much of the training has been done, in [0, 1]."""

from __future__ import annotations

import math

__all__ = ["one_cycle", "warm_up"]


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


def _cosine(part: float) -> float:
    return 0.5 - 0.5 * math.cos(math.pi * part)
