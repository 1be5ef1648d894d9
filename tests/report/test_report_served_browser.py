"""The page as ``polytopic view`` serves it: with ways to documents that it does not hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from polytopic.report import write_report
from polytopic.result import TopicResult

from browsing import errors, open_page

pytestmark = pytest.mark.browser

LINKS = "return [...document.querySelectorAll('.served-link')].map(a => a.getAttribute('href'))"


def test_a_served_page_leads_to_all_documents(
    chromium: Any, make: Callable[..., TopicResult], page: Path
) -> None:
    write_report(make(), page)
    open_page(chromium, page)
    assert chromium.execute_script(LINKS) == []  # a file leads nowhere
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("<html ", '<html data-served="abc" ', 1), encoding="utf-8")
    open_page(chromium, page)
    assert chromium.execute_script(LINKS) == ["/documents?v=abc"]
    open_page(chromium, page, "#topic-1")
    links = chromium.execute_script(LINKS)
    assert links[-1] == "/documents?topic=1&v=abc"
    assert all(link.startswith("/document?row=") for link in links[:-1]) and len(links) > 2
    assert errors(chromium) == []
