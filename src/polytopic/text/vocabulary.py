"""The vocabulary: the terms of a corpus in column order, with how often each occurs."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polytopic.errors import InputError
from polytopic.text.columns import as_list
from polytopic.text.halves import has_halves
from polytopic.text.rules import TextRules

__all__ = ["Vocabulary"]

_MOST = 2**53
"""No text has more words, and sums and powers of counts stay within their types."""


class Vocabulary:
    """The V terms of a corpus in column order, with their frequencies; it never changes.

    Parameters
    ----------
    terms : sequence of V str
        In column order, each once.
    counts : array of V int, optional
        How many tokens each term has in the corpus the vocabulary was built from. Zero if unknown.
    document_counts : array of V int, optional
        In how many documents each term occurs. Zero if unknown.
    rules : TextRules, optional
        How text became these terms; ``Corpus.from_texts(texts, vocabulary=...)`` goes by them.

    Attributes
    ----------
    terms : list of V str
    counts : int64 array of shape (V,)
    document_counts : int64 array of shape (V,)
    rules : TextRules or None

    Raises
    ------
    InputError
        If a term is not a str, occurs twice, or the frequencies do not fit the terms.

    >>> vocabulary = Vocabulary(["cell", "gene"], [5, 3], [2, 2])
    >>> vocabulary.index("gene"), "cell" in vocabulary, len(vocabulary)
    (1, True, 2)
    """

    terms: list[str]
    counts: NDArray[np.int64]
    document_counts: NDArray[np.int64]
    rules: TextRules | None

    def __init__(
        self,
        terms: Sequence[str],
        counts: ArrayLike | None = None,
        document_counts: ArrayLike | None = None,
        rules: TextRules | None = None,
    ) -> None:
        if isinstance(terms, str):
            raise InputError("terms: is a single str. Pass a list of terms.")
        listed = as_list(terms, "terms")
        for position, term in enumerate(listed):
            if not isinstance(term, str):
                kind = type(term).__name__
                raise InputError(f"terms: entry {position} is of type {kind}. Terms must be str.")
        if has_halves("".join(listed)):
            position = next(n for n, term in enumerate(listed) if has_halves(term))
            raise InputError(
                f"terms: entry {position} holds half a letter (a lone surrogate, "
                f"{listed[position]!a}). Take it out of the words."
            )
        _set(self, "terms", listed)
        _set(self, "counts", _frequencies(counts, "counts", len(listed)))
        _set(self, "document_counts", _frequencies(document_counts, "document_counts", len(listed)))
        _set(self, "rules", rules)
        if len(self._positions) != len(listed):
            twice = Counter(listed).most_common(1)[0][0]
            raise InputError(f'terms: "{twice}" is listed twice. List each term once.')

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"Vocabulary never changes: {name} cannot be set. Build a new one.")

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {term: column for column, term in enumerate(self.terms)}

    def index(self, term: str) -> int:
        """Column of ``term``.

        Raises
        ------
        InputError
            If the term is not in the vocabulary; the message names close matches.
        """
        column = self._positions.get(term)
        if column is None:
            close = difflib.get_close_matches(str(term), self.terms, n=3)
            hint = f" Close to it: {', '.join(close)}." if close else ""
            raise InputError(
                f'term: "{term}" is not among the {len(self)} terms of the vocabulary.{hint}'
                " Pick a term of vocabulary.terms."
            )
        return column

    def columns(self, words: Sequence[str]) -> NDArray[np.int32]:
        """The column of each of these words, -1 for those that are no terms; shape (n,).

        >>> Vocabulary(["cell", "gene"]).columns(["gene", "genes"]).tolist()
        [1, -1]
        """
        positions = self._positions
        return np.fromiter((positions.get(word, -1) for word in words), np.int32, len(words))

    @cached_property
    def ngrams(self) -> list[tuple[str, ...]]:
        """The words of each n-gram term, ("new", "york") of "new_york", in column order."""
        return [tuple(term.split("_")) for term in self.terms if "_" in term.strip("_")]

    def __len__(self) -> int:
        return len(self.terms)

    def __contains__(self, term: object) -> bool:
        return term in self._positions

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Vocabulary):
            return NotImplemented
        return (
            self.terms == other.terms
            and np.array_equal(self.counts, other.counts)
            and np.array_equal(self.document_counts, other.document_counts)
        )

    def __hash__(self) -> int:
        return hash((len(self.terms), *self.terms[:16]))

    def __repr__(self) -> str:
        first = ", ".join(self.terms[:4]) + (", ..." if len(self) > 4 else "")
        return f"Vocabulary({len(self)} terms: {first})"

    def __reduce__(self) -> tuple[type[Vocabulary], tuple[Any, ...]]:
        return Vocabulary, (self.terms, self.counts, self.document_counts, self.rules)

    def to_dict(self) -> dict[str, Any]:
        """The vocabulary as lists of str and int, and its rules, ready for JSON."""
        record: dict[str, Any] = {
            "terms": list(self.terms),
            "counts": self.counts.tolist(),
            "document_counts": self.document_counts.tolist(),
        }
        return record if self.rules is None else {**record, "rules": self.rules.to_dict()}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Vocabulary:
        """Read back what :meth:`to_dict` wrote.

        Raises
        ------
        InputError
            If an entry is missing or does not fit.

        >>> Vocabulary.from_dict(Vocabulary(["a"], [2], [1]).to_dict()).counts.tolist()
        [2]
        """
        missing = [name for name in ("terms", "counts", "document_counts") if name not in record]
        if missing:
            raise InputError(
                f'vocabulary: the record has no "{missing[0]}". '
                "Pass a record written by Vocabulary.to_dict."
            )
        rules = TextRules.from_dict(record["rules"]) if record.get("rules") else None
        return cls(record["terms"], record["counts"], record["document_counts"], rules)


def _set(vocabulary: Vocabulary, name: str, value: Any) -> None:
    object.__setattr__(vocabulary, name, value)


def _frequencies(values: ArrayLike | None, name: str, n_terms: int) -> NDArray[np.int64]:
    if values is None:
        array = np.zeros(n_terms, dtype=np.int64)
    else:
        given = np.asarray(values)
        if given.shape != (n_terms,):
            raise InputError(f"{name}: shape {given.shape} for {n_terms} terms. Give one a term.")
        if given.size and not np.issubdtype(given.dtype, np.integer):
            raise InputError(f"{name}: of type {given.dtype}. Give whole numbers.")
        if given.size and given.max() > _MOST:
            raise InputError(
                f"{name}: holds {given.max():,}, and frequencies go up to 2^53, as float64 holds "
                "them exactly. Look for the step that made it."
            )
        array = given.astype(np.int64)
        if array.size and array.min() < 0:
            raise InputError(f"{name}: holds {array.min()}. Frequencies start at zero.")
    array.flags.writeable = False
    return array
