"""How many topics: the page's panels where the number was chosen, in any language, or nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from polytopic.ensembles import TopicNumbers
from polytopic.report import render
from polytopic.report.numbers import numbers_record
from polytopic.report.wording import Wording
from polytopic.runs import load_result

from report_cases import many_topics

FOUND = TopicNumbers(
    candidates=(5, 10, 20, 40), fit=(-7.0, -6.5, -6.4, -6.6), fit_error=(0.1, 0.1, 0.0, 0.1),
    stability=(0.8, 0.9, 0.8, 0.4), good=(0.5, None, 0.7, 0.2), agreement=(None,) * 4,
    low=10, high=20, best=10, clear=True, sentence="10 to 20 topics, most stable with 10.",
)  # fmt: skip


def noted(**changes: Any) -> dict[str, Any]:
    return {"how_many": {**FOUND.to_dict(), **changes}}


def test_a_panel_a_measure_that_was_taken_with_the_range_and_intervals() -> None:
    record = numbers_record(noted(), Wording())
    assert record is not None
    assert [panel["title"] for panel in record["panels"]] == [
        "Held-out fit (log-likelihood a token)", "Stability", "Share of good topics",
    ]  # fmt: skip
    fit, stability, good = record["panels"]
    assert fit["spans"][0] == [5, pytest.approx(-7.196, abs=1e-3), pytest.approx(-6.804, abs=1e-3)]
    assert [span[0] for span in fit["spans"]] == [5, 10, 40]  # the best is no distance from itself
    assert stability["spans"] == [] and [point[0] for point in good["points"]] == [5, 20, 40]
    low, high = record["range"]
    assert 5 < low < 10 and 20 < high < 40
    assert record["answer"] == FOUND.sentence
    assert good["told"].startswith("5 topics: 0.500. 20 topics: 0.700.")


def test_nothing_is_shaded_where_there_is_no_clear_answer() -> None:
    for flags in ({"clear": False}, {"clear": False, "agreed": False}):
        record = numbers_record(noted(low=5, high=40, **flags), Wording())
        assert record is not None and record["range"] is None
        assert record["answer"].startswith("No clear answer")
        assert len(record["panels"]) == 3


def test_the_page_says_it_in_its_language_and_not_in_the_table_of_notes() -> None:
    result = many_topics(6, 60, notes={**noted(), "source": "a.csv"})
    page = render(result, language="de")
    assert "<h3>Wie viele Themen?</h3>" in page
    assert "<p>10 bis 20 Themen, am stabilsten mit 10.</p>" in page
    assert page.count('id="figure-numbers-') == 3
    assert "candidates" not in page.split("<script", 1)[0]
    assert "figure-numbers-" not in render(many_topics(6, 60)).split("<script", 1)[0]


def test_it_is_there_after_the_result_was_saved_and_read(tmp_path: Path) -> None:
    result = many_topics(6, 60, notes=noted())
    read = load_result(result.save(tmp_path / "result"))
    edited = read.merge([[0, 1]])
    for one in (read, edited):
        assert numbers_record(one.notes, Wording()) == numbers_record(noted(), Wording())
    assert replace(read, notes={}).notes == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"candidates": [5]}, {"candidates": "5, 10"}, {"candidates": [40, 20, 10, 5]},
        {"candidates": [0, 10, 20, 40]}, {"candidates": [5, 10, 20, 40.5]}, {"low": 7},
        {"best": None}, {"clear": "yes"}, {"fit": [1.0]}, {"good": [None, "a", 1, 2]},
        {"fit_error": None}, {"stability": {"a": 1}},
    ],
)  # fmt: skip
def test_a_note_that_is_no_choice_is_no_figure(changes: dict[str, Any]) -> None:
    assert numbers_record(noted(**changes), Wording()) is None


def test_no_note_is_no_figure() -> None:
    assert numbers_record({}, Wording()) is None
    assert numbers_record({"how_many": "many"}, Wording()) is None
