"""Texts as rows of a classifier: words, their character n-grams, and n-grams of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.files.subwords import bracketed, gram_rows, word_hashes
from polytopic.embeddings.kernels.supervised import document_rows
from polytopic.embeddings.raw_text import SPACES, WORDS
from polytopic.errors import InputError
from polytopic.text.terms import TermTable
from polytopic.text.tokens import BLOCK_CHARACTERS, scan
from polytopic.text.vocabulary import Vocabulary

__all__ = ["END", "Features", "Words", "frequent", "split_texts"]

END = "</s>"
"""Stands at the end of every document, as at the end of every line of fastText."""


@dataclass(frozen=True)
class Words:
    """Texts as numbers of distinct words, each document ended by ``END``.

    ``ids`` (N,), ``offsets`` (D+1,), ``terms``: the T distinct words.
    """

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]
    terms: list[str]

    @property
    def counts(self) -> NDArray[np.int64]:
        """How often each word occurs, shape (T,)."""
        return np.bincount(self.ids, minlength=len(self.terms)).astype(np.int64)


def split_texts(texts: Sequence[str], *, spaces: bool) -> Words:
    """Divide texts at white space, as fastText does, or into runs of letters, lower-cased."""
    rule = SPACES if spaces else WORDS
    table = TermTable()
    ids: list[NDArray[np.int32]] = []
    lengths: list[NDArray[np.int64]] = []
    first, size = 0, 0
    for number, text in enumerate(texts):
        size += len(text) + 1
        if size >= BLOCK_CHARACTERS or number + 1 == len(texts):
            found = scan(list(texts[first : number + 1]), rule)
            ids.append(table.encode(found))
            lengths.append(found.lengths)
            first, size = number + 1, 0
    joined = np.concatenate(ids) if ids else np.zeros(0, np.int32)
    ends = np.cumsum(np.concatenate([*lengths, np.zeros(0, np.int64)]))
    terms = table.strings(np.arange(table.size))
    if END not in terms:
        terms.append(END)
    number_of_end = np.int32(terms.index(END))
    offsets = np.concatenate([np.zeros(1, np.int64), ends + np.arange(1, len(ends) + 1)])
    return Words(np.insert(joined, ends, number_of_end), offsets, terms)


def frequent(words: Words, min_count: int) -> Vocabulary:
    """The words that are frequent enough, by frequency, then spelling.

    Raises
    ------
    InputError
        If there is none but the mark of the end.
    """
    counts = words.counts
    found = np.flatnonzero(counts >= min_count).tolist()
    spelt = np.array(sorted(found, key=words.terms.__getitem__), dtype=np.int64)
    kept = spelt[np.argsort(-counts[spelt], kind="stable")].tolist()
    if not any(words.terms[t] != END for t in kept):
        raise InputError(
            f"X: no text holds a word that occurs {min_count} times. Pass texts with words, or "
            "lower min_count."
        )
    return Vocabulary([words.terms[t] for t in kept], counts[kept])


@dataclass(frozen=True)
class Features:
    """What a classifier looks at.

    ``vocabulary``: its words, ``END`` among them; ``word_ngrams``: words of the longest n-gram of
    words; ``min_n``, ``max_n``: characters of n-grams within words, ``max_n`` 0 for none;
    ``bucket``: rows of both, after those of the words; ``pruned``: for each bucket its row or -1.
    """

    vocabulary: Vocabulary
    word_ngrams: int
    min_n: int
    max_n: int
    bucket: int
    pruned: NDArray[np.int32] | None = None

    def rows(self, words: Words) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Bounds and rows of documents, as fastText's ``Dictionary::getLine`` finds them."""
        own = self._own_rows(words.terms)
        hashes = word_hashes(words.terms)
        n = len(self.vocabulary)
        longest = self.word_ngrams if self.bucket else 1
        bounds = np.empty(len(words.offsets), dtype=np.int64)
        rows = np.empty(0, dtype=np.int32)
        for _ in range(2):
            document_rows(
                words.ids, words.offsets, own, hashes, longest, max(self.bucket, 1), n, bounds, rows
            )
            if not len(rows):
                rows = np.empty(bounds[-1], dtype=np.int32)
        return (bounds, rows) if self.pruned is None else self._left(bounds, rows)

    def _own_rows(self, terms: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """The rows of each distinct word: its own, if it has one, and those of its n-grams."""
        n = len(self.vocabulary)
        known = self.vocabulary.columns(terms)
        bounds = np.zeros(len(terms) + 1, dtype=np.int64)
        grams = np.zeros(0, dtype=np.int32)
        if self.max_n and self.bucket:
            spelt = bracketed([term.encode("utf-8") for term in terms])
            grams = n + gram_rows(*spelt, max(self.min_n, 1), self.max_n, self.bucket, bounds)
            grams = grams.astype(np.int32)
            sizes = np.diff(bounds)
            end = terms.index(END)
            kept = np.ones(len(grams), dtype=np.bool_)
            kept[bounds[end] : bounds[end + 1]] = False
            sizes[end] = 0
            grams = grams[kept]
            bounds = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        held = known >= 0
        whole = np.insert(grams, bounds[:-1][held], known[held])
        before = np.concatenate([np.zeros(1, np.int64), np.cumsum(held)])
        return bounds + before, whole.astype(np.int32)

    def _left(
        self, bounds: NDArray[np.int64], rows: NDArray[np.int32]
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Without the n-grams that were cut when the model was quantised."""
        assert self.pruned is not None
        n = len(self.vocabulary)
        moved = rows.copy()
        grams = rows >= n
        places = self.pruned[rows[grams] - n]
        moved[grams] = np.where(places >= 0, n + places, -1)
        kept = moved >= 0
        before = np.concatenate([np.zeros(1, np.int64), np.cumsum(kept)])
        return before[bounds], moved[kept]
