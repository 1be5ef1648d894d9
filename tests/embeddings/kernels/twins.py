"""Plain Python and NumPy twins of what the kernels share: draws, windows, a small block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.kernels.arguments import Chosen, Sampling, Table, Windows
from polytopic.embeddings.kernels.negatives import alias_table

ALL = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
KEY = np.uint64(20240607)
USUAL = Sampling(outside=False, learns=True, noise_inputs=np.zeros((0, 1), np.float32))


def mixed(z: int) -> int:
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & ALL
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & ALL
    return z ^ (z >> 31)


class Draws:
    """The stream of one centre (SplitMix64)."""

    def __init__(self, position: int, other: int = 0) -> None:
        self.position = position
        self.state = mixed(int(KEY) ^ other ^ mixed((position * GOLDEN + GOLDEN) & ALL))

    def bits(self) -> int:
        self.state = (self.state + GOLDEN) & ALL
        return mixed(self.state)

    def reach(self, window: int) -> int:
        return 1 + (((self.bits() >> 32) * window) >> 32)

    def word(self, table: Table) -> int:
        first, second, threshold = table
        bits = self.bits()
        column = ((bits >> 32) * len(first)) >> 32
        return int((first if (bits & 0xFFFFFFFF) < int(threshold[column]) else second)[column])


@dataclass
class Block:
    """Tokens of four sentences, one of a single word, one empty, and the settings of a window."""

    window: int = 3
    shrink: bool = True
    left: bool = True
    right: bool = True
    low: int = 2
    high: int = 27
    n_words: int = 11
    ids: NDArray[np.int32] = field(init=False)
    where: NDArray[np.int64] = field(init=False)
    sentences: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        generator = np.random.default_rng(5)
        self.ids = generator.integers(0, self.n_words, 29).astype(np.int32)
        self.where = np.cumsum(generator.integers(1, 4, 29)).astype(np.int64) + (1 << 33)
        self.sentences = np.array([0, 12, 13, 13, 29, -1], np.int64)
        self.table = alias_table(np.arange(1, self.n_words + 1), 0.75)

    def arguments(self) -> tuple[object, ...]:
        """What every kernel takes first."""
        chosen = Chosen(self.ids, self.where, self.sentences, 4, self.low, self.high)
        return chosen, KEY, Windows(self.window, self.shrink, self.left, self.right)

    def centres(self) -> Iterator[tuple[int, list[int], Draws]]:
        """Word, context words and draws of each centre that has contexts."""
        for start, stop in zip(self.sentences[:4], self.sentences[1:5], strict=True):
            for centre in range(max(self.low, int(start)), min(self.high, int(stop))):
                draws = Draws(int(self.where[centre]))
                reach = draws.reach(self.window) if self.shrink else self.window
                begin = max(int(start), centre - reach) if self.left else centre
                end = min(int(stop), centre + reach + 1) if self.right else centre + 1
                contexts = [int(self.ids[p]) for p in range(begin, end) if p != centre]
                if contexts:
                    yield int(self.ids[centre]), contexts, draws


BLOCKS = {
    "shrunk": Block(),
    "whole": Block(shrink=False),
    "left": Block(right=False),
    "right": Block(left=False, shrink=False, window=5),
    "wide": Block(window=40),
}


def matrices(n: int, n_words: int, dim: int) -> list[NDArray[np.float32]]:
    """``n`` matrices of vectors of moderate size."""
    generator = np.random.default_rng(dim)
    return [(generator.normal(size=(n_words, dim)) * 0.7).astype(np.float32) for _ in range(n)]


def sigmoid(z: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-z))


Step = Callable[[NDArray[np.float64], int, Draws], tuple[NDArray[np.float64], float]]
"""Contexts (n, E), word and draws -> what the contexts gain, and the loss; updates its matrices."""


def train_skipgram(block: Block, inputs: NDArray[np.float64], step: Step) -> tuple[float, int]:
    """Loss and pairs; each context is an example of its own, all of a centre at once."""
    loss, pairs = 0.0, 0
    for word, contexts, draws in block.centres():
        gain, surprise = step(inputs[contexts], word, draws)
        np.add.at(inputs, contexts, gain)
        loss += surprise
        pairs += len(contexts)
    return loss, pairs


def train_cbow(
    block: Block, inputs: NDArray[np.float64], step: Step, average: bool, divide: bool
) -> tuple[float, int]:
    """Loss and centres; the contexts of a centre are one example."""
    loss, pairs = 0.0, 0
    for word, contexts, draws in block.centres():
        total = inputs[contexts].sum(0, keepdims=True)
        gain, surprise = step(total / len(contexts) if average else total, word, draws)
        np.add.at(inputs, contexts, gain / len(contexts) if divide else gain)
        loss += surprise
        pairs += 1
    return loss, pairs


def slopes_by_differences(
    loss: Callable[[], float], matrix: NDArray[np.float32], width: float = 0.02
) -> NDArray[np.float64]:
    """Central differences of ``loss`` by each entry of ``matrix``."""
    slopes = np.empty(matrix.shape)
    for place in np.ndindex(matrix.shape):
        kept = matrix[place]
        matrix[place] = kept + width
        above, high = loss(), float(matrix[place])
        matrix[place] = kept - width
        below, low = loss(), float(matrix[place])
        matrix[place] = kept
        slopes[place] = (above - below) / (high - low)
    return slopes


def chain(n_words: int, length: int) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """A Markov chain, and how often each word (column) followed each word (row) in it."""
    generator = np.random.default_rng(11)
    moves = generator.dirichlet(np.full(n_words, 2.0), n_words) * 0.8 + 0.2 / n_words
    bounds = moves.cumsum(1)
    tokens = np.zeros(length, np.int32)
    for place, uniform in enumerate(generator.random(length - 1)):
        tokens[place + 1] = min(np.searchsorted(bounds[tokens[place]], uniform), n_words - 1)
    counts = np.zeros((n_words, n_words))
    np.add.at(counts, (tokens[:-1], tokens[1:]), 1.0)
    return tokens, counts


def bigrams(tokens: NDArray[np.int32], epoch: int) -> tuple[object, ...]:
    """What every kernel takes first, so that the only context of a word is the word before it."""
    where = np.arange(len(tokens), dtype=np.int64)
    sentences = np.array([0, len(tokens)], np.int64)
    key = np.uint64(mixed(epoch))
    chosen = Chosen(tokens, where, sentences, 1, 0, len(tokens))
    return chosen, key, Windows(1, shrink=False, left=True, right=False)
