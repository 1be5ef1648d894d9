"""Edits made in the page: seen everywhere at once, kept, taken back, and made by the command."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from editing import HOSTILE, ROWS, merge, saved, script, to_topic, told, type_into

import polytopic as pt
from polytopic.cli import main

from browsing import TOPIC_SHOWN, errors, open_page, text_of, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("cleared")]


def command(*arguments: object) -> int:
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    return int(stopped.value.code or 0)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of LDA on dated, labelled documents of eight themes; tests take copies of it."""
    folder = tmp_path_factory.mktemp("runs")
    random = np.random.default_rng(0)
    with (folder / "documents.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["day", "kind", "body"])
        for row in range(400):
            theme = row % 8 if random.random() * 500 > row else 0  # the first one rises
            words = [f"theme{theme}word{n:02d}".replace("0", "o").replace("1", "i") for n in
                     np.minimum(random.geometric(0.15, 25), 30)]  # fmt: skip
            writer.writerow([f"20{10 + row // 50}-05-01", f"kind{theme % 3}", " ".join(words)])
    words = "--text body --label kind --date day -k 8 --model lda --epochs 60 --quiet"
    assert command("topics", folder / "documents.csv", *words.split(), "-o", folder / "run") == 0
    return folder / "run"


def test_what_is_edited_in_the_page_is_what_the_command_makes(
    chromium: Any, run: Path, tmp_path: Path, downloads: Path
) -> None:
    copy = Path(shutil.copytree(run, tmp_path / "run"))
    page = copy / "report.html"
    open_page(chromium, page)
    to_topic(chromium, 3)
    type_into(chromium, "edit-name", f"  {HOSTILE}   of  two words ")
    type_into(chromium, "edit-note", "first line\nsecond")
    merge(chromium, 5, 2)
    to_topic(chromium, 0)
    chromium.find_element("id", "edit-hide").click()
    to_topic(chromium, 6)
    type_into(chromium, "edit-place", "1")
    chromium.find_element("id", "edit-move").click()
    wait_until(chromium, "location.hash === '#topic-1'")
    in_page = script(chromium, ROWS)
    lead = text_of(chromium, ".lead") if script(chromium, "innerWidth") > 900 else ""
    file = saved(chromium, downloads)
    edits = json.loads(file.read_text(encoding="utf-8"))["edits"]
    kinds = [next(iter(edit)) for edit in edits]
    assert kinds == ["rename", "note", "merge", "hide", "order"], edits
    assert command("edit", copy, file, "--quiet") == 0
    result = pt.load_result(copy)
    assert result.n_topics == 7 and result.hidden == (0,)
    name = f"{HOSTILE} of two words"
    assert name in result.names
    assert result.remarks[result.names.index(name)] == "first line\nsecond"
    open_page(chromium, page)
    assert chromium.find_elements("css selector", "#undo") == [] or "0 edits" in text_of(
        chromium, "#edits"
    )  # they are the run's now, and are not made a second time
    assert {row[0]: row[2] for row in script(chromium, ROWS)} == {r[0]: r[2] for r in in_page}
    named = {row[0]: row[1] for row in in_page if row[1] == name}
    assert named and named.items() <= {row[0]: row[1] for row in script(chromium, ROWS)}.items()
    sentence = text_of(chromium, ".lead p").partition("The largest are ")
    assert (
        sentence[0] == lead.partition("The largest are ")[0] == "400 documents speak of 7 topics. "
    )
    assert script(chromium, "typeof window.hacked") == "undefined"
    assert errors(chromium) == []
    assert command("edit", copy, file, "--quiet") == 1  # a second time they mean other topics


def test_an_edit_is_seen_everywhere_at_once(chromium: Any, run: Path) -> None:
    open_page(chromium, run / "report.html")
    largest = script(chromium, "document.querySelector('.lead a').hash.slice(7)")
    to_topic(chromium, int(largest))
    type_into(chromium, "edit-name", "The First")
    assert text_of(chromium, "#topic h2 .what") == "The First"
    assert script(chromium, "document.title").startswith(f"Topic {largest}: The First")
    chromium.execute_script("location.hash = 'overview'")
    wait_until(chromium, "!document.getElementById('overview').hidden")
    assert "The First" in text_of(chromium, ".lead p")
    row = f"#topic-list li[data-topic='{largest}'] b"
    assert script(chromium, f'document.querySelector("{row}").textContent') == "The First"
    for figure in ("map", "dates", "labels-0", "documents"):
        text = f"document.querySelector('#figure-{figure} .unseen').textContent"
        assert "The First" in script(chromium, text), figure
    drawn = "document.querySelector('#figure-{} svg:not(.menu svg)').textContent"
    for figure in ("map", "labels-0"):
        assert "The First" in script(chromium, drawn.format(figure)), figure
    chromium.find_element("id", "undo").click()
    assert "The First" not in text_of(chromium, "body")
    chromium.find_element("id", "redo").click()
    assert "The First" in text_of(chromium, ".lead p")
    assert errors(chromium) == []


def test_merged_and_hidden_topics_leave_the_figures(chromium: Any, run: Path) -> None:
    open_page(chromium, run / "report.html")
    bubbles = "document.querySelectorAll('#figure-map .bubble').length"
    before = script(chromium, ROWS)
    merge(chromium, 2, 4)
    assert told(chromium) == "Topics 2 and 4 are one."
    wait_until(chromium, TOPIC_SHOWN)
    to_topic(chromium, 6)
    chromium.find_element("id", "edit-hide").click()
    chromium.execute_script("location.hash = 'overview'")
    wait_until(chromium, f"{bubbles} === 6")
    rows = script(chromium, ROWS)
    assert len(before) == 8 and len(rows) == 6
    shares = {row[0]: float(row[2].rstrip(" %")) for row in before}
    joined = next(row for row in rows if row[0] == "2")
    assert float(joined[2].rstrip(" %")) == pytest.approx(shares["2"] + shares["4"], abs=1.1)
    assert "7 topics" in text_of(chromium, ".lead p")
    chromium.find_element("css selector", "#hidden-topics summary").click()
    chromium.find_element("css selector", "#hidden-topics button").click()
    assert len(script(chromium, ROWS)) == 7
    for _ in range(3):
        chromium.find_element("id", "undo").click()
    assert script(chromium, ROWS) == before
    assert errors(chromium) == []


def test_nothing_is_lost_on_reload_and_other_windows_see_it(chromium: Any, run: Path) -> None:
    page = run / "report.html"
    open_page(chromium, page)
    to_topic(chromium, 1)
    field = chromium.find_element("id", "edit-name")
    field.send_keys("half typed")  # and the page is left
    chromium.refresh()
    wait_until(chromium, TOPIC_SHOWN)
    assert text_of(chromium, "#topic h2 .what") == "half typed"
    assert "Kept in this browser" in text_of(chromium, "#edits")
    first = chromium.current_window_handle
    chromium.switch_to.new_window("tab")
    chromium.get(page.as_uri() + "#topic-1")
    wait_until(chromium, TOPIC_SHOWN)
    assert text_of(chromium, "#topic h2 .what") == "half typed"
    chromium.find_element("id", "undo").click()
    chromium.close()
    chromium.switch_to.window(first)
    wait_until(chromium, "document.querySelector('#topic .what').textContent !== 'half typed'")
    chromium.find_element("id", "redo").click()
    assert text_of(chromium, "#topic h2 .what") == "half typed"


@pytest.mark.parametrize(
    "kept", ["{", '{"log": [{"hide": [99]}]}', '{"log": [{"split": {"0": 2}}]}']
)
def test_what_was_kept_and_does_not_fit_is_left_out_and_told(
    chromium: Any, run: Path, kept: str
) -> None:
    page = run / "report.html"
    open_page(chromium, page)
    name = "'polytopic-edits-' + JSON.parse(document.getElementById('data').textContent).run.id"
    chromium.execute_script(f"localStorage.setItem({name}, arguments[0])", kept)
    open_page(chromium, page)
    assert "do not fit its topics and are left out" in text_of(chromium, "#edits")
    assert len(script(chromium, ROWS)) == 8
    assert errors(chromium) == []


@pytest.fixture
def no_storage(chromium: Any) -> Iterator[None]:
    """A browser that refuses storage: touching it throws, as with cookies blocked."""
    refusing = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no'); }})"
    made = chromium.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": refusing})
    yield
    chromium.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", made)


@pytest.mark.usefixtures("no_storage")
def test_refused_storage_is_told_and_edits_still_work(
    chromium: Any, run: Path, downloads: Path
) -> None:
    open_page(chromium, run / "report.html")
    to_topic(chromium, 1)
    type_into(chromium, "edit-name", "named")
    assert text_of(chromium, "#topic h2 .what") == "named"
    assert "This browser keeps nothing for this page" in text_of(chromium, "#edits")
    edits = json.loads(saved(chromium, downloads).read_text(encoding="utf-8"))["edits"]
    assert edits == [{"rename": {"1": "named"}}]
    chromium.find_element("id", "undo").click()  # so that the page may be left
    assert errors(chromium) == []
