"""Which topic each word of a document speaks for, as spans of the text that the page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from polytopic.result.explaining import shares_of_words
from polytopic.text.marker import Marker

if TYPE_CHECKING:
    from polytopic.result import TopicResult

__all__ = ["coloured_words"]


def coloured_words(result: TopicResult, row: int, text: str, *, lowercase: bool) -> list[int]:
    """Start, length, topic and certainty in per cent of each word of ``text``, one after the other.

    ``text``: a passage of document ``row``; starts and lengths count its characters. By the
    posterior of a word's topic in a mixture, theta_k phi_kw / sum over topics (Blei, Ng & Jordan,
    JMLR 3, 2003, section 5.2).
    """
    columns = result.counts[[row]].indices
    if not len(columns):
        return []
    shares = shares_of_words(result.doc_topic[row], result.topic_word[:, columns])
    topics, certain = shares.argmax(axis=1), np.rint(100 * shares.max(axis=1)).astype(int)
    terms = [result.vocabulary.terms[column] for column in columns]
    found: list[int] = []
    for span in Marker(terms, lowercase=lowercase).find(text):
        told = span.start, span.end - span.start, int(topics[span.rank]), int(certain[span.rank])
        found += told
    return found
