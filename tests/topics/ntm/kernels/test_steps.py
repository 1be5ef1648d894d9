"""Steps of NTM's rows against the optimisers' own equations, written plainly."""

from __future__ import annotations

import numpy as np
import pytest

from polytopic.topics.ntm.kernels import steps

RNG = np.random.default_rng(0)
SLOPES = RNG.normal(size=(5, 6)).astype(np.float32)


def plain(name: str, row: np.ndarray, rate: float) -> np.ndarray:
    """Five steps in double precision."""
    row, first, second = row.astype(float), np.zeros(6), np.zeros(6)
    for number, slope in enumerate(SLOPES.astype(float), 1):
        if name == "sgd":
            row -= rate * slope
        elif name == "adagrad":  # Duchi et al. 2011
            second += slope**2
            row -= rate * slope / np.sqrt(second)
        elif name == "adam":  # Kingma & Ba 2015, algorithm 1
            first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
            mean, square = first / (1 - 0.9**number), second / (1 - 0.999**number)
            row -= rate * mean / (np.sqrt(square) + 1e-8)
        else:  # Zeiler 2012, algorithm 1
            second = 0.95 * second + 0.05 * slope**2
            change = -np.sqrt(first + 1e-6) / np.sqrt(second + 1e-6) * slope
            first = 0.95 * first + 0.05 * change**2
            row += rate * change
    return row


def rows_of(name: str, start: np.ndarray) -> steps.Rows:
    if name == "sgd":
        return steps.Rows(start.copy(), np.empty(0, np.float32))
    zeros = np.zeros_like(start)
    return steps.Rows(start.copy(), np.empty(0, np.float32), zeros, zeros.copy())


@pytest.mark.parametrize("name", steps.OPTIMISERS)
def test_five_steps_are_those_of_the_equations(name: str) -> None:
    start = RNG.normal(size=(2, 6)).astype(np.float32)
    rows = rows_of(name, start)
    for number, slope in enumerate(SLOPES, 1):
        step = steps.Step(0.3, steps.OPTIMISERS.index(name), number)
        steps.move_row(rows, 1, slope.copy(), np.float32((slope**2).sum()), step)
    assert rows.weights[1] == pytest.approx(plain(name, start[1], 0.3), rel=1e-4, abs=1e-5)
    assert np.array_equal(rows.weights[0], start[0])


def test_adagrad_by_rows_divides_by_the_root_of_its_mean_squares() -> None:
    rows = steps.Rows(np.zeros((1, 6), np.float32), np.zeros(1, np.float32))
    expected, total = np.zeros(6), 0.0
    for slope in SLOPES:
        total += float((slope**2).mean())
        expected -= 0.3 * slope / np.sqrt(total)
        steps.move_row(rows, 0, slope.copy(), np.float32((slope**2).sum()), steps.Step(0.3))
    assert rows.weights[0] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("name", steps.OPTIMISERS)
def test_unit_rows_end_at_length_one(name: str) -> None:
    rows = rows_of(name, RNG.normal(size=(2, 6)).astype(np.float32))
    step = steps.Step(0.3, steps.OPTIMISERS.index(name), 1, unit=True)
    steps.move_row(rows, 0, SLOPES[0].copy(), np.float32(1), step)
    assert np.linalg.norm(rows.weights[0]) == pytest.approx(1.0, rel=1e-5)
    zero = np.zeros(6, np.float32)
    steps.to_unit(zero)
    assert not zero.any()


def test_a_batch_moves_its_rows_by_the_mean_and_others_by_decay_alone() -> None:
    """Documents 2 and 0 are of the batch, 1 only decays, 3 rests."""
    start = RNG.normal(size=(4, 6)).astype(np.float32)
    rows = rows_of("sgd", start)
    places = np.array([1, -1, 0, -2])
    steps.step_rows(rows, places, SLOPES[:2], 8.0, 0.5, 0, 4, steps.Step(0.1))
    expected = start.copy()
    expected[2] -= 0.1 * (SLOPES[0] / 8 + 0.5 * start[2])
    expected[0] -= 0.1 * (SLOPES[1] / 8 + 0.5 * start[0])
    expected[1] -= 0.1 * 0.5 * start[1]
    assert rows.weights == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_a_slope_by_shares_becomes_one_by_logits() -> None:
    row = RNG.normal(size=6)
    theta = (np.exp(row) / np.exp(row).sum()).astype(np.float32)
    slope = SLOPES[0].copy()
    square = steps.by_logits(theta, slope)
    jacobian = np.diag(theta) - np.outer(theta, theta)
    assert slope == pytest.approx(jacobian @ SLOPES[0], rel=1e-4, abs=1e-6)
    assert square == pytest.approx((slope**2).sum(), rel=1e-5)
