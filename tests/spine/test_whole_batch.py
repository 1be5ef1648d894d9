"""Alone, a whole batch is the batch: every function is PyTorch's own, to the last bit.

What several processes share is tested by starting them (``training``).
"""

from __future__ import annotations

import pytest
import torch

from polytopic import whole_batch


@pytest.fixture
def values() -> torch.Tensor:
    return torch.randn(7, 5, generator=torch.Generator().manual_seed(0))


def test_sums_and_means_are_those_of_the_batch(values: torch.Tensor) -> None:
    with whole_batch.shared(0, 1):
        assert torch.equal(whole_batch.mean(values), values.mean(0))
        assert torch.equal(whole_batch.logsumexp(values), values.logsumexp(0))
        assert whole_batch.summed(values) is values
        assert torch.equal(whole_batch.gathered(values), values)
        assert whole_batch.own_rows(values, values) is values
        assert whole_batch.length(values) == 7


def test_noise_is_what_the_generator_gives(values: torch.Tensor) -> None:
    def normal(blank: torch.Tensor) -> torch.Tensor:
        return blank.normal_(generator=torch.Generator().manual_seed(1))

    assert torch.equal(whole_batch.noise(values, normal), normal(torch.empty(7, 5)))
    shaped = whole_batch.noise(values, normal, shape=(3, 7, 5), dim=1)
    assert torch.equal(shaped, normal(torch.empty(3, 7, 5)))
    assert torch.equal(whole_batch.drawn(torch.abs, values), values.abs())


def test_nobody_is_asked_where_rows_stand(values: torch.Tensor) -> None:
    def asked() -> list[tuple[torch.Tensor, int]]:
        raise AssertionError("alone there are no places")

    with whole_batch.placed(asked):
        assert whole_batch.length(values) == 7


def test_batch_norm_keeps_running_statistics(values: torch.Tensor) -> None:
    mean, variance = torch.zeros(5), torch.ones(5)
    found = whole_batch.batch_norm(values, mean, variance, training=True, momentum=0.5, eps=1e-9)
    expected = (values - values.mean(0)) / values.std(0, correction=0)
    assert torch.allclose(found, expected, atol=1e-6)
    assert torch.allclose(mean, values.mean(0) / 2)
    assert torch.allclose(variance, (1 + values.var(0)) / 2)
