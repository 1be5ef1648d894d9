"""Schedules by their closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from polytopic.training.schedules import cyclical, free_bits, warm_up


def test_cyclical_is_the_published_schedule() -> None:
    """beta_t = min(1, tau / R), tau = mod(t - 1, ceil(T / M)) / (T / M) (Fu et al. 2019, eq. 6)."""
    steps, cycles, ratio = 400, 4, 0.5
    found = [cyclical(step / steps, cycles, ratio) for step in range(steps)]
    tau = (np.arange(steps) % (steps // cycles)) / (steps / cycles)
    assert found == pytest.approx(np.minimum(1.0, tau / ratio))


def test_one_cycle_of_it_is_a_warm_up() -> None:
    for done in np.linspace(0, 1, 23):
        assert cyclical(done, 1, 0.4) == pytest.approx(warm_up(done, 0.4))


def test_a_cycle_without_a_rise_and_the_end_have_weight_one() -> None:
    assert cyclical(0.25, 4, 0.0) == 1.0
    assert cyclical(1.0, 3, 1.0) == 1.0


def test_free_bits_of_dimensions_and_of_documents() -> None:
    kl = torch.tensor([[0.1, 2.0], [0.3, 1.0]])
    assert float(free_bits(kl, 0.0)) == pytest.approx(float(kl.sum(1).mean()))
    assert float(free_bits(kl, 0.5)) == pytest.approx(0.5 + 1.5)
    whole = torch.tensor([1.0, 4.0])
    assert float(free_bits(whole, 2.0)) == pytest.approx(2.5)
    assert float(free_bits(whole, 3.0)) == pytest.approx(3.0)


def test_no_gradient_below_the_floor() -> None:
    kl = torch.tensor([[0.1, 2.0], [0.3, 1.0]], requires_grad=True)
    free_bits(kl, 0.5).backward()
    assert kl.grad is not None
    assert kl.grad.tolist() == [[0.0, 0.5], [0.0, 0.5]]
