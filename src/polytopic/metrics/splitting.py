"""The kernel of document completion."""

from __future__ import annotations

import numpy as np
from numba import uint64

from polytopic.kernels.compiling import compiled
from polytopic.kernels.random import mix, step, uniform

__all__ = ["split_halves"]


@compiled()
def split_halves(indptr, data, seed):  # type: ignore[no-untyped-def]
    """Of each row's tokens draw half, rounded down, without replacement.

    Selection sampling (Knuth, TAOCP 2, algorithm 3.4.2 S): a token is drawn with probability
    (still wanted) / (still left). Each row has its own random numbers.

    Parameters
    ----------
    indptr : int64 array of shape (D + 1,)
    data : int64 array of counts
    seed : uint64

    Returns
    -------
    int64 array
        How many of each count were drawn.
    """
    drawn = np.zeros_like(data)
    for row in range(indptr.size - 1):
        left = 0
        for entry in range(indptr[row], indptr[row + 1]):
            left += data[entry]
        wanted = left // 2
        state = mix(uint64(seed) + mix(uint64(row)))
        for entry in range(indptr[row], indptr[row + 1]):
            for _ in range(data[entry]):
                state = step(state)
                if uniform(state) * left < wanted:
                    drawn[entry] += 1
                    wanted -= 1
                left -= 1
    return drawn
