"""GloVe by AdaGrad over tiles: records of a few hundred rows and columns at a time.

Words are dealt into S stripes: word v is number v // S of stripe v % S. Tile (i, j) holds the
records whose row is in stripe i and column in stripe j, in shuffled order; its vectors stay in the
processor's cache. In round r the tiles (i, (r - i) mod S) share no row and no column: threads may
train them side by side, and the result does not depend on how they are divided among them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import float32, int64
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled
from polytopic.kernels.random import below, mix, step, stream

__all__ = [
    "Records", "Trained", "count_records", "deal_records", "shuffle_tiles", "train_tiles",
]  # fmt: skip


class Records(NamedTuple):
    """The records of S x S tiles: those of tile t are ``rows[starts[t]:starts[t + 1]]`` and so on.

    ``starts`` (S^2+1,); ``rows``, ``columns``, ``logs`` (n_records,), of :func:`deal_records`.
    """

    starts: NDArray[np.int64]
    rows: NDArray[np.uint16]
    columns: NDArray[np.uint16]
    logs: NDArray[np.float32]
    n_stripes: int


class Trained(NamedTuple):
    """What is trained: inputs and outputs are the same arrays if ``tied``.

    ``inputs``, ``outputs`` (V, 2, P): vectors, then their accumulators, filled up with zeros from
    E to P numbers: loops over a multiple of 16 have no remainder. ``input_biases``,
    ``output_biases`` (V, 2): biases and their accumulators.
    """

    inputs: NDArray[np.float32]
    outputs: NDArray[np.float32]
    input_biases: NDArray[np.float32]
    output_biases: NDArray[np.float32]
    tied: bool


_HALF = np.float32(0.5)
_FAST = {"contract", "reassoc", "nsz", "arcp", "afn"}  # not "nnan": what diverged shows in the loss


@compiled()
def count_records(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    first: int,
    n_stripes: int,
    counts: NDArray[np.int64],
) -> None:
    """Add the records of each tile to ``counts``, shape (S^2,).

    ``indptr`` and ``indices`` are of the rows of a CSR matrix from ``first`` on.
    """
    for k in range(len(indptr) - 1):
        start = (first + k) % n_stripes * n_stripes
        for entry in range(indptr[k] - indptr[0], indptr[k + 1] - indptr[0]):
            counts[start + indices[entry] % n_stripes] += 1


@compiled()
def deal_records(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    data: NDArray[np.float32],
    first: int,
    n_stripes: int,
    heads: NDArray[np.int64],
    rows: NDArray[np.uint16],
    columns: NDArray[np.uint16],
    logs: NDArray[np.float32],
) -> None:
    """Write records tile by tile, each tile in the order of the matrix.

    Parameters
    ----------
    indptr, indices, data : arrays
        Of the rows of a CSR matrix from ``first`` on, with positive entries.
    first, n_stripes : int
    heads : int64 array of shape (S^2,), changed
        Where in the arrays of records each tile begins; afterwards, where it ends.
    rows, columns : uint16 arrays, written
        Numbers of the words in their stripes.
    logs : float32 array, written
        Natural logarithms of the entries.
    """
    for k in range(len(indptr) - 1):
        word = first + k
        start = word % n_stripes * n_stripes
        for entry in range(indptr[k] - indptr[0], indptr[k + 1] - indptr[0]):
            other = indices[entry]
            tile = start + other % n_stripes
            place = heads[tile]
            heads[tile] += 1
            rows[place] = word // n_stripes
            columns[place] = other // n_stripes
            logs[place] = np.log(data[entry])


@compiled()
def shuffle_tiles(
    starts: NDArray[np.int64],
    first: int,
    key: int,
    rows: NDArray[np.uint16],
    columns: NDArray[np.uint16],
    logs: NDArray[np.float32],
) -> None:
    """Shuffle the records of each of the tiles from ``first`` on, which begin at ``starts``.

    ``starts`` has one entry more, their end; ``key`` is of the random numbers.
    """
    for tile in range(len(starts) - 1):
        state = stream(key, first + tile)
        start = starts[tile]
        for left in range(starts[tile + 1] - start, 1, -1):
            state = step(state)
            one, two = start + left - 1, start + int64(below(mix(state), left))
            rows[one], rows[two] = rows[two], rows[one]
            columns[one], columns[two] = columns[two], columns[one]
            logs[one], logs[two] = logs[two], logs[one]


@compiled(fastmath=_FAST, error_model="numpy")
def train_tiles(
    tiles: NDArray[np.int64],
    records: Records,
    trained: Trained,
    rate: float,
    log_max: float,
    alpha: float,
    shifted: bool,
    losses: NDArray[np.float64],
) -> None:
    """One pass of AdaGrad over the records of some tiles, one record at a time.

    For a record X_ij, with g a parameter's gradient and h its accumulator (Pennington, Socher &
    Manning, EMNLP 2014, eq. 8; their program's AdaGrad)::

        error = w_i . c_j + b_i + d_j - log X_ij
        loss  = f(X_ij) error^2 / 2,   f(x) = min(1, (x / x_max)^alpha)
        parameter -= rate g / sqrt(h),   then   h += (rate g)^2

    where the rate of biases is 1, whatever that of the vectors, as in that program since 2019.

    Parameters
    ----------
    tiles : int64 array of shape (n,)
        Tile (i, j) is number i S + j.
    records : Records
    trained : Trained, changed
    rate : float32
    log_max, alpha : float32
        log x_max, and the exponent of f.
    shifted : bool
        log(1 + X_ij) stands in the error where log X_ij does; f is the same.
    losses : float64 array of shape (S^2,), written
        Summed loss of each tile, each record's before its own step.
    """
    starts, rows, columns, logs, n_stripes = records
    inputs, outputs, input_biases, output_biases, tied = trained
    for tile in tiles:
        row_stripe, column_stripe = tile // n_stripes, tile % n_stripes
        total = 0.0
        for record in range(starts[tile], starts[tile + 1]):
            i = int64(rows[record]) * n_stripes + row_stripe
            j = int64(columns[record]) * n_stripes + column_stripe
            w, c = inputs[i, 0], outputs[j, 0]
            target = logs[record]
            if shifted:
                target = np.log(float32(1.0) + np.exp(target))
            error = input_biases[i, 0] + output_biases[j, 0] - target
            dot = float32(0.0)
            for k in range(len(w)):
                dot += w[k] * c[k]
            error += dot
            weight = float32(1.0)
            if logs[record] < log_max:
                weight = np.exp(alpha * (logs[record] - log_max))
            slope = weight * error
            total += _HALF * slope * error
            if tied and i == j:
                _step_same(w, inputs[i, 1], rate * slope)
                _step_bias(input_biases[i], slope + slope)
                continue
            _step(w, inputs[i, 1], c, outputs[j, 1], rate * slope)
            _step_bias(input_biases[i], slope)
            _step_bias(output_biases[j], slope)
        losses[tile] = total


@compiled(fastmath=_FAST, error_model="numpy", inline="always")
def _step(
    w: NDArray[np.float32],
    w_sum: NDArray[np.float32],
    c: NDArray[np.float32],
    c_sum: NDArray[np.float32],
    slope: float,
) -> None:
    """Both vectors of a record; ``slope`` is the rate times the loss's slope in the error."""
    for k in range(len(w)):
        old_w, old_c, sum_w, sum_c = w[k], c[k], w_sum[k], c_sum[k]
        step_w, step_c = slope * old_c, slope * old_w
        w[k] = old_w - step_w / np.sqrt(sum_w)
        c[k] = old_c - step_c / np.sqrt(sum_c)
        w_sum[k] = sum_w + step_w * step_w
        c_sum[k] = sum_c + step_c * step_c


@compiled(fastmath=_FAST, error_model="numpy")
def _step_same(w: NDArray[np.float32], w_sum: NDArray[np.float32], slope: float) -> None:
    """One vector in both roles: the gradient of w . w is 2 w."""
    for k in range(len(w)):
        step_w = (slope + slope) * w[k]
        w[k] -= step_w / np.sqrt(w_sum[k])
        w_sum[k] += step_w * step_w


@compiled(fastmath=_FAST, error_model="numpy", inline="always")
def _step_bias(bias: NDArray[np.float32], slope: float) -> None:
    bias[0] -= slope / np.sqrt(bias[1])
    bias[1] += slope * slope
