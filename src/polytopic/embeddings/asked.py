"""What is asked for: words and vectors with weights, and the rows among which to answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.checking import as_words, unknown_word
from polytopic.errors import InputError, InputTypeError
from polytopic.metrics.word_files import frequent_first
from polytopic.text.vocabulary import Vocabulary

__all__ = ["Asked", "Items", "as_items", "chosen_rows", "multiplied"]

Items = Any
"""A word, an array of shape (E,), or a sequence of these or of pairs of one and its weight."""

_SMALL = 1e-6
"""Added to what 3CosMul divides by, against a division by zero (Levy & Goldberg 2014; gensim)."""


class Asked(NamedTuple):
    """A word or a vector of shape (E,), and its weight."""

    item: str | NDArray[Any]
    weight: float


def as_items(given: Items, name: str) -> list[Asked]:
    """Words, vectors and pairs with weights as a list.

    Raises
    ------
    InputError
        If an item is none of these, or a weight is no finite number.

    >>> as_items(["king", ("queen", -0.5)], "positive")
    [Asked(item='king', weight=1.0), Asked(item='queen', weight=-0.5)]
    """
    if isinstance(given, str):
        return [Asked(given, 1.0)]
    if isinstance(given, np.ndarray) and given.dtype.kind in "fiu":
        return [Asked(row, 1.0) for row in np.atleast_2d(given)]
    return [_as_item(item, name) for item in as_words(given)]


def _as_item(item: Any, name: str) -> Asked:
    weight = 1.0
    if isinstance(item, tuple | list) and len(item) == 2 and not isinstance(item[1], str):
        item, weight = item
        real = isinstance(weight, int | float | np.integer | np.floating)
        if isinstance(weight, bool) or not real or not math.isfinite(weight):
            raise InputError(f"{name}: the weight {weight!r} is no finite number. Give one.")
    if isinstance(item, str):
        return Asked(str(item), float(weight))
    if isinstance(item, np.ndarray):
        return Asked(item, float(weight))
    raise InputTypeError(
        f"{name}: holds {str(item)[:40]!r}, of type {type(item).__name__}. Pass words, arrays, or "
        'pairs of one and its weight: [("king", 0.5)].'
    )


def chosen_rows(
    vocabulary: Vocabulary, restrict: int | None, candidates: Sequence[str] | None
) -> NDArray[np.int64] | None:
    """The rows among which to answer, rising; None for all.

    Raises
    ------
    InputError
        If ``restrict`` is no number of words, a candidate has no row, or none is left.
    """
    if restrict is None and candidates is None:
        return None
    rows = np.array(sorted(frequent_first(vocabulary, restrict)), dtype=np.int64)
    if candidates is None:
        return rows
    listed = as_words(candidates)
    for word in listed:
        if not isinstance(word, str):
            raise InputTypeError(f"candidates: of type {type(word).__name__}. Pass words as str.")
        if word not in vocabulary:
            raise InputError(f"candidates: {unknown_word(word, vocabulary)}")
    named = np.array([vocabulary.index(word) for word in listed], dtype=np.int64)
    kept = np.intersect1d(rows, named)
    if not len(kept):
        raise InputError("candidates: no word is left to answer with. Name some, or leave it out.")
    return kept


def multiplied(
    plus: NDArray[np.float32],
    minus: NDArray[np.float32],
    plus_weights: Sequence[float],
    minus_weights: Sequence[float],
) -> NDArray[np.float64]:
    """3CosMul of cosines, shapes (V, P) and (V, M): shape (V,)."""
    above, below = ((1.0 + np.clip(c.astype(np.float64), -1, 1)) / 2 for c in (plus, minus))
    tops = np.prod(above ** np.asarray(plus_weights), axis=1)
    scores: NDArray[np.float64] = tops / (
        np.prod(below ** np.asarray(minus_weights), axis=1) + _SMALL
    )
    return scores
