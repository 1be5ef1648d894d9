"""Two spaces of word vectors brought together by a rotation (orthogonal Procrustes)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.checking import as_words
from polytopic.embeddings.neighbours import unit_rows
from polytopic.embeddings.vectors import WordVectors
from polytopic.errors import InputError

__all__ = ["align_vectors", "common_words", "rotation"]

Floats = NDArray[np.float32]


def common_words(first: WordVectors, second: WordVectors) -> list[str]:
    """The words that both have, in the order of the first.

    Raises
    ------
    InputError
        If there is none.
    """
    found = [word for word in first if word in second]
    if not found:
        raise InputError(
            "vectors: the two have no word in common, so nothing says how they lie. Give vectors "
            "of one language, in the same case."
        )
    return found


def rotation(source: Floats, target: Floats) -> NDArray[np.float64]:
    """The orthogonal matrix R, shape (E, E), for which |source R - target| is least.

    R = U V' of the singular value decomposition U S V' = source' target (Schoenemann 1966).
    """
    left, _, right = np.linalg.svd(source.astype(np.float64).T @ target.astype(np.float64))
    turned: NDArray[np.float64] = left @ right
    return turned


def align_vectors(
    vectors: WordVectors, to: WordVectors, *, words: Sequence[str] | None = None
) -> WordVectors:
    """Vectors turned into the space of others, so that the two can be compared.

    The rotation brings the unit input vectors of the common words as near as can be (Hamilton,
    Leskovec & Jurafsky, ACL 2016). It changes no cosine within the vectors; output rows are turned
    along.

    Parameters
    ----------
    vectors, to : WordVectors
        Of the same E.
    words : sequence of str, optional
        Common words to go by; by default all of them.

    Returns
    -------
    WordVectors

    Raises
    ------
    InputError
        If E differs, there is no common word, or a word named has no vector in both.

    >>> first = WordVectors(["a", "b"], [[1, 0], [0, 1]])
    >>> turned = WordVectors(["a", "b"], [[0, 1], [-1, 0]])
    >>> align_vectors(turned, first)["a"].round(3).tolist()
    [1.0, 0.0]
    """
    if vectors.dim != to.dim:
        raise InputError(f"to: has {to.dim} dimensions, the vectors {vectors.dim}. Train alike.")
    known = common_words(vectors, to) if words is None else as_words(words)
    if not known:
        raise InputError("words: none given. Name common words, or leave it out.")
    mine, theirs = (unit_rows(side.subset(known).input) for side in (vectors, to))
    turn = rotation(mine, theirs)

    def turned(matrix: Floats | None) -> Floats | None:
        return None if matrix is None else (matrix.astype(np.float64) @ turn).astype(np.float32)

    first = turned(vectors.input)
    assert first is not None
    return WordVectors(
        vectors.vocabulary, first, turned(vectors.output), negative=turned(vectors.negative)
    )
