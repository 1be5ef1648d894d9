"""Words by relevance, labels that tell topics apart, words packed once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from polytopic.report.packing import pack_words
from polytopic.report.relevance import candidates, distinct_labels, relevance
from polytopic.result import TopicResult

Make = Callable[..., TopicResult]


def test_relevance_is_that_of_the_paper() -> None:
    row, corpus = np.array([0.5, 0.3, 0.2, 0.0]), np.array([0.4, 0.1, 0.0, 0.5])
    for weight in (0.0, 0.3, 1.0):
        expected = weight * np.log(row[:2]) + (1 - weight) * np.log(row[:2] / corpus[:2])
        np.testing.assert_allclose(relevance(row, corpus, weight)[:2], expected)
    assert np.isneginf(relevance(row, corpus, 0.6)[2:]).all()


def test_candidates_hold_the_first_words_at_every_place_of_the_slider() -> None:
    rng = np.random.default_rng(0)
    row, corpus = rng.dirichlet(np.full(400, 0.3)), rng.dirichlet(np.full(400, 0.3))
    found = candidates(row, corpus, 50)
    assert len(set(found.tolist())) == len(found)
    assert (np.diff(row[found[:50]]) <= 0).all()
    for weight in (0.0, 0.5, 1.0):
        best = np.argsort(-relevance(row, corpus, weight))[:25]
        assert set(best.tolist()) <= set(found.tolist())


def test_no_two_labels_are_led_by_the_same_word() -> None:
    terms = ["food", "time", "stars", "star", "goal", "match"]
    topic_word = np.array(
        [
            [0.5, 0.3, 0.1, 0.1, 0.0, 0.0],
            [0.5, 0.3, 0.0, 0.0, 0.1, 0.1],
            [0.5, 0.0, 0.25, 0.25, 0.0, 0.0],
        ]
    )
    corpus = np.full(6, 1 / 6)
    labels = distinct_labels(topic_word, corpus, terms, np.array([0.5, 0.3, 0.2]))
    assert labels[0][0] == "food"  # the largest chooses first
    assert len({label[0] for label in labels}) == 3
    assert all(len(set(label)) == len(label) for label in labels)
    assert {"star", "stars"} - set(labels[2]) != set()  # one of a stem


def test_words_that_the_corpus_has_in_plenty_do_not_lead() -> None:
    topic_word = np.array([[0.5, 0.4, 0.1], [0.6, 0.0, 0.4]])
    labels = distinct_labels(topic_word, np.array([0.9, 0.05, 0.05]), ["time", "goal", "star"],
                             np.array([0.5, 0.5]))  # fmt: skip
    assert [label[0] for label in labels] == ["goal", "star"]


def test_a_topic_without_counted_words_is_still_called_something() -> None:
    labels = distinct_labels(np.array([[0.7, 0.3]]), np.zeros(2), ["a", "b"], np.array([1.0]))
    assert labels == [["a", "b"]]


def test_words_are_packed_once_with_the_topics_they_come_from(make: Make) -> None:
    result = make()
    corpus = np.asarray(result.counts.sum(axis=0)).ravel() / result.counts.sum()
    records = [{"words": [["gene", 0.4, corpus[0], 0], ["star", 0.02, corpus[3], 3]]}]
    packed = pack_words(result, records, corpus)
    assert packed["terms"] == ["gene", "star"]
    assert packed["topics"][0]["words"] == [[0, 0.4], [1, 0.02]]
    assert packed["counts"] == [int(result.counts[:, 0].sum()), int(result.counts[:, 3].sum())]
    joint = result.topic_word[:, 0] * result.topic_sizes
    assert packed["found"][0][0] == [0, pytest.approx(joint[0] / joint.sum(), abs=5e-3)]
    assert records[0]["words"][0][0] == "gene"  # the records stay as they were
