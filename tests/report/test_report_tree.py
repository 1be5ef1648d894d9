"""Groups of topics on the page: nested, of all shown topics, named apart."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from polytopic.report.content import corpus_shares
from polytopic.report.tree import levels_of, topic_tree
from polytopic.result import TopicResult

from report_cases import many_topics, themed_topics

Make = Callable[..., TopicResult]


def leaves(node: Any) -> list[int]:
    return [node] if isinstance(node, int) else [k for part in node["parts"] for k in leaves(part)]


def groups(forest: list[Any]) -> list[Any]:
    found = [node for node in forest if not isinstance(node, int)]
    return found + [inner for node in found for inner in groups(node["parts"])]


def tree_of(result: TopicResult) -> list[Any]:
    return topic_tree(result, corpus_shares(result))


def test_planted_themes_are_the_groups_and_their_words_the_names() -> None:
    result = themed_topics()
    forest = tree_of(result)
    assert [sorted(leaves(node)) for node in forest] == [[0, 3, 6], [1, 4, 7], [2, 5, 8]]
    for node, theme in zip(forest, "abc", strict=True):
        assert all(word.startswith(theme) for word in node["name"].split(" · "))


@pytest.mark.parametrize("n_topics", [2, 3, 12, 100, 500])
def test_every_shown_topic_stands_once_and_no_group_is_of_one(n_topics: int) -> None:
    result = many_topics(n_topics, n_documents=max(n_topics, 60))
    hidden = [1] if n_topics > 2 else []
    result = dataclasses.replace(result, hidden=hidden)
    forest = tree_of(result)
    found = [k for node in forest for k in leaves(node)]
    assert sorted(found) == result.shown.tolist()
    held = groups(forest)
    assert all(len(node["parts"]) > 1 and node["name"] for node in held)
    innermost = [n for n in held if all(isinstance(part, int) for part in n["parts"])]
    levels = levels_of(len(result.shown))
    cut = result.hierarchy().cut(levels[-1]) if levels else []
    assert all(sorted(leaves(node)) in cut for node in innermost)


def test_one_topic_has_no_tree(make: Make) -> None:
    assert tree_of(many_topics(1, n_documents=9)) == []
    assert tree_of(make().hide([0, 2])) == []


def test_a_tree_without_any_counts(make: Make) -> None:
    empty = make(counts=make().counts * 0)
    found = [k for node in tree_of(empty) for k in leaves(node)]
    assert sorted(found) == [0, 1, 2] and np.isfinite(empty.hierarchy().linkage).all()
