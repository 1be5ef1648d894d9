"""Small results for the tests of the report, and a headless Chromium."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from polytopic.result import TopicResult
from polytopic.text import Vocabulary

TERMS = ["gene", "cell", "protein", "star", "galaxy", "planet", "goal", "team", "match"]
NAMES = ("biology", "astronomy", "sport")


def make_result(**changes: Any) -> TopicResult:
    """Twelve documents on three plain topics, three terms each; ``changes`` replace fields."""
    rng = np.random.default_rng(0)
    topic_word = np.full((3, 9), 0.02, dtype=np.float32)
    counts = np.zeros((12, 9), dtype=np.int32)
    for topic in range(3):
        topic_word[topic, 3 * topic : 3 * topic + 3] = [0.4, 0.3, 0.18]
    for row in range(12):
        counts[row, 3 * (row % 3) : 3 * (row % 3) + 3] = rng.integers(2, 6, size=3)
    doc_topic = np.full((12, 3), 0.1, dtype=np.float32)
    doc_topic[np.arange(12), np.arange(12) % 3] = 0.8
    texts = [" ".join(np.repeat(TERMS, counts[row])) + f", text {row}." for row in range(12)]
    result = TopicResult(
        topic_word=topic_word / topic_word.sum(axis=1, keepdims=True),
        doc_topic=doc_topic,
        vocabulary=Vocabulary(TERMS),
        counts=sparse.csr_matrix(counts),
        texts=texts,
        labels=np.array([NAMES[row % 3] for row in range(12)]),
        ids=np.array([f"d{row}" for row in range(12)]),
        dates=np.array([f"20{10 + row}-03-01" for row in range(12)]),
        history=[{"epoch": e + 1.0, "loss": 9.0 - e, "held_out": 7.0 - e / 2} for e in range(5)],
        parameters={"n_topics": 3, "learning_rate": 0.002},
        metrics={"diversity": 1.0, "perplexity": None},
        model="ProdLDA",
        notes={"corpus": "small.csv", "seconds": 1.5, "dropped": {"stop_words": 12}},
    )
    return dataclasses.replace(result, **changes)


@pytest.fixture
def make() -> Callable[..., TopicResult]:
    """``make_result``, the small result with some fields replaced."""
    return make_result


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A headless Chromium that records its console and its network."""
    webdriver = pytest.importorskip("selenium.webdriver")
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    driver_binary = shutil.which("chromedriver")
    if binary is None or driver_binary is None:
        pytest.skip("needs chromium and chromedriver on the PATH")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for flag in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1400,1000",
        f"--user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(executable_path=driver_binary)
    browser = webdriver.Chrome(options=options, service=service)
    browser.set_page_load_timeout(60)
    yield browser
    browser.quit()


@pytest.fixture
def axe() -> str:
    """The script of axe-core."""
    package = pytest.importorskip("axe_core_python")
    return resources.files(package).joinpath("axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def screen(chromium: Any) -> Iterator[Callable[..., None]]:
    """Sets the width of the screen and the colours asked for; undone afterwards."""

    def set_to(width: int, scheme: str = "light") -> None:
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", media)

    yield set_to
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Where a test writes its report."""
    return tmp_path / "report.html"


@pytest.fixture
def cleared(chromium: Any) -> Iterator[None]:
    """Edits that a test leaves are not found by the next."""
    yield
    chromium.execute_script("try { localStorage.clear(); } catch {}")
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@pytest.fixture
def downloads(chromium: Any, tmp_path: Path) -> Path:
    """The folder where the browser puts what a page saves."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    allowed = {"behavior": "allow", "downloadPath": str(folder)}
    chromium.execute_cdp_cmd("Browser.setDownloadBehavior", allowed)
    return folder
