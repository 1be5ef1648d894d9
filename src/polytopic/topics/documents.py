"""Documents as a topic model gets them: matched to its terms, told if they are empty."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.counts import documents_holding, holds_terms, in_memory, whole_counts
from polytopic.errors import (
    EmptyDocumentsWarning,
    InputError,
    UnseenTermsWarning,
)
from polytopic.mapped_counts import MappedCounts
from polytopic.scratch import empty
from polytopic.text import Vocabulary
from polytopic.text.columns import as_list, column_names, held

__all__ = ["aligned", "as_path", "each_part", "frames_between", "tell_empty", "vocabulary_of"]

_BETWEEN = ("polytopic", "sklearn")
"""Whose frames stand between a caller and a warning."""


def tell_empty(counts: sparse.csr_matrix, instead: str, name: str = "counts") -> None:
    """Warn of documents without terms, if there are any; ``instead``: what their answers are."""
    empty = int((~holds_terms(counts)).sum())
    if empty:
        warnings.warn(
            f"{name}: {empty} of {counts.shape[0]} documents hold no known term; their {instead}.",
            EmptyDocumentsWarning,
            stacklevel=frames_between(),
        )


def frames_between() -> int:
    """The ``stacklevel``, for the caller, of the first frame that is not of a library."""
    level, frame = 1, sys._getframe(1)
    while (
        frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] in _BETWEEN
    ):
        level, frame = level + 1, frame.f_back
    return level


def each_part(
    answer: Callable[..., NDArray[Any]], counts: Any, *beside: NDArray[Any], mapped: bool = False
) -> NDArray[Any]:
    """``answer(counts, *beside)``, an entry a document; of counts in files a part at a time.

    ``beside``: arrays of a row a document; ``mapped``: whether ``answer`` reads files itself.
    """
    if mapped or not isinstance(counts, MappedCounts) or not len(counts.pieces):
        return answer(counts, *beside)
    whole: NDArray[Any] | None = None
    for first, piece in zip(counts.starts, counts.pieces, strict=False):
        part = slice(first, first + piece.shape[0])
        found = answer(in_memory(piece), *(rows[part] for rows in beside))
        if whole is None:
            whole = empty((counts.shape[0], *found.shape[1:]), found.dtype)
        whole[part] = found
    assert whole is not None
    return whole


def aligned(X: Any, terms: Sequence[str]) -> Any:
    """A Corpus of another vocabulary as counts over ``terms``; anything else as it is.

    Terms not among them are left out, counted and told in an ``UnseenTermsWarning``.
    """
    vocabulary = held(X, "vocabulary")
    if vocabulary is None or vocabulary.terms is terms or vocabulary.terms == terms:
        return X
    column = {term: index for index, term in enumerate(terms)}
    targets = np.array([column.get(term, -1) for term in vocabulary.terms], dtype=np.int64)
    known = np.flatnonzero(targets >= 0)
    selector = sparse.csr_matrix(
        (np.ones(len(known), np.int32), (known, targets[known])),
        shape=(len(targets), len(column)),
    )
    counts = whole_counts(X)
    found = sparse.csr_matrix(counts @ selector)
    lost = int(counts.sum(dtype=np.int64)) - int(found.sum(dtype=np.int64))
    if lost:
        warnings.warn(
            f"corpus: {len(targets) - len(known)} of its {len(targets)} terms ({lost} tokens) "
            "are not in the model's vocabulary and were left out.",
            UnseenTermsWarning,
            stacklevel=4,
        )
    return found


def vocabulary_of(X: Any, counts: sparse.csr_matrix, terms: Sequence[str] | None) -> Vocabulary:
    """The terms of the columns: those of a Corpus or a data frame, given names, or numbers."""
    own = held(X, "vocabulary")
    if own is not None and terms is None:
        assert isinstance(own, Vocabulary)
        return own
    names = column_names(X) if terms is None else [str(term) for term in as_list(terms, "terms")]
    if names is None:
        names = [str(column) for column in range(counts.shape[1])]
    if len(names) != counts.shape[1]:
        raise InputError(
            f"terms: {len(names)} names for {counts.shape[1]} columns. Pass one for each column."
        )
    term_counts = np.asarray(counts.sum(axis=0, dtype=np.float64)).ravel().astype(np.int64)
    document_counts = documents_holding(counts).astype(np.int64)
    return Vocabulary(terms=names, counts=term_counts, document_counts=document_counts)


def as_path(folder: str | Path | None) -> Path | None:
    """A folder that may be left out."""
    return None if folder is None else Path(folder)
