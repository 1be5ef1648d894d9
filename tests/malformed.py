"""Sparse matrices whose arrays do not fit each other, as cutting and careless edits leave them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

Spoil = Callable[[sparse.csr_matrix], Any]


def _edited(kind: str, name: str, place: Any, value: int) -> Spoil:
    """The matrix in another format, with one number of one of its arrays changed by hand."""

    def spoil(counts: sparse.csr_matrix) -> Any:
        made = counts.asformat(kind).copy()
        getattr(made, name)[place] = value
        return made

    return spoil


def _cut(rows: int, columns: int) -> Spoil:
    def spoil(counts: sparse.csr_matrix) -> Any:
        n_rows, n_columns = counts.shape
        shape = (n_rows - rows, n_columns - columns)
        indptr = counts.indptr[: shape[0] + 1]
        return sparse.csr_matrix((counts.data, counts.indices, indptr), shape=shape)

    return spoil


def _replaced(kind: str, name: str, change: Callable[[Any], Any]) -> Spoil:
    def spoil(counts: sparse.csr_matrix) -> Any:
        made = counts.asformat(kind).copy()
        setattr(made, name, change(getattr(made, name)))
        return made

    return spoil


MALFORMED: dict[str, Spoil] = {
    "columns cut": _cut(0, 3),
    "one column cut": _cut(0, 1),
    **{
        f"{kind}: {name}[{place}] = {value}": _edited(kind, name, place, value)
        for kind in ("csr", "csc")
        for name, place, value in [
            ("indices", 0, 100_000_000),
            ("indices", -1, -1),
            ("indices", 3, -(2**31)),
            ("indptr", 3, 10**6),
            ("indptr", 2, -5),
            ("indptr", 0, 1),
            ("indptr", -1, 10**6),
            ("indptr", -1, 0),
        ]
    },
    "bsr: indices": _edited("bsr", "indices", 0, 10**6),
    "bsr: indptr": _edited("bsr", "indptr", 1, 10**6),
    "coo: row": _edited("coo", "row", 0, 10**6),
    "coo: column": _edited("coo", "col", 0, -1),
    "coo: fewer entries": _replaced("coo", "data", lambda data: data[:-1]),
    "csr: fewer entries": _replaced("csr", "data", lambda data: data[:-1]),
    "csr: fewer columns": _replaced("csr", "indices", lambda indices: indices[:-5]),
    "csr: fewer rows": _replaced("csr", "indptr", lambda indptr: indptr[:-1]),
    "csr: a table of entries": _replaced("csr", "data", lambda data: data[:, None]),
    "csr: masked entries": _replaced("csr", "data", lambda data: np.ma.masked_equal(data, 1)),
    "csr: fractions as columns": _replaced("csr", "indices", lambda indices: indices + 0.5),
}
"""What was done -> a function that does it to a copy."""
