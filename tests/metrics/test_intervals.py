"""Bootstrap intervals, alone and in :func:`evaluate`."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from test_evaluate_all import Model, corpus, result

from polytopic import metrics
from polytopic.errors import InputError
from polytopic.metrics import bootstrap_interval, evaluate


def test_the_interval_of_a_mean_is_scipys() -> None:
    values = np.random.default_rng(2).normal(1.0, 2.0, 200)
    expected = stats.bootstrap((values,), np.mean, method="percentile", random_state=0)
    found = bootstrap_interval(values, resamples=4000)
    assert found == pytest.approx(tuple(expected.confidence_interval), abs=0.03)


def test_it_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    held = 0
    for seed in range(200):
        low, high = bootstrap_interval(rng.normal(0, 1, 60), resamples=200, random_state=seed)
        held += low <= 0 <= high
    three_deviations = 3 * np.sqrt(0.95 * 0.05 / 200)  # of a share of 200
    assert abs(held / 200 - 0.95) < three_deviations + 0.015  # percentiles are a little narrow


def test_rows_are_drawn_whole_and_nan_is_left_out() -> None:
    rows = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0], [np.nan, 9.0]])
    low, high = bootstrap_interval(rows, lambda drawn: float(drawn[:, 1].sum() / drawn[:, 0].sum()))
    assert (low, high) == pytest.approx((2.0, 2.0))


@pytest.mark.parametrize(
    ("values", "options", "told"),
    [
        ([1.0], {}, "fewer than two"),
        ([np.nan, 1.0], {}, "fewer than two"),
        ([1.0, 2.0], {"confidence": 1.0}, "confidence: is 1.0"),
        ([1.0, 2.0], {"resamples": 0}, "resamples: is 0"),
    ],
)
def test_what_cannot_be_drawn_from_is_refused(
    values: list[float], options: dict[str, float], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        bootstrap_interval(values, **options)


def test_evaluate_puts_an_interval_beside_every_figure_that_has_one() -> None:
    plain = evaluate(result())
    found = evaluate(result(), intervals=200)
    assert {name: found[name] for name in plain} == plain
    per_topic = metrics.npmi(result(), corpus(), per_topic=True)
    low, high = bootstrap_interval(per_topic, resamples=200)
    assert (found["npmi_low"], found["npmi_high"]) == (low, high)
    for name in ("npmi", "umass", "diversity", "diversity_once", "inverted_rbo", "purity", "ami"):
        assert found[f"{name}_low"] <= found[f"{name}_high"]
    assert found["umass_low"] < found["umass_high"]
    assert found["ami_low"] < found["ami_high"]
    assert found["npmi_low"] <= found["npmi"] <= found["npmi_high"]
    assert "n_topics_low" not in found


def test_evaluate_draws_documents_for_perplexity() -> None:
    found = evaluate(Model(), held_out=corpus(), intervals=100)
    assert found["perplexity_low"] < found["perplexity"] < found["perplexity_high"]


def test_evaluate_refuses_intervals_that_are_no_number() -> None:
    with pytest.raises(InputError, match="intervals: is -1"):
        evaluate(result(), intervals=-1)
