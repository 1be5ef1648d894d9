"""The pictures of the page in docs/images: each part of it, as Chromium draws it.

    polytopic topics arxiv.jsonl --text abstract --date date -k 30 --model lda -o dated/
    polytopic topics reviews.csv --text text --label stars -k 15 --model lda -o labelled/
    python docs/make_report_pictures.py dated/ labelled/

Needs chromium and chromedriver on the PATH, selenium, and for the served page the extra view. Any
two runs do, the first with dates and the second with labels.
"""

from __future__ import annotations

import argparse
import base64
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

IMAGES = Path(__file__).parent / "images"
DRAWN = "document.documentElement.dataset.figures === 'drawn'"
WIDE, PHONE = 1400, 390
"""Widths in pixels of a desk and of a telephone."""


@contextmanager
def browser() -> Iterator[Any]:
    """A Chromium without a window."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("chromium-browser") or ""
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(flag)
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    try:
        yield driver
    finally:
        driver.quit()


def small(picture: bytes) -> bytes:
    """A PNG of 128 colours, a third of the size, where Pillow is; else as it is."""
    try:
        from PIL import Image
    except ModuleNotFoundError:
        return picture
    packed = BytesIO()
    colours = Image.open(BytesIO(picture)).convert("RGB").quantize(128)
    colours.save(packed, format="PNG", optimize=True)
    return packed.getvalue()


class Camera:
    """Takes pictures of pages of one browser."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(
        self, address: str, width: int = WIDE, height: int = 1000, scheme: str = "light"
    ) -> None:
        """Open an address in a window of that size and wait until it is drawn."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        self.driver.get("about:blank")
        self.driver.get(address)

    def wait(self, condition: str) -> None:
        """Wait until a JavaScript condition holds."""
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(self.driver, 30).until(lambda d: d.execute_script(f"return {condition}"))

    def take(self, name: str, selector: str = "", margin: int = 12, tall: int = 0) -> None:
        """Write a picture: of the window, or of an element, ``tall`` at most."""
        asked: dict[str, Any] = {"format": "png"}
        if selector:
            box = self.driver.execute_script(
                "const b = document.querySelector(arguments[0]).getBoundingClientRect();"
                "return [b.x + scrollX, b.y + scrollY, b.width, b.height];",
                selector,
            )
            x, y, width, height = box
            clip = {"x": max(x - margin, 0), "y": max(y - margin, 0), "scale": 1}
            clip |= {"width": width + 2 * margin, "height": min(height, tall or 9999) + 2 * margin}
            asked |= {"clip": clip, "captureBeyondViewport": True}
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", asked)
        (IMAGES / f"{name}.png").write_bytes(small(base64.b64decode(shot["data"])))
        print(f"{name}.png: {(IMAGES / f'{name}.png').stat().st_size / 1e3:.0f} kB")

    def part(self, heading: str) -> str:
        """A selector of the block with a figure of that name."""
        self.driver.execute_script(
            "document.querySelector(arguments[0]).closest('.block').id = 'pictured'", heading
        )
        return "#pictured"


def dated(camera: Camera, page: str) -> None:
    """Parts that any page has, and the time."""
    camera.open(page)
    camera.wait(DRAWN)
    camera.take("report")
    camera.open(page, WIDE, 1000, "dark")
    camera.wait(DRAWN)
    camera.take("report-dark")
    camera.open(page)
    camera.wait(DRAWN)
    camera.take("report-time", camera.part("#figure-dates"), tall=760)
    camera.open(page)
    camera.wait(DRAWN)
    camera.driver.find_element("id", "docs-search").send_keys("quantum")
    camera.wait("document.querySelectorAll('.word-chips li').length > 0")
    camera.take("report-documents", camera.part("#figure-documents"), tall=900)
    camera.open(page)
    camera.wait(DRAWN)
    camera.driver.execute_script("document.getElementById('analyst').open = true")
    camera.wait("document.querySelector('#analyst .curve svg') !== null")
    camera.take("report-analyst", "#analyst", tall=900)
    camera.open(f"{page}#topic-3", WIDE, 1150)
    camera.wait("document.querySelector('#topic .documents') !== null")
    camera.take("report-topic")
    camera.open(page, PHONE, 844)
    camera.wait(DRAWN)
    camera.take("report-phone")


def labelled(camera: Camera, page: str) -> None:
    """Topics by label."""
    camera.open(page)
    camera.wait(DRAWN)
    camera.take("report-labels", camera.part("#figure-labels-0"))


def printed(page: str) -> None:
    """The first four sheets of a print side by side, where pdftoppm is."""
    if shutil.which("pdftoppm") is None:
        print("report-print.png: left as it is, pdftoppm (poppler-utils) is not there")
        return
    with tempfile.TemporaryDirectory() as scratch, browser() as driver:
        pdf = Path(scratch) / "page.pdf"
        chromium = shutil.which("chromium") or "chromium-browser"
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        subprocess.run(
            [chromium, *flags, f"--print-to-pdf={pdf}", page], check=True, capture_output=True
        )
        subprocess.run(
            ["pdftoppm", "-r", "50", "-l", "4", "-png", str(pdf), f"{scratch}/sheet"], check=True
        )
        sheets = "".join(f'<img src="{f.as_uri()}">' for f in sorted(Path(scratch).glob("*.png")))
        style = "body{margin:0;padding:8px;background:#888;display:flex;gap:8px}img{height:550px}"
        side = Path(scratch) / "sheets.html"
        side.write_text(f"<style>{style}</style><body>{sheets}", encoding="utf-8")
        camera = Camera(driver)
        camera.open(side.as_uri(), 1750, 566)
        camera.take("report-print")


def served(camera: Camera, run: Path) -> None:
    """The documents of a topic that hold a word, as ``polytopic view`` lists them."""
    command = [sys.executable, "-m", "polytopic", "view", str(run)]
    serving = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert serving.stderr is not None
    try:
        address = re.search(r"http://\S+/", serving.stderr.readline())
        assert address is not None
        camera.open(f"{address[0]}documents?topic=4&q=phone", 1000, 720)
        camera.take("report-view")
    finally:
        serving.send_signal(signal.SIGINT)
        serving.communicate(timeout=60)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dated", type=Path)
    parser.add_argument("labelled", type=Path)
    given = parser.parse_args()
    with browser() as driver:
        camera = Camera(driver)
        dated(camera, (given.dated / "report.html").resolve().as_uri())
        labelled(camera, (given.labelled / "report.html").resolve().as_uri())
        served(camera, given.labelled)
    printed((given.dated / "report.html").resolve().as_uri())


if __name__ == "__main__":
    main()
