"""How the page holds words: each once, and in a topic by its number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polytopic.counts import term_totals
from polytopic.io.leaving import LONGEST_SHOWN, visible

if TYPE_CHECKING:
    from polytopic.result import TopicResult

__all__ = ["held_columns", "pack_words"]

Record = dict[str, Any]

MOST_TOPICS = 6
"""Topics that the page of a word names."""

LEAST_SHARE = 0.02
"""Of a word: topics of less of it are not named, but for its largest."""


def held_columns(records: Sequence[Record]) -> NDArray[np.int64]:
    """The columns of all words of the records, in order: the page's table of words."""
    held = [word[3] for record in records for word in record["words"]]
    return np.unique(np.array(held, dtype=np.int64))


def pack_words(result: TopicResult, records: Sequence[Record], corpus: NDArray[Any]) -> Record:
    """The words of all records in one table.

    Returns
    -------
    dict
        ``topics``, the records with ``words`` as [number, probability]; ``terms``; ``corpus``,
        their shares of all tokens; ``counts``; ``found``, for each the topics it comes from with
        p(topic | word), largest first.
    """
    columns = held_columns(records)
    place = {int(column): number for number, column in enumerate(columns)}
    packed = [
        {**record, "words": [[place[word[3]], word[1]] for word in record["words"]]}
        for record in records
    ]
    counts = term_totals(result.counts)[columns]
    terms = result.vocabulary.terms
    return {
        "topics": packed,
        "terms": [visible(terms[column], LONGEST_SHOWN) for column in columns],
        "corpus": [float(f"{share:.3g}") for share in corpus[columns]],
        "counts": [int(count) for count in counts],
        "found": _sources(result, columns),
    }


def _sources(result: TopicResult, columns: NDArray[np.int64]) -> list[list[list[float]]]:
    """p(topic | word) of Bayes's rule with the topics' sizes, the largest few of each word."""
    joint = result.topic_word[:, columns].astype(np.float64) * result.topic_sizes[:, None]
    joint /= np.maximum(joint.sum(axis=0), 1e-300)
    n = min(MOST_TOPICS, len(joint))
    order = np.argsort(-joint, axis=0, kind="stable")[:n]
    shares = np.take_along_axis(joint, order, axis=0)
    return [
        [
            [int(topic), float(f"{share:.2g}")]
            for place, (topic, share) in enumerate(
                zip(order[:, word], shares[:, word], strict=True)
            )
            if share >= LEAST_SHARE or place == 0
        ]
        for word in range(len(columns))
    ]
