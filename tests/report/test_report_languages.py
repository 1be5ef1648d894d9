"""A page in another language, of a run with everything wrong that the page can tell."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from polytopic.report import assets, render
from polytopic.report.health import Health, judge
from polytopic.report.wording import Wording
from polytopic.result import TopicResult
from polytopic.text import Vocabulary

TABLE: dict[str, dict[str, str]] = json.loads(assets.page_words())
K, D, OWN, COMMON = 12, 400, 30, 12
DEAD, TWIN, STOPS, ALL = 8, 1, 9, 10
"""Topics that are the largest of no document, like topic 0, of words of all documents, and as the
corpus as a whole."""


def ailing(**changes: Any) -> TopicResult:
    """Twelve topics with each kind of flag, half of the documents in all of them equally."""
    rng = np.random.default_rng(0)
    topic_word = np.full((K, K * OWN + COMMON), 1e-6)
    for topic in range(K):
        topic_word[topic, OWN * topic : OWN * topic + OWN] = np.linspace(0.05, 0.01, OWN)
        topic_word[topic, -COMMON:] = 0.02
    topic_word[STOPS] = 1e-6
    topic_word[STOPS, -COMMON:] = 1.0
    topic_word[TWIN] = topic_word[0]
    topic_word /= topic_word.sum(axis=1, keepdims=True)
    member = np.arange(D) % K
    member[member == DEAD] = 2
    written = np.where(member == STOPS, 3, member)  # whose documents hold no more common words
    counts = np.array([rng.multinomial(60, topic_word[topic]) for topic in written])
    counts[:, -COMMON:] += 1
    topic_word[ALL] = counts.sum(axis=0) / counts.sum()
    theta = np.full((D, K), 0.1 / K)
    theta[np.arange(D), member] += 0.9
    theta[: 2 * D // 3] = 1 / K + rng.normal(0, 1e-4, (2 * D // 3, K))
    theta[:, DEAD] = np.minimum(theta[:, DEAD], theta.min(axis=1))
    theta /= theta.sum(axis=1, keepdims=True)
    fields: dict[str, Any] = {
        "topic_word": topic_word,
        "doc_topic": theta,
        "vocabulary": Vocabulary([f"w{term}x" for term in range(topic_word.shape[1])]),
        "counts": sparse.csr_matrix(counts),
        "labels": np.array([f"label{row % 40}" for row in range(D)]),
        "dates": np.array(["none", *(f"20{row % 20:02d}-05-01" for row in range(1, D))]),
        "history": [{"iteration": n, "log_likelihood": -9.0 + n / 20} for n in range(1, 41)],
        "metrics": dict.fromkeys(("diversity", "diversity_once", "purity", "nmi"), 0.5),
        "notes": {"seconds": 90, "kept": True, "lists": list(range(20)), "none": None},
    }
    return TopicResult(**{**fields, **changes})


def shown(page: str) -> str:
    """What the page says: its markup without the program, and the data without the words of it."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data = json.loads(found[1])
    del data["words"]
    markup = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    return markup + json.dumps(data, ensure_ascii=False)


@pytest.fixture(scope="module")
def health() -> Health:
    return judge(ailing())


def test_everything_is_wrong_with_the_run(health: Health) -> None:
    words = Wording()
    flags = {flag for found in health.flags.values() for flag in found if "like " not in flag}
    assert flags == {words.say(f"flag_{key}") for key in ("dead", "stop_words", "background")}
    assert health.flags[TWIN] == ["like 0"] and health.like[0] == [TWIN]
    told = " ".join(sentence.text for sentence in health.sentences)
    assert "belong to all topics equally" in told and "still rising" in told
    assert any(verdict.rating == "junk" for verdict in ailing().verdicts)


@pytest.mark.parametrize("language", ["de", "es", "fr", "zh"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"labels": np.array(["one"] * D), "dates": np.array(["?"] * D)},
        {"labels": np.array([f"own {row}" for row in range(D)]), "dates": np.array(["2010"] * D)},
    ],
)
def test_no_sentence_of_the_page_stays_english(language: str, changes: dict[str, Any]) -> None:
    page = shown(render(ailing(**changes), language=language))
    english = {
        part
        for forms in TABLE.values()
        for form in forms["en"].split(" | ")
        for part in re.split(r"\{\w+\}", form)
        if len(part.split()) > 2 and part not in forms[language]
    }
    assert len(english) > 100
    assert not [part for part in english if part in page]
    same = shown(render(ailing(**changes)))
    assert len([part for part in english if part in same]) > 15, "in English they are there"
    assert not re.search(r"\d %", page), "a per cent sign may not begin a line"


def test_a_verdict_of_junk_is_said_once_and_needs_a_look() -> None:
    result = ailing()
    found = judge(result)
    junk = [verdict for verdict in result.verdicts if verdict.rating == "junk"]
    assert {verdict.topic for verdict in junk} <= set(found.suspects)
    assert set(found.flags) <= set(found.suspects)
    for verdict in junk:
        assert verdict.sentence.rstrip(".") not in found.flags.get(verdict.topic, [])
