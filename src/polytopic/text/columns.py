"""The one door for whatever comes as a column: entries by position, or one line on what is wrong.

A list, a generator, a NumPy array, a Series of pandas or polars, an Arrow array: entry i is the
i-th, never what an index calls i. pandas and pyarrow are known by what they can do, and never
imported. What an object can do is asked of its type: a Series answers ``series.columns`` with the
entry that its index names so.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError, InputTypeError
from polytopic.text.halves import has_halves, mended

__all__ = [
    "as_list",
    "as_texts",
    "checked_texts",
    "column_names",
    "each_list",
    "each_text",
    "entries",
    "held",
    "is_missing",
    "is_polars",
    "matrix_shape",
    "refuse_table",
    "shown",
    "table_columns",
]

_GROUP = 256
"""Entries of a polars Series that exist as Python objects at a time."""

_NAMED = 10
"""Columns of a table that an error names."""

MISSING = ("NAType", "NaTType")
"""Types of pandas whose values stand for a missing entry."""


# ---- tables --------------------------------------------------------------------------------------


def column_names(values: Any) -> list[str] | None:
    """The names of a table's columns (pandas, polars, Arrow, dict, structured array), else None."""
    kind = type(values)
    if hasattr(kind, "tocsr"):  # of SciPy's sparse matrices one is a dict
        return None
    if isinstance(values, Mapping):
        return [str(name) for name in values]
    if isinstance(values, np.ndarray):
        return None if values.dtype.names is None else list(values.dtype.names)
    if hasattr(kind, "collect_schema"):  # polars, whose lazy tables warn when asked for columns
        return list(values.collect_schema().names())
    for attribute in ("column_names", "columns"):
        if hasattr(kind, attribute):
            found = getattr(values, attribute)
            return [str(name) for name in (found() if callable(found) else found)]
    return None


def table_columns(table: Any, name: str) -> dict[str, Any]:
    """The columns of a table by their names: of pandas, polars, Arrow, a dict, a structured array.

    Raises
    ------
    InputError
        If it is no table, or two of its columns share a name.
    """
    names = column_names(table)
    if names is None:
        raise InputTypeError(
            f"{name}: is of type {type(table).__name__}, which has no named columns. Pass a data "
            "frame or a dict of columns."
        )
    if len(set(names)) < len(names):
        twice = next(column for column in names if names.count(column) > 1)
        raise InputError(f'{name}: has two columns named "{twice}". Rename one.')
    kind = type(table)
    if hasattr(kind, "collect"):  # polars' lazy tables
        table = table.collect()
    if isinstance(table, Mapping):
        kept = (list(v) if isinstance(v, Iterator) else v for v in table.values())
        return dict(zip(names, kept, strict=True))
    if hasattr(kind, "iloc"):  # pandas, whose names may be no str
        return {column: table.iloc[:, place] for place, column in enumerate(names)}
    return {column: table[column] for column in names}


def held(values: Any, name: str) -> Any:
    """What a Corpus or a result holds under a name, else None: a table's column so named too."""
    return None if column_names(values) is not None else getattr(values, name, None)


