"""Distributions: checks with explaining errors, and ways from any numbers onto the simplex."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polytopic.errors import InputError, InputTypeError
from polytopic.kernels.arrays import native, refuse_masked

__all__ = [
    "TOLERANCE",
    "as_floats",
    "check_distribution",
    "is_distribution",
    "normalize",
    "project",
    "refuse_negative",
    "refuse_not_finite",
    "refuse_shares_of_terms",
    "softmax",
]

TOLERANCE = 1e-4
"""How far the sum of a float32 row may lie from one."""

_ROWS = 1 << 16
"""Rows checked at a time: what a check is made of takes as much as they do."""

SOUND_ROUTES = (
    "Use simplex.from_vectors(vectors, n_topics), ETM(vectors=...) or LDA(eta=simplex.prior(...))."
)
"""What to do with word vectors instead."""

SHARES_OF_TERMS = (
    "is p(topic | term), which is no p(term | topic): dividing rows by their sums would leave out "
    "how frequent terms are. Use simplex.from_vectors(vectors, n_topics, counts=...), or of such a "
    "table (K, V) simplex.normalize(table * term_counts)."
)
"""What to do with each term's shares of topics instead."""


def check_distribution(
    values: ArrayLike, name: str = "values", *, tolerance: float = TOLERANCE
) -> NDArray[np.floating[Any]]:
    """Return ``values`` as an array whose last axis lies on the simplex, or raise.

    Parameters
    ----------
    values : array of shape (..., N)
        Rows to check.
    name : str
        What the error calls the input.
    tolerance : float
        Largest accepted distance between the sum of a row and one.

    Raises
    ------
    InputError
        If an entry is not finite or negative, or a row does not sum to one. The message names the
        first offending row.

    >>> check_distribution([[0.25, 0.75]]).tolist()
    [[0.25, 0.75]]
    """
    array = as_floats(values, name)
    rows = array.reshape(-1, array.shape[-1])
    blocks = [rows[first : first + _ROWS] for first in range(0, max(1, len(rows)), _ROWS)]
    for place, block in enumerate(blocks):
        refuse_not_finite(block, name, "A distribution is finite", place * _ROWS)
    for place, block in enumerate(blocks):
        refuse_negative(block, name, "A topic is a distribution over terms", place * _ROWS)
    for place, block in enumerate(blocks):
        sums = block.sum(axis=1, dtype=np.float64)
        off = np.abs(sums - 1.0) > tolerance
        if off.any():
            refuse_shares_of_terms(array, name, tolerance=tolerance)
            row = int(off.argmax())
            raise InputError(
                f"{name}: row {place * _ROWS + row} sums to {sums[row]:.6g}, not 1. "
                "Divide each row by its sum (simplex.normalize) before passing it."
            )
    return array


def is_distribution(values: ArrayLike, *, tolerance: float = TOLERANCE) -> bool:
    """Tell whether every row of ``values`` lies on the simplex.

    >>> is_distribution([[0.5, 0.5]]), is_distribution([[0.5, -0.5]])
    (True, False)
    """
    try:
        check_distribution(values, tolerance=tolerance)
    except InputError:
        return False
    return True


def normalize(values: ArrayLike, name: str = "values") -> NDArray[np.floating[Any]]:
    """Divide rows of non-negative numbers, shape (..., N), by their sums; a zero row turns uniform.

    Raises
    ------
    InputError
        If an entry is negative or not finite.

    >>> normalize([[1.0, 3.0], [0.0, 0.0]]).tolist()
    [[0.25, 0.75], [0.5, 0.5]]
    """
    array = as_floats(values, name)
    if not np.isfinite(array).all():
        raise InputError(f"{name}: holds NaN or infinite values. Remove them before normalizing.")
    if (array < 0).any():
        raise InputError(
            f"{name}: holds negative values (lowest {array.min():.3g}), which no division makes "
            "probabilities. Use simplex.softmax(...) or simplex.project(...)."
        )
    scale = array.max(axis=-1, keepdims=True)
    scaled = np.divide(array, scale, out=np.ones_like(array), where=scale > 0)
    result: NDArray[np.floating[Any]] = scaled / scaled.sum(axis=-1, keepdims=True)
    return result


