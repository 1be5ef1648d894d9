"""Products of rows and columns, the same bits whatever rows stand beside a row.

A library of linear algebra divides a product by the shapes of both sides, and adds up in another
order where a document stands alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled

__all__ = ["products_block"]

_ZERO = np.float32(0.0)


@compiled(fastmath=True)
def products_block(
    rows: NDArray[np.float32],
    first: int,
    last: int,
    columns: NDArray[np.float32],
    found: NDArray[np.float32],
) -> None:
    """Write rows . columns of rows ``first`` to ``last``.

    Parameters
    ----------
    rows : float32, shape (D, E)
    columns : float32, shape (K, E)
    found : float32, shape (D, K), written
    """
    dim = rows.shape[1]
    for d in range(first, last):
        for k in range(len(columns)):
            total = _ZERO
            for e in range(dim):
                total += rows[d, e] * columns[k, e]
            found[d, k] = total
