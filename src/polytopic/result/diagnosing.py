"""The diagnosis of a result with a verdict on every topic, by what is given from outside too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from polytopic.errors import InputError
from polytopic.metrics import Collapse
from polytopic.metrics.verdicts import FEWEST_DOCUMENTS, verdicts
from polytopic.result.record import Record, source_of
from polytopic.text.values import as_column

__all__ = ["diagnosed"]


def diagnosed(result: Record, *, sources: Any = None, **beside: Any) -> Collapse:
    """The work of :meth:`TopicResult.diagnose`."""
    if sources is None and all(given is None for given in beside.values()):
        found = result.verdicts
    else:
        beside["vectors"] = _by_word(beside.get("vectors"), result.vocabulary.terms)
        found = verdicts(
            result.topic_word, result.doc_topic, result.counts, result.vocabulary.terms,
            sources=_sources(result, sources), **beside,
        )  # fmt: skip
    if not found:
        raise InputError(
            f"documents: {int(result.has_topic.sum())} hold terms, and a verdict on topics needs "
            f"{FEWEST_DOCUMENTS}. Read the topics instead, or pass a model more documents."
        )
    return replace(result.diagnosis, verdicts=found)


def _by_word(vectors: Any, terms: Sequence[str]) -> Any:
    """An array of vectors, a row a term, as a mapping; others as they are."""
    if not isinstance(vectors, np.ndarray):
        return vectors
    if len(vectors) != len(terms):
        raise InputError(
            f"vectors: have {len(vectors)} rows, the vocabulary has {len(terms)} terms. Pass a row "
            "a term, in the order of the vocabulary."
        )
    return dict(zip(terms, vectors, strict=True))


def _sources(result: Record, given: Any) -> Any:
    if given is None:
        return source_of(result.metadata)
    if isinstance(given, str):
        if given not in result.metadata:
            listed = ", ".join(f'"{name:.40}"' for name in result.metadata) or "none"
            raise InputError(f'sources: there is no column "{given:.40}". Columns: {listed}.')
        return result.metadata[given]
    return as_column(given, "sources", result.n_documents)
