"""Rows of words and n-grams: those that texts touch are kept, the others drawn when asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.kernels.pcg import draw_rows
from polytopic.embeddings.subwords.drawing import by_shares, uniform_rows

__all__ = ["DrawnRows"]

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]

_FEW = 8
"""Rows are numbered by sorting them up to one in so many of the matrix, else by a table of it; on
a matrix of two million the two take as long there."""


@dataclass(frozen=True)
class DrawnRows:
    """A matrix of shape (n_rows, E) of which ``values`` (n, E) are the rows ``kept``, rising.

    The others are what a generator in ``state`` (that of PCG64, as NumPy gives it) would have
    drawn for them: uniform on +-1/E. ``kept`` None: all rows are kept.
    """

    n_rows: int
    values: Floats
    kept: Numbers | None = None
    state: dict[str, int] | None = None

    @classmethod
    def drawn(
        cls, rng: np.random.Generator, n_rows: int, dim: int, rows: NDArray[np.int32],
        n_threads: int,
    ) -> tuple[Self, NDArray[np.int32]]:  # fmt: skip
        """First rows of which ``rows`` are kept, and the numbers of these among the kept.

        ``rng`` stands afterwards where it would if all had been drawn by
        :func:`~polytopic.embeddings.subwords.drawing.uniform_rows`.
        """
        given: Any = rng.bit_generator
        state = dict(given.state["state"])
        given.advance(n_rows * dim // 2)  # a step gives two float32
        if n_rows * dim % 2:
            rng.random(dtype=np.float32)
        kept, numbers = _numbered(rows, n_rows)
        values = _draw(state, kept, dim, n_threads)
        return cls(n_rows, values, kept, state), numbers

    def of(self, rows: NDArray[np.int32], n_threads: int) -> tuple[Floats, NDArray[np.int32]]:
        """A matrix that holds the rows asked for, and their numbers in it."""
        if self.kept is None or self.state is None:
            return self.values, rows
        asked, numbers = _numbered(rows, self.n_rows)
        places = np.minimum(np.searchsorted(self.kept, asked), max(len(self.kept) - 1, 0))
        held = self.kept[places] == asked if len(self.kept) else np.zeros(len(asked), np.bool_)
        matrix = np.empty((len(asked), self.values.shape[1]), np.float32)
        matrix[held] = self.values[places[held]]
        matrix[~held] = _draw(self.state, asked[~held], self.values.shape[1], n_threads)
        return matrix, numbers

    def whole(self, n_threads: int) -> Floats:
        """All rows, shape (n_rows, E)."""
        if self.kept is None or self.state is None:
            return self.values
        bits: Any = np.random.PCG64(0)
        bits.state = {**bits.state, "state": self.state}
        rows = uniform_rows(np.random.Generator(bits), self.n_rows, self.values.shape[1], n_threads)
        rows[self.kept] = self.values
        return rows


def _numbered(rows: NDArray[np.int32], n_rows: int) -> tuple[Numbers, NDArray[np.int32]]:
    """The distinct rows, rising, and the number of each row among them."""
    if len(rows) * _FEW < n_rows:
        distinct, numbers = np.unique(rows, return_inverse=True)
        return distinct.astype(np.int64), numbers.astype(np.int32)
    asked = np.zeros(n_rows, dtype=np.bool_)
    asked[rows] = True
    places = np.cumsum(asked, dtype=np.int32) - np.int32(1)
    return np.flatnonzero(asked), places[rows]


def _draw(state: dict[str, int], rows: Numbers, dim: int, n_threads: int) -> Floats:
    """First rows, shape (n, E), of rising numbers."""
    matrix = np.empty((len(rows), dim), dtype=np.float32)
    halves = [divmod(state[name], 1 << 64) for name in ("state", "inc")]
    words = np.array(halves, dtype=np.uint64).ravel()
    by_shares(lambda share: draw_rows(words, rows, *share, matrix), len(rows), n_threads)
    return matrix
