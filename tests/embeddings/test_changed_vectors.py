"""Word vectors made of others: words added, rows replaced, two joined; looking up and iterating."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.errors import InputError, InputTypeError


@pytest.fixture
def vectors() -> pt.WordVectors:
    words = pt.Vocabulary(["a", "b"], [5, 3], [2, 1])
    return pt.WordVectors(words, [[1, 0], [0, 1]], [[2, 0], [0, 2]])


def test_added_words_come_after_and_leave_the_old_as_they_are(vectors: pt.WordVectors) -> None:
    more = vectors.add(["c", "d"], [[1, 1], [3, 3]], [[5, 5], [7, 7]], counts=[4, 2])
    assert list(more) == ["a", "b", "c", "d"]
    assert more.vocabulary.counts.tolist() == [5, 3, 4, 2]
    assert more.vocabulary.document_counts.tolist() == [2, 1, 0, 0]
    assert more.output is not None
    assert more.output.tolist() == [[2, 0], [0, 2], [5, 5], [7, 7]]
    assert list(vectors) == ["a", "b"]
    assert more.most_similar("c", 1)[0][0] == "d"


def test_replaced_rows_are_those_of_a_copy(vectors: pt.WordVectors) -> None:
    other = vectors.replace("b", [4, 4])
    assert other["b"].tolist() == [4, 4]
    assert vectors["b"].tolist() == [0, 1]
    assert other.output is not None
    assert other.output.tolist() == [[2, 0], [0, 2]]
    both = vectors.replace(["b", "a"], [[8, 8], [9, 9]], [[1, 2], [3, 4]])
    assert both.input.tolist() == [[9, 9], [8, 8]]
    assert both.output is not None
    assert both.output.tolist() == [[3, 4], [1, 2]]
    assert both.vocabulary == vectors.vocabulary


def test_joined_words_have_one_vector_each(vectors: pt.WordVectors) -> None:
    other = pt.WordVectors(pt.Vocabulary(["c", "a"], [1, 2]), [[7, 7], [6, 6]], [[0, 7], [0, 6]])
    joined = vectors.join(other)
    assert list(joined) == ["a", "b", "c"]
    assert joined.vocabulary.counts.tolist() == [7, 3, 1]
    assert joined.input.tolist() == [[1, 0], [0, 1], [7, 7]]
    second = vectors.join(other, keep="second")
    assert second.output is not None
    assert second.output.tolist() == [[0, 6], [0, 2], [0, 7]]
    assert vectors.input.tolist() == [[1, 0], [0, 1]]


def test_getting_and_iterating(vectors: pt.WordVectors) -> None:
    assert vectors.get("a").tolist() == [1, 0]
    assert vectors.get("z") is None
    assert vectors.get("z", 3) == 3
    assert {word: row.tolist() for word, row in vectors.items()} == {"a": [1, 0], "b": [0, 1]}
    with pytest.raises(InputTypeError):
        vectors.get(3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: v.add("a", [1, 1], [1, 1]), 'words: "a" has a vector already'),
        (lambda v: v.add(["c", "c"], np.eye(2), np.eye(2)), "listed twice"),
        (lambda v: v.add("c", [1, 1]), "output: is missing"),
        (lambda v: v.add("c", [1, 1], [1, 1], negative=[1, 1]), "negative: has no place"),
        (lambda v: v.add("c", [1, 1, 1], [1, 1]), "input: shape (1, 3)"),
        (lambda v: v.add("c", [1, np.nan], [1, 1]), 'input: row 0 (the word "c") holds NaN'),
        (lambda v: v.replace("z", [1, 1]), 'word: "z" is not among'),
        (lambda v: v.replace(["a", "a"], np.eye(2)), "listed twice"),
        (lambda v: v.replace("a", [1, 1], negative=[1, 1]), "negative: these vectors have no such"),
        (lambda v: v.replace("a", [[1, 1], [1, 1]]), "input: shape (2, 2) for 1 words"),
        (lambda v: v.join(v, keep="both"), "keep: 'both' is unknown"),
        (lambda v: v.join(pt.WordVectors(["c"], [[1, 2, 3]])), "Join vectors of one kind"),
        (lambda v: v.join(pt.WordVectors(["c"], [[1, 2]])), "Join vectors of one kind"),
    ],
)
def test_unusable_changes_are_refused(vectors: pt.WordVectors, change: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        change(vectors)
    assert message in str(caught.value)
