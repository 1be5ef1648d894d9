"""The data of the map of topics: places, radii and, where there are many, named groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polytopic.io.leaving import LONGEST_SHOWN, visible
from polytopic.report.layout import ASPECT
from polytopic.report.relevance import distinct_labels, group_topics

if TYPE_CHECKING:
    from polytopic.result import TopicResult

__all__ = ["map_record", "named_groups"]

Record = dict[str, Any]

WORDS_OF_A_GROUP = 2
"""Of a group's name: more do not fit beside the discs."""


def map_record(points: NDArray[np.float64], radii: NDArray[np.float64]) -> Record:
    """Places [x, y, radius] of the topics within a frame of width by height around 0."""
    extent = (np.abs(points) + radii[:, None]).max(axis=0)
    height = max(float(extent[0]) / ASPECT, float(extent[1]))
    places = [
        [round(float(x), 4), round(float(y), 4), round(float(r), 4)]
        for (x, y), r in zip(points, radii, strict=True)
    ]
    return {
        "aspect": ASPECT, "width": round(2 * height * ASPECT, 4), "height": round(2 * height, 4),
        "places": places,
    }  # fmt: skip


def named_groups(
    result: TopicResult, points: NDArray[np.float64], corpus: NDArray[np.float64]
) -> list[Record]:
    """Groups of neighbours on the map, each named by the words that tell it from the others.

    One group of all where there are few topics.
    """
    member = group_topics(points)
    n_groups = int(member.max()) + 1
    sizes = result.topic_sizes
    mixed = np.zeros((n_groups, result.topic_word.shape[1]))
    np.add.at(mixed, member, sizes[:, None] * result.topic_word)
    weights = np.bincount(member, sizes, minlength=n_groups)
    mixed /= np.maximum(weights, 1e-300)[:, None]
    terms: Sequence[str] = result.vocabulary.terms
    names = distinct_labels(mixed, corpus, terms, weights, n=WORDS_OF_A_GROUP)
    return [
        {
            "name": visible(" · ".join(names[group]), LONGEST_SHOWN),
            "topics": result.shown[member[result.shown] == group].tolist(),
        }
        for group in range(n_groups)
        if (member[result.shown] == group).any()
    ]
