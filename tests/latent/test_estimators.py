"""Gradients of E[f(theta)] by every estimator, against differences of the exact expectation."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from rows import (
    DIRICHLET,
    DRAWS,
    MANY,
    ROWS,
    SIGMAS,
    WEIGHTS,
    Array,
    Row,
    accepted_information,
)

from polytopic import latent
from polytopic.latent import Dirichlet, Rejection, score_term

WEIGHT = torch.tensor(WEIGHTS)


def objective(theta: torch.Tensor) -> torch.Tensor:
    """f(theta) = (w . theta)^2, shape (S,)."""
    return (theta @ WEIGHT[: theta.shape[1]]).square()


def gradients(row: Row, seed: int, shift: float = 0.0) -> tuple[dict[str, Array], Array]:
    """The estimate of each draw, (S, K) by parameter, and f of each draw."""
    leaves = {n: v.requires_grad_() for n, v in row.leaves(DRAWS).items()}
    generator = torch.Generator().manual_seed(seed)
    draw = latent.sample(row.member(leaves), row.gradient, generator)
    value = objective(draw.theta) + shift
    total = value.sum() if draw.theta.requires_grad else torch.zeros(())
    if draw.score is not None:
        total = total + (value.detach() * draw.score).sum()
    total.backward()
    return {n: v.grad.numpy() for n, v in leaves.items()}, value.detach().numpy()


def slope(row: Row, name: str, k: int) -> float:
    """Central difference of E[f] under the exact law."""
    values = []
    for step in (1e-4, -1e-4):
        moved = {n: v.copy() for n, v in row.parameters.items()}
        moved[name][k] += step
        mean, covariance = row.law(moved)
        weights = WEIGHTS[: len(mean)]
        values.append(weights @ covariance @ weights + (weights @ mean) ** 2)
    return float(values[0] - values[1]) / 2e-4


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_estimate_is_the_slope_of_the_expectation(row: Row) -> None:
    """Within its standard error; a biased gradient within the bound of its bias beside that."""
    found, values = gradients(row, 3)
    for name, grad in found.items():
        expected = np.array([slope(row, name, k) for k in range(grad.shape[1])])
        slack = SIGMAS * grad.std(0) / math.sqrt(DRAWS)
        if row.bias is not None:
            slack = slack + row.bias(row.parameters[name]) * values.std()
        assert (np.abs(grad.mean(0) - expected) < slack).all(), (name, grad.mean(0), expected)
        assert (slack < 0.3 * np.abs(expected).max() + 0.3).all()


def test_information_of_the_accepted_noise_is_what_the_docstring_says() -> None:
    for augmentation, stated in ((1, 0.5), (2, 0.0587), (5, 0.00551), (10, 0.00113)):
        root = np.sqrt(accepted_information(augmentation + np.array([1e-3, 1.0, 30.0])))
        assert (np.diff(root) < 0).all()
        assert 0.97 * stated < root[0] < stated
    assert np.sqrt(accepted_information(np.array(1e3)))[0] == pytest.approx(0.09e-6, rel=0.01)


def test_without_its_correction_rejection_is_biased_and_the_augmentation_cures_it() -> None:
    """The correction f d log pi on the same noise: its average is the bias left out."""
    bias = {}
    for augmentation in (1, 2, 5, 10):
        parts = []
        for corrected in (True, False):
            kind = Rejection(augmentation, corrected=corrected)
            row = Row("", DIRICHLET, kind, MANY, DIRICHLET.law)
            parts.append(gradients(row, 11)[0]["concentration"])
        term = parts[0] - parts[1]
        error = term.std(0) / math.sqrt(DRAWS)
        bias[augmentation] = np.abs(term.mean(0))
        if augmentation == 1:
            assert (bias[1] > SIGMAS * error).any()
    assert bias[1].max() > 5 * bias[5].max()


SCORES = [
    (score, other)
    for score in ROWS
    for other in ROWS
    if score.gradient == "score"
    and other.gradient == next(name for name in score.kind.gradients if name != "score")
    and other.kind is score.kind
    and other.parameters is score.parameters
]


@pytest.mark.parametrize(("score", "other"), SCORES, ids=str)
@pytest.mark.parametrize(("shift", "factor"), [(0.0, 2.0), (20.0, 10.0)])
def test_the_score_function_varies_more(
    score: Row, other: Row, shift: float, factor: float
) -> None:
    """More so for f far from 0, as likelihoods are: the other gradients see no constant."""
    wide, _ = gradients(score, 4, shift)
    narrow, _ = gradients(other, 4, shift)
    for name in wide:
        assert wide[name].var(0).sum() > factor * narrow[name].var(0).sum()


# ---- the learning signal and its baseline --------------------------------------------------------


def test_score_term_is_worth_nothing_and_weighs_the_score() -> None:
    score = torch.tensor([0.3, -1.0, 2.0], requires_grad=True)
    signal, size = torch.tensor([-10.0, -30.0, -50.0]), torch.tensor([1.0, 4.0, 5.0])
    term = score_term(score, signal, size)
    assert term.tolist() == [0.0, 0.0, 0.0]
    term.sum().backward()
    expected = [-10 + 1 * 80 / 9, -30 + 4 * 60 / 6, -50 + 5 * 40 / 5]
    assert score.grad.tolist() == pytest.approx(expected, abs=1e-5)


def test_score_term_of_one_document_has_no_baseline() -> None:
    score = torch.zeros(1, requires_grad=True)
    score_term(score, torch.tensor([-7.0]), torch.tensor([3.0])).sum().backward()
    assert score.grad.tolist() == [-7.0]


def test_baseline_leaves_the_mean_and_lowers_the_variance() -> None:
    row = next(row for row in ROWS if row.name == "Dirichlet-score")
    plain, _ = gradients(row, 7, shift=20.0)
    leaf = row.leaves(DRAWS)["concentration"].requires_grad_()
    draw = latent.sample(Dirichlet(leaf), "score", torch.Generator().manual_seed(7))
    signal, size = objective(draw.theta) + 20.0, torch.ones(DRAWS, dtype=torch.float64)
    score_term(draw.score, signal, size).sum().backward()
    grad = leaf.grad.numpy()
    expected = np.array([slope(row, "concentration", k) for k in range(3)])
    error = grad.std(0) / math.sqrt(DRAWS)
    assert (np.abs(grad.mean(0) - expected) < SIGMAS * error).all()
    assert grad.var(0).sum() < 0.2 * plain["concentration"].var(0).sum()
