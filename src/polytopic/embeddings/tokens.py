"""Sentences of any source as numbers of words, held in a file or in an array, never as a list.

A source is read once. Each word gets a number when it is first seen; the numbers go to a temporary
file (in memory while they are few). When the counts are known, a table turns these numbers into
rows of the vocabulary, and words too rare into -1. Positions are 64-bit throughout.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.raw_text import SPACES, WORDS, RawText
from polytopic.errors import InputError, InputTypeError, TextWarning
from polytopic.kernels.arrays import check_ids, check_offsets
from polytopic.machine import hand_back_memory
from polytopic.text.columns import each_list
from polytopic.text.streams import Account
from polytopic.text.terms import StringTable, TermTable
from polytopic.text.tokens import scan
from polytopic.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from polytopic.text.corpus import Corpus

__all__ = [
    "SMALL_TEXT",
    "SPACES",
    "WORDS",
    "RawText",
    "Stream",
    "TokenStore",
    "open_tokens",
    "read_between",
]

END = -2
"""Stands at the end of each sentence in the file of numbers."""

SMALL_TEXT = 10_000
"""Words below which a text keeps all its words, when no ``min_count`` is given."""

DEFAULT_MIN_COUNT = 5
"""Of texts from SMALL_TEXT words on: gensim's and word2vec's default."""

_IN_MEMORY = 4 << 20
"""Bytes of tokens (a million) that are held before a file is begun."""

_BATCH = 1 << 16
"""Words numbered at a time."""

Reader = Callable[[int, int], tuple[NDArray[np.int32], NDArray[np.int64]]]


class Stream(Protocol):
    """Tokens in reading order, of which ``read`` gives a part, as :meth:`TokenStore.read`."""

    @property
    def n_tokens(self) -> int:
        """How many there are."""

    def read(self, start: int, stop: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The stream between two positions."""


