"""Sentences as numbers of words: reading, the vocabulary, and batches without padding."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from polytopic.errors import (
    EmptyDocumentsWarning,
    InputError,
    InputTypeError,
    TextWarning,
    UnseenTermsWarning,
)
from polytopic.text import Vocabulary, read_documents
from polytopic.text.columns import each_list
from polytopic.text.formats import is_table
from polytopic.text.streams import Account, existing, line_chunks

__all__ = ["END", "UNKNOWN", "Lexicon", "SentenceBatch", "Sentences", "word_lists"]

END = 0
"""Number of the end of a sentence, which is also what stands before its first word."""

UNKNOWN = "<unk>"
"""The word that stands for words outside the vocabulary."""


def word_lists(source: Any) -> list[list[str]]:
    """The words of each sentence; a str is divided by white space.

    Parameters
    ----------
    source : iterable of str or of lists of str, or path
        A file with a sentence a line (.gz and .zst too), or one that :func:`polytopic.read` reads.

    Raises
    ------
    FileMissingError, InputError, InputTypeError
        If it cannot be read, or an entry is neither.
    """
    if isinstance(source, Path):
        return [text.split() for text in _texts(source)]
    if isinstance(source, (str, bytes)) or not isinstance(source, Iterable):
        raise InputTypeError(
            f"sentences: is of type {type(source).__name__}. Pass a list of sentences, each a str "
            "or a list of words, or a pathlib.Path of a file with a sentence a line."
        )
    each = each_list(source, "sentences")
    return [_words(number, sentence) for number, sentence in enumerate(each)]


def _texts(path: Path) -> Iterator[str]:
    found = existing(path)
    if found.is_dir() or is_table(found):
        yield from read_documents(found).texts
        return
    account = Account()
    for chunk in line_chunks(found, "utf-8", account):
        yield from chunk.removesuffix("\n").split("\n")
    for note in account.told():
        warnings.warn(f"{path}: {note}", TextWarning, stacklevel=3)


def _words(number: int, sentence: Any) -> list[str]:
    if isinstance(sentence, str):
        return sentence.split()
    if isinstance(sentence, (list, tuple, np.ndarray)):
        words = list(sentence)
        if all(isinstance(word, str) for word in words):
            return words
    shown = repr(sentence)
    raise InputTypeError(
        f"sentences: entry {number} is {shown if len(shown) < 60 else shown[:57] + '...'}. "
        "A sentence must be a str or a list of str."
    )


@dataclass(frozen=True)
class Lexicon:
    """The words a model knows: number 0 is the end of a sentence, word i of ``terms`` is i + 1."""

    vocabulary: Vocabulary

    @classmethod
    def of(cls, lists: Sequence[Sequence[str]], min_count: int, max_words: int | None) -> Lexicon:
        """Words that occur ``min_count`` times, the ``max_words`` most frequent, and ``UNKNOWN``.

        Raises
        ------
        InputError
            If no word is frequent enough.
        """
        counts = Counter(word for words in lists for word in words)
        kept = [(word, n) for word, n in counts.items() if n >= min_count and word != UNKNOWN]
        kept.sort(key=lambda pair: (-pair[1], pair[0]))
        kept = kept if max_words is None else kept[: max_words - 1]
        if not kept:
            raise InputError(
                f"sentences: hold no word that occurs {min_count} times but {UNKNOWN}. "
                "Pass more text, or lower min_count."
            )
        left_out = sum(counts.values()) - sum(n for _, n in kept)
        terms = [UNKNOWN, *(word for word, _ in kept)]
        return cls(Vocabulary(terms, [left_out, *(n for _, n in kept)]))

    def __len__(self) -> int:
        """V: the words, and the end."""
        return len(self.vocabulary) + 1

    @property
    def unknown(self) -> int:
        """Number of ``UNKNOWN``."""
        return 1 + self.vocabulary.index(UNKNOWN)

    def sentences(self, lists: Sequence[Sequence[str]]) -> tuple[Sentences, int]:
        """The sentences as numbers, and how many of their words are outside the vocabulary."""
        place = {word: i + 1 for i, word in enumerate(self.vocabulary.terms)}
        unknown, missed = self.unknown, 0
        ids: list[int] = []
        for words in lists:
            for word in words:
                number = place.get(word)
                missed += number is None
                ids.append(unknown if number is None else number)
            ids.append(END)
        lengths = np.array([len(words) + 1 for words in lists], dtype=np.int64)
        return Sentences(np.array(ids, dtype=np.int64), lengths), missed

    def text(self, ids: Iterable[int]) -> str:
        """The words up to the end, with a space between them."""
        words = []
        for number in ids:
            if number == END:
                break
            words.append(self.vocabulary.terms[number - 1])
        return " ".join(words)


@dataclass(frozen=True)
class SentenceBatch:
    """B sentences, the longest first, P positions packed step after step; the end counts as a word.

    Attributes
    ----------
    words : int64 Tensor of shape (P,)
        The word at each position: what the decoder is to say and the encoder reads.
    previous : int64 Tensor of shape (P,)
        The word before it; before the first, ``END``.
    documents : int64 Tensor of shape (P,)
        Sentence of each position.
    lasts : int64 Tensor of shape (B,)
        Position of each sentence's end.
    totals : float32 Tensor of shape (B,)
        Words of each sentence and its end.
    sizes : list of int
        Sentences that are still going on, a step.
    order : int64 array of shape (B,)
        Which of the rows asked for each sentence is.
    """

    words: Tensor
    previous: Tensor
    documents: Tensor
    lasts: Tensor
    totals: Tensor
    sizes: list[int]
    order: NDArray[np.int64]

    @property
    def n_documents(self) -> int:
        """B."""
        return len(self.lasts)

    def sum_positions(self, values: Tensor) -> Tensor:
        """Sum a value of each position over its sentence: (P, ...) to (B, ...)."""
        sums = values.new_zeros(self.n_documents, *values.shape[1:])
        return sums.index_add(0, self.documents, values)


class Sentences:
    """D sentences as one array of numbers; ``batch`` packs some of them.

    Parameters
    ----------
    ids : int64 array
        All sentences one after another, each with ``END`` at its end.
    lengths : int64 array of shape (D,)
        With the end.
    """

    device = torch.device("cpu")

    def __init__(self, ids: NDArray[np.int64], lengths: NDArray[np.int64]) -> None:
        self.ids, self.lengths = ids, lengths
        self.starts = np.cumsum(lengths) - lengths

    def to(self, device: torch.device) -> Sentences:
        """The same, whose batches go to ``device``."""
        moved = Sentences(self.ids, self.lengths)
        moved.device = device
        return moved

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def n_tokens(self) -> float:
        """Words, and one end a sentence."""
        return float(self.lengths.sum())

    def take(self, rows: NDArray[np.int64]) -> Sentences:
        """Some of the sentences, in the order given."""
        lengths = self.lengths[rows]
        shifts = np.repeat(self.starts[rows] - (np.cumsum(lengths) - lengths), lengths)
        return Sentences(self.ids[shifts + np.arange(len(shifts))], lengths)

    def cut(self, longest: int) -> Sentences:
        """Sentences of at most ``longest`` words: the first ones, and the end."""
        lengths = np.minimum(self.lengths, longest + 1)
        shifts = np.repeat(self.starts - (np.cumsum(lengths) - lengths), lengths)
        ids = self.ids[shifts + np.arange(len(shifts))]
        ids[np.cumsum(lengths) - 1] = END
        return Sentences(ids, lengths)

    def row(self, number: int) -> NDArray[np.int64]:
        """The numbers of one sentence, with its end."""
        start = self.starts[number]
        return self.ids[start : start + self.lengths[number]]

    def batch(self, rows: NDArray[np.int64]) -> SentenceBatch:
        """The sentences ``rows`` (B row numbers) as one batch."""
        rows = np.asarray(rows)
        order = np.argsort(-self.lengths[rows], kind="stable")
        lengths, starts = self.lengths[rows][order], self.starts[rows][order]
        there = np.arange(lengths[0])[:, None] < lengths
        steps, documents = np.nonzero(there)
        places = starts[documents] + steps
        words = self.ids[places]
        previous = np.where(steps > 0, self.ids[places - 1], END)
        firsts = np.cumsum(there.sum(1)) - there.sum(1)
        lasts = firsts[lengths - 1] + np.arange(len(rows))

        def moved(array: NDArray[Any]) -> Tensor:
            return torch.from_numpy(array).to(self.device)

        return SentenceBatch(
            words=moved(words),
            previous=moved(previous),
            documents=moved(documents),
            lasts=moved(lasts),
            totals=moved(lengths.astype(np.float32)),
            sizes=there.sum(1).tolist(),
            order=order,
        )


def tell_unknown(missed: int, sentences: Sentences, what: str) -> None:
    """Warn of words outside the vocabulary."""
    if missed:
        share = missed / max(1.0, sentences.n_tokens - len(sentences))
        warnings.warn(
            f"{what}: {missed} words ({share:.1%}) are not in the vocabulary and are read as "
            f"{UNKNOWN}.",
            UnseenTermsWarning,
            stacklevel=4,
        )


def tell_empty(n_empty: int, what: str, consequence: str) -> None:
    """Warn of sentences without a word."""
    if n_empty:
        warnings.warn(
            f"{what}: {n_empty} sentences hold no word: {consequence}.",
            EmptyDocumentsWarning,
            stacklevel=4,
        )
