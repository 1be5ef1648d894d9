"""Questions to word vectors: the words near words, near vectors, and amid others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polytopic.embeddings.asked import Asked, Items, as_items, chosen_rows, multiplied
from polytopic.embeddings.checking import (
    as_words,
    check_n,
    refuse_zero,
)
from polytopic.embeddings.distances import DistantVectors
from polytopic.embeddings.neighbours import nearest_rows, unit_rows
from polytopic.embeddings.storage import Combination
from polytopic.errors import InputError
from polytopic.io.leaving import quoted

if TYPE_CHECKING:
    from polytopic.embeddings.approximate import ApproximateNeighbours

__all__ = ["AskedVectors", "Neighbours"]

Floats = NDArray[np.float32]
Neighbours = list[tuple[str, float]]
METHODS = ("add", "multiply")


class AskedVectors(DistantVectors):
    """Rows that answer questions by cosine."""

    def most_similar(
        self,
        words: str | Sequence[str] | NDArray[Any] | None = None,
        n: int = 10,
        *,
        positive: Items = (),
        negative: Items = (),
        which: Combination = "input",
        restrict: int | None = None,
        candidates: Sequence[str] | None = None,
        method: str = "add",
    ) -> Any:
        """The words nearest by cosine, best first; the words asked for are left out.

        Parameters
        ----------
        words : str, sequence of str, or array
            A word; several words, each asked for by itself; or vectors, as in :meth:`nearest_to`.
        n : int
        positive, negative : words, vectors, or pairs of one and its weight
            Instead, or with ``words`` counted as positive: one question for the sum of the unit
            vectors of the positive words less those of the negative ones. ``("king", 0.5)``
            counts half; an array of shape (E,) counts by its own length.
        which : str
            The vectors to compare: a name of :meth:`combine`.
        restrict : int, optional
            Answer among that many of the most frequent words (the first, where counts are unknown).
        candidates : sequence of str, optional
            Answer among these words.
        method : "add" or "multiply"
            ``multiply`` is 3CosMul (Levy & Goldberg, CoNLL 2014): the product of (1 + cosine) / 2
            with each positive word, over that with each negative one; a weight is an exponent.

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
        among = self._among(restrict, candidates)
        if isinstance(words, np.ndarray) and words.dtype.kind not in "USO":
            return self.nearest_to(words, n, which=which, restrict=restrict, candidates=candidates)
        plus, minus = as_items(positive, "positive"), as_items(negative, "negative")
        asked = [] if words is None else as_words(words)
        if plus or minus:
            plus = [Asked(word, 1.0) for word in asked] + plus
            return self._toward(plus, minus, n, which, among, method)
        if words is None:
            raise InputError("words: none given. Pass a word, several words, or positive=[...].")
        queries = [self._unit_of(word, which) for word in asked]
        names = [f"the vector of {quoted(word)}" for word in asked]
        itself = [[self.vocabulary.index(word)] if word in self else [] for word in asked]
        wide = np.stack(queries) if queries else np.empty((0, self.unit(which).shape[1]), "f4")
        found = self._search(wide, n, which, itself, names, among)
        return found[0] if isinstance(words, str) else found

    def analogy(
        self,
        a: str,
        b: str,
        c: str,
        n: int = 1,
        *,
        which: Combination = "input",
        restrict: int | None = None,
        method: str = "add",
    ) -> Neighbours:
        """``a`` is to ``b`` as ``c`` is to what? The words nearest to b - a + c.

        3CosAdd over unit vectors (Mikolov, Yih & Zweig, NAACL 2013), without the three words;
        ``method="multiply"`` is 3CosMul (Levy & Goldberg, CoNLL 2014).

        >>> from polytopic import WordVectors
        >>> vectors = WordVectors(list("abcd"), [[1, 0, 0], [1, 1, 0], [0, 0, 1], [0, 1, 1]])
        >>> vectors.analogy("a", "b", "c")[0][0]
        'd'
        """
        plus, minus = as_items([b, c], "positive"), as_items([a], "negative")
        return self._toward(plus, minus, n, which, self._among(restrict, None), method)

    def nearest_to(
        self,
        vectors: ArrayLike,
        n: int = 10,
        *,
        which: Combination = "input",
        restrict: int | None = None,
        candidates: Sequence[str] | None = None,
    ) -> Any:
        """The words nearest by cosine to a vector, shape (E,), or to several, shape (Q, E).

        ``restrict``, ``candidates``: as in :meth:`most_similar`.

        Returns
        -------
        list of (str, float), or list of such lists

        Raises
        ------
        InputError
            If the vectors are of another length, hold NaN or infinite values, or zeros alone.
        """
        queries = self._numbers(vectors, "vectors", which)
        unit_queries = unit_rows(np.atleast_2d(queries))
        names = [f"vectors: row {row}" for row in range(len(unit_queries))]
        among = self._among(restrict, candidates)
        found = self._search(unit_queries, n, which, None, names, among)
        return found[0] if queries.ndim == 1 else found

    def predict_context(
        self, words: Sequence[str], n: int = 10, *, restrict: int | None = None
    ) -> Neighbours:
        """The words most probable amid ``words``: softmax of the output vectors by their mean.

        p(w | words) is proportional to exp(u_w . h), h the mean of the input vectors of the words
        and u_w the output vector of w (CBOW's prediction; Mikolov et al., ICLR 2013), over all V
        words. Trained by negative sampling, such vectors rank words; the probabilities are no
        estimates of frequencies.

        Returns
        -------
        list of (str, float)

        Raises
        ------
        InputError
            If there are no output vectors, no words, or one has no vector.
        """
        check_n(n)
        outputs = self.combine("output")
        listed = as_words(words)
        if not listed:
            raise InputError("words: none given. Pass the words around the one to predict.")
        mean = self._vectors_of(listed, "input").mean(axis=0, dtype=np.float64).astype(np.float32)
        scores = (outputs @ mean).astype(np.float64)
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        rows = np.arange(len(shares)) if restrict is None else self._among(restrict, None)
        best = rows[np.argsort(-shares[rows], kind="stable")[:n]]
        return [(self.vocabulary.terms[row], float(shares[row])) for row in best.tolist()]

    def approximate(
        self, *, which: Combination = "input", n_links: int = 32, breadth: int = 128
    ) -> ApproximateNeighbours:
        """An index for approximate neighbours of many words, with its recall measured.

        Parameters
        ----------
        which : str
        n_links : int
            Links a word in the graph: more find more and take more memory.
        breadth : int
            Words looked at in a search: more find more and take longer.

        Raises
        ------
        MissingExtraError
            If faiss is not installed (``polytopic[neighbours]``).
        """
        from polytopic.embeddings.approximate import ApproximateNeighbours

        return ApproximateNeighbours(
            self.vocabulary.terms, self.unit(which), n_links=n_links, breadth=breadth
        )

    # ---- parts -----------------------------------------------------------------------------

    def _among(self, restrict: int | None, candidates: Sequence[str] | None) -> Any:
        return chosen_rows(self.vocabulary, restrict, candidates)

    def _weighted(self, items: list[Asked], which: Combination, *, unit: bool) -> Floats:
        """The vectors of items times their weights, shape (k, E)."""
        dim = self.unit(which).shape[1]
        rows = np.empty((len(items), dim), dtype=np.float32)
        for place, (item, weight) in enumerate(items):
            if isinstance(item, str):
                rows[place] = self._unit_of(item, which)
            else:
                given = self._numbers(item, "vector", which)
                rows[place] = unit_rows(given[None])[0] if unit else given
            rows[place] *= np.float32(weight)
        return rows

    def _toward(
        self,
        positive: list[Asked],
        negative: list[Asked],
        n: int,
        which: Combination,
        among: NDArray[np.int64] | None,
        method: str,
    ) -> Neighbours:
        if method not in METHODS:
            raise InputError(f"method: {method!r} is unknown. Pick one of {', '.join(METHODS)}.")
        words = [item for item, _ in positive + negative if isinstance(item, str)]
        out = [self.vocabulary.index(word) for word in words if word in self]
        if method == "add":
            plus = self._weighted(positive, which, unit=False).sum(axis=0)
            query = plus - self._weighted(negative, which, unit=False).sum(axis=0)
            name = "the sum of the positive words less the negative ones"
            return self._search(unit_rows(query[None]), n, which, [out], [name], among)[0]
        check_n(n)
        even = [[Asked(item, 1.0) for item, _ in items] for items in (positive, negative)]
        plus, minus = (self._weighted(items, which, unit=True) for items in even)
        unit = self.unit(which) if among is None else self.unit(which)[among]
        weights = [[weight for _, weight in items] for items in (positive, negative)]
        scores = multiplied(unit @ plus.T, unit @ minus.T, *weights)
        rows = np.arange(len(unit)) if among is None else among
        scores[np.isin(rows, out)] = -np.inf
        best = [k for k in np.argsort(-scores, kind="stable")[:n].tolist() if scores[k] > -np.inf]
        return [(self.vocabulary.terms[rows[k]], float(scores[k])) for k in best]

    def _search(
        self,
        queries: Floats,
        n: int,
        which: Combination,
        exclude: list[list[int]] | None,
        names: Sequence[str],
        among: NDArray[np.int64] | None,
    ) -> list[Neighbours]:
        check_n(n)
        refuse_zero(queries, names)
        unit, terms = self.unit(which), self.vocabulary.terms
        if among is None:
            among = np.arange(len(unit))
        else:
            unit = unit[among]
            place = {row: k for k, row in enumerate(among.tolist())}
            exclude = exclude and [[place[r] for r in rows if r in place] for rows in exclude]
        found = nearest_rows(unit, queries, int(n), exclude)
        return [
            [(terms[row], v) for row, v in zip(among[rows].tolist(), values.tolist(), strict=True)]
            for rows, values in found
        ]
