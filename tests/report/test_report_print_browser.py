"""The page on paper, printed by a headless Chromium: nothing blank, clipped or left out."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polytopic.report import write_report
from polytopic.result import TopicResult

from browsing import errors, open_page, wait_until
from report_cases import many_topics

pytestmark = pytest.mark.browser

Make = Callable[..., TopicResult]
DRAWN_AT_LOAD = """
addEventListener("load", () => {
  window.drawnAtLoad = document.documentElement.dataset.figures;
});
"""


def printed_pages(browser: Any, **paper: Any) -> list[bytes]:
    """What draws each page of a print: the operators of PDF, unpacked."""
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True, **paper})
    content = base64.b64decode(printed["data"])
    found = re.finditer(rb"(?s)\n(\d+) 0 obj\s*(.*?)endobj", content)
    objects = {int(number): body for number, body in (match.groups() for match in found)}
    pages = [body for body in objects.values() if re.search(rb"/Type\s*/Page\b", body)]
    return [_stream(objects[int(_found(rb"/Contents (\d+) 0 R", page))]) for page in pages]


def _found(pattern: bytes, content: bytes) -> bytes:
    match = re.search(pattern, content)
    assert match is not None
    return match[1]


def _stream(body: bytes) -> bytes:
    return zlib.decompress(_found(rb"(?s)stream\r?\n(.*?)\r?\nendstream", body))


def letters(page: bytes) -> int:
    """How often a page shows text."""
    return len(re.findall(rb"\bT[jJ]\b", page))


def filled(page: bytes) -> int:
    """How many shapes a page fills."""
    return len(re.findall(rb"(?m)^f\*?$", page))


def drifting(n_topics: int = 30) -> TopicResult:
    """Dated documents: six topics rise over ten years, six fall, the others stay."""
    n = 40 * n_topics
    topic = np.arange(n) % n_topics
    slope = np.where(topic < 6, 1.0, np.where(topic < 12, -1.0, 0.0))
    place = (np.arange(n) // n_topics + 0.5) / 40
    years = 2000 + 10 * np.where(slope > 0, place**0.3, np.where(slope < 0, place**3, place))
    dates = np.array([f"{int(year)}-05-01" for year in years])
    return many_topics(n_topics, n_documents=n, dates=dates)


def test_the_map_of_the_documents_is_drawn_when_the_page_counts_as_loaded(
    chromium: Any, page: Path
) -> None:
    """``chromium --print-to-pdf`` prints at that moment and waits for nothing."""
    write_report(many_topics(5), page)
    script = chromium.execute_cdp_cmd(
        "Page.addScriptToEvaluateOnNewDocument", {"source": DRAWN_AT_LOAD}
    )
    try:
        chromium.get(page.as_uri())
        assert chromium.execute_script("return window.drawnAtLoad") == "drawn"
    finally:
        chromium.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)


@pytest.mark.parametrize("landscape", [False, True])
@pytest.mark.parametrize("width", [390, 800, 1400])
def test_no_page_is_blank_and_the_map_is_on_paper(
    chromium: Any, page: Path, screen: Callable[..., None], width: int, landscape: bool
) -> None:
    result = drifting()
    write_report(result, page)
    screen(width)
    open_page(chromium, page)
    pages = printed_pages(chromium, landscape=landscape)
    assert all(letters(each) > 3 for each in pages), [letters(each) for each in pages]
    assert max(filled(each) for each in pages) >= result.n_documents  # points, on one page
    if not landscape:
        assert len(pages) <= result.n_topics / 5 + 4
    assert errors(chromium) == []


@pytest.mark.parametrize("n_topics", [3, 100])
def test_it_prints_to_a_page_every_five_topics_and_four(
    chromium: Any, make: Make, page: Path, n_topics: int
) -> None:
    write_report(make() if n_topics == 3 else many_topics(n_topics), page)
    open_page(chromium, page)
    assert 1 <= len(printed_pages(chromium)) <= n_topics / 5 + 4


def test_figures_are_as_wide_as_the_sheet_whatever_the_window(
    chromium: Any, page: Path, screen: Callable[..., None]
) -> None:
    write_report(drifting(), page)
    widths = []
    for width in (390, 1400):
        screen(width)
        open_page(chromium, page)
        chromium.execute_script("window.dispatchEvent(new Event('beforeprint'))")
        widths.append(chromium.execute_script(
            "return [...document.querySelectorAll('#overview .picture > *')].map("
            "p => p.getAttribute('width'))"
        ))  # fmt: skip
    assert widths[0] == widths[1] and set(widths[0]) == {"660"}


def test_a_page_in_the_dark_prints_dark_names_on_white(
    chromium: Any, page: Path, screen: Callable[..., None]
) -> None:
    write_report(many_topics(5), page)
    screen(1000, "dark")
    open_page(chromium, page)
    light_ink = b".90588236 .89411765 .86666667 rg"  # #e7e4dd
    assert not any(light_ink in each for each in printed_pages(chromium))


def test_after_printing_the_page_is_as_before(chromium: Any, page: Path) -> None:
    write_report(drifting(), page)
    open_page(chromium, page)
    state = (
        "return [document.querySelectorAll('details[open]').length, 'paper' in "
        "document.documentElement.dataset, [...document.querySelectorAll('#overview .picture > *')]"
        ".map(p => p.getAttribute('width'))]"
    )
    before = chromium.execute_script(state)
    printed_pages(chromium)
    wait_until(chromium, "!('paper' in document.documentElement.dataset)")
    assert chromium.execute_script(state) == before
