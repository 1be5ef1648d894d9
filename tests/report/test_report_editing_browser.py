"""The form and the bar of edits: what is refused, by keyboard, by ear, on paper, hidden topics."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from editing import HOSTILE, ROWS, merge, saved, script, to_topic, told, type_into

from polytopic.errors import InputError
from polytopic.report import write_report
from polytopic.result import TopicResult

from browsing import errors, open_page, text_of, violations, wait_until
from report_cases import many_topics

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("cleared")]

Make = Callable[..., TopicResult]


def test_what_the_command_would_refuse_is_refused(chromium: Any, make: Make, page: Path) -> None:
    write_report(make(), page)
    open_page(chromium, page)
    to_topic(chromium, 1)
    chromium.execute_script(
        "const f = document.getElementById('edit-name'); f.value = 'x'.repeat(10000);"
        "f.dispatchEvent(new Event('change'));"
    )
    assert told(chromium) == "Has 10,000 letters, and 200 are the most. Give a shorter one."
    assert text_of(chromium, "#topic h2 .what") == "star · galaxy · planet"
    chromium.execute_script("document.getElementById('edit-name').value = ''")
    for topic in (0, 1):
        to_topic(chromium, topic)
        chromium.find_element("id", "edit-hide").click()
    to_topic(chromium, 2)
    chromium.find_element("id", "edit-hide").click()
    assert told(chromium) == "All topics would be hidden. Leave one."
    merge(chromium, 0, 1)
    merge(chromium, 0, 1)
    assert told(chromium) == "All topics would become one, which says nothing. Leave two."
    assert script(chromium, "document.querySelectorAll('#edits .edit-list ol li').length") == 3


def test_names_with_markup_and_unseen_letters_are_text(
    chromium: Any, make: Make, page: Path, downloads: Path
) -> None:
    write_report(make(), page)
    open_page(chromium, page)
    to_topic(chromium, 1)
    odd = f"{HOSTILE} \u202ered\x1b \ud83d\ude00"
    chromium.execute_script(
        "const f = document.getElementById('edit-name'); f.value = arguments[0];"
        "f.dispatchEvent(new Event('change'));", odd
    )  # fmt: skip
    shown = script(chromium, "document.querySelector('#topic h2 .what').textContent")
    assert shown == f"{HOSTILE} \\u202ered\\x1b \U0001f600"
    chromium.execute_script("location.hash = 'overview'")
    wait_until(chromium, "!document.getElementById('overview').hidden")
    assert script(chromium, "document.querySelectorAll('img').length") == 0
    assert script(chromium, "typeof window.hacked") == "undefined"
    record = json.loads(saved(chromium, downloads).read_text(encoding="utf-8"))
    result = make().edit(record)
    write_report(result, page)
    open_page(chromium, page)
    again = script(
        chromium, "document.querySelector('#topic-list li[data-topic=\"1\"] b').textContent"
    )
    assert again == shown
    assert errors(chromium) == []


def test_the_keyboard_alone_edits(chromium: Any, make: Make, page: Path) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    write_report(make(), page)
    open_page(chromium, page, "#topic-0")
    focused = "document.activeElement.id || document.activeElement.tagName"

    def tab_to(wanted: str) -> None:
        for _ in range(40):
            if script(chromium, focused) == wanted:
                return
            ActionChains(chromium).send_keys(Keys.TAB).perform()
        raise AssertionError(wanted)

    tab_to("SUMMARY")
    ActionChains(chromium).send_keys(Keys.ENTER).perform()
    tab_to("edit-name")
    ActionChains(chromium).send_keys("by keyboard", Keys.TAB).perform()
    assert script(chromium, focused) == "edit-note"  # the focus moves on as it was about to
    ActionChains(chromium).send_keys("a note", Keys.TAB).perform()
    assert script(chromium, focused) == "edit-with"
    assert text_of(chromium, "#topic h2 .what") == "by keyboard"
    assert text_of(chromium, "#topic .remark") == "a note"
    ActionChains(chromium).send_keys(Keys.ARROW_DOWN, Keys.TAB, Keys.ENTER).perform()
    assert told(chromium).startswith("Topics 0 and ")
    assert script(chromium, "document.activeElement.matches('#topic h2')")
    chromium.execute_script("document.getElementById('undo').focus()")
    ActionChains(chromium).send_keys(Keys.ENTER).perform()
    assert script(chromium, focused) == "undo"
    assert len(script(chromium, ROWS)) == 3


def test_two_thousand_edits_of_many_topics_stay_quick_to_take_up(chromium: Any, page: Path) -> None:
    write_report(many_topics(100), page)
    open_page(chromium, page)
    edits = [{"rename": {str(n % 100): f"name {n}"}} for n in range(2000)]
    name = "'polytopic-edits-' + JSON.parse(document.getElementById('data').textContent).run.id"
    chromium.execute_script(
        f"localStorage.setItem({name}, JSON.stringify({{log: arguments[0], undone: []}}))", edits
    )
    open_page(chromium, page)
    chromium.find_element("id", "open-all").click()
    rows = script(chromium, ROWS)
    assert len(rows) == 100 and all(name == f"name {1900 + int(row)}" for row, name, _ in rows)
    assert errors(chromium) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_axe_finds_nothing_wrong_with_the_editor(
    chromium: Any, page: Path, axe: str, screen: Callable[..., None], width: int, scheme: str
) -> None:
    screen(width, scheme)
    write_report(many_topics(8), page)
    open_page(chromium, page)
    merge(chromium, 2, 4)
    type_into(chromium, "edit-name", "n" * 200)
    type_into(chromium, "edit-note", "a note")
    chromium.find_element("id", "edit-hide").click()
    chromium.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert violations(chromium, axe) == []
    assert script(chromium, "document.documentElement.scrollWidth") <= width


def test_on_paper_are_the_edited_names_and_no_controls(
    chromium: Any, make: Make, page: Path
) -> None:
    write_report(make(), page)
    open_page(chromium, page)
    to_topic(chromium, 1)
    type_into(chromium, "edit-name", "Named By Hand")
    to_topic(chromium, 0)
    chromium.find_element("id", "edit-hide").click()
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    for fragment in ("topic-1", "overview"):
        chromium.execute_script(f"location.hash = '{fragment}'")
        shown = "document.body.innerText.includes('Named By Hand')"
        wait_until(chromium, f"location.hash === '#{fragment}' && {shown}")
        chromium.execute_script("window.dispatchEvent(new Event('beforeprint'))")
        kinds = "button, input, textarea, select"
        visible = (
            f"[...document.querySelectorAll('{kinds}')].filter(e => e.checkVisibility()).length"
        )
        assert script(chromium, visible) == 0


def test_hidden_topics_of_the_run_can_be_shown_in_the_page(
    chromium: Any, make: Make, page: Path, downloads: Path
) -> None:
    result = make().hide([1])
    write_report(result, page)
    open_page(chromium, page, "#topic-1")  # its page is there, though no list leads to it
    assert not chromium.find_element("id", "edits").is_displayed()
    chromium.find_element("css selector", "#hidden-topics summary").click()
    chromium.find_element("css selector", "#hidden-topics button").click()
    assert len(script(chromium, ROWS)) == 3
    record = json.loads(saved(chromium, downloads).read_text(encoding="utf-8"))
    assert result.edit(record).hidden == ()
    with pytest.raises(InputError, match="are made already"):
        result.edit(record).edit(record)
    assert errors(chromium) == []
