"""Approximate neighbours by a graph of near words (HNSW; Malkov & Yashunin, TPAMI 2020)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.checking import as_words, check_n, unknown_word
from polytopic.embeddings.neighbours import nearest_rows
from polytopic.errors import InputError
from polytopic.extras import require
from polytopic.text.vocabulary import Vocabulary

__all__ = ["ApproximateNeighbours"]

_SAMPLE = 1000
"""Words whose true neighbours are sought for the recall: its standard error is below .01."""

_MEASURED = 10
"""Neighbours of each that the recall counts: what is asked for by default."""

Floats = NDArray[np.float32]


class ApproximateNeighbours:
    """Neighbours by a graph of faiss, which may miss some: ``recall`` says how many it finds.

    Parameters
    ----------
    terms : sequence of V str
    unit : float32 array of shape (V, E)
        Rows of length one.
    n_links, breadth : int
        Links a word, and words looked at in a search.

    Attributes
    ----------
    recall : float
        Share of the true ten nearest of 1,000 words (all, if fewer) that a search finds.

    Raises
    ------
    MissingExtraError
        If faiss is not installed.
    InputError
        If ``n_links`` or ``breadth`` is no number of 1 or more.
    """

    def __init__(
        self, terms: Sequence[str], unit: Floats, *, n_links: int = 32, breadth: int = 128
    ) -> None:
        for name, value in (("n_links", n_links), ("breadth", breadth)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise InputError(f"{name}: is {value!r}. Give a whole number, 1 or more.")
        faiss = require("faiss", "approximate neighbours")
        self.vocabulary, self._unit, self._breadth = Vocabulary(terms), unit, breadth
        self._index: Any = faiss.IndexHNSWFlat(
            unit.shape[1], max(n_links, 2), faiss.METRIC_INNER_PRODUCT
        )
        self._index.hnsw.efConstruction = breadth
        self._index.add(np.ascontiguousarray(unit))
        self.recall = self._measured()

    def __repr__(self) -> str:
        n = len(self.vocabulary)
        return f"ApproximateNeighbours({n:,} words, recall of ten {self.recall:.3f})"

    def most_similar(self, words: str | Sequence[str], n: int = 10) -> Any:
        """The words nearest by cosine, as far as they are found; without the word itself.

        Returns
        -------
        list of (str, float), or list of such lists for several words

        Raises
        ------
        InputError
            If a word has no vector.
        """
        check_n(n)
        listed = as_words(words)
        for word in listed:
            if word not in self.vocabulary:
                raise InputError(unknown_word(word, self.vocabulary))
        rows = [self.vocabulary.index(word) for word in listed]
        found = [
            [(self.vocabulary.terms[row], value) for row, value in near]
            for near in self._found(rows, n)
        ]
        return found[0] if isinstance(words, str) else found

    def _found(self, rows: Sequence[int], n: int) -> list[list[tuple[int, float]]]:
        self._index.hnsw.efSearch = max(self._breadth, n + 1)
        wanted = min(n + 1, len(self.vocabulary))
        cosines, places = self._index.search(np.ascontiguousarray(self._unit[list(rows)]), wanted)
        return [
            [(int(p), float(c)) for p, c in zip(near, values, strict=True) if p not in (row, -1)][
                :n
            ]
            for row, near, values in zip(rows, places, cosines, strict=True)
        ]

    def _measured(self) -> float:
        """The recall of a sample of words that are not all zero."""
        able = np.flatnonzero(np.any(self._unit, axis=1))
        rng = np.random.default_rng(0)
        rows = np.sort(rng.permutation(able)[:_SAMPLE]).tolist()
        true = nearest_rows(self._unit, self._unit[rows], _MEASURED, [[row] for row in rows])
        found = self._found(rows, _MEASURED)
        hits = sum(
            len({row for row, _ in near} & set(wanted.tolist()))
            for near, (wanted, _) in zip(found, true, strict=True)
        )
        return hits / max(sum(len(wanted) for wanted, _ in true), 1)
