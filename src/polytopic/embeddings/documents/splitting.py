"""Texts to rows of a vocabulary: which words of it each document holds, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputTypeError
from polytopic.text.terms import TermTable
from polytopic.text.tokens import BLOCK_CHARACTERS, WordRule, scan
from polytopic.text.vocabulary import Vocabulary

__all__ = ["Splitter", "as_texts"]

Ids = NDArray[np.int32]
Offsets = NDArray[np.int64]


def as_texts(texts: Any) -> list[str]:
    """Texts as a list.

    Raises
    ------
    InputTypeError
        If an entry is no str, which the message names, or all is one text, whose letters would be
        taken for texts.
    """
    if isinstance(texts, str | bytes) or not hasattr(texts, "__iter__"):
        raise InputTypeError(f"texts: of type {type(texts).__name__}. Pass a list of str.")
    listed = list(texts)
    for row, text in enumerate(listed):
        if not isinstance(text, str):
            raise InputTypeError(
                f"texts: entry {row} is of type {type(text).__name__}, not str. Pass whole texts."
            )
    return listed


class Splitter:
    """Divides texts into words and looks each up; lower-cased, if no word has a capital."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        lowercase = all(term == term.lower() for term in vocabulary.terms)
        self.rule = WordRule(lowercase=lowercase, min_length=1)
        self._table = TermTable.of(vocabulary.terms)

    def blocks(self, texts: Sequence[str]) -> Iterator[tuple[int, Ids, Offsets]]:
        """For each block: number of its first text, rows of words (-1: none), bounds of texts."""
        starts = [0]
        size = 0
        for number, text in enumerate(texts):
            size += len(text) + 1
            if size >= BLOCK_CHARACTERS:
                starts.append(number + 1)
                size = 0
        for first, last in pairwise([*starts, len(texts)]):
            if first == last:
                continue
            found = scan(list(texts[first:last]), self.rule)
            offsets = np.zeros(last - first + 1, dtype=np.int64)
            np.cumsum(found.lengths, out=offsets[1:])
            yield first, self._table.find(found.hashes), offsets
