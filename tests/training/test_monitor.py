"""What the monitor tells of an epoch, against NumPy over all documents at once."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

from polytopic.training.monitor import ACTIVE, CollapseMonitor

TOPICS = 5


def told(theta: np.ndarray, kl: np.ndarray, cuts: tuple[int, ...]) -> dict[str, float]:
    """The record of an epoch whose batches end at ``cuts``."""
    monitor = CollapseMonitor(theta.shape[1])
    for part, cost in zip(np.split(theta, cuts), np.split(kl, cuts), strict=True):
        monitor.observe(torch.from_numpy(part), torch.from_numpy(cost))
    return monitor.record()


@pytest.mark.parametrize("cuts", [(), (40,), (1, 7, 90)])
def test_a_record_is_that_of_all_documents_at_once(cuts: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    theta = rng.dirichlet([2.0, 1.0, 0.5, 0.2, 1e-3], size=100)
    kl = rng.exponential([1.0, 0.5, 0.1, 0.002, 0.0], size=(100, TOPICS))
    entropy = stats.entropy(theta, axis=1).mean() / np.log(TOPICS)
    active = (kl.mean(0) > ACTIVE).sum()
    assert active == 3
    assert told(theta, kl, cuts) == {
        "winning": len(np.unique(theta.argmax(1))),
        "kl": pytest.approx(kl.sum(1).mean()),
        "evenness": pytest.approx(entropy),
        "active": active,
    }


def test_a_kl_that_does_not_fall_apart_has_no_active_dimensions() -> None:
    theta, kl = np.random.default_rng(1).dirichlet(np.ones(TOPICS), 30), np.arange(30.0)
    record = told(theta, kl, (11,))
    assert record["kl"] == pytest.approx(14.5)
    assert "active" not in record


def test_the_two_collapses_are_told_apart() -> None:
    even, one = np.full((60, TOPICS), 1 / TOPICS), np.eye(TOPICS)[np.full(60, 2)]
    prior = told(even, np.zeros((60, TOPICS)), (20,))
    assert (prior["kl"], prior["active"]) == (0, 0)
    assert prior["evenness"] == pytest.approx(1)
    component = told(one, np.full((60, TOPICS), 2.0), (20,))
    assert (component["winning"], component["active"]) == (1, TOPICS)
    assert component["evenness"] == 0


def test_active_is_strictly_more_than_the_threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    kl = np.tile([0.0, ACTIVE / 2, 2 * ACTIVE, 1.0, 0.0], (8, 1))
    assert told(np.full((8, TOPICS), 0.2), kl, ())["active"] == 2
    monkeypatch.setattr("polytopic.training.monitor.ACTIVE", 1.0)  # which a float32 holds
    assert told(np.full((8, TOPICS), 0.2), kl, ())["active"] == 0


def test_the_next_epoch_begins_with_nothing() -> None:
    monitor = CollapseMonitor(TOPICS)
    assert monitor.record() == {}
    monitor.observe(torch.eye(TOPICS), torch.ones(TOPICS, TOPICS))
    assert monitor.record()["winning"] == TOPICS
    assert monitor.record() == {}
    monitor.observe(torch.eye(TOPICS)[:2], torch.zeros(2, TOPICS))
    assert monitor.record() == {"winning": 2.0, "kl": 0.0, "evenness": 0.0, "active": 0.0}


def test_no_gradient_is_kept() -> None:
    monitor = CollapseMonitor(2)
    theta = torch.tensor([[0.5, 0.5]], requires_grad=True)
    monitor.observe(theta, theta * 2)
    assert monitor._entropy is not None
    assert not monitor._entropy.requires_grad
