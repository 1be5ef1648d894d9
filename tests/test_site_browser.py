"""The site in a browser: tables that sort, pictures that hold their words."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mkdocs", reason="the extra site is not installed")
pytest.importorskip("vl_convert", reason="the extra figures is not installed")
pytest.importorskip("selenium", reason="the extra dev is not installed")

ROOT = Path(__file__).parent.parent
SITE = ROOT / "docs" / "_site"

ROWS = [
    ("LDA †", ".207 (.193–.210)", "1,375", "20ng-5k"),
    ("NMF", "-.336 (-.339 to -.3)", "–", "arxiv"),
    ("GSM", "1.000", "99", "20ng-2k"),
    ("ETM", ".104", "12,505.5", "–"),
]
PAGE = """<!doctype html><meta charset="utf-8"><div class="sortable"><table>
<thead><tr><th>model</th><th>NPMI</th><th>MB</th><th>corpus</th></tr></thead><tbody>{rows}</tbody>
</table></div><script>const document$ = {{ subscribe: (act) => act() }};</script>
<script>{script}</script>"""
"""``document$`` is the theme's: it tells of every page that is shown."""


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    from polytopic.errors import InputError
    from polytopic.figures.camera import browser

    try:
        with browser("browser") as opened:
            yield opened
    except InputError as error:
        pytest.skip(str(error))


@pytest.fixture
def table(driver: Any, tmp_path: Path) -> Any:
    cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in ROWS)
    rows = "".join(f"<tr>{row}</tr>" for row in cells)
    script = (SITE / "site.js").read_text(encoding="utf-8")
    (tmp_path / "page.html").write_text(PAGE.format(rows=rows, script=script), encoding="utf-8")
    driver.get((tmp_path / "page.html").as_uri())
    return driver


def order(driver: Any) -> list[int]:
    """The rows as they stand, by their places in ``ROWS``."""
    names = [row[0] for row in ROWS]
    shown = "return [...document.querySelectorAll('tbody tr')].map(r => r.cells[0].textContent)"
    return [names.index(name) for name in driver.execute_script(shown)]


def click(driver: Any, column: int) -> str:
    """Sort by a column; how its heading says it is sorted."""
    from selenium.webdriver.common.by import By

    head = driver.find_elements(By.TAG_NAME, "th")[column]
    head.find_element(By.TAG_NAME, "button").click()
    return str(head.get_attribute("aria-sort"))


@pytest.mark.parametrize(
    ("column", "falling", "rising"),
    [
        (0, [1, 0, 2, 3], [3, 2, 0, 1]),
        (1, [2, 0, 3, 1], [1, 3, 0, 2]),
        (2, [3, 0, 2, 1], [2, 0, 3, 1]),
        (3, [1, 0, 2, 3], [2, 0, 1, 3]),
    ],
    ids=[
        "words",
        "numbers with intervals",
        "thousands, one absent",
        "names that begin with digits",
    ],
)
def test_a_heading_sorts_by_its_column_first_falling_then_rising(
    table: Any, column: int, falling: list[int], rising: list[int]
) -> None:
    assert order(table) == [0, 1, 2, 3]
    assert click(table, column) == "descending"
    assert order(table) == falling
    assert click(table, column) == "ascending" and order(table) == rising
    other = (column + 1) % 4
    assert click(table, other) == "descending"
    sorted_by = "return document.querySelectorAll('th[aria-sort]').length"
    assert table.execute_script(sorted_by) == 1
    assert not [entry for entry in table.get_log("browser") if entry["level"] == "SEVERE"]


def test_headings_sort_by_the_keyboard(table: Any) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    button = table.find_elements(By.CSS_SELECTOR, "th button")[1]
    button.send_keys(Keys.ENTER)
    assert order(table) == [2, 0, 3, 1]


OUTSIDE = """
const whole = document.querySelector("svg").getBoundingClientRect();
return [...document.querySelectorAll("svg text")].filter((text) => {
  const box = text.getBoundingClientRect();
  return box.width && (box.left < whole.left - 1 || box.right > whole.right + 1);
}).map((text) => text.textContent);
"""


def test_no_name_of_the_boards_pictures_is_cut(driver: Any, tmp_path: Path) -> None:
    runpy.run_path(str(SITE / "hooks.py"))
    board, charts = sys.modules["board_pages"], sys.modules["charts"]
    for name in board.PAGES:
        drawn = charts.drawn(board.chart(name), "light")
        assert "\N{HORIZONTAL ELLIPSIS}" not in drawn
        file = tmp_path / f"{name}.html"
        file.write_text(f'<!doctype html><meta charset="utf-8">{drawn}', encoding="utf-8")
        driver.get(file.as_uri())
        assert driver.execute_script(OUTSIDE) == [], name
