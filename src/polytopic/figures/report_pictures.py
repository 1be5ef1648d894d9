"""Pictures of the report's page, each part of it as Chromium draws it.

They are taken of any run; by default of one of made-up documents with labels and dates.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from polytopic.errors import InputError
from polytopic.figures.camera import PHONE, WIDE, Camera, browser
from polytopic.figures.making import Drawing
from polytopic.figures.stand_in import documents

__all__ = ["PICTURES"]

DRAWN = "document.documentElement.dataset.figures === 'drawn'"

_DOCUMENTS, _TOPICS = 600, 12
"""Of the stand-in: enough topics for the page to group them."""

_SECONDS = 60
"""After which a server that was asked to end is waited for no longer."""


@cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    """A folder that lasts as long as the program."""
    return tempfile.TemporaryDirectory()


@cache
def _stand_in() -> Path:
    """A run of made-up documents, by the command itself."""
    import polars as pl

    folder = Path(_scratch().name)
    texts, labels = documents(_DOCUMENTS)
    dates = [f"20{15 + row % 8}-{1 + row % 12:02d}-01" for row in range(len(texts))]
    pl.DataFrame({"text": texts, "theme": labels, "date": dates}).write_csv(folder / "themes.csv")
    words = f"topics {folder / 'themes.csv'} --text text --label theme --date date --model lda"
    options = ["-k", str(_TOPICS), "--min-df", "1", "--max-df", "1.0", "--stop-words", "none"]
    command = [sys.executable, "-m", "polytopic", *words.split(), *options, "--quiet"]
    done = subprocess.run(
        [*command, "-o", str(folder / "run")], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise InputError(f"figure: the stand-in could not be made ({done.stderr.strip()[-300:]}).")
    return folder / "run"


def _run(data: Path | None) -> Path:
    """The folder of a run with its page.

    Raises
    ------
    InputError
        If there is no page in it.
    """
    run = _stand_in() if data is None else data
    if not (run / "report.html").is_file():
        raise InputError(f"{run}: holds no report.html. Name the folder that -o made.")
    return run


@contextmanager
def _page(
    data: Path | None, hash: str = "", width: int = WIDE, height: int = 1000, scheme: str = "light"
) -> Iterator[Camera]:
    """The page of a run in a browser, drawn."""
    address = (_run(data) / "report.html").resolve().as_uri()
    with browser() as driver:
        camera = Camera(driver)
        camera.open(address + hash, width, height, scheme)
        if not hash:  # the overview, which alone draws its figures at once
            camera.wait(DRAWN)
        yield camera


def _part(data: Path | None, figure: str, tall: int = 0) -> Drawing:
    with _page(data) as camera:
        return Drawing(camera.take(camera.part(figure), tall=tall))


def report(data: Path | None = None) -> Drawing:
    """The first screen."""
    with _page(data) as camera:
        return Drawing(camera.take())


def report_dark(data: Path | None = None) -> Drawing:
    """The first screen for who prefers the dark."""
    with _page(data, scheme="dark") as camera:
        return Drawing(camera.take())


def report_phone(data: Path | None = None) -> Drawing:
    """The first screen of a telephone."""
    with _page(data, width=PHONE, height=844) as camera:
        return Drawing(camera.take())


def report_time(data: Path | None = None) -> Drawing:
    """Topics over time."""
    return _part(data, "#figure-dates", tall=760)


def report_labels(data: Path | None = None) -> Drawing:
    """Topics by label."""
    return _part(data, "#figure-labels-0")


def report_documents(data: Path | None = None) -> Drawing:
    """The map of the documents after a search for a topic's first word."""
    with _page(data) as camera:
        camera.driver.find_element("id", "docs-search").send_keys(_word(_run(data)))
        camera.wait("document.querySelectorAll('.word-chips li').length > 0")
        return Drawing(camera.take(camera.part("#figure-documents"), tall=900))


def report_analyst(data: Path | None = None) -> Drawing:
    """Diagnosis, figures, training, how it was run."""
    with _page(data) as camera:
        camera.driver.execute_script("document.getElementById('analyst').open = true")
        camera.wait("document.querySelector('#analyst .curve svg') !== null")
        return Drawing(camera.take("#analyst", tall=900))


def report_topic(data: Path | None = None) -> Drawing:
    """The page of a topic."""
    with _page(data, f"#topic-{_topic(_run(data))}", height=1150) as camera:
        camera.wait("document.querySelector('#topic .documents') !== null")
        return Drawing(camera.take())


def report_groups(data: Path | None = None) -> Drawing:
    """Groups of topics, the first of them closed."""
    with _page(data) as camera:
        camera.click("#topic-list .group-row button")
        return Drawing(camera.take())


