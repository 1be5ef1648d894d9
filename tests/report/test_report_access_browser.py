"""The page by keyboard, by ear, on a telephone and without scripts; and its reader."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polytopic.report import write_report
from polytopic.result import TopicResult

from browsing import TOPIC_SHOWN, errors, open_page, violations, wait_until
from report_cases import many_topics

pytestmark = pytest.mark.browser

Make = Callable[..., TopicResult]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_axe_finds_no_violation(
    chromium: Any, page: Path, axe: str, screen: Callable[..., None], width: int, scheme: str
) -> None:
    screen(width, scheme)
    history = [{"iteration": n + 1.0, "log_likelihood": n / 9 - 9} for n in range(40)]
    write_report(many_topics(8, history=history), page)
    open_page(chromium, page)
    chromium.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
    chromium.find_element("id", "docs-search").send_keys("word3x")
    wait_until(chromium, "document.querySelectorAll('.word-chips li').length > 0")
    assert violations(chromium, axe) == []
    for fragment in ("#topic-2", "#word-3"):
        chromium.execute_script(f"location.hash = '{fragment}'")
        wait_until(chromium, "!document.getElementById('topic').hidden")
        wait_until(
            chromium, f"location.hash === '{fragment}' && document.querySelector('#topic h2')"
        )
        assert violations(chromium, axe) == []


@pytest.mark.parametrize("width", [1400, 800, 390])
def test_nothing_is_wider_than_the_screen(
    chromium: Any, page: Path, screen: Callable[..., None], width: int
) -> None:
    screen(width)
    result = many_topics(8)
    long = [f"{'w' * 1000}{place}" for place in range(len(result.vocabulary) - 1)]
    write_report(many_topics(8, terms=[*long, "time"], names=["n" * 1000] * 8), page)
    for fragment in ("", "#topic-2", "#word-3"):
        open_page(chromium, page, fragment if fragment.startswith("#topic") else "")
        chromium.execute_script(f"location.hash = '{fragment}'")
        wait_until(chromium, f"location.hash === '{fragment}'")
        wide = chromium.execute_script("return document.documentElement.scrollWidth")
        assert wide <= width


def test_the_keyboard_alone_reaches_everything(chromium: Any, make: Make, page: Path) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    write_report(make(), page)
    open_page(chromium, page)
    reached: list[str] = []
    for _ in range(120):
        ActionChains(chromium).send_keys(Keys.TAB).perform()
        reached.append(chromium.execute_script(
            "const e = document.activeElement; return e.id || e.className.baseVal || e.className"
            " || e.closest('.figure')?.id + ' ' + e.tagName"
        ))  # fmt: skip
        if reached.count(reached[0]) > 1:
            break
    for wanted in ("skip", "search", "topic-row", "bubbles", "documents-map", "docs-search",
                   "lasso", "docs-clear", "docs-from", "docs-to"):  # fmt: skip
        assert wanted in reached, (wanted, reached)
    assert sum("SUMMARY" in name for name in reached) >= 7  # the menus and what is folded
    ActionChains(chromium).send_keys("/").send_keys("galax").send_keys(Keys.ENTER).perform()
    wait_until(chromium, TOPIC_SHOWN)
    focused = "document.activeElement === document.querySelector('#topic h2')"
    assert chromium.execute_script(f"return {focused}")
    slider = chromium.find_element("id", "lambda")
    before = slider.get_property("value")
    slider.send_keys(Keys.ARROW_RIGHT)
    assert slider.get_property("value") != before
    ActionChains(chromium).send_keys(Keys.ESCAPE).perform()
    wait_until(chromium, "!document.getElementById('overview').hidden")
    assert errors(chromium) == []


def test_figures_are_told_in_sentences(chromium: Any, make: Make, page: Path) -> None:
    write_report(make(), page)
    open_page(chromium, page)
    sentences = dict(chromium.execute_script(
        "return [...document.querySelectorAll('.figure')].map("
        "f => [f.id, f.querySelector('.unseen')?.textContent || ''])"
    ))  # fmt: skip
    del sentences["figure-counts"]  # its caption says it
    assert all(len(text) > 20 for text in sentences.values()), sentences


def test_without_scripts_the_topics_are_a_readable_list(
    chromium: Any, make: Make, page: Path
) -> None:
    write_report(make(), page)
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        chromium.get(page.as_uri())
        shown = chromium.find_element("css selector", "body").text
        assert "need JavaScript" in shown
        assert "12 documents speak of 3 topics" in shown and "gene cell protein" in shown
        assert "37 %" in shown
    finally:
        chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_right_to_left_rows_keep_their_first_words(chromium: Any, page: Path) -> None:
    words = ["كتاب", "مدرسة", "سماء", "نجمة", "بحر"]
    terms = [f"{words[place % 5]}{place}" for place in range(80)]
    write_report(many_topics(8, terms=[*terms, "زمن"]), page)
    open_page(chromium, page)
    first = chromium.execute_script(
        "const row = document.querySelector('.topic-row .words');"
        "const end = row.getBoundingClientRect().right;"
        "const bold = row.querySelector('b').getBoundingClientRect().right;"
        "const flag = row.querySelector('.flag')?.getBoundingClientRect().left ?? end;"
        "return [getComputedStyle(row).direction, bold <= flag + 1, bold > flag - 12]"
    )
    assert first == ["rtl", True, True]


@pytest.mark.parametrize("changes", ["one topic", "one document", "equal dates", "many labels"])
def test_poor_results_have_a_page_without_errors(chromium: Any, page: Path, changes: str) -> None:
    if changes == "one topic":
        result = many_topics(1, n_documents=30)
    elif changes == "one document":
        result = many_topics(3, n_documents=1)
    elif changes == "equal dates":
        result = many_topics(3, dates=np.array(["2020-05-01"] * 400))
    else:
        result = many_topics(3, labels=np.array([f"label {row % 5000}" for row in range(400)]))
    write_report(result, page)
    open_page(chromium, page)
    chromium.find_element("css selector", ".topic-row").click()
    wait_until(chromium, TOPIC_SHOWN)
    assert errors(chromium) == []


def test_five_hundred_topics_open(chromium: Any, page: Path) -> None:
    write_report(many_topics(500, n_documents=500), page)
    open_page(chromium, page)
    names = "[...document.querySelectorAll('#figure-map .group-name')].map(t => t.textContent)"
    closed = "document.querySelectorAll('#figure-tree [aria-expanded=false]').length"
    n_closed = chromium.execute_script(f"return {closed}")
    assert len(set(chromium.execute_script(f"return {names}"))) == n_closed > 4
    assert errors(chromium) == []
