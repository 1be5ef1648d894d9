"""Sentences of any source as numbers of words, held in a file or in an array, never as a list.

A source is read once. Each word gets a number when it is first seen; the numbers go to a temporary
file (in memory while they are few). When the counts are known, a table turns these numbers into
rows of the vocabulary, and words too rare into -1. Positions are 64-bit throughout.
"""

from __future__ import annotations

import itertools
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError, InputTypeError
from polytopic.text import Corpus, Vocabulary
from polytopic.text.streams import existing, text_chunks, without_compression
from polytopic.text.tokens import WordRule, scan

__all__ = ["SMALL_TEXT", "RawText", "TokenStore", "open_tokens", "word_rule"]

END = -2
"""Stands at the end of each sentence in the file of numbers."""

SMALL_TEXT = 10_000
"""Words below which a text keeps all its words, when no ``min_count`` is given."""

DEFAULT_MIN_COUNT = 5
_IN_MEMORY = 32 << 20
_BATCH = 1 << 16

Reader = Callable[[int, int], tuple[NDArray[np.int32], NDArray[np.int64]]]
Split = Callable[[list[str]], tuple[list[str], NDArray[np.int64]]]
"""Takes pieces of text; gives the words of all of them, and how many each piece holds."""


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


@dataclass(frozen=True)
class RawText:
    """Text that is not yet divided into words.

    ``pieces``: the path of a text file with a sentence a line, or texts, each of which is a
    sentence; ``split``: what divides it into words, by default white space; ``encoding``: of a
    file.
    """

    pieces: Path | Iterable[str]
    split: Split | None = None
    encoding: str = "utf-8"

    @property
    def name(self) -> str:
        """What messages call it."""
        return str(self.pieces) if isinstance(self.pieces, Path) else "texts"

    def words(self) -> Iterator[list[str]]:
        """Lists of words, with a mark at the end of each sentence."""
        if isinstance(self.pieces, Path):
            return _file_words(self.pieces, self.split, self.encoding)
        return _text_words(self.pieces, self.split)


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
    if isinstance(source, Corpus):
        return _corpus_tokens(source, min_count, known)
    if isinstance(source, (str, Path)):
        source = RawText(Path(source))
    if isinstance(source, RawText):
        return _Numbering(source.words(), source.name).store(min_count, known)
    if not isinstance(source, Iterable) or isinstance(source, (bytes, dict)):
        raise InputTypeError(
            f"source: is of type {type(source).__name__}. Pass a Corpus, an iterable of token "
            "lists, or the path of a text file."
        )
    return _Numbering(_listed_words(source), "source").store(min_count, known)


# ---- a corpus ------------------------------------------------------------------------------


