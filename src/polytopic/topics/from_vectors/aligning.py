"""Word vectors brought into the order of a vocabulary, with how often each word occurs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.counts import as_matrix, counts_in
from polytopic.errors import InputError, InputTypeError
from polytopic.kernels.arrays import refuse_masked

__all__ = ["Words", "align"]


@dataclass(frozen=True)
class Words:
    """Vectors of the terms of a vocabulary.

    Attributes
    ----------
    vectors : float array of shape (F, E)
        Of the terms that have one, finite.
    found : bool array of shape (V,)
        Which terms those are.
    share : float64 array of shape (V,)
        p(w), sums to one.
    """

    vectors: NDArray[np.floating[Any]]
    found: NDArray[np.bool_]
    share: NDArray[np.float64]


def align(vectors: Any, vocabulary: Any, counts: Any, which: str, missing: str) -> Words:
    """The vectors of the vocabulary's terms, in its order.

    Parameters
    ----------
    vectors : WordVectors, or array of shape (V, E)
    vocabulary : Vocabulary, Corpus, sequence of V str, or None
    counts : array of shape (V,), counts of shape (D, V), or None
    which : str
        A name of ``WordVectors.combine``.
    missing : str
        "error" refuses terms without a vector; "uniform" leaves them out of ``found``.

    Raises
    ------
    InputError
        If the vectors do not fit the vocabulary, or are not finite.
    """
    terms, known = _terms(vocabulary)
    if hasattr(vectors, "vocabulary") and hasattr(vectors, "combine"):
        own = vectors.vocabulary
        matrix = vectors.combine(which)
        if terms is None or terms == own.terms:
            found = np.ones(len(own), dtype=bool)
        else:
            found = np.array([term in own for term in terms], dtype=bool)
            _refuse_missing(terms, found, missing)
            matrix = matrix[[own.index(term) for term in terms if term in own]]
        if terms is None:
            known = own.counts
    else:
        matrix = _as_matrix(vectors)
        found = np.ones(len(matrix), dtype=bool)
        if terms is not None and len(terms) != len(matrix):
            raise InputError(
                f"vectors: {len(matrix)} rows for {len(terms)} terms. An array needs a row a term, "
                "in their order; a WordVectors is matched by name."
            )
    _refuse_not_finite(matrix)
    return Words(matrix, found, _shares(counts, known, len(found)))


def _terms(vocabulary: Any) -> tuple[list[str] | None, NDArray[np.int64] | None]:
    if vocabulary is None:
        return None, None
    vocabulary = getattr(vocabulary, "vocabulary", vocabulary)
    if isinstance(vocabulary, str) or not hasattr(vocabulary, "__len__"):
        raise InputTypeError(
            f"vocabulary: of type {type(vocabulary).__name__}. Pass a Vocabulary, a Corpus or a "
            "list of terms."
        )
    listed = [str(term) for term in getattr(vocabulary, "terms", vocabulary)]
    return listed, getattr(vocabulary, "counts", None)


def _refuse_missing(terms: list[str], found: NDArray[np.bool_], missing: str) -> None:
    lost = [term for term, has in zip(terms, found, strict=True) if not has]
    if not lost or (missing == "uniform" and found.any()):
        return
    named = ", ".join(f'"{term}"' for term in lost[:5]) + (", ..." if len(lost) > 5 else "")
    if not found.any():
        raise InputError(
            f"vectors: none of the {len(terms):,} terms of the vocabulary has a vector (missing: "
            f"{named}). These are vectors of other words; check language and letter case."
        )
    raise InputError(
        f"vectors: {len(lost):,} of the {len(terms):,} terms of the vocabulary have no vector "
        f'({named}). Train the vectors on the same corpus, or pass missing="uniform", which '
        "gives every topic the same share of such terms."
    )


def _as_matrix(vectors: Any) -> NDArray[np.floating[Any]]:
    refuse_masked(vectors, "vectors")
    try:
        matrix = np.asarray(vectors)
    except ValueError:
        raise InputError("vectors: are no array. Give rows of equal length.") from None
    if matrix.dtype.kind not in "fiu":
        raise InputTypeError(
            f"vectors: of type {matrix.dtype}. Pass a WordVectors or an array of real numbers."
        )
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise InputError(f"vectors: shape {matrix.shape}. Give a row a term: (n_terms, dim).")
    return matrix if matrix.dtype.kind == "f" else matrix.astype(np.float64)


def _refuse_not_finite(matrix: NDArray[np.floating[Any]]) -> None:
    fine = np.isfinite(matrix).all(axis=1)
    if not fine.all():
        raise InputError(
            f"vectors: row {int(np.argmin(fine))} holds NaN or infinite values. Remove that word "
            "or train the vectors again with a lower learning rate."
        )


def _shares(counts: Any, known: NDArray[np.int64] | None, n_terms: int) -> NDArray[np.float64]:
    """p(w) from counts given, else from those known, else uniform."""
    if counts is None:
        counts = known if known is not None and known.sum() > 0 else np.ones(n_terms)
    counts = counts_in(counts)
    if sparse.issparse(counts) or np.ndim(counts) == 2:
        counts = as_matrix(counts, "counts")
        counts = np.asarray(counts.sum(axis=0, dtype=np.float64)).ravel()
    totals = np.asarray(counts)
    if totals.dtype.kind not in "fiu" or totals.shape != (n_terms,):
        raise InputError(
            f"counts: shape {totals.shape} for {n_terms} terms. Give one number a term, or the "
            "counts of documents with a column a term."
        )
    totals = totals.astype(np.float64)
    if not (np.isfinite(totals) & (totals >= 0)).all() or totals.sum() == 0:
        raise InputError(
            "counts: must be finite, at least zero, and above zero for some term. They say how "
            "often each term occurs."
        )
    return np.asarray(totals / totals.sum())
