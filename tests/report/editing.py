"""What the tests of edits in the page share: to type, to merge, to save, to read the list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from browsing import next_file, text_of, wait_until

HOSTILE = '</script><img src=x onerror="window.hacked=1"><b>bold</b>'
ROWS = (
    "[...document.querySelectorAll('#topic-list li[data-topic]')].map(r => [r.dataset.topic,"
    " r.querySelector('b').textContent, r.querySelectorAll('.number')[0].textContent])"
)


def script(browser: Any, code: str) -> Any:
    return browser.execute_script(f"return {code}")


def to_topic(browser: Any, topic: int) -> None:
    browser.execute_script(f"location.hash = 'topic-{topic}'")
    wait_until(browser, f"document.querySelector('#topic .which')?.textContent === 'Topic {topic}'")
    browser.execute_script("document.querySelector('.editor').open = true")


def type_into(browser: Any, name: str, text: str) -> None:
    field = browser.find_element("id", name)
    browser.execute_script("arguments[0].value = ''", field)
    field.send_keys(text)
    browser.execute_script("document.activeElement.blur()")


def merge(browser: Any, topic: int, other: int) -> None:
    to_topic(browser, topic)
    choice = "document.getElementById('edit-with')"
    browser.execute_script(f"{choice}.value = '{other}'")
    browser.find_element("id", "edit-merge").click()


def told(browser: Any) -> str:
    return text_of(browser, "#edits .edit-told")


def saved(browser: Any, downloads: Path) -> Path:
    browser.find_element("id", "save-edits").click()
    return next_file(downloads, "*-edits.json")
