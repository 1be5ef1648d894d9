"""The page in headless Chromium: no errors, no requests, clicks work, hostile text runs nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polytopic.report import write_report
from polytopic.result import TopicResult
from polytopic.text import Vocabulary

from browsing import TOPIC_SHOWN, errors, logged_requests, open_page, text_of, wait_until

pytestmark = pytest.mark.browser

Make = Callable[..., TopicResult]
SCRIPT = "<script>alert(1)</script>"
HANDLER = '<img src=x "onerror="window.hacked=1" onerror=window.hacked=1>'
OVERVIEW_SHOWN = "!document.getElementById('overview').hidden"
ENDING = "</script><script>window.hacked=1</script>"


def test_loads_without_errors_or_requests(chromium: Any, make: Make, page: Path) -> None:
    write_report(make(), page)
    open_page(chromium, page)
    assert errors(chromium) == []
    outside = [url for url in logged_requests(chromium) if not url.startswith(("file:", "data:"))]
    assert outside == []
    figures = chromium.execute_script(
        "return [...document.querySelectorAll('.figure')].map(f => f.id)"
    )
    assert len(figures) == 9
    undrawn = "document.querySelectorAll('.figure:not(:has(.picture > *))').length"
    assert chromium.execute_script(f"return {undrawn}") == 0
    marks = chromium.execute_script("return document.querySelectorAll('#figure-map circle').length")
    assert marks == 3


def test_clicking_a_topic_shows_its_documents(chromium: Any, make: Make, page: Path) -> None:
    write_report(make(), page)
    open_page(chromium, page)
    chromium.find_element("css selector", "li[data-topic='1'] a").click()
    wait_until(chromium, TOPIC_SHOWN)
    shown = text_of(chromium, "#topic")
    assert "Topic 1" in shown
    assert shown.count("document d") == 8
    assert "star" in text_of(chromium, "#topic mark").lower()
    assert not chromium.find_element("id", "overview").is_displayed()
    chromium.find_element("link text", "← All topics").click()
    wait_until(chromium, OVERVIEW_SHOWN)
    assert chromium.find_element("id", "overview").is_displayed()
    assert errors(chromium) == []


def test_clicking_a_bubble_opens_its_topic(chromium: Any, make: Make, page: Path) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    write_report(make(), page)
    open_page(chromium, page)
    bubble = chromium.find_element("css selector", "#figure-map .bubble")
    ActionChains(chromium).move_to_element(bubble).click().perform()
    wait_until(chromium, TOPIC_SHOWN)
    assert str(chromium.execute_script("return location.hash")).startswith("#topic-")
    assert chromium.find_elements("css selector", "#topic .document")


def test_search_finds_topics_by_word(chromium: Any, make: Make, page: Path) -> None:
    write_report(make(), page)
    open_page(chromium, page)
    box = chromium.find_element("id", "search")
    box.send_keys("galax")
    rows = chromium.execute_script(
        "return [...document.querySelectorAll('#topic-list li:not([hidden])')]"
        ".map(r => r.dataset.topic)"
    )
    assert rows[0] == "1"
    assert "galaxy" in text_of(chromium, 'li[data-topic="1"] mark')
    box.clear()
    box.send_keys("nothing of the kind")
    assert "No topic holds" in text_of(chromium, "#found")


def test_hostile_text_shows_as_text(chromium: Any, make: Make, page: Path) -> None:
    hostile = f"gene {SCRIPT} cell {HANDLER} protein {ENDING}"
    terms = [SCRIPT, HANDLER, ENDING, *make().vocabulary.terms[3:]]
    result = make(
        texts=[hostile] * 12,
        vocabulary=Vocabulary(terms),
        labels=np.array([HANDLER, SCRIPT, ENDING] * 4),
        ids=np.array([HANDLER] * 12),
        notes={"corpus": SCRIPT, "dropped": HANDLER},
    )
    write_report(result, page, title=HANDLER)
    open_page(chromium, page)
    assert text_of(chromium, "h1") == HANDLER
    open_page(chromium, page, "#topic-0")
    assert hostile in text_of(chromium, "#topic .document .text")
    assert text_of(chromium, "#topic .bars .term") == SCRIPT
    assert chromium.execute_script("return typeof window.hacked") == "undefined"
    assert chromium.execute_script("return document.querySelectorAll('img').length") == 0
    assert chromium.execute_script("return document.scripts.length") == 2
    assert errors(chromium) == []
    assert [url for url in logged_requests(chromium) if url.startswith("http")] == []


def test_policy_refuses_what_an_escape_would_let_through(
    chromium: Any, make: Make, page: Path
) -> None:
    write_report(make(), page)
    broken = page.read_text(encoding="utf-8").replace(
        "</footer>", f"</footer>{ENDING}<img src='http://127.0.0.1:9/x' onerror='window.hacked=1'>"
    )
    page.write_text(broken, encoding="utf-8")
    open_page(chromium, page)
    assert chromium.execute_script("return typeof window.hacked") == "undefined"
    assert any("Content Security Policy" in message for message in errors(chromium))


def test_poor_result_in_the_browser(chromium: Any, make: Make, page: Path) -> None:
    poor = make(texts=None, labels=None, ids=None, dates=None, history=(), counts=make().counts * 0)
    write_report(poor, page)
    open_page(chromium, page)
    chromium.find_element("css selector", "li[data-topic='0'] a").click()
    wait_until(chromium, TOPIC_SHOWN)
    assert "No document holds this topic." in text_of(chromium, "#topic")
    assert errors(chromium) == []
