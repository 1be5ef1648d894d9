"""Exponentials in one visit of a row against NumPy in float64 and against torch's passes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from polytopic.nets import likelihood_in_parts
from polytopic.nets.likelihood_in_parts import exponentials
from polytopic.nets.softmax_loops import exponentials_of_rows


def rows(n_terms: int, scale: float = 5.0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(n_terms)
    scores = scale * torch.randn(3, n_terms, generator=generator)
    return scores, scale * torch.randn(n_terms, generator=generator)


@pytest.mark.parametrize("n_terms", [1, 2, 15, 16, 17, 500])
def test_they_are_exponentials_less_the_largest(n_terms: int) -> None:
    scores, bias = rows(n_terms)
    logits = scores.double().numpy() + bias.double().numpy()
    top, sums = exponentials(scores, bias)
    np.testing.assert_allclose(top, logits.max(1), rtol=1e-6)
    expected = np.exp(logits - logits.max(1, keepdims=True))
    np.testing.assert_allclose(scores, expected, rtol=1e-5, atol=1e-37)
    np.testing.assert_allclose(sums, expected.sum(1), rtol=1e-5)


def test_what_is_far_below_the_largest_counts_for_nothing() -> None:
    scores, bias = torch.tensor([[0.0, -200.0, -1e30, -torch.inf]]), torch.zeros(4)
    top, sums = exponentials(scores, bias)
    assert (float(top), float(sums)) == (0.0, 1.0)
    assert float(scores[0, 1:].max()) < 1e-37


@pytest.mark.parametrize("place", [0, 3, 16, 36])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_sum_over_what_is_no_number_is_none(place: int, bad: float) -> None:
    """In whole vectors and beyond: a loss that diverges is seen."""
    scores, bias = rows(37)
    scores[1, place] = bad
    _, sums = exponentials(scores, bias)
    assert torch.isfinite(sums).tolist() == [True, False, True]


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_both_ways_agree(kind: torch.dtype, monkeypatch: pytest.MonkeyPatch) -> None:
    """Float64, and more threads than the loop is quicker than, take torch's passes."""
    (scores, bias), found = rows(100), []
    for most in (likelihood_in_parts._MOST_THREADS, 0):
        monkeypatch.setattr(likelihood_in_parts, "_MOST_THREADS", most)
        written = scores.clone().to(kind)
        found.append((written, *exponentials(written, bias.to(kind))))
    for ours, theirs in zip(*found, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_rows_are_independent() -> None:
    scores, bias = rows(50)
    alone = scores[1:2].clone()
    top, sums = exponentials(scores, bias)
    own = np.empty(1, np.float32), np.empty(1, np.float32)
    exponentials_of_rows(alone.numpy(), bias.numpy(), *own)
    np.testing.assert_array_equal(alone[0], scores[1])
    assert (own[0][0], own[1][0]) == (float(top[1]), float(sums[1]))
