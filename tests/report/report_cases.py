"""Results of many topics for the tests of the page."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from polytopic.result import TopicResult
from polytopic.text import Vocabulary


def many_topics(n_topics: int = 100, n_documents: int = 400, **changes: Any) -> TopicResult:
    """Topics of ten words each, beside one of all; dated, labelled documents of one topic."""
    rng = np.random.default_rng(0)
    n_terms = 10 * n_topics + 1
    topic_word = np.full((n_topics, n_terms), 1e-6)
    for topic in range(n_topics):
        topic_word[topic, 10 * topic : 10 * topic + 10] = np.linspace(0.09, 0.03, 10)
        topic_word[topic, -1] = 0.3
    topic_word /= topic_word.sum(axis=1, keepdims=True)
    member = np.arange(n_documents) % n_topics
    counts = np.array([rng.multinomial(40, topic_word[topic]) for topic in member])
    theta = np.full((n_documents, n_topics), 0.2 / max(n_topics - 1, 1))
    theta[np.arange(n_documents), member] = 0.8 if n_topics > 1 else 1.0
    given = changes.pop("terms", None)
    terms = given or [f"word{term // 10}x{term % 10}" for term in range(n_terms - 1)] + ["time"]
    fields: dict[str, Any] = {
        "topic_word": topic_word.astype(np.float32),
        "doc_topic": theta.astype(np.float32),
        "vocabulary": Vocabulary(terms),
        "counts": sparse.csr_matrix(counts),
        "texts": [f"text {row} of topic {topic}" for row, topic in enumerate(member)],
        "labels": np.array([f"group{topic % 4}" for topic in member]),
        "dates": np.array(
            [f"{2000 + row * 10 // n_documents}-05-01" for row in range(n_documents)]
        ),
    }
    return TopicResult(**{**fields, **changes})


def themed_topics(n_documents: int = 360) -> TopicResult:
    """Nine topics of the themes a, b and c in turn, which share documents and words."""
    rng = np.random.default_rng(0)
    topic_word = np.full((9, 9 * 8 + 3 * 6), 1e-5)
    for topic in range(9):
        topic_word[topic, 8 * topic : 8 * topic + 8] = np.linspace(0.09, 0.04, 8)
        theme = 72 + 6 * (topic % 3)
        topic_word[topic, theme : theme + 6] = np.linspace(0.12, 0.05, 6)
    topic_word /= topic_word.sum(axis=1, keepdims=True)
    theta = np.full((n_documents, 9), 0.01)
    for row in range(n_documents):
        theme = (0, 0, 0, 1, 1, 2)[row % 6]  # so that a is the largest, and c the smallest
        theta[row, theme::3] = rng.dirichlet([1.0, 1.0, 1.0]) * 0.94
    theta /= theta.sum(axis=1, keepdims=True)
    counts = np.array([rng.multinomial(40, row @ topic_word) for row in theta])
    years = [f"{2000 + 10 * row // n_documents}-05-01" for row in range(n_documents)]
    own = [f"t{topic}x{n}" for topic in range(9) for n in range(8)]
    shared = [f"{theme}{n}th" for theme in "abc" for n in range(6)]
    return TopicResult(
        topic_word=topic_word.astype(np.float32), doc_topic=theta.astype(np.float32),
        vocabulary=Vocabulary(own + shared), counts=sparse.csr_matrix(counts),
        dates=np.array(years), labels=np.array(["x", "y"] * (n_documents // 2)),
    )  # fmt: skip
