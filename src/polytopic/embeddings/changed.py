"""Word vectors made of others: parts, more words, other rows, two together."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polytopic.embeddings.checking import as_words, checked_matrix
from polytopic.embeddings.questions import AskedVectors
from polytopic.embeddings.shaping import read_lexicon, related_rows, retrofitted, without_top
from polytopic.embeddings.storage import MATRICES
from polytopic.errors import InputError
from polytopic.io.leaving import quoted
from polytopic.text.vocabulary import Vocabulary

__all__ = ["ChangedVectors"]

Floats = NDArray[np.float32]


class ChangedVectors(AskedVectors):
    """Vectors that give others, and stay as they are."""

    @abstractmethod
    def _made(self, vocabulary: Vocabulary, matrices: Sequence[Floats | None]) -> Self:
        """Vectors of these words and matrices: input, output, negative."""

    def subset(self, words: Sequence[str]) -> Self:
        """The vectors of these words, in this order, with their counts.

        Raises
        ------
        InputError
            If a word has no vector or is named twice.
        """
        rows = self._rows(words)
        old = self.vocabulary
        kept = Vocabulary(as_words(words), old.counts[rows], old.document_counts[rows])
        return self._made(kept, [None if m is None else m[rows] for m in self._matrices()])

    def add(
        self,
        words: str | Sequence[str],
        input: ArrayLike,
        output: ArrayLike | None = None,
        *,
        negative: ArrayLike | None = None,
        counts: ArrayLike | None = None,
    ) -> Self:
        """These vectors and, after them, those of n new words; the matrices are copied.

        Parameters
        ----------
        words : str, or sequence of n str
        input, output, negative : arrays of shape (n, E), or (E,) of one word
            For each of the matrices there are.
        counts : array of n int, optional
            How often each word occurs; zero if unknown.

        Raises
        ------
        InputError
            If a word has a vector already, or a matrix is missing or of another shape.

        >>> from polytopic import WordVectors
        >>> WordVectors(["a"], [[1, 0]]).add("b", [0, 1])["b"].tolist()
        [0.0, 1.0]
        """
        listed = as_words(words)
        if (there := [word for word in listed if word in self]) != []:
            raise InputError(f"words: {quoted(there[0])} has a vector already. Use replace().")
        fresh = Vocabulary(listed, counts)
        rows = self._given(fresh, (input, output, negative))
        joined = [None if m is None else np.concatenate([m, new]) for m, new in rows]
        return self._made(_after(self.vocabulary, fresh), joined)

    def replace(
        self,
        words: str | Sequence[str],
        input: ArrayLike,
        output: ArrayLike | None = None,
        *,
        negative: ArrayLike | None = None,
    ) -> Self:
        """These vectors with other rows for n of the words; the matrices given are copied.

        Parameters
        ----------
        words : str, or sequence of n str
        input, output, negative : arrays of shape (n, E), or (E,) of one word
            Matrices that are not given stay as they are.

        Raises
        ------
        InputError
            If a word has no vector or is named twice, or a matrix is of another shape.
        """
        named = Vocabulary(as_words(words))
        rows = self._rows(named.terms)
        changed = self._matrices()
        for place, given in enumerate((input, output, negative)):
            if given is None:
                continue
            matrix, name = changed[place], MATRICES[place]
            if matrix is None:
                raise InputError(f"{name}: these vectors have no such matrix. Leave it out.")
            copy = matrix.copy()
            copy[rows] = checked_matrix(_as_rows(given, len(named)), name, named, self.dim)
            changed[place] = copy
        return self._made(self.vocabulary, changed)

    def join(self, other: ChangedVectors, *, keep: str = "first") -> Self:
        """The words of two, each with one vector: those of ``other`` come after.

        The two must be of one space: trained together, or brought together by
        :func:`polytopic.align_vectors`.

        Parameters
        ----------
        other : WordVectors
            Of the same E.
        keep : "first" or "second"
            Whose vector a word gets that stands in both; counts add up.

        Raises
        ------
        InputError
            If E differs, or one has matrices that the other lacks.
        """
        if keep not in ("first", "second"):
            raise InputError(f'keep: {keep!r} is unknown. Pick "first" or "second".')
        mine, theirs = self._matrices(), other._matrices()
        if self.dim != other.dim or [m is None for m in mine] != [m is None for m in theirs]:
            raise InputError(f"other: {other!r} does not fit {self!r}. Join vectors of one kind.")
        place = self.vocabulary.columns(other.vocabulary.terms)
        new, both = np.flatnonzero(place < 0), np.flatnonzero(place >= 0)
        counts = [self.vocabulary.counts.copy(), self.vocabulary.document_counts.copy()]
        added = [other.vocabulary.counts, other.vocabulary.document_counts]
        for old, more in zip(counts, added, strict=True):
            old[place[both]] += more[both]
        terms = [*self.vocabulary.terms, *(other.vocabulary.terms[row] for row in new)]
        both_counts = [np.concatenate([a, b[new]]) for a, b in zip(counts, added, strict=True)]
        words = Vocabulary(terms, both_counts[0], both_counts[1])
        joined: list[Floats | None] = []
        for one, two in zip(mine, theirs, strict=True):
            if one is None or two is None:
                joined.append(None)
                continue
            whole = np.concatenate([one, two[new]])
            if keep == "second":
                whole[place[both]] = two[both]
            joined.append(whole)
        return self._made(words, joined)

    # ---- after training --------------------------------------------------------------------

    def all_but_the_top(self, n: int | None = None) -> Self:
        """Without the mean and the ``n`` directions of most variance, which tell frequent words.

        For each of the matrices by itself (Mu & Viswanath, ICLR 2018).

        Parameters
        ----------
        n : int, optional
            By default E / 100, at least one.

        Raises
        ------
        InputError
            If ``n`` is not within 1 to E - 1.
        """
        wanted = max(1, self.dim // 100) if n is None else n
        if isinstance(wanted, bool) or not isinstance(wanted, int) or not 0 < wanted < self.dim:
            raise InputError(f"n: is {n!r}. Give a number of directions, 1 to {self.dim - 1}.")
        changed = [None if m is None else without_top(m, wanted) for m in self._matrices()]
        return self._made(self.vocabulary, changed)

    def retrofit(
        self, lexicon: Mapping[str, Iterable[str]] | str | Path, *, iterations: int = 10
    ) -> Self:
        """Vectors nearer to those of related words, as a lexicon has them; of input rows alone.

        q_i = (n q0_i + sum_j q_j) / 2n over the n words j related to i, row after row, with q0
        the vectors as they were (Faruqui et al., NAACL 2015).

        Parameters
        ----------
        lexicon : mapping of str to str, or path
            Words to those related to them; in a file, a line a word: it and its related words.
        iterations : int

        Raises
        ------
        FileMissingError, InputError
            If it cannot be read, or no two related words have vectors.
        """
        if isinstance(iterations, bool) or not isinstance(iterations, int) or iterations < 1:
            raise InputError(f"iterations: is {iterations!r}. Give a whole number, 1 or more.")
        related = related_rows(read_lexicon(lexicon), self.vocabulary)
        moved = retrofitted(self.input, related, iterations)
        return self._made(self.vocabulary, [moved, *self._matrices()[1:]])

    # ---- parts -----------------------------------------------------------------------------

    def _matrices(self) -> list[Floats | None]:
        return [getattr(self, name) for name in MATRICES]

    def _given(self, words: Vocabulary, given: Sequence[Any]) -> list[tuple[Any, Any]]:
        """Each matrix with the rows that come after it.

        Raises
        ------
        InputError
            If one is given that is not there, or not given that is.
        """
        pairs: list[tuple[Any, Any]] = []
        for matrix, rows, name in zip(self._matrices(), given, MATRICES, strict=True):
            if (matrix is None) != (rows is None):
                what = "has no place" if matrix is None else "is missing"
                raise InputError(f"{name}: {what}: these are {self!r}. Give rows for each matrix.")
            if rows is not None:
                rows = checked_matrix(_as_rows(rows, len(words)), name, words, self.dim)
            pairs.append((matrix, rows))
        return pairs


def _as_rows(given: ArrayLike, n: int) -> Any:
    """One vector of one word as a matrix of one row."""
    return [given] if n == 1 and np.ndim(given) == 1 else given


def _after(old: Vocabulary, new: Vocabulary) -> Vocabulary:
    return Vocabulary(
        [*old.terms, *new.terms],
        np.concatenate([old.counts, new.counts]),
        np.concatenate([old.document_counts, new.document_counts]),
    )