def _corpus_tokens(corpus: Corpus, min_count: int | None, known: Vocabulary | None) -> TokenStore:
    tokens, offsets = corpus.tokens, corpus.offsets
    if tokens is None or offsets is None:
        raise InputError(
            "corpus: was made from counts, which know no reading order, and word vectors are "
            "learned from neighbours. Use Corpus.from_texts or Corpus.from_tokens."
        )
    counts = np.bincount(tokens, minlength=len(corpus.vocabulary))
    rows, vocabulary = _rows_of(
        corpus.vocabulary.terms,
        counts,
        1 if min_count is None else min_count,
        known,
        by_count=False,
    )
    _require_words(vocabulary, int(counts[rows >= 0].sum()), "corpus", min_count)
    sentence_ends = np.asarray(offsets, dtype=np.int64)

    def read(start: int, stop: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        low, high = np.searchsorted(sentence_ends, [start, stop], side="right")
        inside = sentence_ends[low:high]
        bounds = np.concatenate([[start], inside[inside < stop], [stop]]) - start
        return rows[tokens[start:stop]], bounds.astype(np.int64)

    return TokenStore(vocabulary, len(tokens), int(counts[rows >= 0].sum()), len(offsets) - 1, read)


# ---- words numbered as they come -----------------------------------------------------------

_MARK = "\0"


def word_rule(pieces: list[str]) -> tuple[list[str], NDArray[np.int64]]:
    """Words as :meth:`Corpus.from_texts` finds them, lower-cased, but those of one letter too."""
    found = scan(pieces, WordRule(min_length=1))
    return found.words(np.arange(len(found.starts))), found.lengths


def _file_words(path: Path, split: Split | None, encoding: str) -> Iterator[list[str]]:
    """Lists of words of a text file, with ``_MARK`` where a line ends."""
    found = existing(path)
    if found.is_dir() or without_compression(found) in (".csv", ".tsv", ".jsonl", ".parquet"):
        kind = "is a folder" if found.is_dir() else "is a table"
        raise InputError(
            f"{path}: {kind}, and a text file with a sentence a line is read here. "
            f'Pass polytopic.read("{path}", ...) instead of the path.'
        )
    rest = ""
    for chunk in text_chunks(found, encoding):
        text = rest + chunk
        cut = len(text) if not text or text[-1].isspace() else _last_space(text)
        rest = text[cut:]
        yield _split_lines(text[:cut], split)
    yield [*_split_lines(rest, split), _MARK]


def _text_words(texts: Iterable[str], split: Split | None) -> Iterator[list[str]]:
    held: list[str] = []
    size = 0
    for text in texts:
        held.append(" ".join(text.split()))
        size += len(text) + 1
        if size >= _BATCH:
            yield [*_split_lines("\n".join(held), split), _MARK]
            held, size = [], 0
    yield [*_split_lines("\n".join(held), split), _MARK]


def _split_lines(text: str, split: Split | None) -> list[str]:
    if split is None:
        return text.replace("\n", f" {_MARK} ").split()
    lines = text.split("\n")
    words, lengths = split(lines)
    marked: list[str] = []
    start = 0
    for length in lengths.tolist():
        marked += words[start : start + length]
        marked.append(_MARK)
        start += length
    return marked[:-1]


def _last_space(text: str) -> int:
    """Where the last, perhaps unfinished word begins."""
    tail = text.rsplit(None, 1)
    return len(text) - len(tail[-1]) if len(tail) == 2 else 0


def _listed_words(sentences: Iterable[Any]) -> Iterator[list[str]]:
    words: list[str] = []
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
        words.append(_MARK)
        if len(words) >= _BATCH:
            yield words
            words = []
    yield words


class _Numbers(dict[str, int]):
    """Number of each word; a new word gets the next one."""

    def __init__(self) -> None:
        super().__init__({_MARK: END})
        self._next = itertools.count().__next__

    def __missing__(self, word: str) -> int:
        number = self[word] = self._next()
        return number


class _Numbering:
    """Words written as numbers to a temporary file, which is gone when it is closed."""

    def __init__(self, batches: Iterator[list[str]], name: str) -> None:
        self.name = name
        self.numbers = _Numbers()
        self.n_tokens, self.n_sentences = 0, 0
        self.counts = np.zeros(1024, dtype=np.int64)
        self.file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        try:
            for words in batches:
                self._add(np.fromiter(map(self.numbers.__getitem__, words), np.int32, len(words)))
        except BaseException:
            self.file.close()
            raise

    def _add(self, numbers: NDArray[np.int32]) -> None:
        seen = np.bincount(numbers[numbers >= 0], minlength=1)
        if len(seen) > len(self.counts):
            self.counts = np.concatenate([self.counts, np.zeros(2 * len(seen), np.int64)])
        self.counts[: len(seen)] += seen
        self.n_tokens += len(numbers)
        self.n_sentences += int((numbers == END).sum())
        try:
            self.file.write(numbers.tobytes())
        except OSError as error:
            raise InputError(
                f"{tempfile.gettempdir()}: the words of {self.name} cannot be written there "
                f"({error.strerror or error}). Free some space, or set TMPDIR to another folder."
            ) from None

    def store(self, min_count: int | None, known: Vocabulary | None) -> TokenStore:
        """The finished store."""
        del self.numbers[_MARK]
        words = list(self.numbers)
        counts = self.counts[: len(words)]
        total = int(counts.sum())
        least = min_count
        if least is None:
            least = DEFAULT_MIN_COUNT if total >= SMALL_TEXT else 1
        rows, vocabulary = _rows_of(words, counts, least, known, by_count=True)
        n_words = int(counts[rows >= 0].sum())
        file, lock = self.file, threading.Lock()
        try:
            _require_words(vocabulary, n_words, self.name, least)
        except InputError:
            file.close()
            raise

        def read(start: int, stop: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
            with lock:
                file.seek(4 * start)
                content = file.read(4 * (stop - start))
            numbers = np.frombuffer(content, dtype=np.int32)
            ends = np.flatnonzero(numbers == END) + 1
            if len(ends) and ends[-1] == len(numbers):
                ends = ends[:-1]
            bounds = np.concatenate([[0], ends, [len(numbers)]]).astype(np.int64)
            return np.where(numbers >= 0, rows[numbers], np.int32(-1)), bounds

        store = TokenStore(vocabulary, self.n_tokens, n_words, self.n_sentences, read)
        weakref.finalize(store, file.close)
        return store


# ---- vocabularies --------------------------------------------------------------------------


def _rows_of(
    words: list[str],
    counts: NDArray[np.int64],
    min_count: int,
    known: Vocabulary | None,
    *,
    by_count: bool,
) -> tuple[NDArray[np.int32], Vocabulary]:
    """The row of each word (-1: left out), and the vocabulary with the new words at its end."""
    n_known = 0 if known is None else len(known)
    place = {} if known is None else {word: row for row, word in enumerate(known.terms)}
    rows = np.array([place.get(word, -1) for word in words], dtype=np.int32)
    fresh = np.flatnonzero((rows < 0) & (counts >= min_count))
    if by_count:
        fresh = np.array(sorted(fresh, key=lambda i: (-counts[i], words[i])), dtype=np.int64)
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
