"""The topics in groups, and these in larger ones: cuts of the hierarchy, with names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polytopic.io.leaving import LONGEST_SHOWN, visible
from polytopic.report.relevance import distinct_labels

if TYPE_CHECKING:
    from polytopic.result import TopicResult

__all__ = ["FEWEST_TWICE_GROUPED", "levels_of", "topic_tree"]

Record = dict[str, Any]

WORDS_OF_A_GROUP = 2
"""Of a group's name: more do not fit beside the discs."""

FEWEST_TWICE_GROUPED = 81
"""With fewer topics there are at most nine groups, which need no groups of their own."""


def levels_of(n_topics: int) -> list[int]:
    """Numbers of groups at each level, the coarsest first: about the root, and its root again.

    >>> levels_of(2), levels_of(12), levels_of(200)
    ([], [3], [4, 14])
    """
    groups = round(n_topics**0.5)
    if n_topics < FEWEST_TWICE_GROUPED:
        return [groups] if groups > 1 else []
    return [round(groups**0.5), groups]


def topic_tree(result: TopicResult, corpus: NDArray[np.float64]) -> list[Record | int]:
    """The shown topics as a forest, by :meth:`TopicResult.hierarchy`; empty for fewer than two.

    A node is the number of a topic, or a group ``{"name": ..., "parts": [nodes]}``, largest parts
    first. A group of one topic is that topic. No two groups are led by the same word as far as
    their first words allow. ``corpus``: p(w), shape (V,).
    """
    if len(result.shown) < 2:
        return []
    tree, sizes = result.hierarchy(), result.topic_sizes
    forest: list[Record | int] = [int(k) for k in sorted(result.shown, key=lambda k: -sizes[k])]
    members: list[list[int]] = []
    for n in reversed(levels_of(len(result.shown))):
        below, forest = forest, []
        for group in tree.cut(n):
            parts = [part for part in below if _first_topic(part) in group]
            if len(parts) == 1:
                forest += parts
                continue
            forest.append({"name": len(members), "parts": parts})
            members.append(group)
    names = _names(result, members, corpus)
    for node in forest:
        _name(node, names)
    return forest


def _first_topic(node: Record | int) -> int:
    while not isinstance(node, int):
        node = node["parts"][0]
    return node


def _name(node: Record | int, names: Sequence[str]) -> None:
    if not isinstance(node, int):
        node["name"] = names[node["name"]]
        for part in node["parts"]:
            _name(part, names)


def _names(
    result: TopicResult, members: Sequence[Sequence[int]], corpus: NDArray[np.float64]
) -> list[str]:
    """What tells each group from the others."""
    sizes = result.topic_sizes
    mixed = np.zeros((len(members), result.topic_word.shape[1]))
    for place, group in enumerate(members):
        weights = np.maximum(sizes[group], 1e-300)
        mixed[place] = weights @ result.topic_word[group] / weights.sum()
    weights = np.array([sizes[group].sum() for group in members])
    terms: Sequence[str] = result.vocabulary.terms
    named = distinct_labels(mixed, corpus, terms, weights, n=WORDS_OF_A_GROUP)
    return [visible(" · ".join(words), LONGEST_SHOWN) for words in named]
