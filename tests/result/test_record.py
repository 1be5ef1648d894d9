"""TopicResult: which documents have a topic, names of topics, columns by position."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from polytopic import metrics
from polytopic.counts import holds_terms, told_without_terms
from polytopic.errors import InputError
from polytopic.result import TopicResult
from polytopic.text import Vocabulary

COUNTS = sparse.csr_matrix([[2, 0, 0], [0, 0, 0], [0, 3, 1], [0, 0, 0], [0, 0, 4]])
THETA = np.array([[0.8, 0.2], [0.9, 0.1], [0.3, 0.7], [0.5, 0.5], [0.4, 0.6]], dtype=np.float32)


def make(**changes: Any) -> TopicResult:
    """Five documents, of which the second and the fourth hold no term."""
    result = TopicResult(
        topic_word=np.array([[0.6, 0.2, 0.2], [0.1, 0.4, 0.5]], dtype=np.float32),
        doc_topic=THETA,
        vocabulary=Vocabulary(["a", "b", "c"]),
        counts=COUNTS,
    )
    return dataclasses.replace(result, **changes)


def test_a_document_without_terms_has_no_topic() -> None:
    result = make()
    assert result.has_topic.tolist() == [True, False, True, False, True]
    assert result.top_topic.tolist() == [0, -1, 1, -1, 1]
    assert result.without_topic == (
        "2 of 5 documents hold no term of the vocabulary and have no topic."
    )
    assert result.top_documents(0, 9).tolist() == [0, 4, 2]  # not the second, with .9 of topic 0
    assert result.top_documents(1, 1).tolist() == [2]
    np.testing.assert_array_equal(result.doc_topic, THETA)
    sizes = np.array([2, 4, 4]) @ THETA[[0, 2, 4]].astype(float) / 10
    np.testing.assert_allclose(result.topic_sizes, sizes)


def test_counts_that_are_replaced_are_asked_anew() -> None:
    result = make()
    assert not result.has_topic.all()
    filled = dataclasses.replace(result, counts=COUNTS + sparse.csr_matrix(np.ones((5, 3), int)))
    assert filled.has_topic.all() and filled.without_topic == ""


def test_zeros_that_are_stored_are_no_terms() -> None:
    stored = sparse.csr_matrix(([0, 1], ([0, 1], [0, 1])), shape=(2, 2))
    assert stored.nnz == 2 and holds_terms(stored).tolist() == [False, True]


def test_what_was_read_beside_counts_gives_topics_too() -> None:
    result = make(beside_counts=True)
    assert result.has_topic.all()
    assert result.top_topic.tolist() == THETA.argmax(axis=1).tolist()


def test_sentences_about_documents_without_terms() -> None:
    assert told_without_terms(0, 5) == ""
    assert told_without_terms(1, 5).startswith("1 of 5 documents holds no term")
    assert told_without_terms(671, 12_000).startswith("671 of 12,000 documents hold no term")


def test_clusters_leave_documents_without_topic_out() -> None:
    labels = ["x", "y", "z", "y", "z"]
    assert metrics.purity(make(), labels) == metrics.nmi(make(), labels) == 1.0
    assert metrics.purity(make().doc_topic, labels) < 1.0
    found = metrics.evaluate(make(labels=labels))
    assert found["purity"] == found["nmi"] == 1.0
    missing = ["x", None, "z", "y", "z"]  # the only one without a label has no topic either
    assert metrics.purity(make(), missing) == 1.0


class Model:
    topic_word_ = np.array([[0.9, 0.1], [0.1, 0.9]])
    vocabulary_ = Vocabulary(["a", "b"])

    def transform(self, documents: Any) -> np.ndarray:
        return np.array([[0.9, 0.1], [0.2, 0.8], [0.9, 0.1]])


def test_held_out_documents_without_terms_are_left_out_too() -> None:
    counts = np.array([[4, 0], [0, 4], [0, 0]])
    labels = ["x", "y", "y"]
    found = metrics.evaluate(Model(), held_out=counts, held_out_labels=labels)
    assert found["purity_held_out"] == found["nmi_held_out"] == 1.0
    found = metrics.evaluate(Model(), counts, labels=labels)
    assert found["purity"] == found["nmi"] == 1.0


def test_names_are_one_a_topic() -> None:
    assert make().names == ("", "")
    assert make(names=["cars", ""]).names == ("cars", "")
    with pytest.raises(InputError, match="names: 3 for 2 topics"):
        make(names=["a", "b", "c"])


def test_columns_of_a_result_come_by_position() -> None:
    pandas = pytest.importorskip("pandas")
    backwards = pandas.Series(list("abcde"), index=range(4, -1, -1))
    result = make(texts=backwards, labels=backwards, ids=tuple("abcde"), dates=iter("abcde"))
    for values in (result.texts, result.labels, result.ids, result.dates):
        assert values is not None and list(values) == list("abcde")
    for name in ("texts", "labels", "ids", "dates"):
        with pytest.raises(InputError, match=f"{name}: "):
            make(**{name: ["a"]})
        with pytest.raises(InputError, match=f"{name}: this is a table; pass one column"):
            make(**{name: pandas.DataFrame({"x": list("abcde")})})
