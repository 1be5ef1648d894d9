"""A result as pyLDAvis takes it."""

from __future__ import annotations

from typing import Any

import numpy as np

from polytopic.result.record import Record

__all__ = ["pyldavis_arguments"]


def pyldavis_arguments(result: Record) -> dict[str, Any]:
    """The work of :meth:`TopicResult.to_pyldavis`."""
    kept = np.flatnonzero(result.has_topic)
    counts = result.counts[kept]
    theta = result.doc_topic[kept].astype(np.float64)
    words = result.topic_word.astype(np.float64)
    return {
        "topic_term_dists": words / words.sum(axis=1, keepdims=True),
        "doc_topic_dists": theta / theta.sum(axis=1, keepdims=True),
        "doc_lengths": np.asarray(counts.sum(axis=1, dtype=np.int64)).ravel(),
        "vocab": list(result.vocabulary.terms),
        "term_frequency": np.asarray(counts.sum(axis=0, dtype=np.int64)).ravel(),
    }
