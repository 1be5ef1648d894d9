"""What is known of a result's topics is computed once, and lost where topics change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

import polytopic as pt
from polytopic import metrics
from polytopic.result import TopicResult
from polytopic.text import Vocabulary

from planting import planted

FACTS = ("topic_sizes", "coherence", "diagnosis", "has_topic", "top_topic")


@pytest.fixture
def result() -> TopicResult:
    counts, _ = planted(n_documents=60, n_topics=3)
    counts = sparse.csr_matrix(counts.multiply(np.arange(60)[:, None] != 5))
    topics = np.kron(np.eye(3), np.arange(8, 0, -1)) + 0.1
    topics /= topics.sum(axis=1, keepdims=True)
    theta = np.random.default_rng(0).dirichlet(np.ones(3), 60).astype(np.float32)
    terms = [f"t{n}" for n in range(topics.shape[1])]
    return TopicResult(
        topic_word=topics.astype(np.float32),
        doc_topic=theta,
        vocabulary=Vocabulary(terms=terms, counts=np.ones(len(terms), int)),
        counts=counts,
    )


def test_facts_are_what_the_metrics_compute(result: TopicResult) -> None:
    assert result.diagnosis == metrics.collapse(result)
    whole = metrics.npmi(result, result.counts, per_topic=True)
    np.testing.assert_array_equal(result.coherence, whole)
    lengths = np.asarray(result.counts.sum(axis=1)).ravel()
    np.testing.assert_allclose(result.topic_sizes, lengths @ result.doc_topic / lengths.sum())
    assert result.top_topic[5] == -1 and not result.has_topic[5]


def test_facts_outlive_what_they_do_not_depend_on(result: TopicResult) -> None:
    before = {name: getattr(result, name) for name in FACTS}
    other = replace(result, names=("a", "b", "c"), metrics={"npmi": 1.0}, labels=["x"] * 60)
    assert all(getattr(other, name) is value for name, value in before.items())
    assert replace(other, notes={}).diagnosis is before["diagnosis"]


def test_facts_go_with_what_they_depend_on(result: TopicResult) -> None:
    before = {name: getattr(result, name) for name in FACTS}
    turned = replace(result, doc_topic=result.doc_topic[:, [1, 2, 0]])
    np.testing.assert_allclose(turned.topic_sizes, before["topic_sizes"][[1, 2, 0]])
    assert turned.diagnosis.dead is not None
    upside_down = replace(result, topic_word=result.topic_word[:, ::-1].copy())
    assert not np.array_equal(upside_down.coherence, before["coherence"])
    beside = replace(result, beside_counts=True)
    assert beside.has_topic.all() and not before["has_topic"].all()
    fewer = replace(result, counts=result.counts * 0)
    assert fewer.coherence is None and not fewer.has_topic.any()


def test_replaced_topics_are_checked_again(result: TopicResult) -> None:
    with pytest.raises(pt.InputError, match="doc_topic: row 0 sums to 2"):
        replace(result, doc_topic=result.doc_topic * 2)
    with pytest.raises(pt.InputError, match="vocabulary: has 1 terms"):
        replace(result, vocabulary=Vocabulary(terms=["a"], counts=[1]))


def test_facts_are_closed_to_writing(result: TopicResult) -> None:
    for name in ("topic_sizes", "coherence", "has_topic", "top_topic"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(result, name)[0] = 1


def test_a_single_term_has_no_coherence() -> None:
    result = TopicResult(
        topic_word=np.ones((1, 1), np.float32),
        doc_topic=np.ones((3, 1), np.float32),
        vocabulary=Vocabulary(terms=["only"], counts=[3]),
        counts=np.ones((3, 1), int),
    )
    assert result.coherence is None
    assert metrics.evaluate(result)["npmi"] is None


def test_evaluate_tells_other_documents_from_the_results_own(result: TopicResult) -> None:
    own = metrics.evaluate(result)
    terms = result.vocabulary.terms
    assert own == metrics.evaluate(result, pt.Corpus.from_counts(result.counts, terms))
    others = pt.Corpus.from_counts(result.counts[::-1] * 2, terms)
    assert metrics.evaluate(result, others)["effective_topics"] != own["effective_topics"]
    half = result.counts.copy()
    half.data[::2] = 0
    assert metrics.evaluate(result, half)["npmi"] == metrics.npmi(
        result.topic_word, half, n=10, vocabulary=terms
    )


def test_stop_words_that_are_given_are_heeded(result: TopicResult) -> None:
    words = result.top_words(10)[0]
    assert metrics.evaluate(result)["stop_word_topics"] != 1
    assert metrics.evaluate(result, stop_words=words)["stop_word_topics"] == 1
