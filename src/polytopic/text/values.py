"""Labels, ids and dates: what a column of single values becomes as an array, or in a file."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn, overload

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError, InputTypeError
from polytopic.text.columns import MISSING, entries, is_missing, is_polars, shown
from polytopic.text.periods import storable

if TYPE_CHECKING:
    import polars as pl

__all__ = ["as_column", "as_series", "missing"]

_EXACT = 1 << 53
"""Beyond it neighbouring whole numbers share one float."""

_PLAIN = (str, int, float, np.generic, datetime.date)
"""Entries that stay what they are; others are known by their ``str``."""

_AS_THEY_ARE = (str, int, datetime.date, type(None))


@overload
def as_column(values: None, name: str, n_documents: int | None = None) -> None: ...


@overload
def as_column(values: Any, name: str, n_documents: int | None = None) -> NDArray[Any]: ...


def as_column(values: Any, name: str, n_documents: int | None = None) -> NDArray[Any] | None:
    """One entry a document as an array: numbers and dates as such, others as objects.

    Whatever stands for a missing entry (None, NaN, the NA and NaT of pandas) is None among
    objects, NaN among numbers and NaT among dates. Whole numbers stay whole: with gaps, or too
    large for a float, they are objects. Entries of other kinds (intervals, UUIDs) become str.
    None instead of a column stays None.

    Raises
    ------
    InputError
        If it is no column of single values, or their number is not that of the documents.
    """
    if values is None:
        return None
    array = _array(entries(values, name), name)
    if n_documents is not None and len(array) != n_documents:
        raise InputError(
            f"{name}: {len(array)} entries for {n_documents} documents. Give one a document."
        )
    return array


def missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Which entries of a column's array are missing: None, NaN or NaT; shape (D,)."""
    if values.dtype.kind in "f":
        return np.asarray(np.isnan(values))
    if values.dtype.kind in "mM":
        return np.asarray(np.isnat(values))
    if values.dtype.kind != "O":
        return np.zeros(len(values), dtype=np.bool_)
    return np.array([is_missing(value) for value in values], dtype=np.bool_)


def as_series(values: Any, name: str, *, strict: bool = True) -> pl.Series:
    """A column as a polars Series, to be written to a file.

    Raises
    ------
    InputError
        If its entries are of several kinds; unless ``strict``, they become str.
    """
    import polars as pl

    array = entries(values, name)
    if isinstance(array, np.ndarray) and array.dtype.kind in "mM":
        array = storable(array)
    elif isinstance(array, np.ndarray) and array.dtype.kind == "O":
        array = array.tolist()
    try:
        return pl.Series(name, array, strict=strict)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError) as error:
        if not strict:
            return pl.Series(name, [None if is_missing(v) else str(v) for v in array])
        raise InputError(
            f"{name}: cannot be saved ({str(error).splitlines()[0]}). "
            "Give entries of one kind: strings, numbers or dates."
        ) from None


def _array(found: Any, name: str) -> NDArray[Any]:
    if is_polars(found):
        found = _polars_array(found, name)
    if isinstance(found, np.ndarray):
        if found.dtype.kind in "SV":
            _refuse_entry(found[0] if len(found) else b"", 0, name)
        if found.dtype.kind not in "OUT":
            return found
    return _array_of(found.tolist() if isinstance(found, np.ndarray) else list(found), name)


def _polars_array(series: Any, name: str) -> Any:
    """An array where NumPy has the type, else a list."""
    import polars as pl

    kind = series.dtype
    if kind == pl.Datetime and kind.time_zone is not None:
        series = series.dt.replace_time_zone(None)
    if (kind.is_temporal() and kind != pl.Time) or kind.is_float():
        return series.to_numpy()
    if kind.is_integer() and series.null_count() == 0:
        return series.to_numpy()
    return series.to_list()


def _array_of(listed: list[Any], name: str) -> NDArray[Any]:
    kinds = set(map(type, listed))
    if any(_is_odd(kind) for kind in kinds):
        listed = [_plain(value, row, name) for row, value in enumerate(listed)]
        kinds = set(map(type, listed))
    truths = {kind for kind in kinds if issubclass(kind, bool | np.bool_)}
    numbers = all(issubclass(kind, int | float | np.number) for kind in kinds - truths)
    if kinds and numbers and truths in (set(), kinds):  # True is not 1
        array = np.array(listed)
        whole = (abs(int(v)) for v in listed if not isinstance(v, float | np.floating))
        if array.dtype.kind != "f" or max(whole, default=0) <= _EXACT:
            return array
    if kinds == {np.datetime64}:
        return np.array(listed)
    if any(kind.__name__ in MISSING or not issubclass(kind, _AS_THEY_ARE) for kind in kinds):
        listed = [None if is_missing(value) else value for value in listed]
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array


def _is_odd(kind: type) -> bool:
    """Whether entries of this type are not for an array as they are."""
    absent = kind is type(None) or kind.__name__ in MISSING
    return issubclass(kind, bytes) or not (absent or issubclass(kind, _PLAIN))


def _plain(value: Any, row: int, name: str) -> Any:
    """An entry that an array can hold."""
    if is_missing(value):
        return None
    if isinstance(value, Decimal):
        number = float(value)
        return number if Decimal(repr(number)) == value else str(value)
    if not _is_odd(type(value)):
        return value
    if isinstance(value, bytes | bytearray | Iterable) or hasattr(type(value), "as_py"):
        _refuse_entry(value, row, name)
    return str(value)


def _refuse_entry(value: Any, row: int, name: str) -> NoReturn:
    wrong = "neither name nor number nor date. Give one of these a document."
    if isinstance(value, bytes | bytearray):
        wrong = 'not str. Decode it: value.decode("utf-8").'
    raise InputTypeError(f"{name}: row {row} is {shown(value)}, {wrong}")
