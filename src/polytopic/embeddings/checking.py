"""Checks of words and matrices of word vectors, and the messages of what is wrong."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polytopic.errors import InputError, InputTypeError
from polytopic.io.leaving import quoted
from polytopic.kernels.arrays import native, refuse_masked
from polytopic.parameters import Custom, Real
from polytopic.text.vocabulary import Vocabulary

__all__ = [
    "NS_EXPONENT",
    "as_numbers",
    "as_words",
    "check_n",
    "checked_matrix",
    "refuse_not_finite",
    "refuse_zero",
    "unknown_word",
]

Floats = NDArray[np.float32]

NS_EXPONENT = Custom(
    "a number from -15 to 15 (.75 is usual; beyond, sums of powers of counts leave float64)",
    Real(-15, 15).accepts,
)
"""The exponent of a noise distribution; .75 is usual (Mikolov et al. 2013), and -1 to 1 is what was
found useful (Caselles-Dupre et al., RecSys 2018)."""

_CHECKED_ROWS = 4096
"""Rows looked at together, so that a mapped file is not copied whole."""

_HINTS = 100_000
"""So many terms are looked through for one like an unknown word."""


def unknown_word(word: str, vocabulary: Vocabulary) -> str:
    """The message for a word without a vector, with close matches."""
    lengths = range(len(word) - 2, len(word) + 3)
    likely = [t for t in vocabulary.terms[:_HINTS] if t[:1] == word[:1] or word in t]
    likely = [t for t in likely if len(t) in lengths]
    same = [t for t in (word.casefold(), word.capitalize(), word.upper()) if t in vocabulary]
    close = list(dict.fromkeys(same + difflib.get_close_matches(word, likely, n=3)))
    hint = f"Close to it: {', '.join(close[:3])}." if close else "Pick one that is in them."
    return (
        f"word: {quoted(word)} is not among the {len(vocabulary):,} words of these vectors. {hint}"
    )


def as_words(words: Any) -> list[str]:
    """One word or several as a list."""
    if isinstance(words, str):
        return [words]
    if not hasattr(words, "__iter__") or isinstance(words, bytes):
        raise InputTypeError(f"words: of type {type(words).__name__}. Pass str or a list of str.")
    return [str(w) if isinstance(w, np.str_) else w for w in words]


def check_n(n: Any) -> None:
    """Refuse numbers of words that are none."""
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
        raise InputError(f"n: is {n!r}. Ask for a whole number of words, 1 or more.")


def refuse_zero(queries: Floats, names: Sequence[str]) -> None:
    """Refuse queries of zeros: every cosine with them would be 0, and the first rows the answer."""
    for name, query in zip(names, queries, strict=True):
        if not query.any():
            raise InputError(f"{name} is zero, which has no direction to look in. Ask for another.")


def as_numbers(values: ArrayLike, name: str) -> NDArray[Any]:
    """An array of real numbers, of the type given."""
    refuse_masked(values, name)
    try:
        given = native(np.asarray(values))
    except ValueError as error:
        raise InputError(f"{name}: is no array ({error}). Give rows of equal length.") from None
    if given.dtype.kind not in "fiu":
        raise InputTypeError(f"{name}: of type {given.dtype}. Give real numbers.")
    return given


def checked_matrix(
    values: ArrayLike, name: str, words: Vocabulary, dim: int | None = None
) -> Floats:
    """A read-only view as float32, finite, a row a word. Shape (V, E)."""
    given = as_numbers(values, name)
    wanted = f"({len(words)}, {'E' if dim is None else dim})"
    if given.ndim != 2 or given.shape[0] != len(words) or given.shape[1] == 0:
        raise InputError(
            f"{name}: shape {given.shape} for {len(words)} words. Give a row a word: {wanted}."
        )
    if dim is not None and given.shape[1] != dim:
        raise InputError(f"{name}: shape {given.shape}, input has {wanted}. Give equal shapes.")
    refuse_not_finite(given, name, words)
    with np.errstate(over="ignore"):
        matrix: Floats = given.astype(np.float32, copy=False).view()
    if matrix.dtype != given.dtype:
        refuse_not_finite(matrix, name, words)
    matrix.flags.writeable = False
    return matrix


def refuse_not_finite(matrix: NDArray[Any], name: str, words: Vocabulary | None) -> None:
    """Refuse NaN and infinite values, naming the row."""
    for start in range(0, len(matrix), _CHECKED_ROWS):
        fine = np.isfinite(matrix[start : start + _CHECKED_ROWS]).all(axis=1)
        if not fine.all():
            row = start + int(np.argmin(fine))
            whose = "" if words is None else f" (the word {quoted(words.terms[row])})"
            raise InputError(
                f"{name}: row {row}{whose} holds NaN or infinite values. "
                "Vectors are finite; lower the learning rate if a training gave them."
            )
