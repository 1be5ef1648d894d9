"""The noise distribution of negative sampling as an alias table (Walker 1974; Vose 1991).

Column c of the table is drawn evenly; it gives the word ``first[c]`` if a second draw of 32 bits is
below ``threshold[c]``, else ``second[c]``. 16 bytes a word instead of a table of 10^8 entries.
"""

from __future__ import annotations

import numpy as np
from numba import uint64
from numpy.typing import NDArray

from polytopic.embeddings.kernels.arguments import Table
from polytopic.kernels.compiling import compiled
from polytopic.kernels.random import below

__all__ = ["alias_table", "draw", "powers", "table_shares", "weighted_table"]

_LOW = np.uint64(0xFFFFFFFF)
"""The lower 32 of 64 random bits."""


def alias_table(counts: NDArray[np.int64], exponent: float) -> Table:
    """``first``, ``second`` (int32) and ``threshold`` (uint64), each of shape (V,).

    Word v is drawn with probability counts[v]^exponent / sum (Mikolov et al., NeurIPS 2013, section
    2.2: exponent 0.75), off by at most 2^-32.
    """
    return weighted_table(powers(np.maximum(counts, 1).astype(np.float64), exponent))


def powers(weights: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    """``weights ** exponent``; where that leaves float64, the same up to a common factor."""
    with np.errstate(over="ignore"):
        raised: NDArray[np.float64] = weights**exponent
        if 0.0 < raised.sum() < np.inf:
            return raised
    logs = exponent * np.log(weights)
    return np.exp(logs - logs.max())


def weighted_table(weights: NDArray[np.float64]) -> Table:
    """The table of any non-negative weights that do not all vanish: entry v by weights[v] / sum."""
    share = weights * (len(weights) / weights.sum())
    second, chance = pair_columns(share)
    first = np.arange(len(weights), dtype=np.int32)
    return Table(first, second, np.rint(chance * 2.0**32).astype(np.uint64))


def table_shares(table: Table) -> NDArray[np.float64]:
    """How probable each entry of a table is: float64, shape (V,), of sum one."""
    n = len(table.first)
    near = table.threshold / 2.0**32
    found = np.bincount(table.first, near, n) + np.bincount(table.second, 1.0 - near, n)
    return np.asarray(found / n, dtype=np.float64)


@compiled()
def pair_columns(share: NDArray[np.float64]) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Fill the columns of too little share from those of too much (Vose's method)."""
    n = len(share)
    second = np.arange(n).astype(np.int32)
    chance = np.ones(n)
    left = share.copy()
    small = np.empty(n, np.int64)
    large = np.empty(n, np.int64)
    n_small, n_large = 0, 0
    for column in range(n):
        if left[column] < 1.0:
            small[n_small] = column
            n_small += 1
        else:
            large[n_large] = column
            n_large += 1
    while n_small > 0 and n_large > 0:
        n_small -= 1
        low = small[n_small]
        high = large[n_large - 1]
        chance[low] = left[low]
        second[low] = high
        left[high] = (left[high] + left[low]) - 1.0
        if left[high] < 1.0:
            n_large -= 1
            small[n_small] = high
            n_small += 1
    return second, chance


@compiled(inline="always")
def draw(bits: int, table: Table) -> int:
    """A word from 64 random bits: the upper half chooses the column, the lower half within it."""
    first, second, threshold = table
    column = below(bits, len(first))
    # Both are read before the choice, so that it compiles to a selection, not to a branch that
    # nobody can predict: half the time of a CBOW step went there.
    near, far = first[column], second[column]
    return near if (uint64(bits) & _LOW) < threshold[column] else far
