"""Where words lie in a space of vectors, whatever form the vectors are given in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.metrics.inputs import Word, terms_of

__all__ = ["unit_vectors"]


def unit_vectors(
    words: Sequence[Word], vectors: Any, *, vocabulary: Any = None, name: str = "vectors"
) -> NDArray[np.float64]:
    """The vectors of R words at length one, shape (R, E); zeros for words that have none.

    Parameters
    ----------
    words : sequence of R str, or of columns of ``vocabulary``
    vectors : WordVectors, mapping, array, or callable
        A mapping has the vector of a word (GloVe files as dict, gensim's KeyedVectors); an array of
        shape (V, E) has a row a term of ``vocabulary``; a callable takes a list of words and
        returns a row for each (any encoder). A row that is None or zero is a word without vector.
    vocabulary : Vocabulary or sequence of V str, optional
        The terms of an array's rows.
    name : str
        What an error calls the vectors.

    Raises
    ------
    InputError
        If there are not as many rows as words, or they hold NaN or infinite values or no numbers;
        if no word has a vector.
    """
    terms = terms_of(vocabulary)
    named = [word if isinstance(word, str) or terms is None else terms[int(word)] for word in words]  # type: ignore[call-overload]
    if _by_word(vectors):
        known = [word in vectors for word in named]
        rows = [vectors[word] if there else None for word, there in zip(named, known, strict=True)]
        found = _stacked(rows, len(named), name)
    elif callable(vectors):
        found = _asked(vectors, named, name)
    else:
        found = _rows_of(vectors, named, terms, name)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    if not lengths.any():
        some = ", ".join(str(word) for word in named[:3])
        raise InputError(
            f"{name}: have none of the {len(named)} words ({some}, ...). Pass vectors of the same "
            "language, with words spelt as the topics' are."
        )
    return np.asarray(np.divide(found, lengths, out=np.zeros_like(found), where=lengths > 0))


def _by_word(vectors: Any) -> bool:
    """Whether entries are found by words: a mapping, WordVectors or KeyedVectors, and no array."""
    if isinstance(vectors, Mapping):
        return True
    if not (hasattr(vectors, "__contains__") and hasattr(vectors, "__getitem__")):
        return False
    return not isinstance(vectors, np.ndarray | list | tuple) and not hasattr(vectors, "shape")


def _stacked(rows: Any, expected: int, name: str) -> NDArray[np.float64]:
    """Rows as one array, those that are None as zeros."""
    if isinstance(rows, list | tuple) and any(row is None for row in rows):
        first = next((np.asarray(row) for row in rows if row is not None), np.zeros(1))
        rows = [np.zeros(first.shape) if row is None else row for row in rows]
    try:
        found = np.array(rows, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            f"{name}: hold something else than rows of numbers of one length. Pass a vector a word."
        ) from None
    if found.ndim != 2 or len(found) != expected:
        raise InputError(
            f"{name}: gave shape {found.shape} for {expected} words. Return one row a word, in the "
            "order of the words."
        )
    if not np.isfinite(found).all():
        bad = int(np.flatnonzero(~np.isfinite(found).all(axis=1))[0])
        raise InputError(
            f"{name}: row {bad} holds NaN or infinite values. Return zeros, or None, for a word "
            "that has no vector."
        )
    return found


def _asked(vectors: Callable[[list[Any]], Any], words: list[Any], name: str) -> NDArray[np.float64]:
    given = vectors(list(words))
    if hasattr(given, "detach"):
        given = given.detach().cpu()
    return _stacked(given, len(words), name)


def _rows_of(
    vectors: Any, words: list[Any], terms: list[str] | None, name: str
) -> NDArray[np.float64]:
    matrix = _stacked(vectors, np.shape(vectors)[0] if np.ndim(vectors) else 0, name)
    if terms is None:
        columns = [word if isinstance(word, int) and word < len(matrix) else -1 for word in words]
    else:
        if len(matrix) != len(terms):
            raise InputError(
                f"{name}: have {len(matrix)} rows, the vocabulary has {len(terms)} terms. Pass a "
                "row a term, in the order of the vocabulary."
            )
        column_of = {term: column for column, term in enumerate(terms)}
        columns = [column_of.get(word, -1) for word in words]
    chosen = np.array(columns, dtype=np.int64)
    return np.where(chosen[:, None] >= 0, matrix[chosen.clip(min=0)], 0.0)
