"""Texts typed into the page: the same words, and the same proportions as ``transform``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from editing import script

import polytopic as pt
from polytopic.report import write_report
from polytopic.result import TopicResult
from polytopic.text import Corpus

from browsing import errors, open_page, text_of, violations, wait_until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("cleared"),
    pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning"),
    pytest.mark.filterwarnings("ignore::polytopic.ConvergenceWarning"),
]

WORDS = {
    "sky": "star galaxy planet comet orbit telescope moon's l'étoile naïve Ægir čas",
    "law": "court judge trial verdict lawyer straße İstanbul appeal jury ΣΊΣΥΦΟΣ",
    "sea": "boat harbour anchor sailor tide ﬁsh reef captain O’Brien don't x2",
}
TYPED = [
    "Star galaxy, planet! The court's judge; a BOAT in the harbour.",
    "star",
    "moon's l'étoile naïve NAI\u0308VE — ﬁsh fish STRASSE straße",
    "O'Brien's boat and O’Brien's hong kong court, hong kong star don't",
    "İstanbul istanbul ΣΊΣΥΦΟΣ σίσυφος\u00ad x2 2x 42 čas\u200d ﹘ Ｂｏａｔ H₂O",
    " ".join(["star judge tide"] * 40 + ["reef", "jury", "orbit"]),
]


def corpus_of(language: str, **options: Any) -> Corpus:
    rng = np.random.default_rng(0)
    texts = []
    for row in range(240):
        theme, other = (list(WORDS)[(row + step) % 3] for step in (0, row % 2))
        words = [*rng.choice(WORDS[theme].split(), 14), *rng.choice(WORDS[other].split(), 6)]
        texts.append(" ".join([*words, "hong kong" if row % 3 else "kong hong"]))
    return Corpus.from_texts(texts, min_df=2, max_df=1.0, language=language, **options)


def type_in(browser: Any, text: str) -> None:
    browser.execute_script(
        "const box = document.getElementById('typed-text'); box.value = arguments[0];"
        "document.getElementById('typed-told').textContent = '';"
        "box.dispatchEvent(new Event('input'));", text
    )  # fmt: skip
    wait_until(browser, "document.getElementById('typed-told').textContent !== ''")


def shares(browser: Any) -> dict[int, float]:
    rows = script(
        browser,
        "[...document.querySelectorAll('#typed-shown .bars li')].map(r =>"
        " [r.querySelector('a').hash, r.querySelector('.value').title])",
    )
    return {int(link.removeprefix("#topic-")): float(share) for link, share in rows}


@pytest.mark.parametrize(("language", "weights"), [("en", None), ("fr", "idf"), ("tr", None)])
def test_typed_texts_have_the_proportions_of_transform(
    chromium: Any, page: Path, language: str, weights: str | None
) -> None:
    corpus = corpus_of(language, ngrams=pt.text.Collocations(min_count=40, threshold=0.6))
    assert any("_" in term for term in corpus.vocabulary.terms)
    model = pt.LDA(n_topics=5, iterations=60, random_state=0, n_threads=1, term_weights=weights)
    write_report(model.fit_result(corpus), page)
    open_page(chromium, page)
    for text in TYPED:
        type_in(chromium, text)
        expected = model.transform([text])[0]
        found = shares(chromium)
        assert len(found) == 5
        np.testing.assert_allclose(
            [found[k] for k in range(5)], expected, atol=1e-3, err_msg=repr(text)
        )
    assert errors(chromium) == []


def test_words_are_coloured_and_unknown_ones_told(
    chromium: Any, page: Path, axe: str, screen: Callable[..., None]
) -> None:
    model = pt.LDA(n_topics=3, iterations=60, random_state=0, n_threads=1)
    result = model.fit_result(corpus_of("en"))
    write_report(result, page)
    open_page(chromium, page)
    hostile = "Star <img src=x onerror=window.hacked=1> galaxy. Nonsenseword boat!"
    type_in(chromium, hostile)
    told = text_of(chromium, "#typed-told")
    assert "nonsenseword" in told and "no terms of the model" in told and "markup" in told
    assert script(chromium, "document.querySelector('#typed-shown .text').textContent") == hostile
    marks = script(
        chromium,
        "[...document.querySelectorAll('#typed-shown mark')].map(m => [m.textContent,"
        " Number(m.dataset.topic)])",
    )
    assert [word for word, _ in marks] == ["Star", "galaxy", "boat"]
    theta = model.transform([hostile])[0]
    for word, topic in marks:
        column = result.vocabulary.index(word.lower())
        assert topic == int((theta * result.topic_word[:, column]).argmax())
    assert violations(chromium, axe) == []
    type_in(chromium, "qqqq")
    assert "knows none of these words" in text_of(chromium, "#typed-told")
    assert script(chromium, "document.querySelectorAll('#typed-shown *').length") == 0
    assert script(chromium, "typeof window.hacked") == "undefined"
    screen(390)
    type_in(chromium, "w" * 2000 + " star")
    assert script(chromium, "document.documentElement.scrollWidth") <= 390
    assert errors(chromium) == []


def test_more_topics_than_are_listed(chromium: Any, page: Path) -> None:
    model = pt.LDA(n_topics=20, iterations=30, random_state=0, n_threads=1)
    write_report(model.fit_result(corpus_of("en")), page)
    open_page(chromium, page)
    for text in TYPED[:4]:
        type_in(chromium, text)
        expected = model.transform([text])[0]
        found = shares(chromium)
        assert len(found) == 8
        for topic, share in found.items():
            assert share == pytest.approx(float(expected[topic]), abs=1e-3)
        assert min(found.values()) >= sorted(expected)[-8] - 1e-3


def test_what_does_not_fit_is_told(
    chromium: Any, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("polytopic.report.typed.MOST_TYPED", 100)
    model = pt.LDA(n_topics=3, iterations=5, random_state=0, n_threads=1)
    result: TopicResult = model.fit_result(corpus_of("en"))
    write_report(result, page)
    open_page(chromium, page)
    assert "too large to be part of this page" in text_of(chromium, "#overview")
    assert script(chromium, "document.getElementById('typed')") is None
    assert errors(chromium) == []
