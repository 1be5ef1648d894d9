"""The topics of single words, after what a person changed in the topics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.result.edits import replayed
from polytopic.result.record import Record
from polytopic.text import Vocabulary

__all__ = ["shares_after"]

_ALONE = 1_000_000
"""Occurrences of a word in the document that is made of it alone: so many that a topic split in
parts is divided by the word, and not by the parts' sizes."""


def shares_after(
    edits: Sequence[Mapping[str, Any]],
    shares: NDArray[np.float64],
    columns: NDArray[Any],
    topic_word: NDArray[np.float32],
    vocabulary: Vocabulary,
) -> NDArray[np.float64]:
    """The shares of T words, (T, K), among the topics after edits: each as a document of its own.

    ``columns``: the words' columns, (T,); ``topic_word``: the topics before the edits.
    """
    n_words, n_terms = len(columns), topic_word.shape[1]
    cells = (np.full(n_words, _ALONE), (np.arange(n_words), columns))
    words = Record(
        topic_word=topic_word,
        doc_topic=shares.astype(np.float32),
        vocabulary=vocabulary,
        counts=sparse.csr_matrix(cells, shape=(n_words, n_terms)),
    )
    return np.asarray(replayed(words, edits).doc_topic, dtype=np.float64)
