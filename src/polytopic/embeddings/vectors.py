"""``WordVectors``: the vectors of a vocabulary, with both matrices of the model they come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polytopic.embeddings.checking import (
    as_numbers,
    as_words,
    check_n,
    checked_matrix,
    refuse_not_finite,
    refuse_zero,
    unknown_word,
)
from polytopic.embeddings.neighbours import nearest_terms, unit_rows
from polytopic.embeddings.storage import COMBINATIONS, MATRICES, Combination, StoredVectors
from polytopic.errors import InputError, InputTypeError
from polytopic.io.leaving import quoted
from polytopic.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from polytopic.embeddings.projection import Method, Projection

__all__ = ["COMBINATIONS", "Combination", "Neighbours", "WordVectors"]

Floats = NDArray[np.float32]
Neighbours = list[tuple[str, float]]
Evaluation = dict[str, list[Any]]


class WordVectors(StoredVectors):
    """Vectors of V words, one row a word; they are not distributions, and they never change.

    A model of words and contexts (Mikolov et al., NeurIPS 2013; Pennington et al., EMNLP 2014)
    has two vectors a word: ``input`` for the word itself and ``output`` for the word as a context.

    Parameters
    ----------
    vocabulary : Vocabulary, or sequence of V str
        The words in row order; counts are zero where unknown.
    input : array of shape (V, E)
    output : array of shape (V, E), optional
    negative : array of shape (V, E), optional
        A third matrix, where noise words have vectors of their own.

    Attributes
    ----------
    vocabulary : Vocabulary
    input : float32 array of shape (V, E), read-only
        Shares memory with a float32 array that was passed.
    output, negative : float32 arrays of shape (V, E), or None
    dim : int
        E.
    notes : tuple of str
        What was done to read them from a file; iterating goes over the words.

    Raises
    ------
    InputError
        If a matrix is of another shape, or holds NaN or infinite values.

    >>> vectors = WordVectors(["cat", "dog", "car"], [[1, 0.1], [1, 0.2], [0, 1]])
    >>> vectors.most_similar("cat", n=1)[0][0], len(vectors), "dog" in vectors
    ('dog', 3, True)
    """

    def __init__(
        self,
        vocabulary: Vocabulary | Sequence[str],
        input: ArrayLike,
        output: ArrayLike | None = None,
        *,
        negative: ArrayLike | None = None,
    ) -> None:
        words = vocabulary if isinstance(vocabulary, Vocabulary) else Vocabulary(vocabulary)
        first = checked_matrix(input, "input", words)
        self._hold(
            words,
            first,
            None if output is None else checked_matrix(output, "output", words, first.shape[1]),
            None
            if negative is None
            else checked_matrix(negative, "negative", words, first.shape[1]),
        )

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
            row: Floats = self.input[self.index(words)]
            return row
        rows: Floats = self.input[self._rows(words)]
        return rows

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
        if which == "output":
            return self.output
        if which == "concat":
            return np.concatenate([self.input, self.output], axis=1)
        total: Floats = self.input + self.output
        return total if which == "sum" else total * np.float32(0.5)

    def unit(self, which: Combination = "input") -> Floats:
        """The rows of :meth:`combine` scaled to length one; kept after the first call."""
        if which not in self._units:
            unit = unit_rows(self.combine(which))
            unit.flags.writeable = False
            self._units[which] = unit
        return self._units[which]

    def similarity(self, first: str, second: str, *, which: Combination = "input") -> float:
        """Cosine of the vectors of two words."""
        unit = unit_rows(self._matrix_rows(which, self._rows([first, second])))
        return float(unit[0] @ unit[1])

    def most_similar(
        self,
        words: str | Sequence[str] | NDArray[Any] | None = None,
        n: int = 10,
        *,
        positive: str | Sequence[str] = (),
        negative: str | Sequence[str] = (),
        which: Combination = "input",
    ) -> Any:
        """The words nearest by cosine, best first; the words asked for are left out.

        Parameters
        ----------
        words : str, sequence of str, or array
            A word; several words, each asked for by itself; or vectors, as in :meth:`nearest_to`.
        n : int
        positive, negative : str or sequence of str
            Instead, or with ``words`` counted as positive: one question for the sum of the unit
            vectors of the positive words less those of the negative ones.
        which : str
            The vectors to compare: a name of :meth:`combine`.

        Returns
        -------
        list of (str, float)
            Words and cosines; a list of such lists if several words or vectors were asked for.

        Raises
        ------
        InputError
            If a word has no vector, nothing was asked, or what was asked for is a vector of zeros,
            to which nothing is near.
        """
        if isinstance(words, np.ndarray) and words.dtype.kind not in "USO":
            return self.nearest_to(words, n, which=which)
        asked = [] if words is None else as_words(words)
        plus, minus = as_words(positive), as_words(negative)
        if plus or minus:
            return self._toward(asked + plus, minus, n, which)
        if words is None:
            raise InputError("words: none given. Pass a word, several words, or positive=[...].")
        rows = self._rows(asked)
        names = [f"the vector of {quoted(word)}" for word in asked]
        found = self._search(self.unit(which)[rows], n, which, [[row] for row in rows], names)
        return found[0] if isinstance(words, str) else found

    def analogy(
        self, a: str, b: str, c: str, n: int = 1, *, which: Combination = "input"
    ) -> Neighbours:
        """``a`` is to ``b`` as ``c`` is to what? The words nearest to b - a + c.

        3CosAdd over unit vectors (Mikolov, Yih & Zweig, NAACL 2013), without the three words.

        >>> vectors = WordVectors(list("abcd"), [[1, 0, 0], [1, 1, 0], [0, 0, 1], [0, 1, 1]])
        >>> vectors.analogy("a", "b", "c")[0][0]
        'd'
        """
        return self._toward([b, c], [a], n, which)

    def nearest_to(self, vectors: ArrayLike, n: int = 10, *, which: Combination = "input") -> Any:
        """The words nearest by cosine to a vector, shape (E,), or to several, shape (Q, E).

        Returns
        -------
        list of (str, float), or list of such lists

        Raises
        ------
        InputError
            If the vectors are of another length, hold NaN or infinite values, or zeros alone.
        """
        unit = self.unit(which)
        queries = as_numbers(vectors, "vectors")
        if queries.ndim not in (1, 2) or queries.shape[-1] != unit.shape[1]:
            raise InputError(
                f"vectors: shape {queries.shape}, and a vector here has {unit.shape[1]} "
                f"numbers. Pass one of shape ({unit.shape[1]},) or rows of them."
            )
        refuse_not_finite(queries.reshape(-1, queries.shape[-1]), "vectors", None)
        unit_queries = unit_rows(np.atleast_2d(queries))
        names = [f"vectors: row {row}" for row in range(len(unit_queries))]
        found = self._search(unit_queries, n, which, None, names)
        return found[0] if queries.ndim == 1 else found

    def subset(self, words: Sequence[str]) -> WordVectors:
        """The vectors of these words, in this order, with their counts.

        Raises
        ------
        InputError
            If a word has no vector or is named twice.
        """
        rows = self._rows(words)
        old = self.vocabulary
        kept = Vocabulary(as_words(words), old.counts[rows], old.document_counts[rows])
        chosen = [None if m is None else m[rows] for m in (self.input, self.output, self.negative)]
        return WordVectors(kept, chosen[0], chosen[1], negative=chosen[2])  # type: ignore[arg-type]

    def evaluate(
        self,
        *,
        similarity: str | Path | Sequence[str | Path] = (),
        analogies: str | Path | Sequence[str | Path] = (),
        which: Combination = "input",
        fold_case: bool = True,
        restrict: int | None = 300_000,
    ) -> Evaluation:
        """Compare with human judgements, file by file.

        Parameters
        ----------
        similarity : path or paths
            Files of rated pairs, for :func:`polytopic.metrics.word_similarity`.
        analogies : path or paths
            Files of analogies, for :func:`polytopic.metrics.word_analogies`.
        which : str
            The vectors to compare: a name of :meth:`combine`.
        fold_case : bool
            Take words that differ in case for the same.
        restrict : int, optional
            Answer analogies among that many of the most frequent words; None for all.

        Returns
        -------
        dict
            ``"similarity"`` and ``"analogies"``, each a list of records in the order of the files.

        Raises
        ------
        FileMissingError, InputError
            If a file is missing or malformed; the message names the row.
        """
        from polytopic import metrics

        options: dict[str, Any] = {"which": which, "fold_case": fold_case}
        pairs, questions = (
            [p] if isinstance(p, str | Path) else p for p in (similarity, analogies)
        )
        return {
            "similarity": [metrics.word_similarity(self, file, **options) for file in pairs],
            "analogies": [
                metrics.word_analogies(self, file, restrict=restrict, **options)
                for file in questions
            ],
        }

    def project(
        self,
        words: Sequence[str] | None = None,
        *,
        n: int = 300,
        method: Method = "tsne",
        which: Combination = "input",
        perplexity: float = 30.0,
        random_state: int = 0,
    ) -> Projection:
        """Put words on a plane, to look at: ``.figure()``, or ``.write("words.html")``.

        Parameters
        ----------
        words : sequence of str, optional
            By default the ``n`` most frequent (the first, where counts are unknown).
        n : int
        method : str
            ``"tsne"`` (van der Maaten & Hinton, JMLR 2008) or ``"pca"``, of unit vectors.
        which : str
            The vectors to show: a name of :meth:`combine`.
        perplexity : float
            Of t-SNE: about how many neighbours a word has; lowered for few words.
        random_state : int

        Raises
        ------
        InputError
            If a word has no vector, or fewer than three words are left.
        """
        from polytopic.embeddings.projection import place_words

        if words is None:
            check_n(n)
            rows = np.argsort(-self.vocabulary.counts, kind="stable")[:n].tolist()
        else:
            rows = self._rows(list(dict.fromkeys(as_words(words))))
        named = [self.vocabulary.terms[row] for row in rows]
        return place_words(
            named,
            self.vocabulary.counts[rows],
            self._matrix_rows(which, rows),
            method,
            perplexity=perplexity,
            random_state=random_state,
        )

    def _toward(
        self, positive: list[str], negative: list[str], n: int, which: Combination
    ) -> Neighbours:
        plus, minus = self._rows(positive), self._rows(negative)
        unit = self.unit(which)
        query = unit[plus].sum(axis=0) - unit[minus].sum(axis=0)
        name = "the sum of the positive words less the negative ones"
        return self._search(unit_rows(query[None]), n, which, [plus + minus], [name])[0]

    def _search(
        self,
        queries: Floats,
        n: int,
        which: Combination,
        exclude: list[list[int]] | None,
        names: Sequence[str],
    ) -> list[Neighbours]:
        check_n(n)
        refuse_zero(queries, names)
        return nearest_terms(self.vocabulary.terms, self.unit(which), queries, int(n), exclude)

    def _matrix_rows(self, which: Combination, rows: list[int]) -> Floats:
        """Rows of :meth:`combine` without the whole of it."""
        output = None if self.output is None else self.output[rows]
        terms = [self.vocabulary.terms[row] for row in dict.fromkeys(rows)]
        if len(terms) != len(rows):
            return self.combine(which)[rows]
        return WordVectors(terms, self.input[rows], output).combine(which)

    def _rows(self, words: str | Sequence[str]) -> list[int]:
        return [self.index(word) for word in as_words(words)]
