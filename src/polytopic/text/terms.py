"""A table from 64-bit word hashes to term ids, searched for a whole block of words at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from polytopic.text.tokens import Scan, hash_strings

__all__ = ["StringTable", "TermTable"]

_EARLY_BITS = 14
"""Slots (log2) that are looked at first: 192 KB, which the second cache holds."""


class TermTable:
    """Open addressing with linear probing; ids count up from zero in order of arrival.

    Words that come early, mostly the frequent ones, are also held in a table small enough for the
    processor's cache, which answers most questions. Two words share an id only if their 64-bit
    hashes are equal: for ten million distinct words the probability of a single such pair is about
    3e-6.
    """

    def __init__(self) -> None:
        self._bits = 12
        self._slots = np.zeros(1 << self._bits, dtype=np.uint64)
        self._ids = np.zeros(1 << self._bits, dtype=np.int32)
        self._early_slots = np.zeros(1 << _EARLY_BITS, dtype=np.uint64)
        self._early_ids = np.zeros(1 << _EARLY_BITS, dtype=np.int32)
        self._batches: list[str] = []
        self._firsts: list[int] = []
        self.size = 0

    @classmethod
    def of(cls, words: Sequence[str]) -> TermTable:
        """A table of these words, each once; their ids are their places."""
        table = cls()
        table._firsts.append(0)
        table._batches.append("\n".join(words))
        table._insert(hash_strings(words), np.arange(len(words), dtype=np.int32))
        return table

    def encode(self, found: Scan) -> NDArray[np.int32]:
        """Ids of the words of a block, shape (N,); words seen for the first time get new ids."""
        ids = self.find(found.hashes)
        missing = np.flatnonzero(ids < 0)
        if missing.size:
            new, first, inverse = np.unique(
                found.hashes[missing], return_index=True, return_inverse=True
            )
            ids[missing] = self.size + inverse
            self._firsts.append(self.size)
            self._batches.append("\n".join(found.words(missing[first])))
            self._insert(new, np.arange(self.size, self.size + len(new), dtype=np.int32))
        return ids

    def extend(self, words: Sequence[str]) -> None:
        """Give ids to words that the table does not hold, in their order."""
        if words:
            self._firsts.append(self.size)
            self._batches.append("\n".join(words))
            ids = np.arange(self.size, self.size + len(words), dtype=np.int32)
            self._insert(hash_strings(words), ids)

    def find(self, hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Ids of the words with these hashes, -1 where there is none."""
        at = (hashes >> np.uint64(64 - _EARLY_BITS)).view(np.int64)
        ids = self._early_ids[at]
        other = np.flatnonzero(self._early_slots[at] != hashes)
        ids[other] = self._search(hashes[other])
        return ids

    def _search(self, hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
        at = self._place(hashes)
        held = self._slots[at]
        ids = self._ids[at]
        wrong = np.flatnonzero(held != hashes)
        while wrong.size:
            empty = held[wrong] == 0
            ids[wrong[empty]] = -1
            wrong = wrong[~empty]
            at[wrong] = (at[wrong] + 1) & (len(self._slots) - 1)
            held[wrong] = self._slots[at[wrong]]
            ids[wrong] = self._ids[at[wrong]]
            wrong = wrong[held[wrong] != hashes[wrong]]
        return ids

    def find_strings(self, words: Sequence[str]) -> NDArray[np.int32]:
        """Ids of these words, -1 where there is none."""
        if self.size >= len(words):
            return self.find(hash_strings(words))
        held = {word: id_ for id_, word in enumerate(self.strings(np.arange(self.size)))}
        return np.array([held.get(word, -1) for word in words], dtype=np.int32)

    def strings(self, ids: NDArray[np.integer]) -> list[str]:
        """The words with these ids, in the order given."""
        order = np.argsort(ids, kind="stable")
        wanted = np.asarray(ids)[order]
        words: list[str] = [""] * len(wanted)
        bounds = np.searchsorted(wanted, [*self._firsts, self.size])
        for batch, first, start, end in zip(
            self._batches, self._firsts, bounds[:-1], bounds[1:], strict=True
        ):
            if start < end:
                spelt = batch.split("\n")
                for place in range(start, end):
                    words[order[place]] = spelt[wanted[place] - first]
        return words

    def _place(self, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        return (hashes >> np.uint64(64 - self._bits)).view(np.int64)

    def _insert(self, hashes: NDArray[np.uint64], ids: NDArray[np.int32]) -> None:
        self.size += len(ids)
        early = (hashes >> np.uint64(64 - _EARLY_BITS)).view(np.int64)
        free = np.flatnonzero(self._early_slots[early] == 0)
        self._early_slots[early[free]] = hashes[free]
        held = self._early_slots[early] == hashes
        self._early_ids[early[held]] = ids[held]
        if 2 * self.size > len(self._slots):
            used = np.flatnonzero(self._slots)
            hashes = np.concatenate([self._slots[used], hashes])
            ids = np.concatenate([self._ids[used], ids])
            while 2 * self.size > 1 << self._bits:
                self._bits += 1
            self._slots = np.zeros(1 << self._bits, dtype=np.uint64)
            self._ids = np.zeros(1 << self._bits, dtype=np.int32)
        at = self._place(hashes)
        while hashes.size:
            free = np.flatnonzero(self._slots[at] == 0)
            self._slots[at[free]] = hashes[free]
            settled = self._slots[at] == hashes
            self._ids[at[settled]] = ids[settled]
            left = ~settled
            hashes, ids, at = hashes[left], ids[left], (at[left] + 1) & (len(self._slots) - 1)


class StringTable:
    """The same for words that come as Python strings (from a callable or a custom pattern)."""

    def __init__(self) -> None:
        self.positions: defaultdict[str, int] = defaultdict()
        self.positions.default_factory = self.positions.__len__

    @property
    def size(self) -> int:
        return len(self.positions)

    def encode(self, words: Sequence[str]) -> NDArray[np.int32]:
        """Ids of the words; words seen for the first time get new ids."""
        return np.fromiter(map(self.positions.__getitem__, words), np.int32, len(words))

    def find_strings(self, words: Sequence[str]) -> NDArray[np.int32]:
        """Ids of these words, -1 where there is none."""
        return np.array([self.positions.get(word, -1) for word in words], dtype=np.int32)

    def strings(self, ids: NDArray[np.integer]) -> list[str]:
        """The words with these ids, in the order given."""
        words = list(self.positions)
        return [words[id_] for id_ in ids.tolist()]
