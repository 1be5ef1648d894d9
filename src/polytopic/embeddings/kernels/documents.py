"""Documents as means of the rows of their words, each document by itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled

__all__ = ["mean_rows", "scaled_mean_rows"]


@compiled()
def mean_rows(
    ids: NDArray[np.int32],
    offsets: NDArray[np.int64],
    matrix: NDArray[np.float32],
    first: int,
    last: int,
    means: NDArray[np.float32],
) -> None:
    """Write the means of the rows of documents ``first`` to ``last``.

    Parameters
    ----------
    ids : int32 array of shape (N,)
        Rows of ``matrix``; negative ones are left out.
    offsets : int64 array of shape (D+1,)
    matrix : float32 array of shape (V, E)
    first, last : int
    means : float32 array of shape (D, E), written
        Zeros for documents of which nothing is left.
    """
    for d in range(first, last):
        total, n = means[d], 0
        total[:] = 0.0
        for i in range(offsets[d], offsets[d + 1]):
            if ids[i] >= 0:
                row = matrix[ids[i]]
                for e in range(len(total)):
                    total[e] += row[e]
                n += 1
        if n > 0:
            share = np.float32(1.0) / np.float32(n)
            for e in range(len(total)):
                total[e] *= share


@compiled()
def scaled_mean_rows(
    ids: NDArray[np.int32],
    offsets: NDArray[np.int64],
    matrix: NDArray[np.float32],
    weights: NDArray[np.float32],
    first: int,
    last: int,
    means: NDArray[np.float32],
) -> None:
    """The same of rows times ``weights``, shape (V,), each dimension divided by its length.

    The length of a dimension is the root of the sum of its squares over the words of a document
    (Ethayarajh 2018, section 4.3); a dimension of zeros stays zero.
    """
    squares = np.empty(matrix.shape[1], dtype=np.float64)
    for d in range(first, last):
        total, n = means[d], 0
        total[:] = 0.0
        squares[:] = 0.0
        for i in range(offsets[d], offsets[d + 1]):
            if ids[i] >= 0:
                row, weight = matrix[ids[i]], weights[ids[i]]
                for e in range(len(total)):
                    total[e] += weight * row[e]
                    squares[e] += np.float64(row[e]) * row[e]
                n += 1
        for e in range(len(total)):
            if squares[e] > 0.0:
                total[e] = np.float32(total[e] / (np.sqrt(squares[e]) * n))
