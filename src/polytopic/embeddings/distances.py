"""How far words are from each other, and documents by the vectors of their words."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polytopic.embeddings.between import soft_cosine, transport_cost, word_shares
from polytopic.embeddings.checking import as_numbers, as_words, refuse_not_finite, refuse_zero
from polytopic.embeddings.neighbours import unit_rows
from polytopic.embeddings.rows import VectorRows
from polytopic.embeddings.storage import Combination
from polytopic.errors import InputError, UnseenTermsWarning
from polytopic.io.leaving import quoted

__all__ = ["DistantVectors"]

Floats = NDArray[np.float32]


class DistantVectors(VectorRows):
    """Rows whose cosines say how far words are apart."""

    def similarity(self, first: str, second: str, *, which: Combination = "input") -> float:
        """Cosine of the vectors of two words."""
        unit = unit_rows(self._vectors_of([first, second], which))
        return float(unit[0] @ unit[1])

    # ---- distances -------------------------------------------------------------------------

    def distance(self, first: str, second: str, *, which: Combination = "input") -> float:
        """One minus the cosine of the vectors of two words: 0 to 2."""
        return 1.0 - self.similarity(first, second, which=which)

    def distances(
        self,
        word: str | ArrayLike,
        others: Sequence[str] | None = None,
        *,
        which: Combination = "input",
    ) -> Floats:
        """One minus the cosines of a word, or a vector of shape (E,), with others.

        Parameters
        ----------
        word : str or array of shape (E,)
        others : sequence of n str, optional
            By default all V words, in row order.

        Returns
        -------
        float32 array of shape (n,)

        Raises
        ------
        InputError
            If a word has no vector, or the vector is of another length or all zeros.
        """
        query = self._query(word, which)
        rows = self.unit(which)
        if others is not None:
            rows = unit_rows(self._vectors_of(as_words(others), which))
        away: Floats = np.float32(1.0) - rows @ query
        return away

    def closer_than(self, word: str, other: str, *, which: Combination = "input") -> list[str]:
        """The words nearer to ``word`` than ``other`` is, without ``word``, nearest first."""
        away = self.distances(word, which=which)
        if other in self:
            bound = away[self.vocabulary.index(other)]
        else:
            bound = self.distances(word, [other], which=which)[0]
        if word in self:
            away[self.vocabulary.index(word)] = np.inf
        nearer = np.flatnonzero(away < bound)
        order = nearer[np.argsort(away[nearer], kind="stable")]
        return [self.vocabulary.terms[row] for row in order.tolist()]

    def rank(self, word: str, other: str, *, which: Combination = "input") -> int:
        """The place of ``other`` among the neighbours of ``word``: 1 is the nearest."""
        return len(self.closer_than(word, other, which=which)) + 1

    def doesnt_match(self, words: Sequence[str], *, which: Combination = "input") -> str:
        """The one of several words farthest, by cosine, from the mean of their unit vectors.

        Raises
        ------
        InputError
            If there are fewer than two words, one has no vector, or the mean is zero.

        >>> from polytopic import WordVectors
        >>> vectors = WordVectors(["cat", "dog", "car"], [[1, 0.1], [1, 0.2], [0, 1]])
        >>> vectors.doesnt_match(["cat", "car", "dog"])
        'car'
        """
        listed = as_words(words)
        if len(listed) < 2:
            raise InputError(f"words: {len(listed)} given, of which none can be odd. Give three.")
        unit = np.stack([self._unit_of(word, which) for word in listed])
        mean = unit_rows(unit.mean(axis=0, dtype=np.float64)[None].astype(np.float32))
        refuse_zero(mean, ["the mean of the words"])
        return listed[int(np.argmin(unit @ mean[0]))]

    # ---- documents -------------------------------------------------------------------------

    def word_movers_distance(
        self, first: Sequence[str], second: Sequence[str], *, which: Combination = "input"
    ) -> float:
        """Word Mover's Distance of two lists of words (Kusner et al., ICML 2015).

        The least total of distance times share by which the words of one document are moved to
        those of the other; a word's share is its count over the length, the distance Euclidean
        between unit vectors (gensim's default). Exact, as a linear program of SciPy.

        Raises
        ------
        InputError
            If a document has no word with a vector. Words without one are left out, and told by an
            :class:`~polytopic.errors.UnseenTermsWarning`.
        """
        (left, a), (right, b) = (
            self._document(d, n) for d, n in ((first, "first"), (second, "second"))
        )
        one, two = (unit_rows(self._vectors_of(words, which)) for words in (left, right))
        return transport_cost(a, b, one, two)

    def soft_cosine(
        self,
        first: Sequence[str],
        second: Sequence[str],
        *,
        exponent: float = 2.0,
        threshold: float = 0.0,
        which: Combination = "input",
    ) -> float:
        """Soft cosine of two lists of words (Sidorov et al. 2014; Charlet & Damnati, SemEval 2017).

        x' S y / sqrt(x' S x  y' S y) of counts x and y, with S_ij = cosine^exponent of words i and
        j where the cosine is above ``threshold``, else 0, and S_ii = 1.

        Raises
        ------
        InputError
            As :meth:`word_movers_distance`; or ``exponent`` or ``threshold`` is no number.
        """
        (left, a), (right, b) = (
            self._document(d, n) for d, n in ((first, "first"), (second, "second"))
        )
        words = list(dict.fromkeys(left + right))
        unit = unit_rows(self._vectors_of(words, which))
        x, y = np.zeros(len(words)), np.zeros(len(words))
        x[[words.index(word) for word in left]] = a
        y[[words.index(word) for word in right]] = b
        return soft_cosine(unit, x, y, exponent, threshold)

    def _numbers(self, vectors: ArrayLike, name: str, which: Combination) -> NDArray[Any]:
        """Finite numbers of shape (E,) or (Q, E)."""
        dim = self.unit(which).shape[1]
        given = as_numbers(vectors, name)
        if given.ndim not in (1, 2) or given.shape[-1] != dim:
            raise InputError(
                f"{name}: shape {given.shape}, and a vector here has {dim} "
                f"numbers. Pass one of shape ({dim},) or rows of them."
            )
        refuse_not_finite(given.reshape(-1, given.shape[-1]), name, None)
        return given

    def _query(self, word: str | ArrayLike, which: Combination) -> Floats:
        """The unit vector of a word or of a vector."""
        if isinstance(word, str):
            query, name = self._unit_of(word, which), f"the vector of {quoted(word)}"
        else:
            given = self._numbers(word, "word", which)
            if given.ndim != 1:
                raise InputError(f"word: shape {given.shape}. Pass one vector.")
            query, name = unit_rows(given[None])[0], "word"
        refuse_zero(query[None], [name])
        return query

    def _document(self, words: Sequence[str], name: str) -> tuple[list[str], NDArray[np.float64]]:
        """The distinct words of a document that have vectors, and their shares."""
        held, shares, missing = word_shares(
            as_words(words), lambda word: self.get(word) is not None
        )
        if missing:
            warnings.warn(
                f"{name}: {len(missing):,} of its words have no vector and are left out "
                f"({', '.join(quoted(word) for word in missing[:3])}).",
                UnseenTermsWarning,
                stacklevel=4,
            )
        if not held:
            raise InputError(f"{name}: holds no word with a vector. Give a document that has some.")
        return held, shares
