"""The exact softmax against a plain twin, finite differences, and the sampled objective."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax
from twins import (
    BLOCKS,
    USUAL,
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

from polytopic.embeddings.kernels.arguments import Bag, Matrices, Noise
from polytopic.embeddings.kernels.cbow import cbow_negative
from polytopic.embeddings.kernels.negatives import alias_table
from polytopic.embeddings.kernels.softmax import cbow_softmax, skipgram_softmax

RATE = np.float32(0.05)
Matrix = NDArray[np.float64]
Trained = list[NDArray[np.float32]]


def skipgram(block: Block, trained: Trained, rate: np.float32 = RATE) -> NDArray[np.float64]:
    totals = np.zeros(2)
    skipgram_softmax(*block.arguments(), *trained, rate, totals)
    return totals


def cbow(
    block: Block, trained: Trained, average: bool, divide: bool, rate: np.float32 = RATE
) -> NDArray[np.float64]:
    totals = np.zeros(2)
    cbow_softmax(*block.arguments(), *trained, rate, totals, Bag(average, divide))
    return totals


def softmax_step(outputs: Matrix) -> Step:
    def step(x: Matrix, word: int, draws: Draws) -> tuple[Matrix, float]:
        logs = log_softmax(x @ outputs.T, axis=1)
        slopes = -RATE * np.exp(logs)
        slopes[:, word] += RATE
        gain = slopes @ outputs
        outputs[:] += slopes.T @ x
        return gain, float(-logs[:, word].sum())

    return step


def copied(trained: Trained) -> list[Matrix]:
    copies = {id(matrix): matrix.astype(np.float64) for matrix in trained}
    return [copies[id(matrix)] for matrix in trained]


def same(got: Trained, wanted: list[Matrix]) -> bool:
    return all(np.allclose(a, b, rtol=3e-6, atol=3e-6) for a, b in zip(got, wanted, strict=True))


@pytest.mark.parametrize("dim", [1, 3, 16, 20, 37])
@pytest.mark.parametrize("name", BLOCKS)
def test_skipgram_as_its_twin(name: str, dim: int) -> None:
    trained = matrices(2, 11, dim)
    plain = copied(trained)
    expected = train_skipgram(BLOCKS[name], plain[0], softmax_step(plain[1]))
    assert skipgram(BLOCKS[name], trained) == pytest.approx(expected, rel=1e-6)
    assert same(trained, plain)


@pytest.mark.parametrize("average", [True, False])
@pytest.mark.parametrize("divide", [True, False])
@pytest.mark.parametrize("name", BLOCKS)
def test_cbow_as_its_twin(name: str, average: bool, divide: bool) -> None:
    trained = matrices(2, 11, 20)
    plain = copied(trained)
    expected = train_cbow(BLOCKS[name], plain[0], softmax_step(plain[1]), average, divide)
    assert cbow(BLOCKS[name], trained, average, divide) == pytest.approx(expected, rel=1e-6)
    assert same(trained, plain)


@pytest.mark.parametrize("kind", ["skipgram", "cbow"])
def test_one_matrix_for_both_roles(kind: str) -> None:
    trained = matrices(1, 11, 20) * 2
    plain = copied(trained)
    block, step = BLOCKS["whole"], softmax_step(plain[1])
    if kind == "skipgram":
        expected = train_skipgram(block, plain[0], step)
        got = skipgram(block, trained)
    else:
        expected = train_cbow(block, plain[0], step, True, True)
        got = cbow(block, trained, True, True)
    assert got == pytest.approx(expected, rel=1e-6)
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


def test_large_scores_overflow_nothing() -> None:
    block = Block(low=5, high=6, window=1, shrink=False)
    inputs = np.full((11, 16), 50.0, np.float32)
    outputs = np.full((11, 16), 50.0, np.float32)
    outputs[block.ids[5]] = -50.0
    loss, pairs = skipgram(block, [inputs, outputs])
    assert loss / pairs == pytest.approx(80_000.0 + np.log(10.0), rel=1e-7)
    assert np.isfinite(inputs).all()


def test_learns_the_conditional_probabilities_as_does_sampling() -> None:
    """With all rows free (E = V) softmax(outputs x) is p(word | context) as counted.

    Negative sampling with the corpus' own frequencies reaches the same table: sigma(output . x
    + log(k p(word))) is p(word | context) (Mnih & Kavukcuoglu, NeurIPS 2013), here exactly, since
    a negative equal to the centre is left out.
    """
    n_words, negative, epochs = 6, 20, 100
    tokens, counts = chain(n_words, 20_000)
    totals = np.bincount(tokens[1:], minlength=n_words)
    table = alias_table(totals, 1.0)
    exact, sampled = matrices(2, n_words, n_words), matrices(2, n_words, n_words)
    for epoch in range(epochs):
        rate = np.float32(0.05 * (1.0 - epoch / epochs))
        start = bigrams(tokens, epoch)
        sums = np.zeros(2)
        skipgram_softmax(*start, *exact, rate, sums)
        matrix = sampled[1]
        cbow_negative(
            *start,
            Noise(negative, table),
            Matrices(sampled[0], matrix, matrix),
            rate,
            np.zeros(2),
            Bag(average=True, divide=True),
            USUAL,
        )
    share = counts / counts.sum(1, keepdims=True)
    learned = softmax(exact[0].astype(np.float64) @ exact[1].T, axis=1)
    assert np.abs(learned - share).max() < 0.01
    entropy = -(counts * np.log(share)).sum() / counts.sum()
    assert sums[0] / sums[1] == pytest.approx(entropy, abs=1e-3)
    scores = sampled[0].astype(np.float64) @ sampled[1].T
    other = sigmoid(scores + np.log(negative * totals / totals.sum()))
    assert np.abs(other - learned).max() < 0.015
    assert np.array_equal(other.argmax(1), learned.argmax(1))
