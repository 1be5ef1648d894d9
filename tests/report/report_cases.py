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
