"""Queries: topics and documents for words or a text, by each way there is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from themes import THEMES

import polytopic as pt
from polytopic.embeddings.vectors import WordVectors
from polytopic.result.questions import Found


def themes_of(found: Found, themed: pt.Corpus) -> set[str]:
    assert themed.labels is not None
    return {str(themed.labels[row]) for row, _ in found.documents}


def test_every_model_finds_documents_of_a_theme(asked: pt.TopicResult, themed: pt.Corpus) -> None:
    found = asked.find("The BANK, a loan; xylophones", n_documents=5)
    assert found.by == "theta"
    assert found.unknown == ("xylophones",)
    assert themes_of(found, themed) == {"money"}
    scores = [score for _, score in found.documents]
    assert scores == sorted(scores, reverse=True)
    theta = asked.fitted.transform(["bank loan"])[0]
    assert found.topics[0] == (int(theta.argmax()), pytest.approx(float(theta.max())))


def test_every_result_is_asked_without_its_model(asked: pt.TopicResult, themed: pt.Corpus) -> None:
    found = replace(asked, fitted=None).find("bank loan", n_topics=3, n_documents=5)
    assert found.by == "words"
    assert themes_of(found, themed) == {"money"}
    assert sum(score for _, score in found.topics) == pytest.approx(1.0)


def test_topics_of_words_are_the_mean_of_their_posteriors(plain: pt.TopicResult) -> None:
    found = plain.find("bank bank gene", by="words", n_topics=3)
    expected = np.zeros(3)
    for word, weight in (("bank", 2 / 3), ("gene", 1 / 3)):
        joint = plain.topic_word[:, plain.vocabulary.index(word)] * plain.topic_sizes
        expected += weight * joint / joint.sum()
    for topic, score in found.topics:
        assert score == pytest.approx(expected[topic])


def test_a_document_s_own_words_count(plain: pt.TopicResult) -> None:
    """Of documents of one theme, those that hold the word come first."""
    column = plain.vocabulary.index("engine")
    holding = np.flatnonzero(plain.counts[:, column].toarray().ravel())
    found = plain.find("engine", n_documents=len(holding))
    assert {row for row, _ in found.documents} == set(holding.tolist())


def test_word_vectors_know_other_words(plain: pt.TopicResult, themed: pt.Corpus) -> None:
    terms = [*plain.vocabulary.terms, "dollar"]
    themes = {w: n for n, words in enumerate(THEMES.values()) for w in words.split()}
    rows = np.eye(3, dtype=np.float32)[[themes.get(term, 2) for term in terms]]
    vectors = WordVectors(pt.Vocabulary(terms), rows, rows)
    found = plain.find("dollars and a dollar", vectors=vectors, n_documents=4)
    assert found.by == "vectors"
    assert found.unknown == ("dollars",)
    assert themes_of(found, themed) == {"money"}
    assert found.topics[0][0] == plain.find("bank").topics[0][0]
    with pytest.raises(pt.InputError, match=r"none of its words has a vector: euros"):
        plain.find("euros", vectors=vectors)


def test_documents_without_terms_are_never_found(lda: pt.LDA) -> None:
    result = lda.result(["zither", "bank", ""])
    assert [row for row, _ in result.find("bank", n_documents=9).documents] == [1]


@pytest.mark.parametrize(
    ("query", "options", "message"),
    [
        ("", {}, "query: is empty"),
        (" \n", {}, "query: is empty"),
        (None, {}, "query: is of type NoneType"),
        (["bank"], {}, "query: is of type list"),
        ("the of", {}, "query: holds stop words or no words only"),
        ("bnak enigne", {}, "vocabulary: bnak, enigne. Close to them: bank, "),
        ("bank", {"n_topics": -1}, "n_topics: is -1"),
        ("bank", {"n_documents": True}, "n_documents: is True"),
        ("bank", {"by": "magic"}, "by: is 'magic'"),
        ("bank", {"by": "vectors"}, "vectors: are missing"),
        ("bank", {"vectors": np.eye(3)}, "vectors: are of type ndarray"),
    ],
)
def test_what_cannot_be_asked_is_told(
    plain: pt.TopicResult, query: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(pt.InputError, match=message) as caught:
        plain.find(query, **options)
    assert "\n" not in str(caught.value)


def test_theta_needs_a_model_that_reads_counts_alone(plain: pt.TopicResult) -> None:
    alone = replace(plain, fitted=None)
    with pytest.raises(pt.InputError, match="by: theta of a query needs the model"):
        alone.find("bank", by="theta")
    other = replace(plain, topic_word=plain.topic_word[::-1], doc_topic=plain.doc_topic[:, ::-1])
    assert other.model_at_hand() is None


def test_bare_counts_know_no_words() -> None:
    counts = np.kron(np.eye(2, dtype=int), np.full((10, 2), 2))
    result = pt.LDA(n_topics=2, iterations=30, random_state=0).fit(counts).result(counts)
    with pytest.raises(pt.InputError, match="fitted on bare counts"):
        result.find("bank")
