"""Vectors changed after training: without what all share, or nearer to a lexicon's relations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.checking import as_words
from polytopic.errors import FileMissingError, InputError, InputTypeError
from polytopic.text.vocabulary import Vocabulary

__all__ = ["principal_directions", "read_lexicon", "related_rows", "retrofitted", "without_top"]

Floats = NDArray[np.float32]

_BLOCK = 1 << 14
"""Rows whose products are summed at once."""


def principal_directions(matrix: Floats, n: int) -> tuple[NDArray[np.float64], Any]:
    """The mean of the rows and the ``n`` directions of most variance, shapes (E,) and (n, E).

    By the eigenvectors of the covariance, with the first largest entry of each above zero, so
    that the signs do not depend on the library.
    """
    mean = matrix.mean(axis=0, dtype=np.float64)
    covariance = np.zeros((matrix.shape[1], matrix.shape[1]))
    for start in range(0, len(matrix), _BLOCK):
        centred = matrix[start : start + _BLOCK].astype(np.float64) - mean
        covariance += centred.T @ centred
    _, columns = np.linalg.eigh(covariance)
    directions = columns[:, ::-1].T[:n]
    largest = np.take_along_axis(
        directions, np.abs(directions).argmax(axis=1, keepdims=True), axis=1
    )
    return mean, directions * np.where(largest < 0, -1.0, 1.0)


def without_top(matrix: Floats, n: int) -> Floats:
    """Rows less their mean and their parts along the ``n`` directions of most variance."""
    mean, directions = principal_directions(matrix, n)
    left = np.empty(matrix.shape, dtype=np.float32)
    for start in range(0, len(matrix), _BLOCK):
        centred = matrix[start : start + _BLOCK].astype(np.float64) - mean
        left[start : start + _BLOCK] = centred - (centred @ directions.T) @ directions
    return left


def read_lexicon(lexicon: Mapping[str, Iterable[str]] | str | Path) -> dict[str, list[str]]:
    """Words and those related to them; of a file, a line a word: it and its related words.

    Raises
    ------
    FileMissingError, InputError, InputTypeError
        If the file is missing or no UTF-8, or what is given is no mapping of words.
    """
    if isinstance(lexicon, Mapping):
        return {word: as_words(related) for word, related in lexicon.items()}
    if not isinstance(lexicon, str | Path):
        raise InputTypeError(
            f"lexicon: of type {type(lexicon).__name__}. Pass a dict of words, or a file."
        )
    try:
        text = Path(lexicon).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FileMissingError(f"{lexicon}: no such file. Name a lexicon.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{lexicon}: cannot be read as UTF-8 ({error!s:.60}).") from None
    found: dict[str, list[str]] = {}
    for fields in map(str.split, text.splitlines()):
        if fields:
            found.setdefault(fields[0], []).extend(fields[1:])
    return found


def related_rows(
    lexicon: Mapping[str, list[str]], vocabulary: Vocabulary
) -> dict[int, NDArray[np.int64]]:
    """The rows of words and of those related to them, both in the vocabulary, in row order.

    Raises
    ------
    InputError
        If no word of the lexicon and one related to it are both there.
    """
    found = {}
    for word, related in lexicon.items():
        others = [o for o in dict.fromkeys(related) if o in vocabulary and o != word]
        if word in vocabulary and others:
            rows = np.array([vocabulary.index(other) for other in others], dtype=np.int64)
            found[vocabulary.index(word)] = rows
    if not found:
        raise InputError("lexicon: no two related words have vectors. Give one of their language.")
    return dict(sorted(found.items()))


def retrofitted(
    matrix: Floats, related: Mapping[int, NDArray[np.int64]], iterations: int
) -> Floats:
    """Rows drawn to those related to them: q_i = (n q0_i + sum_j q_j) / 2n, row after row.

    n is how many are related to i (alpha = 1, beta = 1 / n; Faruqui et al., NAACL 2015).
    """
    moved = matrix.astype(np.float64)
    for _ in range(iterations):
        for row, others in related.items():
            n = len(others)
            moved[row] = (n * matrix[row].astype(np.float64) + moved[others].sum(axis=0)) / (2 * n)
    return moved.astype(np.float32)
