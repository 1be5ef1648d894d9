"""What belongs to each document: labels and ids of one kind, dates as dates, and what is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.text.codes import one_kind
from polytopic.text.columns import entries, is_polars, table_columns
from polytopic.text.dates import read_dates
from polytopic.text.periods import dates_as_series
from polytopic.text.values import as_column, as_series

if TYPE_CHECKING:
    import polars as pl

__all__ = ["URL", "dates_given", "read_metadata", "read_roles", "role_columns"]

URL = "url"
"""The column of metadata that holds the address of each document, and is no label."""

_SAMPLE = 1
"""Entries that are looked at before documents are read: a table or bytes are told at once."""


def read_roles(
    n_documents: int, *, labels: Any = None, ids: Any = None, dates: Any = None
) -> tuple[dict[str, NDArray[Any]], tuple[str, ...]]:
    """The columns that are given, each of shape (D,), and a note on each thing that is not plain.

    Raises
    ------
    InputError
        If one is no column of D entries.
    """
    read: dict[str, NDArray[Any]] = {}
    notes: list[str] = []
    for name, given in (("labels", labels), ("ids", ids)):
        if given is None:
            continue
        array = as_column(given, name, n_documents)
        if array.dtype == object:
            entries_, told = one_kind(array.tolist(), name)
            notes += told
            array = as_column(entries_, name)
        read[name] = array
    if dates is not None:
        read["dates"], told = read_dates(dates_given(dates, n_documents))
        notes += told
    return read, tuple(notes)


def read_metadata(n_documents: int, table: Any) -> tuple[dict[str, NDArray[Any]], tuple[str, ...]]:
    """The columns of a table, read as labels are, by name; and a note on what is not plain.

    Raises
    ------
    InputError
        If it is no table of D rows.
    """
    read: dict[str, NDArray[Any]] = {}
    notes: list[str] = []
    if table is None:
        return read, ()
    for name, values in table_columns(table, "metadata").items():
        column = as_column(values, f'metadata "{name}"', n_documents)
        found, told = read_roles(n_documents, labels=column)
        read[name] = found["labels"]
        notes += [f"{name}{note.removeprefix('labels')}" for note in told]
    return read, tuple(notes)


def dates_given(dates: Any, n_documents: int | None) -> Any:
    """A column of dates that are still to be read: an array, a polars Series or a list.

    Raises
    ------
    InputError
        If it is no column of D entries.
    """
    if getattr(getattr(dates, "dtype", None), "tz", None) is not None:
        found: Any = dates.tolist()  # pandas' times of a zone, which are told in UTC
    else:
        found = entries(dates, "dates")
        found = found if isinstance(found, np.ndarray) or is_polars(found) else list(found)
    as_column(found[:_SAMPLE], "dates")
    if n_documents is not None and len(found) != n_documents:
        raise InputError(
            f"dates: {len(found)} entries for {n_documents} documents. Give one a document."
        )
    return found


def role_columns(
    *,
    ids: NDArray[Any] | None = None,
    labels: NDArray[Any] | None = None,
    dates: NDArray[Any] | None = None,
) -> dict[str, pl.Series]:
    """The columns id, label and date of a table for a file, as far as there are any.

    Every value keeps its spelling; dates are written as their unit is (:func:`dates_as_series`).
    """
    given = {"id": ids, "label": labels, "date": dates}
    return {name: _for_file(name, array) for name, array in given.items() if array is not None}


def _for_file(name: str, array: NDArray[Any]) -> pl.Series:
    import polars as pl

    if array.dtype.kind == "M":
        return dates_as_series(name, array)
    if array.dtype != object:
        return as_series(array, name)
    column = as_series(one_kind(array.tolist(), name)[0], name, strict=False)
    plain = column.dtype in (pl.String, pl.Int64, pl.Float64, pl.Boolean, pl.Null)
    return column if plain else as_series([None if v is None else str(v) for v in array], name)
