"""``WordVectors``: the vectors of a vocabulary, with both matrices of the model they come from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polytopic.embeddings.changed import ChangedVectors
from polytopic.embeddings.checking import as_words, check_n, checked_matrix
from polytopic.embeddings.questions import Neighbours
from polytopic.embeddings.storage import COMBINATIONS, Combination
from polytopic.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from polytopic.embeddings.projection import Method, Projection

__all__ = ["COMBINATIONS", "Combination", "Neighbours", "WordVectors"]

Floats = NDArray[np.float32]
Evaluation = dict[str, list[Any]]


class WordVectors(ChangedVectors):
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

    def _made(self, vocabulary: Vocabulary, matrices: Sequence[Floats | None]) -> WordVectors:
        first, second, third = matrices
        assert first is not None
        return WordVectors(vocabulary, first, second, negative=third)

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
