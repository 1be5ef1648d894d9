"""Trends of topics and documents that are chosen: what a plain reckoning gives."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from polytopic.errors import InputError
from polytopic.result import TopicResult
from polytopic.text import Vocabulary

YEARS = [2000, 2000, 2001, 2001, 2003, 2003]


def make(**changes: Any) -> TopicResult:
    """Six documents of ten tokens, two a year; 2002 has none."""
    first = np.array([0.1, 0.3, 0.4, 0.2, 0.9, 0.7])
    result = TopicResult(
        topic_word=np.array([[0.6, 0.4], [0.1, 0.9]], dtype=np.float32),
        doc_topic=np.stack([first, 1 - first], axis=1).astype(np.float32),
        vocabulary=Vocabulary(["a", "b"]),
        counts=sparse.csr_matrix([[5, 5]] * 6),
        dates=np.array([f"{year}-05-01" for year in YEARS], "M8[D]"),
        labels=np.array(["x", "y", 5, 5, "x", None], dtype=object),
        names=("up", ""),
    )
    return dataclasses.replace(result, **changes)


def test_shares_are_those_of_the_first_and_the_last_periods() -> None:
    table = make().trends(freq="year")
    assert table["topic"].to_list() == [0, 1] and table["name"].to_list() == ["up", None]
    row = table.row(0, named=True)
    assert row["first"] == pytest.approx(0.2, abs=1e-6)  # of 2000
    assert row["last"] == pytest.approx(0.8, abs=1e-6)  # of 2003
    assert row["change"] == pytest.approx(0.6, abs=1e-6)
    assert row["error"] == pytest.approx(np.hypot(0.1, 0.1), abs=1e-6)  # of a mean of two: half
    assert table["change"][1] == pytest.approx(-0.6, abs=1e-6)


def test_shares_of_both_ends_lie_on_the_simplex() -> None:
    """Also where a topic rises from nothing, steeper at the end."""
    rng = np.random.default_rng(0)
    years = np.repeat(np.arange(2000, 2012), 30)
    first = np.where(years < 2009, 0.0, 0.9) * rng.random(len(years))
    table = make(
        doc_topic=np.stack([first, 1 - first], axis=1).astype(np.float32),
        counts=sparse.csr_matrix(rng.integers(1, 9, (len(years), 2))),
        dates=np.array([f"{year}-05-01" for year in years], "M8[D]"),
        labels=None,
    ).trends(freq="year")
    for end in ("first", "last"):
        assert table[end].sum() == pytest.approx(1.0) and table[end].min() >= 0.0
    assert table.row(0, named=True)["first"] == 0.0


def test_errors_are_those_of_drawing_documents_again() -> None:
    rng = np.random.default_rng(1)
    years = np.repeat([2000, 2001, 2002, 2003], 100)
    theta = rng.dirichlet([2.0, 1.0], len(years)).astype(np.float32)
    counts = rng.integers(1, 60, (len(years), 2))
    dates = np.array([f"{year}-05-01" for year in years], "M8[D]")
    result = make(doc_topic=theta, counts=sparse.csr_matrix(counts), dates=dates, labels=None)
    lengths, drawn = counts.sum(axis=1), []
    for _ in range(2000):
        ends = []
        for year in (2000, 2003):
            rows = rng.choice(np.flatnonzero(years == year), 100)
            ends.append(lengths[rows] @ theta[rows, 0] / lengths[rows].sum())
        drawn.append(ends[1] - ends[0])
    found = result.trends(freq="year").filter(topic=0)["error"][0]
    assert found == pytest.approx(np.std(drawn), rel=0.1)


def test_periods_of_few_documents_do_not_count() -> None:
    """By default where three others have twenty; else all do, and a limit may be given."""
    dates = np.array(["2000-01-01", "2001-01-01"] + ["2003-01-01"] * 4, "M8[D]")
    result = make(dates=dates)
    assert result.trends(freq="year")["first"].to_list() == pytest.approx([0.1, 0.9])
    with pytest.raises(InputError, match="1 period holds enough documents, and a trend needs two"):
        result.trends(freq="year", min_documents=2)
    with pytest.raises(InputError, match="min_documents: is -1"):
        result.trends(freq="year", min_documents=-1)
    years = np.concatenate([np.full(19, 1999), np.repeat([2000, 2001, 2002], 20)])
    first = np.where(years == 1999, 0.9, 0.5)
    many = make(
        doc_topic=np.stack([first, 1 - first], axis=1).astype(np.float32),
        counts=sparse.csr_matrix(np.ones((len(years), 2))),
        dates=np.array([f"{year}-05-01" for year in years], "M8[D]"),
        labels=None,
    )
    assert many.trends(freq="year")["first"].to_list() == pytest.approx([0.5, 0.5])
    assert many.trends(freq="year", min_documents=1)["first"].max() == pytest.approx(0.9)


def test_documents_of_a_topic_that_bear_a_label() -> None:
    result = make()
    assert result.documents(topic=0)["row"].to_list() == [4, 5]
    assert result.documents(topic=1)["row"].to_list() == [0, 3, 1, 2]
    assert result.documents(topic=1, label="y")["row"].to_list() == [1]
    for label in (5, "5"):
        assert result.documents(label=label)["row"].to_list() == [2, 3]
    assert result.documents(topic=0, label="y").height == 0
    assert result.documents(topic=0, backend="pandas")["row"].tolist() == [4, 5]


@pytest.mark.parametrize(
    ("changes", "given", "message"),
    [
        ({}, {"topic": 2}, "topic: there is no topic 2. They are 0 to 1"),
        ({}, {"topic": -1}, "topic: there is no topic -1"),
        ({}, {"label": "z"}, 'label: no document bears "z". Labels are: 5, x, y'),
        ({"labels": None}, {"label": "z"}, "label: the documents have none"),
    ],
)
def test_documents_that_are_not_there(
    changes: dict[str, Any], given: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        make(**changes).documents(**given)
