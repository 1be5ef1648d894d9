"""Pages of hostile text in headless Chromium: nothing runs, nothing is asked for, nothing opens."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab.hostility.doors import Found, make_result

__all__ = ["browser", "in_browser"]

_DRAWN = "return document.documentElement.dataset.figures === 'drawn'"
_TOPIC = "return document.querySelector('#topic .documents') !== null"
_FOREIGN = "img,iframe,object,embed,base,dialog,form"
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage",
)  # fmt: skip


@contextlib.contextmanager
def browser(folder: Path) -> Iterator[Any]:
    """A headless Chromium that records its console and its requests.

    Raises
    ------
    SystemExit
        If selenium, Chromium or its driver is missing.
    """
    try:
        from selenium import webdriver
    except ImportError:
        raise SystemExit("hostile --browser: needs selenium. pip install selenium") from None
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    if binary is None or driver is None:
        raise SystemExit("hostile --browser: needs chromium and chromedriver on the PATH.")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for flag in (*_FLAGS, f"--user-data-dir={folder / 'chromium'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    options.set_capability("unhandledPromptBehavior", "ignore")
    made = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    made.set_page_load_timeout(120)
    try:
        yield made
    finally:
        made.quit()


def in_browser(driver: Any, text: str, folder: Path) -> Found:
    """The overview and a topic's page of a report that is hostile all through."""
    from selenium.webdriver.support.ui import WebDriverWait

    page = folder / "report.html"
    make_result(text).report(page, title=text)
    for fragment, ready in (("", _DRAWN), ("#topic-0", _TOPIC)):
        driver.get("about:blank")
        driver.get_log("browser")
        driver.get_log("performance")
        driver.get(page.as_uri() + fragment)
        yield not _dialog(driver), "a dialog opened", fragment
        drawn = True
        try:
            WebDriverWait(driver, 60).until(lambda d: d.execute_script(ready))  # noqa: B023
        except Exception as error:  # noqa: BLE001
            drawn = False
            yield False, "the page is not drawn", f"{fragment} {type(error).__name__}"
        if not drawn:
            continue
        hacked = driver.execute_script("return typeof window.hacked")
        yield hacked == "undefined", "a script ran", fragment
        scripts = driver.execute_script("return document.scripts.length")
        yield scripts == 2, "another script in the page", fragment
        foreign = driver.execute_script(
            f"return [...document.querySelectorAll('{_FOREIGN}')].map(e => e.outerHTML)"
        )
        yield not foreign, "foreign elements in the page", "; ".join(foreign)[:160]
        asked = [url for url in _requests(driver) if not url.startswith(("file:", "data:"))]
        yield not asked, "a request left the page", ", ".join(asked)[:80]
        said = [entry["message"] for entry in driver.get_log("browser")]
        yield not said, "an error in the page", "; ".join(said)[:160]
        yield driver.current_url.startswith("file:"), "the page went elsewhere", driver.current_url


def _dialog(driver: Any) -> bool:
    from selenium.common.exceptions import NoAlertPresentException

    try:
        driver.switch_to.alert.dismiss()
    except NoAlertPresentException:
        return False
    return True


def _requests(driver: Any) -> list[str]:
    addresses = []
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            addresses.append(str(message["params"]["request"]["url"]))
    return addresses