def refuse_table(values: Any, name: str) -> None:
    """Raise :class:`InputTypeError` if a whole table stands where a column belongs."""
    names = column_names(values)
    if names is None:
        return
    listed = ", ".join(f'"{column:.40}"' for column in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    raise InputTypeError(
        f"{name}: this is a table; pass one column. It is of type {type(values).__name__} and has "
        f"{f'the columns {listed}{more}' if names else 'no column'}."
    )


def matrix_shape(values: Any) -> tuple[int, ...] | None:
    """The shape of an array of other than one dimension, or of rows in a list; else None."""
    if isinstance(values, list | tuple):
        nested = len(values) > 0 and isinstance(values[0], list | tuple | np.ndarray)
        shape = np.asarray(values, dtype=object).shape if nested else (len(values),)
    else:
        shape = values.shape if hasattr(type(values), "ndim") else (0,)
    return None if len(shape) == 1 or column_names(values) is not None else shape


# ---- any column ----------------------------------------------------------------------------------


def as_list(values: Any, name: str) -> list[Any]:
    """The entries of a column in their order, as a list.

    Raises
    ------
    InputError
        As :func:`entries`.
    """
    found = entries(values, name)
    if isinstance(found, np.ndarray) or is_polars(found):
        return list(found.tolist() if isinstance(found, np.ndarray) else found.to_list())
    return list(found)


def each_list(values: Any, name: str) -> Iterator[Any]:
    """The entries of a column of token lists, one by one: lists, tuples or arrays of str.

    Raises
    ------
    InputError
        As :func:`entries`; what stands in them is the caller's to check.
    """
    refuse_table(values, name)
    if isinstance(values, np.ndarray) and values.ndim > 1:
        return iter(values)
    found = entries(values, name)
    return itertools.chain.from_iterable(_groups(found)) if is_polars(found) else iter(found)


def entries(values: Any, name: str) -> Any:
    """A column as one of a few kinds: a one-dimensional array, a polars Series, or an iterable.

    Raises
    ------
    InputError
        If it is a table, a single str, a set, or nothing that has entries.
    """
    refuse_table(values, name)
    kind = type(values)
    if isinstance(values, str | bytes | bytearray):
        single = "str" if isinstance(values, str) else kind.__name__
        raise InputTypeError(f"{name}: is a single {single}. Give one entry a document.")
    if isinstance(values, set | frozenset):
        raise InputTypeError(f"{name}: is a set, which has no order. Pass a list.")
    if is_polars(values) or isinstance(values, list | tuple):
        return values
    if isinstance(values, np.ma.MaskedArray):
        return _one_dimensional(values, name).tolist()
    if isinstance(values, np.ndarray):
        return _one_dimensional(values, name)
    if hasattr(kind, "to_pylist"):
        return _from_arrow(values)
    if hasattr(kind, "to_numpy"):
        return _from_pandas(values)
    if hasattr(kind, "__array__"):
        return _one_dimensional(np.asarray(values), name)
    if isinstance(values, Iterable) or _is_sequence(values):
        return values
    raise InputTypeError(
        f"{name}: is of type {kind.__name__}, which has no entries. Pass a list, an array or a "
        "Series with one entry a document."
    )


def _is_sequence(values: Any) -> bool:
    return hasattr(type(values), "__len__") and hasattr(type(values), "__getitem__")


def is_polars(values: Any) -> bool:
    """Whether it is a polars Series, without loading polars: who made one has loaded it."""
    polars = sys.modules.get("polars")
    return polars is not None and isinstance(values, polars.Series)


def _one_dimensional(array: NDArray[Any], name: str) -> NDArray[Any]:
    if array.ndim == 0:
        raise InputTypeError(f"{name}: is a single value. Give one entry a document.")
    if array.ndim != 1:
        raise InputError(f"{name}: has {array.ndim} dimensions. Give one entry a document.")
    return array


def _from_arrow(values: Any) -> Any:
    """An Arrow array, in one chunk or many, as a polars Series; what polars lacks as a list."""
    import polars as pl

    try:
        return pl.Series(values)
    except (pl.exceptions.PolarsError, TypeError, ValueError, NotImplementedError):
        return values.to_pylist()


def _from_pandas(values: Any) -> Any:
    """A Series, Index or array of pandas: an array where NumPy has its type, else a list.

    Whole numbers with gaps would become floats as an array. Times of a zone keep what the clock
    showed there.
    """
    zone = getattr(values.dtype, "tz", None)
    if zone is not None:
        values = getattr(values, "dt", values).tz_localize(None)
    if isinstance(values.dtype, np.dtype) and values.dtype.kind != "O":
        return np.asarray(values.to_numpy())
    return values.tolist()


def _groups(series: Any) -> Iterator[list[Any]]:
    for start in range(0, len(series), _GROUP):
        yield series.slice(start, _GROUP).to_list()


# ---- texts ---------------------------------------------------------------------------------------


def as_texts(values: Any, name: str = "texts") -> Any:
    """The documents in their order: what was given if it is a list, a polars Series or another
    sequence, a list of arrays and pandas Series, a polars Series of Arrow arrays, or an iterator.

    :func:`each_text` and :func:`checked_texts` see to the entries.

    Raises
    ------
    InputError
        If it is no column.
    """
    if isinstance(values, str | bytes):
        kind = type(values).__name__
        raise InputTypeError(
            f"{name}: is a single {kind}, which would be read letter by letter. Pass a list of "
            "documents, [text], or polytopic.read(path) for a file."
        )
    found = entries(values, name)
    if isinstance(found, np.ndarray):
        return found.tolist()
    if is_polars(found):
        return _polars_texts(found, name)
    return found if _is_sequence(found) else iter(found)


def _polars_texts(series: Any, name: str) -> Any:
    import polars as pl

    if series.dtype == pl.String:
        return series
    if series.dtype in (pl.Categorical, pl.Enum, pl.Null):
        return series.cast(pl.String)
    if series.dtype == pl.Object:
        return series.to_list()
    raise InputTypeError(
        f"{name}: are of type {series.dtype}, not str. Pass the column that holds the text."
    )


def each_text(texts: Any, name: str = "texts", halves: list[int] | None = None) -> Iterator[str]:
    """The documents that :func:`as_texts` gave, one by one, each known to be a str.

    Half surrogates become U+FFFD; the rows that held any are added to ``halves``.

    Raises
    ------
    InputError
        At the first that is none; the message says in which row.
    """
    row = 0
    each = iter(texts)
    groups = _groups(texts) if is_polars(texts) else iter(lambda: _some(each), [])
    for group in groups:
        _check_texts(group, row, name)
        if has_halves("".join(group)):
            found = [n for n, text in enumerate(group) if has_halves(text)]
            if halves is not None:
                halves += [row + n for n in found]
            group = [mended(text)[0] for text in group]
        row += len(group)
        yield from group


def _some(each: Iterator[Any]) -> list[Any]:
    return list(itertools.islice(each, _GROUP))


def _check_texts(group: Sequence[Any], first: int, name: str) -> None:
    if all(issubclass(kind, str) for kind in set(map(type, group))):
        return
    place, odd = next((n, text) for n, text in enumerate(group) if not isinstance(text, str))
    what = "missing" if is_missing(odd) else shown(odd)
    raise InputError(
        f"{name}: row {first + place} is {what}. Every text must be a str; "
        'replace missing texts with "".'
    )


def checked_texts(values: Any, n_documents: int, name: str = "texts") -> Sequence[str] | None:
    """The texts of ``n_documents`` documents, by :func:`as_texts`; None stays None.

    Raises
    ------
    InputError
        If they are no column of as many str.
    """
    if values is None:
        return None
    texts: Any = as_texts(values, name)
    texts = texts if _is_sequence(texts) else list(texts)
    if len(texts) != n_documents:
        raise InputError(
            f"{name}: {len(texts)} for {n_documents} documents. Give one text a document."
        )
    if not is_polars(texts) or texts.null_count():
        _check_texts(list(texts), 0, name)
    checked: Sequence[str] = texts
    return checked


# ---- entries -------------------------------------------------------------------------------------


def is_missing(value: Any) -> bool:
    """Whether an entry stands for nothing: None, NaN, or the NA and NaT of pandas and NumPy."""
    if value is None or isinstance(value, str | int):
        return value is None
    if type(value).__name__ in MISSING:
        return True
    if isinstance(value, Decimal):
        return value.is_nan()
    if isinstance(value, float | np.floating | np.datetime64 | np.timedelta64):
        return bool(value != value)
    return False


def shown(value: Any) -> str:
    """An entry for a message: its first characters and its type."""
    return f"{' '.join(repr(value).split()):.40}, of type {type(value).__name__}"
