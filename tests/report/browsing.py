"""What the tests in a browser share: opening a page, waiting, reading what it says and asks for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TOPIC_SHOWN = "document.querySelector('#topic .documents') !== null"


def open_page(browser: Any, path: Path, fragment: str = "") -> None:
    """Open a report and wait until its figures, or its topic, are drawn."""
    browser.get("about:blank")
    browser.get_log("browser")
    logged_requests(browser)
    browser.get(path.as_uri() + fragment)
    drawn = "document.documentElement.dataset.figures === 'drawn'"
    wait_until(browser, TOPIC_SHOWN if fragment else drawn)


def wait_until(browser: Any, condition: str) -> None:
    """Wait until a JavaScript condition holds; a change of the address acts a moment later."""
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(browser, 30).until(lambda driver: driver.execute_script(f"return {condition}"))


def logged_requests(browser: Any) -> list[str]:
    """Addresses the page asked for since the last call."""
    addresses = []
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            addresses.append(str(message["params"]["request"]["url"]))
    return addresses


def errors(browser: Any) -> list[str]:
    return [str(entry["message"]) for entry in browser.get_log("browser")]


def text_of(browser: Any, selector: str) -> str:
    return str(browser.execute_script(f"return document.querySelector('{selector}').innerText"))


def next_file(folder: Path, pattern: str) -> Path:
    """The file of that pattern, once it is downloaded."""
    import time

    for _ in range(200):
        found = [path for path in folder.glob(pattern) if path.stat().st_size]
        if found:
            return found[0]
        time.sleep(0.05)
    raise AssertionError(f"no file {pattern}: {sorted(path.name for path in folder.iterdir())}")


def violations(browser: Any, axe: str) -> list[str]:
    """What axe-core finds wrong with the page as it stands."""
    browser.execute_script(axe)
    found = browser.execute_async_script(
        "const done = arguments[0]; axe.run().then(r => done(r.violations.map("
        "v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 120)).join('; '))))"
    )
    return list(found)
