"""Labels and ids that may be codes: they keep the spelling they have, so that none are merged.

``07``, ``7`` and ``007`` are three labels, a long id is no float, and ``1e2`` is not ``100``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polytopic.text.halves import mended

if TYPE_CHECKING:
    import polars as pl

__all__ = ["as_codes", "as_ids", "as_numbers", "numbered", "one_kind", "side_by_side"]

_EXACT = 2**53
"""Beyond it neighbouring whole numbers share one float."""


def as_numbers(values: pl.Series) -> pl.Series:
    """Strings as numbers if each distinct one is spelled as its number is, else as they are.

    >>> import polars as pl
    >>> as_numbers(pl.Series(["7", "12"])).to_list(), as_numbers(pl.Series(["7", "07"])).to_list()
    ([7, 12], ['7', '07'])
    """
    import polars as pl

    if values.dtype != pl.String or values.null_count() or not len(values):
        return values
    distinct = values.unique()
    whole = distinct.cast(pl.Int64, strict=False)
    if whole.null_count() == 0:
        alike = (whole.cast(pl.String) == distinct).all()
        return values.cast(pl.Int64) if alike else values
    decimal = distinct.cast(pl.Float64, strict=False)
    if decimal.null_count() or not decimal.is_finite().all():
        return values
    pairs = zip(distinct.to_list(), decimal.to_list(), strict=True)
    return values.cast(pl.Float64) if all(repr(n) == text for text, n in pairs) else values


def as_codes(values: pl.Series) -> pl.Series:
    """A column of labels as a file has it: numbers only where they keep their spelling.

    Decimals and categories are known by their spelling; a blank label is a missing one.
    """
    import polars as pl

    if values.dtype.is_decimal() or values.dtype in (pl.Categorical, pl.Enum):
        values = values.cast(pl.String)
    if values.dtype == pl.String:
        blank = values.str.strip_chars() == ""
        values = values.set(blank.fill_null(False), None)
    return as_numbers(values)


def as_ids(values: pl.Series) -> pl.Series:
    """A column of ids as a file has it; floats that are whole numbers become such again.

    >>> import polars as pl
    >>> as_ids(pl.Series([1.0, None, 3.0])).to_list()
    [1, None, 3]
    """
    import polars as pl

    if values.dtype.is_decimal() or values.dtype in (pl.Categorical, pl.Enum):
        return values.cast(pl.String)
    if not values.dtype.is_float():
        return values
    known = values.fill_nan(None).drop_nulls()
    if ((known == known.floor()) & (known.abs() < _EXACT)).all():
        return values.fill_nan(None).cast(pl.Int64)
    return pl.Series(values.name, [None if v is None else repr(v) for v in values.to_list()])


def one_kind(values: Sequence[Any], name: str) -> tuple[Sequence[Any], tuple[str, ...]]:
    """Entries of one kind: where text stands beside numbers or booleans, all as their spelling.

    None stands for a missing entry. The notes say which spellings two entries share, and how many
    held half a character (a lone surrogate), which no file can hold: it becomes U+FFFD.

    >>> one_kind([1, "1", "07", None], "labels")[0]
    ['1', '1', '07', None]
    """
    values, halved = _without_halves(values, name)
    kinds = {_kind(value) for value in values} - {None}
    if len(kinds) < 2:
        return values, halved
    spelled = [None if _kind(value) is None else str(value) for value in values]
    texts = {value for value in values if isinstance(value, str)}
    others = {str(value) for value in values if _kind(value) is not None and value not in texts}
    return spelled, (*halved, *side_by_side(name, texts & others))


def side_by_side(name: str, both: Collection[str]) -> tuple[str, ...]:
    """What is told of spellings that texts and numbers share; () if there are none.

    >>> side_by_side("labels", {"1"})[0]
    'labels: text and numbers stand side by side: "1" and 1 are taken for the same.'
    """
    if not both:
        return ()
    shown = f"{min(both):.40}"
    more = f" and {len(both) - 1} more" if len(both) > 1 else ""
    return (
        f'{name}: text and numbers stand side by side: "{shown}" and {shown}{more} are taken for '
        "the same.",
    )


def _without_halves(values: Sequence[Any], name: str) -> tuple[Sequence[Any], tuple[str, ...]]:
    try:
        "".join(value for value in values if isinstance(value, str)).encode()
    except UnicodeEncodeError:
        whole = [mended(v)[0] if isinstance(v, str) else v for v in values]
        n = sum(new != old for new, old in zip(whole, values, strict=True))
        many = f"{n:,} document{'' if n == 1 else 's'}"
        return whole, (
            f"{name}: half a character in {many}: replaced by \N{REPLACEMENT CHARACTER}.",
        )
    return values, ()


def numbered(values: Sequence[Any]) -> tuple[list[Any], NDArray[np.int64]]:
    """The distinct values in order, and the number of each entry's, shape (D,).

    Nothing is padded to the longest, as NumPy's strings are, and no end of a str is lost.

    >>> numbered(["b", "a\\0", "a", "b"])[1].tolist()
    [2, 1, 0, 2]
    """
    distinct = sorted(set(values))
    place = {value: number for number, value in enumerate(distinct)}
    return distinct, np.array([place[value] for value in values], dtype=np.int64)


def _kind(value: Any) -> str | None:
    """What values are compared as; None where one is missing."""
    if value is None or (isinstance(value, float | np.floating) and value != value):
        return None
    if isinstance(value, bool | np.bool_):
        return "bool"
    if isinstance(value, int | float | np.number):
        return "number"
    return "text" if isinstance(value, str) else type(value).__name__
