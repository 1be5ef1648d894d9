"""From documents to term ids, and from term ids to counts, block by block."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.text.terms import StringTable, TermTable
from polytopic.text.tokens import BLOCK_CHARACTERS, Scan, WordRule, scan

__all__ = [
    "Growing",
    "RawTokens",
    "TermStrings",
    "ahead",
    "count_pairs",
    "document_slices",
    "encode_texts",
    "encode_words",
]

_SPACE = re.compile("[ \n]")
_SLICE_TOKENS = 1 << 15
"""Tokens that a thread counts at a time: their table stays in the cache."""

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class TermStrings(Protocol):
    """What knows the spelling of term ids."""

    @property
    def size(self) -> int: ...
    def strings(self, ids: NDArray[np.integer]) -> list[str]: ...
    def find_strings(self, words: Sequence[str]) -> NDArray[np.int32]: ...


@dataclass
class RawTokens:
    """Every word of every document, before any rule on terms.

    ``ids`` (N,) int32 in reading order; ``offsets`` (D+1,) int64; ``table`` spells the ids;
    ``blank`` (D,) bool: documents without any text; ``lines``: where lines begin, as positions in
    ``ids``, in parts of the text where documents have several (None: not looked for);
    ``no_words``: what a tokenizer gave that is no word and was left out, with how often.
    """

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]
    table: TermStrings
    blank: NDArray[np.bool_]
    no_words: dict[str, int] = field(default_factory=dict)
    lines: NDArray[np.int64] | None = None

    @property
    def n_documents(self) -> int:
        return len(self.offsets) - 1


class Growing:
    """An int32 array that is appended to in place.

    It starts as 64 MiB of address space, of which only what is written takes memory: allocators map
    areas of that size on their own, and grow and cut them without a copy.
    """

    def __init__(self, size: int = 1 << 24) -> None:
        self._array = np.empty(size, dtype=np.int32)
        self.used = 0

    def append(self, values: NDArray[np.int32]) -> None:
        end = self.used + len(values)
        if end > len(self._array):
            self._array.resize(max(end, len(self._array) + len(self._array) // 4), refcheck=False)
        self._array[self.used : end] = values
        self.used = end

    def finish(self) -> NDArray[np.int32]:
        """The array, cut to what was appended."""
        self._array.resize(self.used, refcheck=False)
        return self._array


def ahead(function: Callable[[_In], _Out], items: Iterable[_In], n_threads: int) -> Iterator[_Out]:
    """Map in order over threads, with few items in flight at any time."""
    if n_threads == 1:
        yield from map(function, items)
        return
    with ThreadPoolExecutor(n_threads) as pool:
        flying: deque[Future[_Out]] = deque()
        for item in items:
            flying.append(pool.submit(function, item))
            if len(flying) > n_threads:
                yield flying.popleft().result()
        while flying:
            yield flying.popleft().result()


@dataclass(frozen=True)
class _Block:
    texts: list[str]
    continues: bool = False


def encode_texts(
    texts: Iterable[str],
    rule: WordRule,
    n_threads: int,
    *,
    lines: bool = False,
    table: TermTable | None = None,
) -> RawTokens:
    """Term ids of all documents in reading order. Ids do not depend on the number of threads.

    With ``lines`` it is also kept where lines begin. ``table``: words that have ids already, which
    new ones are added to.
    """
    table = TermTable() if table is None else table
    ids = Growing()
    lengths: list[NDArray[np.int64]] = []
    blank: list[NDArray[np.bool_]] = []
    begun: list[NDArray[np.int64]] = [np.zeros(0, dtype=np.int64)]

    def read(block: _Block) -> tuple[_Block, Scan, NDArray[np.int64]]:
        found = scan(block.texts, rule)
        return block, found, found.line_starts() if lines else begun[0]

    for block, found, starts in ahead(read, _blocks(texts), n_threads):
        if len(starts):
            begun.append(starts + ids.used)
        ids.append(table.encode(found))
        if block.continues:
            lengths[-1][-1] += found.lengths[0]
            blank[-1][-1] &= found.blank[0]
        else:
            lengths.append(found.lengths)
            blank.append(found.blank)
    offsets = np.zeros(sum(map(len, lengths)) + 1, dtype=np.int64)
    if lengths:
        np.cumsum(np.concatenate(lengths), out=offsets[1:])
    tokens = ids.finish()
    blanks = np.concatenate([np.zeros(0, np.bool_), *blank])
    where = np.concatenate(begun)
    where = where[np.diff(where, prepend=-1) > 0]
    return RawTokens(tokens, offsets, table, blanks, lines=where if lines else None)


def encode_words(documents: Iterable[tuple[Sequence[str], bool]]) -> RawTokens:
    """Term ids of documents that are already split; each comes with whether its text is blank.

    Raises
    ------
    InputError
        If a document is not a sequence of str.
    """
    table = StringTable()
    ids = Growing()
    lengths: list[int] = []
    blank: list[bool] = []
    for row, (words, is_blank) in enumerate(documents):
        if isinstance(words, str | bytes) or not isinstance(words, Iterable):
            kind = type(words).__name__
            raise InputError(f"tokens: row {row} is of type {kind}. A document is a list of str.")
        words = list(words)
        if not all(isinstance(word, str) for word in words):
            odd = next(word for word in words if not isinstance(word, str))
            raise InputError(
                f"tokens: row {row} holds {odd!r}, of type {type(odd).__name__}. "
                "A document is a list of str."
            )
        ids.append(table.encode(words))
        lengths.append(len(words))
        blank.append(is_blank or not words)
    offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    tokens = ids.finish()
    return RawTokens(tokens, offsets, table, np.array(blank, dtype=np.bool_))


def _blocks(texts: Iterable[str]) -> Iterator[_Block]:
    """Group short documents, cut long ones at white space (which ends a word in any rule).

    Blocks grow with what was read: small ones keep small inputs small in memory, large ones cost
    less a word.
    """
    group: list[str] = []
    size = seen = 0
    wanted = BLOCK_CHARACTERS
    for text in texts:
        long = len(text) > 2 * wanted
        if not long:
            group.append(text)
            size += len(text)
        if size >= wanted or (group and long):
            yield _Block(group)
            seen += size
            wanted = _grown(BLOCK_CHARACTERS, seen)
            group, size = [], 0
        if long:
            for number, piece in enumerate(_pieces(text, wanted)):
                yield _Block([piece], continues=number > 0)
    if group:
        yield _Block(group)


def _grown(size: int, total: int) -> int:
    return min(max(size, total >> 10), 4 * size)


def _pieces(text: str, size: int) -> Iterator[str]:
    start = 0
    while start < len(text):
        space = _SPACE.search(text, start + size)
        end = space.start() if space else len(text)
        yield text[start:end]
        start = end


def document_slices(offsets: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Ranges of whole documents with about the same number of tokens each."""
    n_documents = len(offsets) - 1
    n_tokens = int(offsets[-1])
    n_slices = n_tokens // _grown(_SLICE_TOKENS, n_tokens) + 1
    marks = np.linspace(0, n_tokens, n_slices + 1)[1:-1]
    bounds = np.unique([0, *np.searchsorted(offsets, marks).tolist(), n_documents])
    return list(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True))


def count_pairs(
    ids: NDArray[np.int32], lengths: NDArray[np.int64], n_terms: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    """Count the terms of each of a few documents.

    Returns the terms of each document in rising order, their counts, and how many different terms
    each document has.
    """
    if len(lengths) == 1:
        totals = np.bincount(ids, minlength=1)
        held = np.flatnonzero(totals)
        return held.astype(np.int32), totals[held].astype(np.int32), np.array([len(held)])
    bits = max(1, (n_terms - 1).bit_length())
    narrow = bits + (len(lengths) - 1).bit_length() <= 32
    dtype = np.dtype(np.uint32 if narrow else np.uint64)
    rows = np.arange(len(lengths), dtype=dtype) << dtype.type(bits)
    keys = np.repeat(rows, lengths)
    keys |= ids.astype(dtype)
    keys.sort()
    fresh = np.ones(len(keys), dtype=np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=fresh[1:])
    first = np.flatnonzero(fresh)
    distinct = keys[first]
    counts = np.diff(first, append=len(keys)).astype(np.int32)
    bounds = np.searchsorted(distinct, rows)
    per_row = np.diff(bounds, append=len(distinct))
    terms = (distinct & dtype.type((1 << bits) - 1)).astype(np.int32)
    return terms, counts, per_row
