"""The verdict on traces of log-likelihoods."""

from __future__ import annotations

import numpy as np
import pytest

from polytopic.errors import InputError
from polytopic.metrics.convergence import judge_trace


def test_an_exponential_approach_settles_when_its_rest_is_small() -> None:
    trace = -10.0 + 3.0 * (1.0 - np.exp(-np.arange(200) / 20.0))
    early, late = judge_trace(list(trace[:40])), judge_trace(list(trace))
    assert early.state == "rising" and not early.settled
    assert "still rising" in early.sentence
    assert late.settled
    assert abs(late.gain) < 0.005 * late.rise


def test_noise_around_a_level_has_settled() -> None:
    """Two standard errors: about one trace in twenty is called moving, though it is not."""
    rng = np.random.default_rng(0)
    verdicts = [judge_trace(list(rng.standard_normal(120) * 0.1)).settled for _ in range(400)]
    assert np.mean(verdicts) > 0.9


def test_a_slow_climb_under_noise_is_seen() -> None:
    rng = np.random.default_rng(1)
    trace = np.arange(240) * 0.01 + rng.standard_normal(240) * 0.05
    assert judge_trace(list(trace)).state == "rising"


def test_a_fall_is_said() -> None:
    verdict = judge_trace([0.0, 1.0] + [1.0 - 0.1 * i for i in range(20)])
    assert verdict.state == "falling"
    assert "falling" in verdict.sentence


def test_a_fall_after_a_rise_is_a_fall() -> None:
    """What counts is the end of the trace, not that it lies above the beginning."""
    trace = [*np.linspace(-9.0, -5.0, 40), *np.linspace(-5.0, -6.0, 20)]
    verdict = judge_trace(trace)
    assert (verdict.state, verdict.gain < 0.0 < verdict.rise) == ("falling", True)


def test_short_and_broken_traces_get_no_verdict() -> None:
    assert judge_trace([1.0] * 11).state == "too short"
    assert judge_trace([1.0] * 20 + [float("nan")]).state == "not finite"
    assert not judge_trace([]).settled


def test_a_flat_trace_has_settled() -> None:
    verdict = judge_trace([2.0] * 12)
    assert verdict.settled and verdict.gain == 0.0


def test_tolerance_must_be_positive() -> None:
    with pytest.raises(InputError, match="tolerance: is 0"):
        judge_trace([1.0] * 20, tolerance=0.0)
