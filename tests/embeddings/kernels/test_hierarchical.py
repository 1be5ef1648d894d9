"""Hierarchical softmax against a plain twin, finite differences and the table it must learn."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from twins import (
    BLOCKS,
    Block,
    Draws,
    Step,
    bigrams,
    chain,
    matrices,
    sigmoid,
    slopes_by_differences,
    train_cbow,
    train_skipgram,
)

from polytopic.embeddings.kernels.arguments import Bag, Tree
from polytopic.embeddings.kernels.hierarchical import cbow_hierarchical, skipgram_hierarchical
from polytopic.embeddings.kernels.huffman import huffman_paths

RATE = np.float32(0.05)
Matrix = NDArray[np.float64]
Trained = list[NDArray[np.float32]]
TREE = huffman_paths(np.arange(1, 12) ** 2)


def skipgram(block: Block, trained: Trained, rate: np.float32 = RATE) -> NDArray[np.float64]:
    totals = np.zeros(2)
    skipgram_hierarchical(*block.arguments(), TREE, *trained, rate, totals)
    return totals


def cbow(
    block: Block, trained: Trained, average: bool, divide: bool, rate: np.float32 = RATE
) -> NDArray[np.float64]:
    totals = np.zeros(2)
    cbow_hierarchical(*block.arguments(), TREE, *trained, rate, totals, Bag(average, divide))
    return totals


def path_step(nodes: Matrix) -> Step:
    starts, points, codes = TREE

    def step(x: Matrix, word: int, draws: Draws) -> tuple[Matrix, float]:
        path = slice(starts[word], starts[word + 1])
        signs = 1.0 - 2.0 * codes[path]
        met = nodes[points[path]]
        right = sigmoid(signs * (x @ met.T))
        slopes = RATE * signs * (1.0 - right)
        nodes[points[path]] += slopes.T @ x
        return slopes @ met, float(-np.log(right).sum())

    return step


def same(got: Trained, wanted: list[Matrix]) -> bool:
    return all(np.allclose(a, b, rtol=2e-6, atol=2e-6) for a, b in zip(got, wanted, strict=True))


@pytest.mark.parametrize("dim", [1, 3, 16, 20, 37])
@pytest.mark.parametrize("name", BLOCKS)
def test_skipgram_as_its_twin(name: str, dim: int) -> None:
    trained = matrices(2, 11, dim)
    plain = [matrix.astype(np.float64) for matrix in trained]
    expected = train_skipgram(BLOCKS[name], plain[0], path_step(plain[1]))
    assert skipgram(BLOCKS[name], trained) == pytest.approx(expected, rel=1e-6)
    assert same(trained, plain)


@pytest.mark.parametrize("average", [True, False])
@pytest.mark.parametrize("divide", [True, False])
@pytest.mark.parametrize("name", BLOCKS)
def test_cbow_as_its_twin(name: str, average: bool, divide: bool) -> None:
    trained = matrices(2, 11, 20)
    plain = [matrix.astype(np.float64) for matrix in trained]
    expected = train_cbow(BLOCKS[name], plain[0], path_step(plain[1]), average, divide)
    assert cbow(BLOCKS[name], trained, average, divide) == pytest.approx(expected, rel=1e-6)
    assert same(trained, plain)


@pytest.mark.parametrize("kind", ["skipgram", "mean", "sum"])
def test_steps_are_the_gradient_of_the_reported_loss(kind: str) -> None:
    centre = Block(low=5, high=6, shrink=False)
    trained = matrices(2, 11, 4)

    def run(rate: float) -> float:
        step = np.float32(rate)
        if kind == "skipgram":
            return float(skipgram(centre, trained, step)[0])
        return float(cbow(centre, trained, kind == "mean", kind == "mean", step)[0])

    wanted = [slopes_by_differences(lambda: run(0.0), matrix) for matrix in trained]
    before = [matrix.copy() for matrix in trained]
    run(1.0)
    for old, new, slope in zip(before, trained, wanted, strict=True):
        assert np.abs(slope).max() > 0.1
        assert np.allclose(old - new, slope, atol=5e-4)


def test_learns_the_conditional_probabilities() -> None:
    """With all rows free (E = V) the optimum is p(word | context) as counted."""
    n_words = 6
    tokens, counts = chain(n_words, 20_000)
    starts, points, codes = huffman_paths(np.bincount(tokens, minlength=n_words))
    inputs, nodes = matrices(2, n_words, n_words)
    for epoch in range(100):
        rate = np.float32(0.05 * (1.0 - epoch / 100.0))
        totals = np.zeros(2)
        skipgram_hierarchical(
            *bigrams(tokens, epoch), Tree(starts, points, codes), inputs, nodes[:-1], rate, totals
        )
    signs = 1.0 - 2.0 * codes
    logs = np.log(sigmoid(signs * (inputs.astype(np.float64) @ nodes[points].T)))
    learned = np.exp(np.add.reduceat(logs, starts[:-1], axis=1))
    share = counts / counts.sum(1, keepdims=True)
    assert np.abs(learned - share).max() < 0.01
    entropy = -(counts * np.log(share)).sum() / counts.sum()
    assert totals[0] / totals[1] == pytest.approx(entropy, abs=1e-3)


def test_a_vocabulary_of_one_word_is_certain() -> None:
    block = Block(n_words=1)
    inputs, nodes = np.ones((1, 4), np.float32), np.empty((0, 4), np.float32)
    totals = np.zeros(2)
    tree = huffman_paths(np.array([29]))
    skipgram_hierarchical(*block.arguments(), tree, inputs, nodes, RATE, totals)
    assert totals[0] == 0.0
    assert totals[1] > 0
    assert np.all(inputs == 1.0)
