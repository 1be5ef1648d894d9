"""What threads divide between them without a change of bits: first rows drawn, texts averaged."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.kernels.documents import mean_rows

__all__ = ["by_shares", "means_of_texts", "uniform_rows"]

_AT_ONCE = 1 << 16
"""Numbers drawn, then scaled while they lie in the processor's own cache: 256 KB."""

_SHARES = 4
"""Shares of the work for each thread, so that one that is held up holds up little."""


def uniform_rows(
    rng: np.random.Generator, n_rows: int, dim: int, n_threads: int
) -> NDArray[np.float32]:
    """Rows uniform on +-1/E, as fastText draws them, shape (n_rows, E).

    The numbers are those of one ``rng.random`` for the whole, which ``rng`` has drawn afterwards,
    whatever ``n_threads``: each share begins where the generator would be by then.

    Parameters
    ----------
    rng : Generator
        Of PCG64, of which no odd number of float32 was drawn.
    """
    rows = np.empty(n_rows * dim, dtype=np.float32)
    state: Any = rng.bit_generator.state

    def draw(bounds: tuple[int, int]) -> None:
        bits = np.random.PCG64(0)
        bits.state = state
        bits.advance(bounds[0] // 2)  # a step gives two float32
        own = np.random.Generator(bits)
        for first in range(*bounds, _AT_ONCE):
            part = rows[first : min(first + _AT_ONCE, bounds[1])]
            own.random(dtype=np.float32, out=part)
            part -= np.float32(0.5)
            part *= np.float32(2.0 / dim)

    by_shares(draw, len(rows), n_threads, even=True)
    whole: Any = rng.bit_generator
    whole.advance(len(rows) // 2)
    if len(rows) % 2:
        rng.random(dtype=np.float32)
    return rows.reshape(n_rows, dim)


def means_of_texts(
    bounds: NDArray[np.int64], rows: NDArray[np.int32], matrix: NDArray[np.float32], n_threads: int
) -> NDArray[np.float32]:
    """The mean of the rows of each of D texts, shape (D, E); zeros for a text without any."""
    means = np.empty((len(bounds) - 1, matrix.shape[1]), dtype=np.float32)

    def average(texts: tuple[int, int]) -> None:
        mean_rows(rows, bounds, matrix, *texts, means)

    by_shares(average, len(means), n_threads)
    return means


def by_shares(work: Any, n: int, n_threads: int, *, even: bool = False) -> None:
    """Call ``work((first, last))`` for shares of ``n`` things, each begun at an even one if so."""
    cuts = np.linspace(0, n, _SHARES * n_threads + 1).astype(np.int64)
    if even:
        cuts[1:-1] -= cuts[1:-1] % 2
    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(work, pairwise(cuts.tolist())))
