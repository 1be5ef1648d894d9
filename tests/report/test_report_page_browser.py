"""Each interaction of the page in headless Chromium: words, maps, time, labels, documents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polytopic.report import write_report
from polytopic.result import TopicResult

from browsing import TOPIC_SHOWN, errors, next_file, open_page, text_of, wait_until
from report_cases import many_topics

pytestmark = pytest.mark.browser

Make = Callable[..., TopicResult]


def script(browser: Any, code: str) -> Any:
    return browser.execute_script(f"return {code}")


def set_slider(browser: Any, name: str, value: float) -> None:
    browser.execute_script(
        f"const s = document.getElementById('{name}'); s.value = {value};"
        "s.dispatchEvent(new Event('input'));"
    )


def bars(browser: Any) -> list[str]:
    return list(
        script(browser, "[...document.querySelectorAll('.words .term')].map(t => t.textContent)")
    )


def test_the_slider_ranks_words_by_relevance(chromium: Any, page: Path) -> None:
    write_report(many_topics(8), page)
    open_page(chromium, page, "#topic-2")
    set_slider(chromium, "lambda", 1)
    assert bars(chromium)[0] == "time"  # the most probable word of every topic
    set_slider(chromium, "lambda", 0)
    assert bars(chromium)[0].startswith("word2x") and bars(chromium)[9].startswith("word2x")
    assert text_of(chromium, ".lambda output") == "0.0"
    chromium.find_element("link text", "next ›").click()
    wait_until(chromium, "location.hash !== '#topic-2'")
    assert script(chromium, "document.getElementById('lambda').value") == "0"  # it stays
    assert errors(chromium) == []


def test_one_word_that_outweighs_the_rest_is_drawn_by_roots(
    chromium: Any, make: Make, page: Path
) -> None:
    rows = np.full((3, 9), 0.01, dtype=np.float32)
    rows[np.arange(3), np.arange(3)] = 0.92
    write_report(make(topic_word=rows), page)
    open_page(chromium, page, "#topic-0")
    assert "square roots" in text_of(chromium, ".word-list .key")
    shares = script(
        chromium,
        "[...document.querySelectorAll('.words .fill')].map(f => parseFloat(f.style.width))",
    )
    assert shares[1] == pytest.approx(100 * (0.01 / 0.92) ** 0.5, abs=0.1)


def test_a_word_opens_its_topics_and_documents(chromium: Any, make: Make, page: Path) -> None:
    write_report(make(), page)
    open_page(chromium, page, "#topic-1")
    chromium.find_element("link text", "galaxy").click()
    wait_until(chromium, "location.hash.startsWith('#word-')")
    shown = text_of(chromium, "#topic")
    assert "galaxy" in text_of(chromium, "#topic h2")
    assert "of all words; counted" in shown
    assert script(chromium, "document.querySelectorAll('#topic .document').length") == 4
    assert "galaxy" in script(
        chromium, "[...document.querySelectorAll('mark.strong')].map(m => m.textContent)"
    )
    chromium.find_element("css selector", "#topic .bars a").click()
    wait_until(chromium, "location.hash === '#topic-1'")
    assert errors(chromium) == []


def test_groups_first_and_topics_on_zoom(chromium: Any, page: Path) -> None:
    write_report(many_topics(), page)
    open_page(chromium, page)
    names = "[...document.querySelectorAll('#figure-map .names text')].map(t => t.textContent)"
    groups = script(chromium, names.replace(" text", " .group-name"))
    closed = "[...document.querySelectorAll('#figure-tree [aria-expanded=false]')]"
    n_closed = script(chromium, f"{closed}.length")
    assert len(groups) == len(set(groups)) == n_closed > 2
    chromium.find_element("css selector", "#figure-map .bubbles").send_keys("+++")
    wait_until(chromium, "document.querySelectorAll('#figure-map .group-name').length === 0")
    first = script(chromium, names.replace("t.textContent", "t.firstChild.textContent"))
    assert first and len(set(first)) == len(first) and "time" not in first
    chromium.find_element("css selector", "#figure-map .bubbles").send_keys("0")
    count = "document.querySelectorAll('#figure-map .group-name').length"
    wait_until(chromium, f"{count} === {n_closed}")


def test_searching_documents_gives_their_words_and_topics(chromium: Any, page: Path) -> None:
    write_report(many_topics(8), page)
    open_page(chromium, page)
    chromium.find_element("id", "docs-search").send_keys("word3x")
    wait_until(chromium, "document.querySelectorAll('.word-chips li').length > 0")
    assert "50 of 400 documents chosen." in text_of(chromium, "#docs-chosen")
    assert "word3x" in text_of(chromium, ".word-chips")
    assert text_of(chromium, ".chosen-parts .bars .term").startswith("3 ")
    assert "text 3 of topic 3" in text_of(chromium, ".chosen-texts")
    chromium.find_element("css selector", ".chosen-parts .bars a").click()
    wait_until(chromium, TOPIC_SHOWN)
    chromium.back()
    wait_until(chromium, "!document.getElementById('overview').hidden")
    assert "50 of 400 documents chosen." in text_of(chromium, "#docs-chosen")  # it persists
    chromium.find_element("id", "docs-clear").click()
    assert script(chromium, "document.getElementById('docs-chosen').children.length") == 0
    assert errors(chromium) == []


def test_drawing_around_documents_chooses_them(chromium: Any, page: Path) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    write_report(many_topics(8), page)
    open_page(chromium, page)
    chromium.find_element("id", "lasso").click()
    canvas = chromium.find_element("css selector", ".documents-map")
    width, height = canvas.size["width"], canvas.size["height"]
    chain = ActionChains(chromium, duration=20)
    chain.move_to_element_with_offset(canvas, -width // 2 + 2, -height // 2 + 2).click_and_hold()
    for x, y in ((width - 6, 0), (0, height // 2), (6 - width, 0), (0, -height // 2)):
        chain.move_by_offset(x, y)
    chain.release().perform()
    wait_until(chromium, "document.querySelector('#docs-chosen .note') !== null")
    chosen = int(text_of(chromium, "#docs-chosen .note").split()[0])
    assert 0 < chosen < 400
    assert script(chromium, "location.hash") == ""  # a lasso opens nothing
    assert errors(chromium) == []


def test_dates_filter_the_documents(chromium: Any, page: Path) -> None:
    write_report(many_topics(8), page)
    open_page(chromium, page)
    set_slider(chromium, "docs-from", 32)
    wait_until(chromium, "document.querySelector('#docs-chosen .note') !== null")
    assert "80 of 400 documents chosen." in text_of(chromium, "#docs-chosen")
    assert text_of(chromium, "#docs-span") == "2008 Q2 – 2009 Q2"


def test_more_documents_than_shown_are_told(
    chromium: Any, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("polytopic.report.document_map.MOST_DOCUMENTS", 150)
    write_report(many_topics(8), page)
    open_page(chromium, page)
    assert text_of(chromium, "#docs-shown") == "150 of 400 documents are shown."


def test_few_documents_are_grey_and_none_hatched(chromium: Any, page: Path) -> None:
    result = many_topics(8)
    dates = np.array(["2001-01-01"] * 150 + ["2002-01-01"] * 5 + ["2004-01-01"] * 245)
    write_report(TopicResult(**{**base(result), "dates": dates}), page)
    open_page(chromium, page)
    strip = "document.querySelectorAll('#figure-counts {}').length"
    assert script(chromium, strip.format(".few")) >= 1
    assert script(chromium, strip.format(".hatch")) >= 1


def base(result: TopicResult) -> dict[str, Any]:
    names = ("topic_word", "doc_topic", "vocabulary", "counts", "texts", "labels", "dates")
    return {name: getattr(result, name) for name in names}


def test_every_figure_is_saved_as_picture_drawing_and_table(
    chromium: Any, make: Make, page: Path, tmp_path: Path
) -> None:
    chromium.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    write_report(make(labels=np.array(["=1+1", "b", "c"] * 4)), page)
    figures = "[...document.querySelectorAll('.figure .menu')].map(m => m.closest('.figure').id)"
    for kind, start in (("png", b"\x89PNG"), ("svg", b"<svg"), ("csv", b"\xef\xbb\xbf")):
        open_page(chromium, page)  # anew: Chromium asks before more than ten downloads of a page
        names = script(chromium, figures)
        assert len(names) == 9
        for name in names:
            chromium.execute_script(f"document.querySelector('#{name} [data-kind={kind}]').click()")
            short = name.removeprefix("figure-")
            file = next_file(tmp_path, f"*-{short}.{kind}")
            assert file.read_bytes().startswith(start), (name, kind)
            if kind == "svg":
                text = file.read_text(encoding="utf-8")
                assert "var(" not in text and "color-mix" not in text
    labels = next_file(tmp_path, "*-labels-0.csv").read_text(encoding="utf-8-sig")
    assert labels.splitlines()[0] == "topic,name,label,documents,share,lift"
    assert "'=1+1" in labels and ",=1+1" not in labels
    assert errors(chromium) == []
