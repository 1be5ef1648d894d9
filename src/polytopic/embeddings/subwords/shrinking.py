"""A classifier's rows in fewer bytes: the longest are left, their parts are coded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.files.quantised import Quantised, quantised
from polytopic.embeddings.subwords.texts import END
from polytopic.errors import InputError
from polytopic.parameters import Integer
from polytopic.text.vocabulary import Vocabulary

__all__ = ["Shrinking", "Shrunk"]

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]

Shrunk = tuple[Floats | Quantised, Numbers | None, Numbers | None]
"""Rows; the words, and the buckets of n-grams, that they are of, or None where none was cut."""


@dataclass(frozen=True)
class Shrinking:
    """``keep`` rows at most, coded by ``width`` columns, their lengths apart with ``norms``."""

    keep: int | None
    width: int
    norms: bool
    seed: int

    def check(self, dim: int) -> None:
        """Refuse what is no number of rows or columns.

        Raises
        ------
        InputError
            Naming it.
        """
        if self.keep is not None and not Integer(1).accepts(self.keep):
            raise InputError(f"keep: is {self.keep!r}. Give a number of rows, 1 or more.")
        if not Integer(1, dim).accepts(self.width):
            raise InputError(f"width: is {self.width!r}. Give a number of columns, 1 to {dim}.")

    def of(self, rows: Floats, vocabulary: Vocabulary) -> Shrunk:
        """The rows of words, then of buckets, shrunk; the mark of the end is always left.

        As ``FastText::selectEmbeddings`` and ``Dictionary::prune`` do: words keep their order, and
        n-grams theirs.
        """
        if self.keep is None or self.keep >= len(rows):
            return quantised(rows, self.width, self.norms, self.seed), None, None
        n = len(vocabulary)
        sizes = np.linalg.norm(rows, axis=1)
        sizes[vocabulary.columns([END])] = np.inf
        left = np.sort(np.argsort(-sizes, kind="stable")[: self.keep])
        few = quantised(rows[left], self.width, self.norms, self.seed)
        return few, left[left < n], left[left >= n] - n
