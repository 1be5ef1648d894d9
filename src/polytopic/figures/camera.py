"""A browser without a window that takes pictures of pages."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from polytopic.errors import InputError
from polytopic.extras import require

__all__ = ["PHONE", "WIDE", "Camera", "browser"]

WIDE, PHONE = 1400, 390
"""Widths in pixels of a desk and of a telephone."""

_COLOURS = 128
"""Of a picture: with them it has a third of its bytes, and looks the same."""

_PATIENCE = 30
"""Seconds until a page that is not drawn counts as broken."""


@contextmanager
def browser(*logs: str) -> Iterator[Any]:
    """A Chromium without a window, that keeps these of its ``logs`` ("browser", "performance").

    Raises
    ------
    InputError, MissingExtraError
        If chromium, chromedriver or selenium are absent.
    """
    webdriver = require("selenium.webdriver", "A picture of the report")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    driven = shutil.which("chromedriver")
    if chromium is None or driven is None:
        raise InputError(
            "figure: pictures of the report need chromium and chromedriver, and one of them is not "
            "on the PATH. Install both."
        )
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", dict.fromkeys(logs, "ALL"))
    driver = webdriver.Chrome(
        options=options, service=webdriver.ChromeService(executable_path=driven)
    )
    try:
        yield driver
    finally:
        driver.quit()


class Camera:
    """Takes pictures of pages of one browser."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(
        self, address: str, width: int = WIDE, height: int = 1000, scheme: str = "light"
    ) -> None:
        """Open an address in a window of that size."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        self.driver.get("about:blank")
        self.driver.get(address)

    def wait(self, condition: str) -> None:
        """Wait until a JavaScript condition holds.

        Raises
        ------
        InputError
            If it never does: the page has no such part.
        """
        from selenium.common.exceptions import WebDriverException
        from selenium.webdriver.support.ui import WebDriverWait

        try:
            WebDriverWait(self.driver, _PATIENCE).until(
                lambda d: d.execute_script(f"return {condition}")
            )
        except WebDriverException:
            raise InputError(
                f"figure: the page never had what is pictured ({condition:.80}). Name a run that "
                "has it."
            ) from None

    def click(self, selector: str) -> None:
        """Click an element, once it is there."""
        self.wait(f"document.querySelector({selector!r}) !== null")
        self.driver.execute_script("document.querySelector(arguments[0]).click()", selector)

    def take(self, selector: str = "", margin: int = 12, tall: int = 0) -> bytes:
        """A PNG of the window, or of an element, ``tall`` at most."""
        asked: dict[str, Any] = {"format": "png"}
        if selector:
            x, y, width, height = self.driver.execute_script(
                "const b = document.querySelector(arguments[0]).getBoundingClientRect();"
                "return [b.x + scrollX, b.y + scrollY, b.width, b.height];",
                selector,
            )
            clip = {"x": max(x - margin, 0), "y": max(y - margin, 0), "scale": 1}
            clip |= {"width": width + 2 * margin, "height": min(height, tall or 9999) + 2 * margin}
            asked |= {"clip": clip, "captureBeyondViewport": True}
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", asked)
        return _small(base64.b64decode(shot["data"]))

    def printed(self) -> bytes:
        """The page as a PDF."""
        found = self.driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
        return base64.b64decode(found["data"])

    def part(self, heading: str) -> str:
        """A selector of the block with a figure of that name.

        Raises
        ------
        InputError
            If the page has none.
        """
        self.wait(f"document.querySelector({heading!r}) !== null")
        self.driver.execute_script(
            "document.querySelector(arguments[0]).closest('.block').id = 'pictured'", heading
        )
        return "#pictured"


def _small(picture: bytes) -> bytes:
    """A PNG of few colours where Pillow is; else as it is."""
    try:
        from PIL import Image
    except ModuleNotFoundError:
        return picture
    packed = BytesIO()
    colours = Image.open(BytesIO(picture)).convert("RGB").quantize(_COLOURS)
    colours.save(packed, format="PNG", optimize=True)
    return packed.getvalue()
