"""CBOW with negative sampling against a plain twin, finite differences and its closed form."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from twins import (
    BLOCKS,
    USUAL,
    Block,
    Draws,
    bigrams,
    chain,
    matrices,
    sigmoid,
    slopes_by_differences,
    train_cbow,
)

from polytopic.embeddings.kernels.arguments import Bag, Matrices, Noise, Sampling
from polytopic.embeddings.kernels.cbow import cbow_negative
from polytopic.embeddings.kernels.negatives import alias_table

INPUTS = 0xBB67AE8584CAA73B
"""Mixed into the key of the noise words in place of a bag."""

RATE = np.float32(0.05)
Matrix = NDArray[np.float64]


def run(
    block: Block,
    trained: list[NDArray[np.float32]],
    negative: int,
    rate: np.float32 = RATE,
    average: bool = True,
    divide: bool = True,
    sampling: Sampling = USUAL,
) -> NDArray[np.float64]:
    totals = np.zeros(2)
    cbow_negative(
        *block.arguments(), Noise(negative, block.table), Matrices(*trained), rate, totals,
        Bag(average, divide), sampling,
    )  # fmt: skip
    return totals


def twin(
    block: Block,
    trained: list[Matrix],
    negative: int,
    average: bool,
    divide: bool,
    sampling: Sampling = USUAL,
) -> tuple[float, int]:
    inputs, outputs, noise = trained
    windows = [(word, contexts, draws.position) for word, contexts, draws in block.centres()]
    windows.reverse()

    def step(x: Matrix, word: int, draws: Draws) -> tuple[Matrix, float]:
        drawn = [draws.word(block.table) for _ in range(negative)]
        _, contexts, position = windows.pop()
        barred = {word, *(contexts if sampling.outside else ())}
        others = [other for other in drawn if other not in barred]
        near, far = outputs[[word]].copy(), noise[others]
        up, down = sigmoid(near @ x[0]), sigmoid(far @ x[0])
        if sampling.learns:
            outputs[word] += RATE * (1.0 - up[0]) * x[0]
            np.add.at(noise, others, -RATE * down[:, None] * x[0])
        gain = RATE * ((1.0 - up) @ near - down @ far)
        loss = float(-np.log(up).sum() - np.log1p(-down).sum())
        if len(sampling.noise_inputs):
            loss += apart(word, contexts, Draws(position, INPUTS))
        return gain[None], loss

    def apart(word: int, contexts: list[int], draws: Draws) -> float:
        """Push the output row of the centre from noise words in place of its bag."""
        drawn = [draws.word(block.table) for _ in range(negative)]
        barred = {*contexts, *((word,) if sampling.outside else ())}
        ms = [other for other in drawn if other not in barred]
        near = outputs[word].copy()
        down = sigmoid(sampling.noise_inputs[ms] @ near)
        for other, slope in zip(ms, down, strict=True):  # a word may stand twice among them
            outputs[word] -= RATE * slope * sampling.noise_inputs[other]
            sampling.noise_inputs[other] -= RATE * slope * near
        return float(-np.log1p(-down).sum())

    return train_cbow(block, inputs, step, average, divide)


def agree(
    block: Block,
    trained: list[NDArray[np.float32]],
    negative: int = 5,
    average: bool = True,
    divide: bool = True,
    sampling: Sampling = USUAL,
) -> None:
    """Kernel and twin, from the same start; matrices that are one stay one."""
    copies: dict[int, Matrix] = {id(m): m.astype(np.float64) for m in trained}
    plain = [copies[id(matrix)] for matrix in trained]
    wide = sampling._replace(noise_inputs=sampling.noise_inputs.astype(np.float64))
    expected = twin(block, plain, negative, average, divide, wide)
    found = run(block, trained, negative, RATE, average, divide, sampling)
    assert found == pytest.approx(expected, rel=1e-6)
    assert np.allclose(sampling.noise_inputs, wide.noise_inputs, rtol=2e-6, atol=2e-6)
    for got, wanted in zip(trained, plain, strict=True):
        assert np.allclose(got, wanted, rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("name", BLOCKS)
def test_windows_as_in_the_twin(name: str) -> None:
    inputs, outputs = matrices(2, 11, 20)
    agree(BLOCKS[name], [inputs, outputs, outputs])


@pytest.mark.parametrize("dim", [1, 2, 3, 15, 16, 17, 31, 33, 64, 100, 131])
def test_any_dim(dim: int) -> None:
    inputs, outputs = matrices(2, 11, dim)
    agree(BLOCKS["shrunk"], [inputs, outputs, outputs])


@pytest.mark.parametrize("negative", [1, 2, 4, 5, 6, 7, 13, 40])
def test_any_number_of_negatives(negative: int) -> None:
    inputs, outputs = matrices(2, 11, 20)
    agree(BLOCKS["shrunk"], [inputs, outputs, outputs], negative)


@pytest.mark.parametrize("average", [True, False])
@pytest.mark.parametrize("divide", [True, False])
def test_mean_or_sum_divided_or_not(average: bool, divide: bool) -> None:
    inputs, outputs = matrices(2, 11, 20)
    agree(BLOCKS["whole"], [inputs, outputs, outputs], 5, average, divide)


def test_one_matrix_for_all_roles() -> None:
    (matrix,) = matrices(1, 11, 20)
    agree(BLOCKS["whole"], [matrix, matrix, matrix], 9)


def test_a_third_matrix_for_the_noise() -> None:
    agree(BLOCKS["whole"], matrices(3, 11, 20), 9)


@pytest.mark.parametrize("name", ["shrunk", "left", "wide"])
def test_noise_words_outside_of_the_window(name: str) -> None:
    agree(BLOCKS[name], matrices(3, 11, 20), 9, sampling=USUAL._replace(outside=True))


@pytest.mark.parametrize("n_matrices", [1, 2])
def test_input_rows_alone_learn(n_matrices: int) -> None:
    own = matrices(n_matrices, 11, 20)
    agree(
        BLOCKS["shrunk"], [own[0], own[-1], own[-1]], 9, sampling=USUAL._replace(learns=False)
    )  # fmt: skip


@pytest.mark.parametrize("name", ["shrunk", "left", "right"])
@pytest.mark.parametrize("outside", [False, True])
def test_a_fourth_matrix_of_noise_in_place_of_bags(name: str, outside: bool) -> None:
    *own, fourth = matrices(4, 11, 20)
    before = fourth.copy()
    agree(BLOCKS[name], own, 9, sampling=Sampling(outside, True, fourth))
    assert not np.array_equal(fourth, before)


@pytest.mark.parametrize("both", [True, False])
def test_steps_are_the_gradient_of_the_reported_loss(both: bool) -> None:
    """Mean with division and sum without are gradients; finite differences of width 0.02."""
    trained = matrices(3, 11, 4)
    centre = Block(low=5, high=6)
    still = np.float32(0.0)

    def loss() -> float:
        return float(run(centre, trained, 4, still, both, both)[0])

    wanted = [slopes_by_differences(loss, matrix) for matrix in trained]
    before = [matrix.copy() for matrix in trained]
    run(centre, trained, 4, np.float32(1.0), both, both)
    for old, new, slope in zip(before, trained, wanted, strict=True):
        assert np.abs(slope).max() > 0.1
        assert np.allclose(old - new, slope, atol=3e-4)


def test_loss_is_exact_at_large_scores() -> None:
    """Beyond |dot| = 6 nothing is clipped: -log sigmoid(-40 000) is 40 000."""
    block = Block(low=5, high=6, window=1, shrink=False)
    inputs = np.full((11, 16), 50.0, np.float32)
    outputs, noise = np.full((2, 11, 16), -50.0, np.float32)
    loss, pairs = run(block, [inputs, outputs, noise], 3)
    assert pairs == 1
    assert loss == pytest.approx(40_000.0, rel=1e-6)
    assert np.isfinite(inputs).all()


def test_scores_approach_the_shifted_pmi() -> None:
    """With all rows free (E = V) the optimum is known (Levy & Goldberg, NeurIPS 2014).

    A negative equal to the centre is left out, so that of P = p(word | context) it is
    log(P / (1 - P)) - log(k p(word)), which is PMI - log k for small P.
    """
    n_words, negative = 6, 5
    tokens, counts = chain(n_words, 20_000)
    totals = np.bincount(tokens[1:], minlength=n_words)
    table = alias_table(totals, 1.0)
    inputs, outputs = matrices(2, n_words, n_words)
    for epoch in range(400):
        rate = np.float32(0.02 * (1.0 - epoch / 400.0))
        cbow_negative(
            *bigrams(tokens, epoch), Noise(negative, table), Matrices(inputs, outputs, outputs),
            rate, np.zeros(2), Bag(average=True, divide=True), USUAL,
        )  # fmt: skip
    share = counts / counts.sum(1, keepdims=True)
    wanted = np.log(share / (1.0 - share)) - np.log(negative * totals / totals.sum())
    assert np.abs(inputs @ outputs.T - wanted).max() < 0.04
