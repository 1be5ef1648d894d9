"""NTM's terms as sums of the word vectors of their grams."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.embeddings import ppmi_vectors
from polytopic.errors import InputError, InterruptedFitWarning
from polytopic.text import Corpus, Vocabulary

__all__ = ["Grams", "corpus_vectors", "grams_of", "term_vectors"]

_JOINT = re.compile(r"[ _]+")
_WORDS = 2e7
"""Words of all passes over a text for the grams' vectors, as far as _PASSES allow."""

_PASSES = (2, 10)
"""Passes at least and at most."""

_SHOWN = 5
"""Terms that a warning lists."""


def grams_of(term: str) -> tuple[str, ...]:
    """The words of an n-gram term, joined by underscores or spaces.

    >>> grams_of("new_york"), grams_of("new york city"), grams_of("_")
    (('new', 'york'), ('new', 'york', 'city'), ('_',))
    """
    parts = tuple(part for part in _JOINT.split(term) if part)
    return parts or (term,)


class Grams:
    """The grams of V terms.

    Attributes
    ----------
    words : list of G str
    incidence : float32 CSR array of shape (V, G)
        How often each gram stands in each term.
    """

    def __init__(self, terms: Sequence[str]) -> None:
        numbers: dict[str, int] = {}
        rows = [[numbers.setdefault(g, len(numbers)) for g in grams_of(term)] for term in terms]
        self.words = list(numbers)
        self.lengths = np.array([len(row) for row in rows], dtype=np.int64)
        self.ids = np.array([number for row in rows for number in row], dtype=np.int32)
        starts = np.concatenate(([0], np.cumsum(self.lengths)))
        ones = np.ones(len(self.ids), dtype=np.float32)
        shape = (len(rows), len(self.words))
        self.incidence = sparse.csr_array((ones, self.ids, starts), shape=shape)

    def corpus(self, tokens: NDArray[np.int32], offsets: NDArray[np.int64]) -> Corpus:
        """The documents in grams: what was joined to a term stands apart again."""
        lengths = self.lengths[tokens]
        ends = np.cumsum(lengths)
        total = int(ends[-1]) if len(ends) else 0
        within = np.arange(total) - np.repeat(ends - lengths, lengths)
        starts = np.asarray(self.incidence.indptr, dtype=np.int64)[:-1]
        grams = self.ids[np.repeat(starts[tokens], lengths) + within]
        bounds = np.concatenate(([0], ends))[offsets]
        shape = (len(offsets) - 1, len(self.words))
        documents = np.repeat(np.arange(shape[0]), np.diff(bounds))
        counts = sparse.csr_matrix((np.ones(len(grams), np.int32), (documents, grams)), shape=shape)
        return Corpus(counts, Vocabulary(self.words), tokens=grams, offsets=bounds)


def corpus_vectors(
    terms: Sequence[str],
    counts: sparse.csr_matrix,
    ordered: tuple[NDArray[np.int32], NDArray[np.int64]] | None,
    dim: int,
    seed: int,
    n_threads: int,
    *,
    verbose: bool = False,
) -> NDArray[np.float32]:
    """le of V terms from the corpus itself, shape (V, E).

    ``ordered``: tokens and offsets of a corpus that knows the order of its terms: skip-gram over
    its grams. Otherwise the grams' vectors are made of which documents they share
    (:func:`polytopic.embeddings.ppmi_vectors`).
    """
    grams = Grams(terms)
    if ordered is None:
        shared = sparse.csr_matrix(counts @ grams.incidence)
        words = ppmi_vectors(shared, dim, random_state=seed)
        return np.asarray(grams.incidence @ words, dtype=np.float32)
    from polytopic.embeddings.skipgram import SkipGram

    model = SkipGram(
        dim=dim, epochs=_epochs(len(ordered[0])), n_threads=n_threads, random_state=seed,
        verbose=verbose,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InterruptedFitWarning)
        found = model.fit(grams.corpus(*ordered)).vectors_
    if model.interrupted_:  # topics of vectors half trained would be another run's
        raise KeyboardInterrupt
    rows = np.zeros((len(grams.words), dim), dtype=np.float32)
    place = {word: row for row, word in enumerate(grams.words)}
    rows[[place[word] for word in found.vocabulary.terms]] = found.input
    return np.asarray(grams.incidence @ rows, dtype=np.float32)


def _epochs(n_tokens: int) -> int:
    """Passes over a text: more over a short one."""
    return int(np.clip(round(_WORDS / max(n_tokens, 1)), *_PASSES))


def term_vectors(
    terms: Sequence[str], vectors: Any, missing: str
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """le of V terms from given vectors, and which terms have one.

    Parameters
    ----------
    terms : sequence of V str
    vectors : WordVectors, or array of shape (V, E)
        Of a WordVectors, the sum of the vectors of a term's grams; the term's own where a gram has
        none. The rows of an array are the terms'.
    missing : "error", "mean" or "drop"
        Refuse terms without a vector; or give them the mean of all others; or leave them zero.

    Raises
    ------
    InputError
        If an array has another shape, vectors are not finite, or terms have none.
    """
    if not hasattr(vectors, "vocabulary"):
        return _rows(np.asarray(vectors), len(terms))
    known = vectors.vocabulary
    le = np.zeros((len(terms), vectors.input.shape[1]), dtype=np.float32)
    found = np.zeros(len(terms), dtype=np.bool_)
    for row, term in enumerate(terms):
        grams = grams_of(term)
        if not all(gram in known for gram in grams):
            grams = (term,)
        if all(gram in known for gram in grams):
            le[row] = vectors.input[[known.index(gram) for gram in grams]].sum(axis=0)
            found[row] = True
    if not found.all():
        _tell_missing([term for term, has in zip(terms, found, strict=True) if not has], missing)
        if not found.any():
            raise InputError(
                f"vectors: none of the {len(terms):,} terms has a vector. These are vectors of "
                "other words; check language and letter case."
            )
        if missing == "mean":
            le[~found] = le[found].mean(axis=0)
            found[:] = True
    return le, found


def _rows(matrix: NDArray[Any], n_terms: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    if matrix.dtype.kind not in "fiu" or matrix.ndim != 2 or matrix.shape[0] != n_terms:
        raise InputError(
            f"vectors: an array of shape {matrix.shape} and type {matrix.dtype} for {n_terms} "
            "terms. Pass a row of numbers a term, in their order, or a WordVectors."
        )
    if matrix.shape[1] == 0:
        raise InputError("vectors: have no dimensions. Pass at least one column.")
    le = matrix.astype(np.float32)
    if not np.isfinite(le).all():
        row = int((~np.isfinite(le).all(axis=1)).argmax())
        raise InputError(f"vectors: row {row} holds NaN or infinity. Remove or fill that vector.")
    return le, np.ones(n_terms, dtype=np.bool_)


def _tell_missing(lost: list[str], missing: str) -> None:
    named = ", ".join(f'"{term}"' for term in lost[:_SHOWN]) + (", ..." * (len(lost) > _SHOWN))
    if missing == "error":
        raise InputError(
            f"vectors: {len(lost):,} terms have grams without a vector ({named}). Train the "
            'vectors on the same corpus, or pass missing="mean", which gives such terms the mean '
            'of all others, or missing="drop", which leaves them out.'
        )
    done = "get the mean of all others" if missing == "mean" else "are left out of the topics"
    warnings.warn(
        f"vectors: {len(lost):,} terms have grams without a vector ({named}) and {done}.",
        stacklevel=6,
    )
