"""Counted documents with what belongs to each, row by row: what every corpus holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from polytopic.counts import whole_counts
from polytopic.errors import InputError
from polytopic.text.columns import checked_texts
from polytopic.text.dropped import Dropped
from polytopic.text.rows import in_order, row_numbers, take_documents, take_tokens, test_rows
from polytopic.text.values import as_column
from polytopic.text.vocabulary import Vocabulary

__all__ = ["CountedDocuments"]


class CountedDocuments:
    """Counts of documents, their terms and their columns, checked once; it never changes.

    :class:`~polytopic.Corpus` says what it holds, and adds the ways to make one.
    """

    def __init__(
        self,
        counts: sparse.csr_matrix,
        vocabulary: Vocabulary,
        *,
        tokens: NDArray[np.int32] | None = None,
        offsets: NDArray[np.int64] | None = None,
        labels: ArrayLike | None = None,
        ids: ArrayLike | None = None,
        dates: ArrayLike | None = None,
        texts: Sequence[str] | None = None,
        metadata: Mapping[str, ArrayLike] | None = None,
        dropped: Dropped | None = None,
    ) -> None:
        counts = whole_counts(counts)
        n_documents, n_terms = counts.shape
        if len(vocabulary) != n_terms:
            raise InputError(
                f"vocabulary: has {len(vocabulary)} terms, counts have {n_terms} columns. "
                "Give one term a column."
            )
        self.counts = counts
        self.vocabulary = vocabulary
        self.tokens, self.offsets = in_order(tokens, offsets, n_documents, n_terms)
        self.labels: NDArray[Any] | None = as_column(labels, "labels", n_documents)
        self.ids = as_column(ids, "ids", n_documents)
        self.dates = as_column(dates, "dates", n_documents)
        self.texts = checked_texts(texts, n_documents)
        self.metadata = {
            str(name): as_column(values, f'metadata "{name}"', n_documents)
            for name, values in (metadata or {}).items()
        }
        self.dropped = Dropped(documents=n_documents) if dropped is None else dropped

    def __len__(self) -> int:
        return int(self.counts.shape[0])

    def __repr__(self) -> str:
        n_tokens = int(self.counts.sum()) if self.tokens is None else len(self.tokens)
        return (
            f"Corpus({len(self):,} documents, {len(self.vocabulary):,} terms, {n_tokens:,} tokens)"
        )

    @property
    def shape(self) -> tuple[int, int]:
        """(D, V), those of the counts: what scikit-learn cuts into folds by."""
        return len(self), len(self.vocabulary)

    def __getitem__(self, rows: Any) -> Self:
        """Documents by slice, number, list of rows or mask, sharing the vocabulary.

        ``corpus[rows, ...]``, as NumPy and scikit-learn write it, is ``corpus[rows]``.
        """
        if isinstance(rows, tuple) and len(rows) == 2 and rows[1] is Ellipsis:
            rows = rows[0]
        if isinstance(rows, slice):
            return self.subset(np.arange(len(self))[rows])
        if isinstance(rows, SupportsIndex) and not isinstance(rows, np.ndarray):
            row = rows.__index__()
            if not -len(self) <= row < len(self):
                raise IndexError(f"corpus: has {len(self)} documents, row {row} was asked for.")
            return self.subset(np.array([row % len(self)]))
        return self.subset(rows)

    def subset(self, rows: ArrayLike) -> Self:
        """The documents of ``rows`` (numbers, or a mask of D bool) in that order.

        The vocabulary is shared, with the frequencies of the whole corpus.

        Raises
        ------
        InputError
            If a row does not exist.
        """
        chosen = row_numbers(rows, len(self))
        tokens, offsets = None, None
        if self.tokens is not None and self.offsets is not None:
            tokens, offsets = take_tokens(self.tokens, self.offsets, chosen)
        return type(self)(
            self.counts[chosen],
            self.vocabulary,
            tokens=tokens,
            offsets=offsets,
            labels=None if self.labels is None else self.labels[chosen],
            ids=None if self.ids is None else self.ids[chosen],
            dates=None if self.dates is None else self.dates[chosen],
            texts=None if self.texts is None else take_documents(self.texts, chosen),
            metadata={name: values[chosen] for name, values in self.metadata.items()},
            dropped=self.dropped,
        )

    def with_columns(
        self,
        *,
        labels: ArrayLike | None = None,
        ids: ArrayLike | None = None,
        dates: ArrayLike | None = None,
        texts: Sequence[str] | None = None,
        metadata: Any = None,
    ) -> Self:
        """The same documents with these columns in place of those it has.

        ``metadata`` is a table (a data frame, a dict of columns) of D rows. Dates are read as
        :meth:`from_texts` reads them; ``dropped.notes`` tells what is not plain.

        Raises
        ------
        InputError
            If one is no column of D entries.
        """
        from polytopic.text.roles import read_metadata, read_roles

        table, more = read_metadata(len(self), metadata)
        given, told = read_roles(len(self), labels=labels, ids=ids, dates=dates)
        own = {"labels": self.labels, "ids": self.ids, "dates": self.dates}
        kept = [n for n in self.dropped.notes if not any(n.startswith(f"{c}:") for c in given)]
        return type(self)(
            self.counts,
            self.vocabulary,
            tokens=self.tokens,
            offsets=self.offsets,
            texts=self.texts if texts is None else texts,
            metadata=self.metadata if metadata is None else table,
            dropped=replace(self.dropped, notes=(*kept, *told, *more)),
            **{**own, **given},
        )

    def split(
        self,
        test_size: float | int = 0.2,
        random_state: int | None = 0,
        stratify: bool | ArrayLike | None = None,
    ) -> tuple[Self, Self]:
        """Divide into a training and a test corpus, sharing the vocabulary.

        Parameters
        ----------
        test_size : float (share) or int (documents)
        random_state : int or None
        stratify : True, or D labels, optional
            Keep the share of each label (True: of ``corpus.labels``) alike in both parts.

        Raises
        ------
        InputError
            If a part would be empty, or there are no labels to stratify by.

        >>> from polytopic.text import Corpus
        >>> train, test = Corpus.from_tokens([["a"], ["a"], ["a"], ["a"], ["a"]]).split()
        >>> len(train), len(test)
        (4, 1)
        """
        labels: NDArray[Any] | None = None
        if stratify is True:
            if self.labels is None:
                raise InputError("stratify: the corpus has no labels. Give labels, or None.")
            labels = self.labels
        elif stratify is not None and stratify is not False:
            labels = as_column(stratify, "stratify", len(self))
        test = test_rows(len(self), test_size, random_state, labels)
        return self.subset(~test), self.subset(test)

    def token_lists(self) -> Iterator[list[str]]:
        """The terms of each document in reading order, one list of str a document.

        Raises
        ------
        InputError
            If the corpus was made from counts.
        """
        if self.tokens is None or self.offsets is None:
            raise InputError("tokens: the corpus was made from counts, which know no order.")
        terms = self.vocabulary.terms
        for start, end in zip(self.offsets[:-1], self.offsets[1:], strict=True):
            yield [terms[id_] for id_ in self.tokens[start:end].tolist()]
