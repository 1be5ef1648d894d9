"""Dirichlet pseudo-counts: what a prior may be, and how topic means of a stated weight make one."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polytopic.errors import InputError
from polytopic.simplex.checks import (
    SHARES_OF_TERMS,
    SOUND_ROUTES,
    TOLERANCE,
    as_floats,
    check_distribution,
    refuse_negative,
    refuse_not_finite,
    refuse_shares_of_terms,
)

__all__ = ["check_prior", "prior", "tell_equal_rows"]

FLOOR = 0.01
"""Pseudo-counts that :func:`prior` gives each term in each topic besides: LDA's default eta."""


def prior(
    means: ArrayLike, strength: float | ArrayLike, *, floor: float = FLOOR
) -> NDArray[np.float64]:
    """Pseudo-counts of a Dirichlet prior with given means and a stated weight.

    eta_kv = strength_k means_kv + floor

    Given counts n_kv, the mean of topic k is (n_kv + eta_kv) / (sum_v n_kv + strength_k + V floor):
    the prior speaks as loudly as ``strength`` tokens assigned to the topic. A corpus of N tokens
    gives a topic N / K of its own, which is what to compare a strength with.

    Parameters
    ----------
    means : array of shape (K, V)
        Rows on the simplex, such as :func:`from_vectors` gives.
    strength : float or array of shape (K,)
        Pseudo-counts of a topic in all, in tokens, without the floor; above zero.
    floor : float
        Pseudo-counts a term besides, above zero, so that no topic excludes a term. It is the eta of
        a plain LDA, which is what is left as the strength goes to zero.

    Returns
    -------
    float64 array of shape (K, V)
        For ``LDA(eta=...)``.

    Raises
    ------
    InputError
        If the means are no distributions, or strength or floor are not positive.

    >>> prior([[0.25, 0.75]], strength=4, floor=0.5).tolist()
    [[1.5, 3.5]]
    """
    rows = check_distribution(means, "means").astype(np.float64)
    if rows.ndim != 2:
        raise InputError(f"means: shape {rows.shape}. Give a row a topic: (n_topics, n_terms).")
    weight = _positive(strength, "strength", "For no prior knowledge pass LDA(eta=0.01).")
    least = _positive(floor, "floor", "It keeps every term possible in every topic.")
    if least.ndim:
        raise InputError(f"floor: shape {least.shape}. Give one number.")
    if weight.ndim and weight.shape != (len(rows),):
        raise InputError(
            f"strength: shape {weight.shape} for {len(rows)} topics. Give one number, or one a "
            "topic."
        )
    pseudo_counts: NDArray[np.float64] = weight.reshape(-1, 1) * rows + least
    return pseudo_counts


def check_prior(
    values: ArrayLike,
    n_topics: int | None,
    n_terms: int,
    name: str = "eta",
    *,
    allow_zero: bool = False,
) -> NDArray[np.float64]:
    """Return the pseudo-counts of a Dirichlet prior as float64, in the shape given, or raise.

    Parameters
    ----------
    values : float, array of shape (V,) or of shape (K, V)
    n_topics : int or None
        K. None accepts one row at most, as for the alpha of documents:
        ``check_prior(alpha, None, n_topics, "alpha")``.
    n_terms : int
        V, the length of a row.
    name : str
        What the error calls the input.
    allow_zero : bool
        Accept zeros, which exclude a term from a topic for good, so long as each topic and each
        term has a positive entry.

    Raises
    ------
    InputError
        If an entry is not finite, negative, or zero where that is not allowed, or the shape does
        not fit.

    >>> check_prior(0.1, 2, 3).shape, check_prior([1.0, 2.0, 1.0], 2, 3).shape
    ((), (3,))
    """
    if np.isscalar(values) or getattr(values, "ndim", 1) == 0:
        return _positive(values, name, "It is a number of pseudo-counts.")
    array = as_floats(values, name).astype(np.float64, copy=False)
    rows = array.reshape(-1, array.shape[-1])
    refuse_not_finite(rows, name, "Pseudo-counts are finite")
    refuse_negative(rows, name, "A prior holds pseudo-counts, which are positive")
    _check_shape(array, n_topics, n_terms, name)
    _check_zeros(rows, name, allow_zero)
    refuse_shares_of_terms(array, name)
    if n_topics is not None:
        tell_equal_rows(array, name, flat=True)
    return array


def tell_equal_rows(rows: NDArray[Any], name: str, *, flat: bool = False) -> None:
    """Warn of topics that are all the same: they tell nothing of any.

    ``flat``: whether rows of one value are meant, as those of a prior may be.
    """
    if rows.ndim != 2 or len(rows) < 2 or (flat and np.ptp(rows[0]) == 0):
        return
    if (np.ptp(rows, axis=0) <= TOLERANCE * rows.mean(axis=0)).all():
        warnings.warn(
            f"{name}: all {len(rows)} rows are the same, so that no topic differs from another in "
            "it. A softmax of each word vector, added up, comes to that; simplex.from_vectors "
            "gives rows that differ.",
            stacklevel=3,
        )


def _check_shape(array: NDArray[Any], n_topics: int | None, n_terms: int, name: str) -> None:
    accepted = [(n_terms,)] if n_topics is None else [(n_terms,), (n_topics, n_terms)]
    if array.shape in accepted:
        return
    shapes = " or ".join(str(shape) for shape in accepted)
    hint = ""
    if n_topics is not None and array.shape == (n_terms, n_topics):
        shares = np.abs(array.sum(axis=1) - 1.0) <= TOLERANCE
        hint = f" It has a row a term: pass {name}.T."
        if shares.all() and np.ptp(array, axis=1).max() > TOLERANCE:
            hint = f" It {SHARES_OF_TERMS}"
    elif n_topics is not None and array.ndim == 2 and len(array) == n_terms:
        hint = f" A row a term is the shape of word vectors, which are no prior. {SOUND_ROUTES}"
    raise InputError(
        f"{name}: shape {array.shape}. Give one number, or an array of shape {shapes}.{hint}"
    )


def _check_zeros(rows: NDArray[np.float64], name: str, allow_zero: bool) -> None:
    zero = rows == 0
    if not zero.any():
        return
    row, column = np.unravel_index(int(zero.argmax()), zero.shape)
    if not allow_zero:
        raise InputError(
            f"{name}: row {row} holds zero in column {column}. A Dirichlet's pseudo-counts are "
            f"positive: add a small number, such as {name} + {FLOOR} (simplex.prior does)."
        )
    if zero.all(axis=1).any():
        raise InputError(f"{name}: row {int(zero.all(axis=1).argmax())} is all zero. Fill it.")
    if len(rows) > 1 and zero.all(axis=0).any():
        raise InputError(
            f"{name}: column {int(zero.all(axis=0).argmax())} is zero in every row, so that no "
            "topic can hold the term. Give it a positive number in one row at least."
        )


def _positive(value: Any, name: str, hint: str) -> NDArray[np.float64]:
    array = np.asarray(value)
    if array.dtype.kind not in "fiu":
        raise InputError(f"{name}: {value!r} is no number. Give a positive number.")
    array = array.astype(np.float64)
    if not (np.isfinite(array) & (array > 0)).all():
        shown = f"{array:g}" if array.ndim == 0 else f"an array with {array.min():g} in it"
        raise InputError(f"{name}: is {shown}. It must be positive and finite. {hint}")
    return array
