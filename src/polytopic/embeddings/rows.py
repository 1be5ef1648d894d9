"""The rows of word vectors: looked up by word, and as one matrix of the two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.checking import as_words, unknown_word
from polytopic.embeddings.neighbours import unit_rows
from polytopic.embeddings.storage import COMBINATIONS, MATRICES, Combination, StoredVectors
from polytopic.errors import InputError, InputTypeError

__all__ = ["VectorRows"]

Floats = NDArray[np.float32]


class VectorRows(StoredVectors):
    """A row a word, in up to three matrices of shape (V, E)."""

    @property
    def dim(self) -> int:
        """E, the length of a vector."""
        return int(self.input.shape[1])

    def __len__(self) -> int:
        return len(self.vocabulary)

    def __iter__(self) -> Iterator[str]:
        return iter(self.vocabulary.terms)

    def __contains__(self, word: object) -> bool:
        return word in self.vocabulary

    def __getitem__(self, words: str | Sequence[str]) -> Floats:
        """The input vector of a word, shape (E,), or of several, shape (n, E)."""
        if isinstance(words, str):
            if self._has_row(words):
                row: Floats = self.input[self.vocabulary.index(words)]
                return row
            unseen: Floats = self._unseen([words], "input")[0]
            return unseen
        listed = as_words(words)
        if all(self._has_row(word) for word in listed):
            rows: Floats = self.input[self._rows(listed)]
            return rows
        return self._vectors_of(listed, "input")

    def get(self, word: str, default: Any = None) -> Any:
        """The input vector of a word, shape (E,), or ``default`` where there is none."""
        try:
            return self[word]
        except InputTypeError:
            raise
        except InputError:
            return default

    def items(self) -> Iterator[tuple[str, Floats]]:
        """The words with their input vectors, in row order."""
        return zip(self.vocabulary.terms, self.input, strict=True)

    def __repr__(self) -> str:
        held = [name for name in MATRICES if getattr(self, name) is not None]
        return f"WordVectors({len(self):,} words, {self.dim} dimensions: {', '.join(held)})"

    def index(self, word: str) -> int:
        """Row of a word.

        Raises
        ------
        InputError
            If it has no vector; the message names close matches.
        """
        if not isinstance(word, str):
            raise InputTypeError(f"word: of type {type(word).__name__}. Pass words as str.")
        if word not in self.vocabulary:
            raise InputError(unknown_word(word, self.vocabulary))
        return self.vocabulary.index(word)

    def combine(self, which: Combination = "input") -> Floats:
        """One matrix of the two: ``input``, ``output``, their ``sum``, ``mean`` or ``concat``.

        Returns
        -------
        float32 array of shape (V, E), or (V, 2 E) for ``concat``

        Raises
        ------
        InputError
            If ``which`` is none of these, or needs an output matrix that is not there.

        >>> from polytopic import WordVectors
        >>> WordVectors(["a"], [[1.0, 2.0]], [[3.0, 4.0]]).combine("mean").tolist()
        [[2.0, 3.0]]
        """
        if which not in COMBINATIONS:
            raise InputError(f"which: {which!r} is unknown. Pick one of {', '.join(COMBINATIONS)}.")
        if which == "input":
            return self.input
        if self.output is None:
            raise InputError(
                f'which: "{which}" needs output vectors, and these vectors have none. '
                'Use which="input".'
            )
        return combined(self.input, self.output, which)

    def unit(self, which: Combination = "input") -> Floats:
        """The rows of :meth:`combine` scaled to length one; kept after the first call."""
        if which not in self._units:
            unit = unit_rows(self.combine(which))
            unit.flags.writeable = False
            self._units[which] = unit
        return self._units[which]

    def _unseen(self, words: list[str], which: Combination) -> Floats:
        """Vectors of words that have no row, shape (n, E)."""
        raise InputError(unknown_word(words[0], self.vocabulary))

    def _unit_of(self, word: str, which: Combination) -> Floats:
        """The vector of one word, scaled to length one."""
        if self._has_row(word):
            row: Floats = self.unit(which)[self.vocabulary.index(word)]
            return row
        unseen: Floats = unit_rows(self._unseen([word], which))[0]
        return unseen

    def _vectors_of(self, words: Sequence[str], which: Combination) -> Floats:
        """The vectors of words, with or without a row, shape (n, E)."""
        held = [self.vocabulary.index(word) if self._has_row(word) else -1 for word in words]
        if not held or min(held) >= 0:
            return self._matrix_rows(which, held)
        found = [
            self._matrix_rows(which, [row])[0] if row >= 0 else self._unseen([word], which)[0]
            for row, word in zip(held, words, strict=True)
        ]
        return np.stack(found)

    def _has_row(self, word: Any) -> bool:
        if not isinstance(word, str):
            raise InputTypeError(f"word: of type {type(word).__name__}. Pass words as str.")
        return word in self.vocabulary

    def _matrix_rows(self, which: Combination, rows: list[int]) -> Floats:
        """Rows of :meth:`combine` without the whole of it."""
        if which in COMBINATIONS and which != "input" and self.output is not None:
            two = self.input[rows], self.output[rows]
            return combined(*two, which)
        return self.combine(which)[rows]

    def _rows(self, words: str | Sequence[str]) -> list[int]:
        return [self.index(word) for word in as_words(words)]


def combined(first: Floats, second: Floats, which: Combination) -> Floats:
    """One matrix of an input and an output matrix, by a name of ``COMBINATIONS``."""
    if which in ("input", "output"):
        return first if which == "input" else second
    if which == "concat":
        return np.concatenate([first, second], axis=1)
    total: Floats = first + second
    return total if which == "sum" else total * np.float32(0.5)
