"""What the kernels of word vectors take, in named tuples: numba passes them as their parts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Bag", "Chosen", "Found", "Matrices", "Noise", "Piece", "Sampling", "Table", "Tree", "Windows",
]  # fmt: skip


class Piece(NamedTuple):
    """A piece of the stream, whose first token stands at ``position`` of the whole corpus.

    ``bounds`` (S+1,): sentence s is ``tokens[bounds[s]:bounds[s + 1]]``; the first is 0, the last
    the length. Negative tokens are words outside the vocabulary.
    """

    tokens: NDArray[np.int32]
    bounds: NDArray[np.int64]
    position: int


class Found(NamedTuple):
    """Room for what is kept of a block: ``ids`` and ``where`` (n,), ``sentences`` (S+1,)."""

    ids: NDArray[np.int32]
    where: NDArray[np.int64]
    sentences: NDArray[np.int64]

    @classmethod
    def of(cls, n_tokens: int, n_bounds: int) -> Found:
        """Room for so many tokens and bounds of sentences."""
        return cls(
            np.empty(n_tokens, np.int32), np.empty(n_tokens, np.int64), np.empty(n_bounds, np.int64)
        )


class Chosen(NamedTuple):
    """What is left of a block after subsampling, of :func:`~.subsampling.select`.

    ``ids`` (n,) and ``where`` (n,): the kept tokens and their places in the whole corpus;
    ``sentences``: bounds of ``n_sentences`` sentences; the centres are ``ids[low:high]``.
    """

    ids: NDArray[np.int32]
    where: NDArray[np.int64]
    sentences: NDArray[np.int64]
    n_sentences: int
    low: int
    high: int


class Windows(NamedTuple):
    """Contexts stand at most ``reach`` from the centre, on the sides that are said.

    ``shrink``: draw each centre's reach evenly from 1 to ``reach``.
    """

    reach: int
    shrink: bool
    left: bool
    right: bool


class Table(NamedTuple):
    """An alias table over V entries, of :func:`~.negatives.weighted_table`."""

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    threshold: NDArray[np.uint64]


class Noise(NamedTuple):
    """``negative`` noise words a centre, drawn by ``table``."""

    negative: int
    table: Table


class Matrices(NamedTuple):
    """Float32, each of shape (V, E), rows contiguous; they may be one and the same."""

    inputs: NDArray[np.float32]
    outputs: NDArray[np.float32]
    noise: NDArray[np.float32]


class Sampling(NamedTuple):
    """What noise words may be, and what is moved.

    ``outside``: noise words that stand in the window are left out, not the centre alone;
    ``learns``: the rows of outputs and noise are moved too, not those of inputs alone;
    ``noise_inputs``: rows, shape (V, E), of noise words in place of contexts, which the centre's
    output row is pushed from; none, shape (0, E): there are no such words.
    """

    outside: bool
    learns: bool
    noise_inputs: NDArray[np.float32]


class Tree(NamedTuple):
    """The words' paths in a Huffman tree, of :func:`~.huffman.huffman_paths`."""

    starts: NDArray[np.int64]
    points: NDArray[np.int32]
    codes: NDArray[np.uint8]


class Bag(NamedTuple):
    """CBOW: whether contexts are averaged, not summed; whether they share their gradient out."""

    average: bool
    divide: bool
