"""Every word of a passage by its topic, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polytopic.report import write_report
from polytopic.report.colours import coloured_words
from polytopic.result import TopicResult

from browsing import TOPIC_SHOWN, errors, open_page, text_of, wait_until

Make = Callable[..., TopicResult]


def spans(result: TopicResult, row: int, text: str) -> list[tuple[str, int, int]]:
    """Word, topic and certainty of each span."""
    flat = coloured_words(result, row, text, lowercase=True)
    quadruples = [flat[place : place + 4] for place in range(0, len(flat), 4)]
    return [(text[s : s + n], topic, sure) for s, n, topic, sure in quadruples]


def test_words_have_the_posterior_of_their_topic(make: Make) -> None:
    theta = make().doc_topic.copy()
    theta[0] = [0.5, 0.5, 0.0]
    result = make(doc_topic=theta)
    found = spans(result, 0, "A Gene, a protein; unknown")
    joint = theta[0] * result.topic_word[:, 0]
    assert found[0] == ("Gene", 0, round(100 * joint[0] / joint.sum()))
    assert [word for word, _, _ in found] == ["Gene", "protein"]


def test_places_are_counted_in_characters_of_any_plane(make: Make) -> None:
    assert spans(make(), 0, "\U0001f600\U0001f600 gene")[0][0] == "gene"


def test_a_document_without_terms_has_no_colours(make: Make) -> None:
    result = make(counts=make().counts * 0)
    assert coloured_words(result, 0, "gene", lowercase=True) == []


@pytest.mark.browser
def test_the_page_colours_every_word_on_request(chromium: Any, make: Make, page: Path) -> None:
    theta = np.full((12, 3), 1 / 3, dtype=np.float32)
    theta[:, 0] += 0.1
    texts = [f"\U0001f600 {text}" for text in make().texts or ()]
    result = make(doc_topic=theta / theta.sum(axis=1, keepdims=True), texts=texts)
    write_report(result, page)
    open_page(chromium, page, "#topic-0")
    before = text_of(chromium, "#topic .document .text")
    chromium.find_element("id", "colour-words").click()
    wait_until(chromium, "document.querySelector('mark[data-topic]') !== null")
    assert text_of(chromium, "#topic .document .text") == before  # only colours change
    words = chromium.execute_script(
        "return [...document.querySelectorAll('#topic mark')].map("
        "m => [m.textContent.toLowerCase(), Number(m.dataset.topic), m.title])"
    )
    own = {"gene": 0, "cell": 0, "star": 1, "galaxy": 1, "goal": 2, "team": 2}
    assert {own[word] == topic for word, topic, _ in words if word in own} == {True}
    assert all("\u00a0% sure" in title for _, _, title in words)
    chromium.find_element("link text", "next ›").click()
    wait_until(chromium, TOPIC_SHOWN + " && location.hash !== '#topic-0'")
    assert chromium.execute_script("return document.getElementById('colour-words').checked")
    assert errors(chromium) == []
