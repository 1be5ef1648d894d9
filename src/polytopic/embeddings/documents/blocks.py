"""Documents as numbers of words in one array, and blocks of whole documents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputTypeError
from polytopic.text.corpus import Corpus
from polytopic.text.sharded import ShardedCorpus
from polytopic.text.vocabulary import Vocabulary

__all__ = ["Documents", "known_tokens"]


class Documents:
    """D documents: ``tokens[bounds[d]:bounds[d + 1]]``, rows of a vocabulary; negative: none."""

    def __init__(self, tokens: NDArray[np.int32], bounds: NDArray[np.int64]) -> None:
        self.tokens, self.bounds = np.ascontiguousarray(tokens, dtype=np.int32), bounds

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def empty(self) -> NDArray[np.bool_]:
        """Which documents hold no known word."""
        known = np.concatenate([np.zeros(1, np.int64), np.cumsum(self.tokens >= 0)])
        none: NDArray[np.bool_] = np.diff(known[self.bounds]) == 0
        return none

    def digest(self, vocabulary: Vocabulary) -> str:
        """What tells these documents from others."""
        found = hashlib.sha256("\n".join(vocabulary.terms).encode())
        for array in (vocabulary.counts, self.tokens, self.bounds):
            found.update(array.tobytes())
        return found.hexdigest()[:16]

    def blocks(self, size: int) -> list[tuple[int, int]]:
        """First and last documents of blocks of ``size`` tokens or, by their last one, more."""
        cuts, first = [], 0
        while first < len(self):
            end = int(np.searchsorted(self.bounds, self.bounds[first] + size, side="left"))
            last = min(max(end, first + 1), len(self))
            cuts.append((first, last))
            first = last
        return cuts


def known_tokens(source: Any, vocabulary: Vocabulary) -> Documents:
    """Documents by the rows of a vocabulary.

    Raises
    ------
    InputTypeError
        If an entry is no list of words.
    """
    if isinstance(source, Corpus | ShardedCorpus):
        source = source.token_lists()
    if isinstance(source, str | bytes) or not isinstance(source, Iterable):
        raise InputTypeError(
            f"X: of type {type(source).__name__}. Pass a Corpus, or lists of words."
        )
    words: list[str] = []
    bounds = [0]
    for number, document in enumerate(source):
        if isinstance(document, str | bytes) or not isinstance(document, Iterable):
            raise InputTypeError(
                f"X: entry {number} is of type {type(document).__name__}, not a list of words. "
                "Split each text into words, or use Corpus.from_texts(texts)."
            )
        words += document
        bounds.append(len(words))
    return Documents(vocabulary.columns(words), np.array(bounds, dtype=np.int64))
