"""Groups opened and closed in the browser: the list, both maps and the lines over time follow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from editing import script

from polytopic.report import write_report

from browsing import TOPIC_SHOWN, errors, open_page, text_of, violations, wait_until
from report_cases import many_topics, themed_topics

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("cleared")]

CELLS = "[...document.querySelectorAll('#figure-tree [data-node]')]"
LIST = "[...document.querySelectorAll('#topic-list > li')].map(r => r.className || r.dataset.topic)"
COLOURS = (
    "new Set([...document.querySelectorAll('#figure-map .bubble')]"
    ".map(b => b.style.getPropertyValue('--topic'))).size"
)
PANELS = "document.querySelectorAll('#figure-dates .panel[data-node]').length"


def test_a_closed_group_is_one_everywhere(chromium: Any, page: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    write_report(themed_topics(), page)
    open_page(chromium, page)
    assert script(chromium, f"{CELLS}.length") == 3 and script(chromium, COLOURS) == 9
    assert len(script(chromium, LIST)) == 9 and script(chromium, PANELS) == 0
    first = script(chromium, f"{CELLS}[0].getAttribute('aria-label')")
    assert first.startswith("a") and ", 3 topics, " in first
    chromium.execute_script(f"{CELLS}[0].dispatchEvent(new MouseEvent('click', {{bubbles: true}}))")
    assert script(chromium, f"{CELLS}[0].getAttribute('aria-expanded')") == "false"
    rows = script(chromium, LIST)
    assert rows.count("group-row") == 3 and len(rows) == 9  # three heads, six topics
    assert not {"0", "3", "6"} & set(rows)
    assert script(chromium, COLOURS) == 7
    names = "[...document.querySelectorAll('#figure-map .group-name')].map(t => t.textContent)"
    assert [first.startswith(name) for name in script(chromium, names)] == [True]
    assert script(chromium, PANELS) == 1
    assert "Closed groups" in text_of(chromium, "#figure-dates .picture")
    box = chromium.find_element("id", "search")
    box.send_keys("t3x")  # a search looks into closed groups
    assert script(chromium, LIST)[0] == "3"
    box.send_keys(Keys.BACKSPACE * 3)
    chromium.find_element("css selector", "#topic-list .group-row button").click()
    assert len(script(chromium, LIST)) == 9 and script(chromium, COLOURS) == 9
    assert script(chromium, PANELS) == 0
    assert errors(chromium) == []


def test_the_tree_by_keyboard_and_all_at_once(
    chromium: Any, page: Path, axe: str, screen: Callable[..., None]
) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    write_report(themed_topics(), page)
    open_page(chromium, page)
    chromium.find_element("id", "close-all").click()
    assert script(chromium, LIST) == ["group-row"] * 3
    assert violations(chromium, axe) == []
    focused = "document.activeElement.dataset.node"
    for _ in range(60):
        ActionChains(chromium).send_keys(Keys.TAB).perform()
        if script(chromium, f"{focused} && document.activeElement.closest('#figure-tree')"):
            break
    key = script(chromium, focused)
    ActionChains(chromium).send_keys(Keys.SPACE).perform()
    assert script(chromium, focused) == key  # the focus stays on the group
    assert script(chromium, "document.activeElement.getAttribute('aria-expanded')") == "true"
    assert len(script(chromium, LIST)) == 6
    ActionChains(chromium).send_keys(Keys.ENTER).perform()
    assert script(chromium, LIST) == ["group-row"] * 3
    chromium.find_element("id", "open-all").click()
    assert len(script(chromium, LIST)) == 9
    screen(390, "dark")
    wait_until(chromium, "document.querySelector('#figure-tree svg').clientWidth < 390")
    assert violations(chromium, axe) == []
    chromium.execute_script("document.querySelector('#figure-tree a').focus()")
    ActionChains(chromium).send_keys(Keys.ENTER).perform()
    wait_until(chromium, TOPIC_SHOWN)
    assert errors(chromium) == []


def test_groups_follow_the_edits(chromium: Any, page: Path) -> None:
    write_report(themed_topics(), page)
    open_page(chromium, page)
    leaves = "[...document.querySelectorAll('#figure-tree [data-topic]')].length"
    chromium.execute_script("location.hash = 'topic-0'")
    wait_until(chromium, TOPIC_SHOWN)
    chromium.execute_script(
        "document.querySelector('.editor').open = true;"
        "document.getElementById('edit-with').value = '3';"
        "document.getElementById('edit-merge').click();"
        "document.getElementById('edit-with').value = '5';"
        "document.getElementById('edit-merge').click();"
        "location.hash = 'overview'"
    )
    wait_until(chromium, f"{leaves} === 7")  # 0, 3 and what was 6 are one: no group is left of it
    assert script(chromium, f"{CELLS}.length") == 2
    for _ in range(2):
        chromium.find_element("id", "undo").click()
    assert script(chromium, f"{CELLS}.length") == 3 and script(chromium, leaves) == 9
    assert errors(chromium) == []


def test_few_topics_have_a_tree_and_one_has_none(chromium: Any, page: Path) -> None:
    write_report(many_topics(2, n_documents=60), page)
    open_page(chromium, page)
    assert script(chromium, "document.querySelectorAll('#figure-tree a').length") == 2
    write_report(many_topics(1, n_documents=60), page)
    open_page(chromium, page)
    assert script(chromium, "document.getElementById('figure-tree')") is None
    assert errors(chromium) == []