@dataclass(frozen=True)
class TokenStore:
    """The tokens of a text in reading order.

    Attributes
    ----------
    vocabulary : Vocabulary
        The V words, with their counts in this text (and in earlier ones, if it goes on from them).
    n_tokens : int
        Length of the stream, with the words outside the vocabulary and the ends of sentences.
    n_words : int
        Words of the vocabulary in this text.
    n_sentences : int
    reader : callable
        What :meth:`read` calls.
    """

    vocabulary: Vocabulary
    n_tokens: int
    n_words: int
    n_sentences: int
    reader: Reader

    def read(self, start: int, stop: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The stream between two positions.

        Returns
        -------
        ids : int32 array of shape (stop - start,)
            Rows of the vocabulary; negative: no word, to be left out.
        bounds : int64 array of shape (S+1,)
            Sentence s is ``ids[bounds[s]:bounds[s + 1]]``, cut at both ends of the slice.
        """
        return self.reader(start, stop)


def open_tokens(
    source: Any,
    *,
    min_count: int | None = None,
    known: Vocabulary | None = None,
) -> TokenStore:
    """Read a source once and number its words.

    Parameters
    ----------
    source : Corpus, iterable of token lists, path of a text file, RawText, or TokenStore
        In a file, a sentence is a line and words are divided by white space; .gz and .zst are read
        too.
    min_count : int, optional
        Rarer words are left out. By default every term of a Corpus stays, of other sources words
        that occur 5 times; every word, in texts under 10,000 words.
    known : Vocabulary, optional
        Go on from this vocabulary: its words keep their rows, new words come after them.

    Raises
    ------
    FileMissingError, InputError, InputTypeError
        If the source cannot be read, holds no word often enough, or the disk is full.
    """
    if isinstance(source, TokenStore):
        return source
    if _is_corpus(source):
        return _corpus_tokens(source, min_count, known)
    if isinstance(source, (str, Path)):
        source = RawText(Path(source))
    if isinstance(source, RawText):
        store = _numbered_text(source).store(min_count, known)
        hand_back_memory()
        return store
    if not isinstance(source, Iterable) or isinstance(source, bytes):
        raise InputTypeError(
            f"source: is of type {type(source).__name__}. Pass a Corpus, an iterable of token "
            "lists, or the path of a text file."
        )
    return _numbered_words(each_list(source, "source")).store(min_count, known)


# ---- a corpus ------------------------------------------------------------------------------


def _is_corpus(source: Any) -> bool:
    """Whether it is a Corpus, without loading SciPy: who made one has loaded its module."""
    for name, kind in (("corpus", "Corpus"), ("sharded", "ShardedCorpus")):
        module = sys.modules.get(f"polytopic.text.{name}")
        if module is not None and isinstance(source, getattr(module, kind)):
            return True
    return False


def _corpus_tokens(corpus: Corpus, min_count: int | None, known: Vocabulary | None) -> TokenStore:
    tokens, offsets = corpus.tokens, corpus.offsets
    if tokens is None or offsets is None:
        raise InputError(
            "corpus: was made from counts, which know no reading order, and word vectors are "
            "learned from neighbours. Use Corpus.from_texts or Corpus.from_tokens."
        )
    tokens = check_ids(tokens, len(corpus.vocabulary), "corpus.tokens")
    offsets = check_offsets(offsets, len(tokens), "corpus.offsets")
    counts = np.bincount(tokens, minlength=len(corpus.vocabulary))
    least = 1 if min_count is None else min_count
    rows, vocabulary = _rows_of(corpus.vocabulary.terms, counts, least, known)
    _require_words(vocabulary, int(counts[rows >= 0].sum()), "corpus", min_count)

    def read(start: int, stop: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        return rows[tokens[start:stop]], read_between(offsets, start, stop)

    return TokenStore(vocabulary, len(tokens), int(counts[rows >= 0].sum()), len(offsets) - 1, read)


def read_between(offsets: NDArray[np.int64], start: int, stop: int) -> NDArray[np.int64]:
    """Bounds of the sentences between two positions, of which ``offsets`` says where they begin."""
    low, high = np.searchsorted(offsets, [start, stop], side="right")
    inside = offsets[low:high]
    bounds = np.concatenate([[start], inside[inside < stop], [stop]]) - start
    return bounds.astype(np.int64)


# ---- words numbered as they come -----------------------------------------------------------


def _listed_words(sentences: Iterable[Any]) -> Iterator[tuple[list[str], list[int]]]:
    """The words of some sentences in one list, and how many each sentence has."""
    words: list[str] = []
    lengths: list[int] = []
    for number, sentence in enumerate(sentences):
        if isinstance(sentence, (str, bytes)) or not isinstance(sentence, Iterable):
            kind = type(sentence).__name__
            raise InputTypeError(
                f"source: entry {number} is of type {kind}, not a list of words. Split each text "
                "into words, or use Corpus.from_texts(texts)."
            )
        listed = list(sentence)
        for word in listed:
            if not isinstance(word, str):
                raise InputTypeError(
                    f"source: entry {number} holds {word!r}, of type {type(word).__name__}. "
                    "Words must be str."
                )
        words += listed
        lengths.append(len(listed))
        if len(words) + len(lengths) >= _BATCH:
            yield words, lengths
            words, lengths = [], []
    yield words, lengths


def _numbered_text(source: RawText) -> _Numbering:
    """The words of a text by the hashes of :mod:`polytopic.text`, without an object a word."""
    table, account = TermTable(), Account()
    numbering = _Numbering(source.name, table.strings)
    with numbering:
        for lines in source.lines(account):
            found = scan(lines, source.rule)
            numbering.add(table.encode(found), np.cumsum(found.lengths)[:-1])
    for note in account.told():
        warnings.warn(f"{source.name}: {note}", TextWarning, stacklevel=4)
    return numbering


def _numbered_words(sentences: Iterable[Any]) -> _Numbering:
    """The words of token lists."""
    table = StringTable()
    numbering = _Numbering("source", table.strings)
    with numbering:
        for words, lengths in _listed_words(sentences):
            ends = np.cumsum(lengths, dtype=np.int64)
            numbering.add(table.encode(words), ends)
    return numbering


class _Numbering:
    """Words written as numbers to a temporary file, which is gone when it is closed.

    ``strings`` gives the words of numbers. As a context it closes the file if anything goes wrong.
    """

    def __init__(self, name: str, strings: Callable[[NDArray[np.int64]], list[str]]) -> None:
        self.name, self.strings = name, strings
        self.n_tokens, self.n_sentences = 0, 0
        self.counts = np.zeros(1024, dtype=np.int64)
        self.file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.file.close()

    def add(self, numbers: NDArray[np.int32], ends: NDArray[np.int64]) -> None:
        """Write a piece of the stream, with ``END`` before the places ``ends``."""
        seen = np.bincount(numbers, minlength=1)
        if len(seen) > len(self.counts):
            self.counts = np.concatenate([self.counts, np.zeros(2 * len(seen), np.int64)])
        self.counts[: len(seen)] += seen
        self.n_tokens += len(numbers) + len(ends)
        self.n_sentences += len(ends)
        try:
            self.file.write(np.insert(numbers, ends, np.int32(END)).tobytes())
        except OSError as error:
            raise InputError(
                f"{tempfile.gettempdir()}: the words of {self.name} cannot be written there "
                f"({error.strerror or error}). Free some space, or set TMPDIR to another folder."
            ) from None

    def store(self, min_count: int | None, known: Vocabulary | None) -> TokenStore:
        """The finished store."""
        with self:
            counts = np.trim_zeros(self.counts, "b")
            least = min_count
            if least is None:
                least = DEFAULT_MIN_COUNT if counts.sum() >= SMALL_TEXT else 1
            _tell_clauses(counts, self.strings)
            rows, vocabulary = _numbers_to_rows(counts, self.strings, least, known)
            n_words = int(counts[rows[: len(counts)] >= 0].sum())
            _require_words(vocabulary, n_words, self.name, least)
        file, lock = self.file, threading.Lock()

        def read(start: int, stop: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
            with lock:
                file.seek(4 * start)
                content = file.read(4 * (stop - start))
            numbers = np.frombuffer(content, dtype=np.int32)
            ends = np.flatnonzero(numbers[:-1] == END) + 1
            bounds = np.concatenate([[0], ends, [len(numbers)]]).astype(np.int64)
            return np.where(numbers >= 0, rows.take(numbers, mode="clip"), np.int32(-1)), bounds

        store = TokenStore(vocabulary, self.n_tokens, n_words, self.n_sentences, read)
        weakref.finalize(store, file.close)
        return store


def _tell_clauses(
    counts: NDArray[np.int64], strings: Callable[[NDArray[np.int64]], list[str]]
) -> None:
    """Warn if the words are clauses of a script without spaces."""
    from polytopic.text.doubts import clause_note_of

    note = clause_note_of(
        counts,
        strings,
        "Put spaces between its words first, or have it segmented: embed --language zh, or "
        'polytopic.read(file, language="zh").',
    )
    if note:
        warnings.warn(note, TextWarning, stacklevel=5)


# ---- vocabularies --------------------------------------------------------------------------


def _numbers_to_rows(
    counts: NDArray[np.int64],
    strings: Callable[[NDArray[np.int64]], list[str]],
    min_count: int,
    known: Vocabulary | None,
) -> tuple[NDArray[np.int32], Vocabulary]:
    """Rows for words in order of arrival: those frequent enough by frequency, then spelling."""
    kept = np.arange(len(counts)) if known is not None else np.flatnonzero(counts >= min_count)
    words = strings(kept)
    order = sorted(range(len(kept)), key=lambda i: (-counts[kept[i]], words[i]))
    kept, words = kept[order], [words[i] for i in order]
    rows = np.full(max(len(counts), 1), -1, dtype=np.int32)
    rows[kept], vocabulary = _rows_of(words, counts[kept], min_count, known)
    return rows, vocabulary


def _rows_of(
    words: list[str], counts: NDArray[np.int64], min_count: int, known: Vocabulary | None
) -> tuple[NDArray[np.int32], Vocabulary]:
    """The row of each word (-1: left out), and the vocabulary with the new words at its end."""
    n_known = 0 if known is None else len(known)
    place = {} if known is None else {word: row for row, word in enumerate(known.terms)}
    rows = np.array([place.get(word, -1) for word in words], dtype=np.int32)
    fresh = np.flatnonzero((rows < 0) & (counts >= min_count))
    rows[fresh] = n_known + np.arange(len(fresh), dtype=np.int32)
    totals = np.zeros(n_known + len(fresh), dtype=np.int64)
    if known is not None:
        totals[:n_known] = known.counts
    kept = rows >= 0
    totals[rows[kept]] += counts[kept]
    terms = [*([] if known is None else known.terms), *(words[i] for i in fresh)]
    return rows, Vocabulary(terms, totals)


def _require_words(vocabulary: Vocabulary, n_words: int, name: str, min_count: int | None) -> None:
    if n_words == 0 or len(vocabulary) < 2:
        raise InputError(
            f"{name}: holds {n_words} words of a vocabulary of {len(vocabulary)}"
            f"{f' (min_count is {min_count})' if min_count and min_count > 1 else ''}. Pass more "
            "text, or lower min_count."
        )
