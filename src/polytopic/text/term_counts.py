"""Counts of terms as a CSR matrix that knows the names of its columns."""

from __future__ import annotations

from typing import Any, Self

from scipy import sparse

from polytopic.text.vocabulary import Vocabulary

__all__ = ["TermCounts"]


class TermCounts(sparse.csr_matrix):
    """A CSR matrix of counts, shape (D, V), with ``vocabulary``, the V terms of its columns.

    Every estimator reads it as the sparse matrix it is; topic models take their terms from it.
    Choosing rows, ``counts[rows]``, and copying keep the terms; what else is computed with it is
    a plain matrix again, whose ``vocabulary`` is None.
    """

    vocabulary: Vocabulary | None = None

    @classmethod
    def of(cls, counts: sparse.csr_matrix, vocabulary: Vocabulary | None) -> Self:
        """The same counts with the terms of their columns; arrays are shared."""
        made = cls(counts, copy=False)
        made.vocabulary = vocabulary
        return made

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        rows_alone = not isinstance(key, tuple) or (len(key) == 2 and key[1] is Ellipsis)
        if rows_alone and isinstance(found, TermCounts):
            found.vocabulary = self.vocabulary
        return found

    def copy(self) -> Self:
        """A copy, with the terms."""
        return self.of(super().copy(), self.vocabulary)
