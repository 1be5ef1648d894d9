"""Choosing documents: their tokens and texts, and which of them are for testing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polytopic.errors import InputError
from polytopic.kernels.arrays import check_ids, check_offsets
from polytopic.text.codes import numbered
from polytopic.text.columns import is_polars
from polytopic.text.values import as_column

__all__ = ["in_order", "row_numbers", "take_documents", "take_tokens", "test_rows"]


def row_numbers(rows: Any, n_documents: int) -> NDArray[np.int64]:
    """The rows that a column of numbers, or a mask, names; numbers from the end count too.

    Raises
    ------
    InputError
        If it is neither, or names a row that does not exist.
    """
    chosen = as_column(rows, "rows")
    if chosen is None or (chosen.size and chosen.dtype.kind not in "biu"):
        raise InputError("rows: give a one-dimensional list of row numbers, or a mask.")
    if chosen.dtype == np.bool_:
        if chosen.shape != (n_documents,):
            raise InputError(f"rows: a mask of shape {chosen.shape} for {n_documents} documents.")
        return np.flatnonzero(chosen)
    numbers = chosen.astype(np.int64)
    beyond = (numbers < -n_documents) | (numbers >= n_documents)
    if beyond.any():
        row = numbers[beyond.argmax()]
        raise InputError(f"rows: {row} is beyond the last of {n_documents} documents.")
    return np.asarray(np.where(numbers < 0, numbers + n_documents, numbers))


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
    if is_polars(texts):
        gathered: Sequence[str] = texts.gather(rows)  # type: ignore[attr-defined]
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
    _, groups = numbered([str(label) for label in np.asarray(labels).tolist()])
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
