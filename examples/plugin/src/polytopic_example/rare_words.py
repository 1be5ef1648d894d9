"""How many of the words that lead a topic stand in a handful of documents."""

from __future__ import annotations

from typing import Any

import numpy as np

TOP_WORDS = 10
FEW_DOCUMENTS = 5


def rare_words(topic_word: Any, counts: Any) -> Any:
    """The share of each topic's ten leading words that fewer than five documents hold, (K,)."""
    documents = np.bincount(counts.indices, minlength=counts.shape[1])
    leading = np.argsort(-topic_word, axis=1)[:, :TOP_WORDS]
    return (documents[leading] < FEW_DOCUMENTS).mean(axis=1)
