"""Trends of topics and documents that are chosen: what a plain reckoning gives."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from scipy import sparse, stats

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


def test_the_line_is_that_of_least_squares() -> None:
    table = make().trends(freq="year")
    assert table["topic"].to_list() == [0, 1] and table["name"].to_list() == ["up", None]
    line = stats.linregress([0, 1, 3], [0.2, 0.3, 0.8])
    row = table.row(0, named=True)
    assert row["first"] == pytest.approx(line.intercept, abs=1e-6)
    assert row["last"] == pytest.approx(line.intercept + 3 * line.slope, abs=1e-6)
    assert row["change"] == pytest.approx(3 * line.slope, abs=1e-6)
    assert row["error"] == pytest.approx(3 * line.stderr, abs=1e-6)
    assert table["change"][1] == pytest.approx(-3 * line.slope, abs=1e-6)


def test_periods_count_by_their_documents() -> None:
    """Four documents of 2003 draw the line to themselves; periods with one may be left out."""
    dates = np.array(["2000-01-01", "2001-01-01"] + ["2003-01-01"] * 4, "M8[D]")
    table = make(dates=dates).trends(freq="year")
    shares = [0.1, 0.3, 0.55]
    slope, start = np.polyfit([0, 1, 3], shares, 1, w=np.sqrt([1, 1, 4]))
    assert table["first"][0] == pytest.approx(start, abs=1e-6)
    assert table["change"][0] == pytest.approx(3 * slope, abs=1e-6)
    two = make(dates=np.array(["2000-01-01"] * 3 + ["2001-01-01"] * 3, "M8[D]")).trends()
    assert two["error"].to_list() == [None, None]
    with pytest.raises(InputError, match="1 period holds enough documents, and a trend needs two"):
        make(dates=dates).trends(freq="year", min_documents=2)


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