def report_typed(data: Path | None = None) -> Drawing:
    """A text typed into the page: the words of two topics."""
    with _page(data) as camera:
        words = [_word(_run(data), place, topic) for topic in (0, 1) for place in range(4)]
        camera.driver.execute_script(
            "const box = document.getElementById('typed-text'); box.value = arguments[0];"
            "box.dispatchEvent(new Event('input'));",
            " ".join(words),
        )
        camera.wait("document.querySelector('#typed-shown .text') !== null")
        camera.driver.execute_script("document.getElementById('typed').scrollIntoView()")
        return Drawing(camera.take("#typed"))


def report_edits(data: Path | None = None) -> Drawing:
    """Two topics merged and the new one named, with the bar of edits."""
    topic = _topic(_run(data))
    with _page(data, f"#topic-{topic}") as camera:
        camera.wait("document.querySelector('.editor') !== null")
        camera.driver.execute_script(
            "document.querySelector('.editor').open = true;"
            "const choice = document.getElementById('edit-with');"
            "choice.value = [...choice.options].find(o => o.value !== '').value;"
        )
        camera.click("#edit-merge")
        camera.wait("document.getElementById('undo') !== null")
        camera.driver.execute_script("document.querySelector('.editor').open = true")
        field = camera.driver.find_element("id", "edit-name")
        field.clear()
        field.send_keys("Merged by hand")
        camera.driver.execute_script("document.activeElement.blur()")
        picture = camera.take()
        camera.driver.execute_script("window.onbeforeunload = null")
        return Drawing(picture)


def report_print(data: Path | None = None) -> Drawing:
    """The first four sheets of a print side by side."""
    if shutil.which("pdftoppm") is None:
        raise InputError("figure: report-print needs pdftoppm. Install poppler-utils.")
    address = (_run(data) / "report.html").resolve().as_uri()
    with tempfile.TemporaryDirectory() as scratch, browser() as driver:
        camera = Camera(driver)
        pdf = Path(scratch) / "page.pdf"
        camera.open(address)
        camera.wait(DRAWN)
        pdf.write_bytes(camera.printed())
        subprocess.run(
            ["pdftoppm", "-r", "50", "-l", "4", "-png", str(pdf), f"{scratch}/sheet"], check=True
        )
        sheets = "".join(f'<img src="{f.as_uri()}">' for f in sorted(Path(scratch).glob("*.png")))
        style = "body{margin:0;padding:8px;background:#888;display:flex;gap:8px}img{height:550px}"
        side = Path(scratch) / "sheets.html"
        side.write_text(f"<style>{style}</style><body>{sheets}", encoding="utf-8")
        camera.open(side.as_uri(), 1750, 566)
        return Drawing(camera.take())


def report_view(data: Path | None = None) -> Drawing:
    """The documents of a topic that hold a word, as ``polytopic view`` lists them."""
    run = _run(data)
    command = [sys.executable, "-m", "polytopic", "view", str(run)]
    serving = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert serving.stderr is not None
    try:
        line = serving.stderr.readline()
        address = re.search(r"http://\S+/", line)
        if address is None:
            raise InputError(f"{run}: cannot be served ({line.strip()[:200]}).")
        with browser() as driver:
            camera = Camera(driver)
            asked = f"documents?topic={_topic(run)}&q={_word(run)}"
            camera.open(f"{address[0]}{asked}", 1000, 720)
            return Drawing(camera.take())
    finally:
        serving.send_signal(signal.SIGINT)
        serving.communicate(timeout=_SECONDS)


def _table(run: Path) -> list[tuple[int, list[str]]]:
    """Numbers and words of a run's topics, the largest first."""
    import polars as pl

    frame = pl.read_csv(run / "topics.csv")
    words = next(name for name in ("words", "top_words") if name in frame.columns)
    share = next((name for name in ("share", "size") if name in frame.columns), None)
    if share is not None:
        frame = frame.sort(share, descending=True)
    return [
        (int(number), re.findall(r"[^\s,]+", text))
        for number, text in frame.select("topic", words).iter_rows()
    ]


def _topic(run: Path) -> int:
    return _table(run)[0][0]


def _word(run: Path, place: int = 0, topic: int = 0) -> str:
    return _table(run)[topic][1][place]


PICTURES = {
    made.__name__.replace("_", "-"): made
    for made in (
        report, report_analyst, report_dark, report_documents, report_edits, report_groups,
        report_labels, report_phone, report_print, report_time, report_topic, report_typed,
        report_view,
    )
}  # fmt: skip
"""What takes each, by its name."""
