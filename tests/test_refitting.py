"""Topics that are kept stay while the others are learned anew."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.errors import InputError

from planting import planted

COUNTS = planted(n_documents=120, n_topics=4, per_topic=8)[0]
TERMS = [f"w{term}" for term in range(COUNTS.shape[1])]


def fitted(**changes: Any) -> pt.TopicResult:
    options = {"n_topics": 4, "iterations": 30, "random_state": 0, **changes}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # iterations are few
        return pt.LDA(**options).fit(COUNTS, terms=TERMS).result(COUNTS)


def test_what_is_kept_stays_with_its_name_and_room_is_filled() -> None:
    result = fitted().rename({1: "good", 2: "hidden"}).note({1: "seen"}).merge([[0, 3]]).hide([2])
    again = result.refit()
    assert again.n_topics == 4
    np.testing.assert_array_equal(again.topic_word[:2], result.topic_word[[0, 1]])
    assert again.names == ("", "good", "", "") and again.remarks[1] == "seen"
    assert again.edits == () and again.hidden == ()
    assert pt.simplex.is_distribution(again.topic_word)
    model = again.model_at_hand()
    assert model.topic_names_ == list(again.names)
    np.testing.assert_array_equal(model.result(COUNTS).doc_topic, again.doc_topic)


def test_some_are_kept_of_more_topics_and_other_documents() -> None:
    result = fitted()
    corpus = pt.Corpus.from_counts(COUNTS[:60], TERMS)
    again = result.refit(corpus, keep=[3], n_topics=6, random_state=1, iterations=10)
    assert again.doc_topic.shape == (60, 6)
    np.testing.assert_array_equal(again.topic_word[0], result.topic_word[3])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert result.refit(keep=[3], model="embedding-lda", iterations=5).n_topics == 4


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({}, "^n_topics: 4 topics are kept and 4 are asked for"),
        ({"keep": [0, 1], "n_topics": 2}, "^n_topics: 2 topics are kept and 2"),
        ({"keep": [9]}, "^keep: there is no topic 9"),
        ({"keep": [1, 1]}, "^keep: name each topic once"),
        ({"keep": []}, "^keep: name each topic once"),
        (
            {"keep": [0], "model": "ntm"},
            "^model: NTM learns all its topics anew .* lda, embedding-lda",
        ),
        ({"keep": [0], "model": "none"}, "there is no model"),
    ],
)
def test_what_cannot_be_refitted_is_told(options: dict[str, Any], match: str) -> None:
    with pytest.raises(InputError, match=match) as caught:
        fitted().refit(**options)
    assert "\n" not in str(caught.value)


def test_other_terms_are_refused() -> None:
    corpus = pt.Corpus.from_counts(COUNTS, [term.upper() for term in TERMS])
    for other in (corpus, COUNTS):
        with pytest.raises(InputError, match="^corpus: has other terms than the result"):
            fitted().refit(other, keep=[0])
