"""The tables of a run: which documents topics lead, and those that none leads."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from polytopic.result import TopicResult
from polytopic.result.tables import document_table
from polytopic.runs.tables import START_OF_TEXT, topic_table, whole_document_rows
from polytopic.text import Vocabulary


@pytest.fixture
def result() -> TopicResult:
    """Four documents: two of the second topic, one of the first, one without terms."""
    return TopicResult(
        topic_word=np.array([[0.6, 0.3, 0.1], [0.1, 0.4, 0.5]], dtype=np.float32),
        doc_topic=np.array([[0.8, 0.2], [0.1, 0.9], [0.3, 0.7], [0.5, 0.5]], dtype=np.float32),
        vocabulary=Vocabulary(["new york", "b", "c"]),
        counts=sparse.csr_matrix([[2, 0, 0], [0, 1, 0], [0, 3, 4], [0, 0, 0]]),
        texts=["a", "b", "c" * 500, ""],
        names=["first", ""],
    )


def test_topics_are_counted_by_the_documents_they_lead(result: TopicResult) -> None:
    table = topic_table(result)
    assert table["documents"].to_list() == [1, 2]
    assert result.coherence is not None
    assert table["npmi"].to_list() == result.coherence.tolist()
    assert table["words"].to_list() == ["new_york b c", "c b new_york"]
    assert table["name"].to_list() == ["first", None]
    shares = (2 * 0.2 + 0.9 + 7 * 0.7) / 10
    assert table["share"].to_list() == pytest.approx([1 - shares, shares])


def test_documents_without_terms_have_no_topic_in_the_table(result: TopicResult) -> None:
    table = document_table(result)
    assert table["topic"].to_list() == [0, 1, 1, None]
    assert table["share"].to_list() == [pytest.approx(0.8), pytest.approx(0.9),
                                        pytest.approx(0.7), None]  # fmt: skip
    assert table["terms"].to_list() == [2, 1, 7, 0]


def test_the_whole_table_holds_theta_and_how_texts_begin(result: TopicResult) -> None:
    table = whole_document_rows(result)(slice(0, result.n_documents))
    np.testing.assert_array_equal(np.stack(table["theta"].to_list()), result.doc_topic)
    assert table["text"].to_list() == ["a", "b", "c" * START_OF_TEXT, ""]
