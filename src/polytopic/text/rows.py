"""What belongs to each document: columns, and choosing documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polytopic.errors import InputError
from polytopic.kernels.arrays import check_ids, check_offsets

__all__ = ["as_column", "in_order", "take_documents", "take_tokens", "test_rows"]


def as_column(values: Any, name: str, n_documents: int) -> NDArray[Any] | None:
    """One entry a document as an array: numbers and dates as such, strings as objects.

    Raises
    ------
    InputError
        If the number of entries differs from the number of documents.
    """
    if values is None:
        return None
    if isinstance(values, str):
        raise InputError(f"{name}: is a single str. Give one entry a document.")
    if hasattr(values, "to_numpy"):
        values = values.to_numpy()
    array = np.asarray(values) if isinstance(values, np.ndarray) else _as_array(list(values))
    if array.dtype.kind == "U":
        array = array.astype(object)
    if array.ndim != 1:
        raise InputError(f"{name}: has {array.ndim} dimensions. Give one entry a document.")
    if len(array) != n_documents:
        raise InputError(
            f"{name}: {len(array)} entries for {n_documents} documents. Give one a document."
        )
    return array


def _as_array(values: list[Any]) -> NDArray[Any]:
    if values and all(isinstance(value, bool | int | float | np.number) for value in values):
        return np.array(values)
    if values and all(isinstance(value, np.datetime64) for value in values):
        return np.array(values)
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def take_tokens(
    tokens: NDArray[np.int32], offsets: NDArray[np.int64], rows: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Tokens and offsets of some documents, in the order of ``rows``."""
    lengths = np.diff(offsets)[rows]
    chosen = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum(lengths, out=chosen[1:])
    places = np.arange(chosen[-1]) + np.repeat(offsets[:-1][rows] - chosen[:-1], lengths)
    return tokens[places], chosen


def take_documents(texts: Sequence[str], rows: NDArray[np.int64]) -> Sequence[str]:
    """Some of the raw documents: of a Series by gathering, of a list as a list of the same str."""
    if hasattr(texts, "gather"):
        gathered: Sequence[str] = texts.gather(rows)
        return gathered
    return [texts[row] for row in rows.tolist()]


def test_rows(
    n_documents: int,
    test_size: float | int,
    random_state: int | None,
    labels: ArrayLike | None,
) -> NDArray[np.bool_]:
    """Which documents go to the test part, shape (D,).

    With labels, each gets its share rounded down, and the largest remainders fill the rest.

    Raises
    ------
    InputError
        If a part would be empty.
    """
    share = isinstance(test_size, float)
    n_test = round(test_size * n_documents) if share else int(test_size)
    if not 0 < n_test < n_documents:
        raise InputError(
            f"test_size: {test_size} of {n_documents} documents leaves an empty part. "
            "Give a share between 0 and 1, or a smaller number."
        )
    order = np.random.default_rng(random_state).permutation(n_documents)
    test = np.zeros(n_documents, dtype=np.bool_)
    if labels is None:
        test[order[:n_test]] = True
        return test
    names = [str(label) for label in np.asarray(labels).tolist()]
    _, groups = np.unique(names, return_inverse=True)
    sizes = np.bincount(groups)
    exact = sizes * (n_test / n_documents)
    wanted = np.floor(exact).astype(np.int64)
    rest = n_test - int(wanted.sum())
    wanted[np.argsort(-(exact - wanted), kind="stable")[:rest]] += 1
    for group, number in enumerate(wanted):
        test[order[groups[order] == group][:number]] = True
    return test


def in_order(
    tokens: Any, offsets: Any, n_documents: int, n_terms: int
) -> tuple[NDArray[np.int32] | None, NDArray[np.int64] | None]:
    """Tokens and the bounds of documents in them, checked; None for both where there are none."""
    if tokens is None or offsets is None:
        return None, None
    ids = check_ids(tokens, n_terms, "tokens").astype(np.int32, copy=False)
    bounds = check_offsets(offsets, len(ids), "offsets")
    if len(bounds) != n_documents + 1:
        raise InputError(
            f"offsets: {len(bounds)} for {n_documents} documents. Give one more than documents."
        )
    return ids, bounds
