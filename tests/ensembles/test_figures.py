"""The figure of numbers of topics: its panels, the shaded range, the file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from polytopic.ensembles import TopicNumbers
from polytopic.errors import InputError


def numbers(low: int = 10, high: int = 20, good: tuple[float | None, ...] | None = None) -> Any:
    nothing = (None,) * 4
    return TopicNumbers(
        candidates=(5, 10, 20, 40), fit=(-7.0, -6.5, -6.4, -6.6), fit_error=(0.1, 0.1, 0.0, 0.1),
        stability=(0.8, 0.9, 0.8, 0.4), good=good or nothing, agreement=nothing,
        low=low, high=high, best=10, clear=True, sentence=f"{low} to {high} topics.",
    )  # fmt: skip


def rows(chart: Any, panel: int, mark: str) -> list[dict[str, float]]:
    """What a layer of a panel draws."""
    spec = chart.to_dict()
    layers = spec["vconcat"][panel]["layer"]
    drawn = next(layer for layer in layers if layer["mark"]["type"] == mark)
    return list(spec["datasets"][drawn["data"]["name"]])


def test_a_panel_stands_for_each_measure_that_was_taken() -> None:
    titles = [panel["title"] for panel in numbers().figure().to_dict()["vconcat"]]
    assert len(titles) == 2 and titles[1] == "stability"
    chart = numbers(good=(0.5, None, 0.7, 0.2)).figure()
    assert chart.to_dict()["vconcat"][2]["title"] == "share of good topics"
    assert [row["n_topics"] for row in rows(chart, 2, "line")] == [5, 20, 40]


@pytest.mark.parametrize(
    ("low", "high", "inside", "outside"),
    [(10, 20, (10, 20), (5, 40)), (5, 5, (5,), (10, 20)), (40, 40, (40,), (20,))],
)
def test_the_shade_holds_the_range_and_no_more(
    low: int, high: int, inside: tuple[int, ...], outside: tuple[int, ...]
) -> None:
    for panel in range(2):
        shade = rows(numbers(low, high).figure(), panel, "rect")[0]
        assert shade["low"] < shade["high"]
        assert all(shade["low"] <= k <= shade["high"] for k in inside)
        assert not any(shade["low"] <= k <= shade["high"] for k in outside)


def test_nothing_is_shaded_where_there_is_no_clear_answer() -> None:
    unclear = replace(numbers(5, 40), clear=False, sentence="No clear answer.")
    for panel in unclear.figure().to_dict()["vconcat"]:
        assert {layer["mark"]["type"] for layer in panel["layer"]} <= {"line", "point", "rule"}
    assert unclear.table()["in_range"].to_list() == [False] * 4


def test_it_is_written_as_a_page_with_the_sentence(tmp_path: Path) -> None:
    page = numbers().write(tmp_path / "numbers.html").read_text(encoding="utf-8")
    assert "10 to 20 topics." in page
    with pytest.raises(InputError, match="Give a name in"):
        numbers().write(tmp_path / "numbers.pdf")
