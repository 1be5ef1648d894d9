"""``polytopic report``: the page of a run anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cli_runs import Call


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished run, to be written into."""
    return Path(shutil.copytree(finished, tmp_path / "run"))


def test_the_page_of_a_run_in_another_language_and_under_another_title(
    run: Path, call: Call
) -> None:
    before = (run / "report.html").read_text(encoding="utf-8")
    answer = call("report", run, "--title", "Bücher & Briefe", "--language", "de")
    assert answer.code == 0 and "report.html" in answer.err
    page = (run / "report.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in before and '<html lang="de">' in page
    assert '<h1 dir="auto">Bücher &amp; Briefe</h1>' in page


def test_elsewhere_nothing_is_replaced_unasked(run: Path, tmp_path: Path, call: Call) -> None:
    place = tmp_path / "page.html"
    assert call("report", run, "-o", place).code == 0
    again = call("report", run, "-o", place)
    assert again.code == 1 and "--force" in again.err
    assert call("report", run, "-o", place, "--force").code == 0
    wrong = call("report", run, "-o", tmp_path / "page.pdf")
    assert wrong.code == 1 and ".html" in wrong.err


def test_a_language_without_words_is_refused_before_anything_is_read(
    tmp_path: Path, call: Call
) -> None:
    answer = call("report", tmp_path / "none", "--language", "xx")
    assert answer.code == 1 and 'no words in "xx"' in answer.err
