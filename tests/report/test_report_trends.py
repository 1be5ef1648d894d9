"""What rose, what fell, with which uncertainty; and which labels stand out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from polytopic.report.breakdown import Breakdown, by_date, by_label
from polytopic.report.columns import column_record, outstanding
from polytopic.report.trends import trends
from polytopic.report.wording import Wording
from polytopic.result import TopicResult

Make = Callable[..., TopicResult]


def dated(start: float, end: float, *, n: int = 900, seed: int = 0) -> Breakdown:
    """Nine years of documents; the first topic's mean share goes from start to end."""
    rng = np.random.default_rng(seed)
    years = np.sort(rng.integers(2010, 2019, size=n))
    mean = start + (end - start) * (years - 2010) / 8
    theta = np.column_stack([rng.beta(20 * mean, 20 * (1 - mean)), np.zeros(n), np.zeros(n)])
    theta[:, 1] = (1 - theta[:, 0]) * 0.4
    theta[:, 2] = 1 - theta[:, :2].sum(axis=1)
    found = by_date([f"{year}" for year in years], theta, rng.integers(20, 60, n).astype(float))
    assert isinstance(found, Breakdown)
    return found


def test_errors_are_those_of_drawing_documents_again() -> None:
    rng = np.random.default_rng(1)
    n = 400
    theta, lengths = rng.dirichlet([2.0, 1.0, 1.0], n), rng.integers(5, 90, n).astype(float)
    labels = np.array(["a", "b"])[rng.integers(2, size=n)]
    found = by_label(labels, theta, lengths)
    assert isinstance(found, Breakdown)
    group = labels == found.groups[0]
    drawn = []
    for _ in range(2000):
        rows = rng.choice(np.flatnonzero(group), group.sum())
        drawn.append(lengths[rows] @ theta[rows] / lengths[rows].sum())
    np.testing.assert_allclose(found.errors[0], np.std(drawn, axis=0), rtol=0.1)


def test_one_document_tells_no_error() -> None:
    found = by_label(["a", "b"], np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([5.0, 5.0]))
    assert isinstance(found, Breakdown)
    assert not found.errors.any()


def test_a_rise_and_the_fall_beside_it_are_found() -> None:
    found = trends(dated(0.2, 0.6))
    assert found.risers == [0]
    assert set(found.fallers) == {1, 2}
    assert found.start[0] < 0.35 and found.end[0] > 0.5
    assert (found.first, found.last) == ("2010", "2018")


def test_chance_is_no_rise() -> None:
    told = [trends(dated(0.3, 0.3, n=400, seed=seed)) for seed in range(30)]
    assert sum(bool(found.risers) for found in told) <= 3


def test_periods_of_few_documents_decide_nothing() -> None:
    n = 300
    years = np.concatenate([np.full(2, 2000), np.repeat([2010, 2011, 2012], n // 3)])
    theta = np.full((len(years), 2), 0.5) + np.random.default_rng(0).normal(
        0, 0.01, (len(years), 1)
    ) * [1, -1]
    theta[:2] = [1.0, 0.0]  # two early documents are all of the first topic
    found = by_date([str(y) for y in years], theta, np.full(len(years), 30.0))
    assert isinstance(found, Breakdown)
    assert trends(found).fallers == [] and trends(found).first == "2010"


@pytest.mark.parametrize("dates", [["2010", "2011"], ["2010", "2010", "2011"]])
def test_too_few_periods_give_no_trend(dates: list[str]) -> None:
    theta = np.full((len(dates), 2), 0.5)
    found = by_date(dates, theta, np.ones(len(dates)))
    assert isinstance(found, Breakdown)
    assert trends(found).risers == trends(found).fallers == []


def test_numbers_stand_in_bins_and_codes_do_not() -> None:
    rng = np.random.default_rng(0)
    prices = rng.uniform(1, 900, size=400)
    theta = rng.dirichlet([1.0, 1.0], 400)
    found = by_label(prices, theta, np.ones(400))
    assert isinstance(found, Breakdown)
    assert len(found.groups) == 8 and found.documents.tolist() == [50] * 8
    stars = by_label(rng.integers(1, 6, size=400), theta, np.ones(400))
    assert isinstance(stars, Breakdown) and sorted(stars.groups) == ["1", "2", "3", "4", "5"]
    codes = by_label([f"{n:05d}" for n in range(400)], theta, np.ones(400))
    assert isinstance(codes, str)


def test_missing_numbers_are_in_no_bin() -> None:
    prices = np.arange(400, dtype=float)
    prices[:100] = np.nan
    found = by_label(prices, np.full((400, 2), 0.5), np.ones(400))
    assert isinstance(found, Breakdown) and found.documents.sum() == 300


def test_what_stands_out_is_beyond_chance() -> None:
    rng = np.random.default_rng(0)
    labels = np.array(["x", "y"])[rng.integers(2, size=300)]
    theta = rng.dirichlet([1.0, 4.0, 5.0], 300)
    theta[labels == "y"] = rng.dirichlet([8.0, 1.0, 1.0], (labels == "y").sum())
    found = by_label(labels, theta, np.full(300, 20.0))
    assert isinstance(found, Breakdown)
    place = outstanding(found)
    assert place is not None and (found.groups[place[0]], place[1]) == ("y", 0)
    alike = by_label(labels, rng.dirichlet([1.0, 1.0, 8.0], 300), np.full(300, 20.0))
    assert isinstance(alike, Breakdown) and outstanding(alike) is None
    few = by_label(labels[:10], theta[:10], np.full(10, 20.0))
    assert isinstance(few, Breakdown) and outstanding(few) is None


def test_values_that_are_numbers_stand_in_their_order(make: Make) -> None:
    stars: Any = np.array([5, 1, 3, 10] * 3)
    result = make(labels=stars)
    found = by_label(stars, result.doc_topic, np.ones(12))
    assert isinstance(found, Breakdown)
    assert column_record(found, "stars", Wording(), "")["groups"] == ["1", "3", "5", "10"]
