"""The paper's AdaGrad as plainly as it can be said: double precision, numba, no locks."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
from numba import njit

__all__ = ["train"]


def train(
    matrix: Any,
    *,
    dim: int,
    epochs: int,
    rate: float,
    x_max: float,
    alpha: float,
    n_threads: int,
    seed: int,
) -> tuple[dict[str, float], Any, Any]:
    """Seconds and loss, and both matrices as float32, of passes over shuffled records (COO)."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(matrix.nnz)
    records = matrix.row[order], matrix.col[order], matrix.data[order].astype(np.float64)
    w, c = (rng.random((2, matrix.shape[0], dim + 1)) - 0.5) / dim
    sums = np.ones((2, matrix.shape[0], dim + 1))
    numbers = (rate, x_max, alpha)
    epoch(*(part[:1] for part in records), w.copy(), c.copy(), *sums.copy(), *numbers)
    cuts = np.linspace(0, matrix.nnz, n_threads + 1).astype(np.int64)
    pieces = [[part[a:b] for part in records] for a, b in pairwise(cuts)]
    started, processor = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(n_threads) as pool:
        for _ in range(epochs):
            parts = [pool.submit(epoch, *piece, w, c, *sums, *numbers) for piece in pieces]
            losses = [part.result() for part in parts]
    figures = {
        "seconds": time.perf_counter() - started,
        "processor": time.process_time() - processor,
        "loss": sum(losses) / matrix.nnz,
    }
    return figures, w[:, :-1].astype(np.float32), c[:, :-1].astype(np.float32)


@njit(nogil=True, error_model="numpy")
def epoch(  # type: ignore[no-untyped-def]
    rows, columns, values, w, c, w_sums, c_sums, rate, x_max, alpha
):
    total = 0.0
    dim = w.shape[1] - 1
    for record in range(len(rows)):
        i, j, x = rows[record], columns[record], values[record]
        error = w[i, dim] + c[j, dim] - np.log(x)
        for k in range(dim):
            error += w[i, k] * c[j, k]
        slope = error if x > x_max else (x / x_max) ** alpha * error
        total += 0.5 * slope * error
        slope *= rate
        for k in range(dim + 1):
            step_w = slope * (c[j, k] if k < dim else 1.0)
            step_c = slope * (w[i, k] if k < dim else 1.0)
            w[i, k] -= step_w / np.sqrt(w_sums[i, k])
            c[j, k] -= step_c / np.sqrt(c_sums[j, k])
            w_sums[i, k] += step_w * step_w
            c_sums[j, k] += step_c * step_c
    return total
