"""Figures on a telephone and on paper: nothing clipped, nothing on another, no room left empty."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polytopic.report import write_report
from polytopic.text import Vocabulary

from browsing import errors, open_page
from report_cases import many_topics, themed_topics

pytestmark = pytest.mark.browser

Screen = Callable[..., None]
COVERED = """
const map = document.querySelector(".bubbles"), view = map.viewBox.baseVal;
const radii = [...map.querySelectorAll("circle")].map((disc) => Number(disc.getAttribute("r")));
return radii.reduce((sum, r) => sum + Math.PI * r * r, 0) / (view.width * view.height);
"""
OUTSIDE = """
const map = document.querySelector(".bubbles").getBoundingClientRect();
return [...document.querySelectorAll(".bubble")].map((disc) => disc.getBoundingClientRect()).filter(
  (b) => b.left < map.left - 2 || b.right > map.right + 2
    || b.top < map.top - 2 || b.bottom > map.bottom + 2
).length;
"""
COLUMN_NAMES = """
const holder = document.querySelector("#figure-labels-0 .picture");
const frame = holder.getBoundingClientRect();
const names = [...holder.querySelectorAll(".tick")];
return {
  scrolls: holder.hasAttribute("tabindex"), // as the page marks what is wider than its frame
  cut: names.map((name) => name.getBoundingClientRect()).filter(
    (b) => b.left < frame.left - 1 || b.right > frame.right + 1 || b.top < frame.top - 1).length,
  places: names.map((name) => Number(name.getAttribute("x"))),
  sloped: names.every((name) => name.hasAttribute("transform")),
};
"""
SLOPE, LETTERS = np.deg2rad(40), 11.0
"""Of the names over the columns, and the height of their letters in pixels."""


def test_bubbles_cover_as_much_of_the_map_on_a_telephone(
    chromium: Any, page: Path, screen: Screen
) -> None:
    write_report(many_topics(30), page)
    covered = {}
    for width in (1400, 390):
        screen(width)
        open_page(chromium, page)
        covered[width] = chromium.execute_script(COVERED)
        assert chromium.execute_script(OUTSIDE) == 0
    assert covered[390] == pytest.approx(covered[1400], rel=0.02)
    assert errors(chromium) == []


@pytest.mark.parametrize("width", [390, 800, 1400])
def test_names_of_columns_are_whole_and_stand_apart(
    chromium: Any, page: Path, screen: Screen, width: int
) -> None:
    labels = np.array([f"label number {row % 30}" for row in range(400)])
    write_report(many_topics(12, labels=labels), page)
    screen(width)
    open_page(chromium, page)
    found = chromium.execute_script(COLUMN_NAMES)
    assert found["sloped"] and len(found["places"]) >= 8
    assert not found["scrolls"] and found["cut"] == 0
    assert np.diff(found["places"]).min() * np.sin(SLOPE) >= LETTERS


@pytest.mark.parametrize("width", [390, 800])
def test_names_of_groups_are_broken_into_lines_before_they_are_cut(
    chromium: Any, page: Path, screen: Screen, width: int
) -> None:
    result = themed_topics()
    terms = [term.replace("th", "thing") for term in result.vocabulary.terms]
    write_report(dataclasses.replace(result, vocabulary=Vocabulary(terms)), page)
    screen(width)
    open_page(chromium, page)
    names = chromium.execute_script(
        "return [...document.querySelectorAll('.icicle-group')].map((group) =>"
        " [...group.querySelectorAll('.name')].map((line) => line.textContent).join(' '))"
    )
    assert len(names) == 3 and all(name.count("thing") == 2 for name in names)


def test_who_made_the_page_takes_no_sheet(chromium: Any, page: Path) -> None:
    write_report(many_topics(5), page)
    open_page(chromium, page)
    display = "return getComputedStyle(document.querySelector('.foot')).display"
    assert chromium.execute_script(display) != "none"
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert chromium.execute_script(display) == "none"
    finally:
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
