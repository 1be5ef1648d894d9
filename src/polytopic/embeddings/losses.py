"""What a prediction costs: negative sampling, the exact softmax, or a walk down a Huffman tree.

Each loss names the matrices it trains, starts them, lets them grow by new words, and lays out what
its kernels take after the windows.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.kernels.arguments import Matrices, Noise, Tree
from polytopic.embeddings.kernels.huffman import huffman_paths
from polytopic.embeddings.kernels.negatives import alias_table

__all__ = ["LOSSES", "HierarchicalSoftmax", "Loss", "NegativeSampling", "Softmax"]

Arrays = dict[str, NDArray[Any]]

_OF_NOISE = {"shared": (), "separate": ("negative",), "both": ("negative", "noise_input")}
"""Matrices of the noise words alone."""

_OF_WORDS = ("input", "output", *_OF_NOISE["both"])
"""Matrices of a row a word."""


@dataclass(frozen=True)
class Loss(ABC):
    """Settings of a loss. ``tied``: one matrix serves for both roles of a word."""

    dim: int
    tied: bool
    seed: int

    trained: ClassVar[tuple[str, ...]]
    """Names of the matrices that the kernels change."""

    @abstractmethod
    def start(self, counts: NDArray[np.int64]) -> Arrays:
        """The arrays before the first step."""

    @abstractmethod
    def grow(self, arrays: Arrays, counts: NDArray[np.int64]) -> Arrays:
        """Copies with rows for the words that are new; the others stay as they are."""

    @abstractmethod
    def arguments(self, arrays: Arrays, counts: NDArray[np.int64]) -> tuple[Any, ...]:
        """What the kernels take between the windows and the learning rate."""

    @abstractmethod
    def untrained(self, arrays: Arrays, counts: NDArray[np.int64]) -> float:
        """The mean loss a pair, in nats, while all scores are zero."""

    def random_rows(self, first: int, last: int) -> NDArray[np.float32]:
        """Input rows ``first`` to ``last``, uniform on +-1/E as in gensim 4."""
        rng = np.random.default_rng([self.seed, first])
        drawn = rng.random((last - first, self.dim), dtype=np.float32)
        drawn -= np.float32(0.5)
        drawn /= np.float32(0.5 * self.dim)
        return drawn

    def fixed_rows(self, first: int, last: int) -> NDArray[np.float32]:
        """Output rows ``first`` to ``last`` that are not trained: normal, scaled to length one.

        Input rows then learn their neighbours as in random indexing (Kanerva, Kristoferson & Holst,
        CogSci 2000): sums of random vectors, one a word.
        """
        rng = np.random.default_rng([self.seed, first, 1])
        drawn = rng.standard_normal((last - first, self.dim), dtype=np.float32)
        drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
        return drawn

    def zero_rows(self, n: int) -> NDArray[np.float32]:
        """Rows of the matrices on the predicting side."""
        return np.zeros((n, self.dim), dtype=np.float32)

    def new_rows(self, name: str, first: int, last: int) -> NDArray[np.float32]:
        """Rows ``first`` to ``last`` of a matrix of a row a word, before the first step."""
        return self.random_rows(first, last) if name == "input" else self.zero_rows(last - first)

    def _both(self, n_words: int) -> Arrays:
        names = ("input",) if self.tied else ("input", "output")
        return {name: self.new_rows(name, 0, n_words) for name in names}

    def _grown(self, arrays: Arrays, n_words: int) -> Arrays:
        """The matrices of a row a word, longer."""
        grown = dict(arrays)
        for name in _OF_WORDS:
            if name in arrays:
                new = self.new_rows(name, len(arrays[name]), n_words)
                grown[name] = np.concatenate([arrays[name], new])
        return grown


@dataclass(frozen=True)
class NegativeSampling(Loss):
    """-log s(x . u_w) - sum_i log s(-x . u_i), i drawn from the noise (Mikolov et al. 2013, eq. 4).

    ``negatives``: "shared", or with "separate" the noise words have rows of their own; with "both"
    there are as many in place of the contexts, -sum_i log s(-m_i . u_w), with rows m of their own.
    ``learns``: output rows are trained too; else they are drawn, and stay.
    """

    negative: int
    ns_exponent: float
    negatives: str = "shared"
    learns: bool = True

    trained: ClassVar[tuple[str, ...]] = _OF_WORDS

    def new_rows(self, name: str, first: int, last: int) -> NDArray[np.float32]:
        if name == "output" and not self.learns:
            return self.fixed_rows(first, last)
        return super().new_rows(name, first, last)

    def start(self, counts: NDArray[np.int64]) -> Arrays:
        arrays = self._both(len(counts))
        for name in _OF_NOISE[self.negatives]:
            arrays[name] = self.new_rows(name, 0, len(counts))
        return arrays

    def grow(self, arrays: Arrays, counts: NDArray[np.int64]) -> Arrays:
        return self._grown(arrays, len(counts))

    def arguments(self, arrays: Arrays, counts: NDArray[np.int64]) -> tuple[Any, ...]:
        inputs = arrays["input"]
        outputs = arrays.get("output", inputs)
        noise = arrays.get("negative", outputs)
        drawn = Noise(self.negative, alias_table(counts, self.ns_exponent))
        return drawn, Matrices(inputs, outputs, noise), arrays.get("noise_input")

    def untrained(self, arrays: Arrays, counts: NDArray[np.int64]) -> float:
        sides = 2 if self.negatives == "both" else 1
        return (1 + sides * self.negative) * math.log(2)


@dataclass(frozen=True)
class Softmax(Loss):
    """-log softmax(U x)_w over all V words: exact, and V times the work of one prediction."""

    trained: ClassVar[tuple[str, ...]] = ("input", "output")

    def start(self, counts: NDArray[np.int64]) -> Arrays:
        return self._both(len(counts))

    def grow(self, arrays: Arrays, counts: NDArray[np.int64]) -> Arrays:
        return self._grown(arrays, len(counts))

    def arguments(self, arrays: Arrays, counts: NDArray[np.int64]) -> tuple[Any, ...]:
        return arrays["input"], arrays.get("output", arrays["input"])

    def untrained(self, arrays: Arrays, counts: NDArray[np.int64]) -> float:
        return math.log(len(counts))


@dataclass(frozen=True)
class HierarchicalSoftmax(Loss):
    """-sum log s(+-x . u_node) down the word's path in a Huffman tree (Mikolov et al. 2013, eq. 3).

    The predicting side holds a row for each of the V - 1 inner nodes, none for the words.
    """

    trained: ClassVar[tuple[str, ...]] = ("input", "nodes")

    def start(self, counts: NDArray[np.int64]) -> Arrays:
        starts, points, codes = huffman_paths(counts)
        return {
            "input": self.random_rows(0, len(counts)),
            "nodes": self.zero_rows(max(len(counts) - 1, 1)),
            "starts": starts,
            "points": points,
            "codes": codes,
        }

    def grow(self, arrays: Arrays, counts: NDArray[np.int64]) -> Arrays:
        n_old = len(arrays["input"])
        grown = self._grown(arrays, len(counts))
        if len(counts) > n_old:
            tree = _joined_trees(arrays, huffman_paths(counts[n_old:]), n_old)
            new_nodes = self.zero_rows(len(counts) - 1 - (n_old - 1))
            grown |= {**tree, "nodes": np.concatenate([arrays["nodes"][: n_old - 1], new_nodes])}
        return grown

    def arguments(self, arrays: Arrays, counts: NDArray[np.int64]) -> tuple[Any, ...]:
        tree = Tree(*(arrays[name] for name in Tree._fields))
        return tree, arrays["input"], arrays["nodes"]

    def untrained(self, arrays: Arrays, counts: NDArray[np.int64]) -> float:
        lengths = np.diff(arrays["starts"])
        return float(np.average(lengths, weights=np.maximum(counts, 1))) * math.log(2)


def _joined_trees(old: Arrays, new: tuple[NDArray[Any], ...], n_old: int) -> Arrays:
    """Both trees under a new root, so that the rows of the old inner nodes keep their meaning.

    The root is node ``n_old - 1``; the inner nodes of the new tree follow it.
    """
    root = n_old - 1
    starts, points, codes = new
    old_lengths, new_lengths = np.diff(old["starts"]), np.diff(starts)
    lengths = np.concatenate([old_lengths, new_lengths]) + 1
    joined = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=joined[1:])
    first = joined[:-1]
    rest = np.ones(joined[-1], dtype=bool)
    rest[first] = False
    all_points = np.full(joined[-1], root, dtype=points.dtype)
    all_points[rest] = np.concatenate([old["points"], points + points.dtype.type(root + 1)])
    all_codes = np.zeros(joined[-1], dtype=codes.dtype)
    all_codes[rest] = np.concatenate([old["codes"], codes])
    all_codes[first[len(old_lengths) :]] = 1
    return {"starts": joined, "points": all_points, "codes": all_codes}


LOSSES: dict[str, type[Loss]] = {
    "negative": NegativeSampling,
    "softmax": Softmax,
    "hierarchical": HierarchicalSoftmax,
}
