"""``polytopic report``: the page of a run anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cli_runs import Call

from polytopic import runs
from polytopic.errors import InputError


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


def head(run: Path) -> tuple[bool, bool]:
    """Whether the page of a run is German, and under the title of these tests."""
    page = (run / "report.html").read_text(encoding="utf-8")
    return '<html lang="de">' in page, '<h1 dir="auto">Bücher</h1>' in page


def test_a_run_remembers_how_its_page_was_written(run: Path, tmp_path: Path, call: Call) -> None:
    assert call("report", run, "--language", "de").code == 0
    assert call("report", run, "--title", "Bücher").code == 0
    assert head(run) == (True, True)
    assert call("edit", run, "--rename", "0=Eins").code == 0
    assert head(run) == (True, True)
    elsewhere = tmp_path / "page.html"
    assert call("report", run, "-o", elsewhere, "--language", "fr").code == 0
    assert '<html lang="fr">' in elsewhere.read_text(encoding="utf-8")
    assert call("report", run).code == 0
    assert head(run) == (True, True)


def test_topics_writes_its_page_under_a_title_in_a_language(
    documents: Path, tmp_path: Path, call: Call
) -> None:
    words = ["topics", documents, "--text", "body", "-k", "3", "--model", "lda", "--epochs", "5"]
    page = ["--title", "Bücher", "--page-language", "de"]
    assert call(*words, *page, "-o", tmp_path / "run").code == 0
    assert head(tmp_path / "run") == (True, True)
    refused = call(*words, "--page-language", "xx", "-o", tmp_path / "other")
    assert refused.code == 1 and 'no words in "xx"' in refused.err
    assert not (tmp_path / "other").exists()


def test_another_title_does_not_begin_an_unfinished_run_anew(tmp_path: Path) -> None:
    settings = {"file": "texts.csv", "page": {"title": "One"}}
    with runs.reserved(tmp_path / "run", settings) as folder:
        runs.begin(folder)
        folder.checkpoint.mkdir()
    with runs.reserved(tmp_path / "run", {**settings, "page": {"title": "Two"}}) as folder:
        assert folder.resumed and folder.page == {"title": "Two"}
    with (
        pytest.raises(InputError, match="other settings"),
        runs.reserved(tmp_path / "run", {"file": "others.csv"}),
    ):
        pass