def softmax(values: ArrayLike) -> NDArray[np.floating[Any]]:
    """Softmax over the last axis, shape (..., N), computed after subtracting the row maximum.

    >>> softmax([[0.0, 0.0]]).tolist()
    [[0.5, 0.5]]
    """
    array = as_floats(values, "values")
    exponential = np.exp(array - array.max(axis=-1, keepdims=True))
    result: NDArray[np.floating[Any]] = exponential / exponential.sum(axis=-1, keepdims=True)
    return result


def project(values: ArrayLike) -> NDArray[np.floating[Any]]:
    """Nearest point of the simplex, in the Euclidean norm, for each row of shape (..., N).

    The sorting algorithm of Duchi et al. (ICML 2008, figure 1).

    >>> project([[0.5, 0.5], [2.0, 0.0]]).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    array = as_floats(values, "values")
    descending = -np.sort(-array, axis=-1)
    excess = np.cumsum(descending, axis=-1) - 1.0
    ranks = np.arange(1, array.shape[-1] + 1)
    support = (descending - excess / ranks > 0).sum(axis=-1, keepdims=True)
    threshold = np.take_along_axis(excess, support - 1, axis=-1) / support
    result: NDArray[np.floating[Any]] = np.maximum(array - threshold, 0.0)
    return result.astype(array.dtype, copy=False)


def as_floats(values: ArrayLike, name: str) -> NDArray[np.floating[Any]]:
    """An array of real numbers with at least one entry along its last axis."""
    if hasattr(values, "input") and hasattr(values, "vocabulary"):
        raise InputTypeError(
            f"{name}: is a {type(values).__name__}. Word vectors hold negative values and do not "
            f"sum to one; a topic is a distribution over terms. {SOUND_ROUTES}"
        )
    refuse_masked(values, name)
    try:
        array = native(np.asarray(values))
    except ValueError:
        raise InputError(f"{name}: is no array. Give rows of equal length.") from None
    if array.dtype.kind not in "fiub":
        raise InputTypeError(f"{name}: of type {array.dtype}. Give real numbers.")
    if array.dtype.kind != "f":
        array = array.astype(np.float64)
    if array.ndim == 0 or array.shape[-1] == 0:
        raise InputError(f"{name}: shape {array.shape} has no entries along its last axis.")
    return array


def refuse_shares_of_terms(table: NDArray[Any], name: str, *, tolerance: float = TOLERANCE) -> None:
    """Refuse a table of shape (K, V) whose columns, and not its rows, are distributions.

    A table of equal rows is a flat one, and not meant; nor is one whose rows sum to 1 too.
    """
    if table.ndim != 2 or len(table) < 2 or np.ptp(table, axis=0).max() <= tolerance:
        return
    columns, rows = (np.abs(table.sum(axis=n, dtype=np.float64) - 1.0) <= tolerance for n in (0, 1))
    if columns.all() and not rows.all():
        raise InputError(f"{name}: its columns sum to 1. It {SHARES_OF_TERMS}")


def refuse_not_finite(rows: NDArray[Any], name: str, what: str, first: int = 0) -> None:
    """Refuse NaN and infinite entries of rows of shape (n, N), naming the first such row.

    ``first``: the number of the first row.
    """
    unfinished = ~np.isfinite(rows).all(axis=1)
    if unfinished.any():
        row = int(unfinished.argmax())
        raise InputError(
            f"{name}: row {first + row} holds NaN or infinite values. {what}; "
            "look for the step that divided by zero or overflowed."
        )


def refuse_negative(rows: NDArray[Any], name: str, what: str, first: int = 0) -> None:
    """Refuse negative entries of rows of shape (n, N): vectors are no distributions."""
    negative = (rows < 0).any(axis=1)
    if negative.any():
        row = int(negative.argmax())
        raise InputError(
            f"{name}: row {first + row} holds negative values (lowest {rows[row].min():.3g}). "
            f"{what}; word vectors are not. {SOUND_ROUTES}"
        )
