"""What the records and arrays of each kind of folder may hold, said in tables and checked once.

A schema is a :class:`~polytopic.base.Constraint`, such as parameters have; those of this module
hold others. Arrays are declared by shape, where a letter stands for a number that the whole table
shares: ``{"input": Array("V", "E"), "counts": Array("V", kind="i", low=0)}``.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import CheckpointError
from polytopic.io.records import RESTORE
from polytopic.parameters import FLAG, NONE, AnyOf, Constraint, Custom, Integer, Real

__all__ = [
    "ANYTHING", "FLAG", "HISTORY", "NONE", "NUMBER", "SCALAR", "TEXT", "TEXTS", "VOCABULARY",
    "WHOLE", "Array", "ListOf",
    "MapOf", "Record", "check_arrays", "check_record", "history_of", "like",
]  # fmt: skip


ANYTHING = Custom("any value", lambda value: True)


class _Holder(Constraint):
    """A constraint on something with parts; it knows the place of what is wrong."""

    def accepts(self, value: Any) -> bool:
        return self.fault(value) is None

    @abstractmethod
    def fault(self, value: Any) -> tuple[str, Any, Constraint] | None:
        """Place, value and constraint of the first part that is wrong, or None."""


@dataclass(frozen=True)
class ListOf(_Holder):
    """A list of ``length`` entries, or of any number, each within ``item``."""

    item: Constraint
    length: int | None = None

    def fault(self, value: Any) -> tuple[str, Any, Constraint] | None:
        if not isinstance(value, list) or self.length not in (None, len(value)):
            return "", value, self
        if self._all_fit(value):
            return None
        for place, entry in enumerate(value):
            if not self.item.accepts(entry):
                return _inner(f"[{place}]", entry, self.item)
        return None

    def _all_fit(self, value: list[Any]) -> bool:
        """The usual case of long lists, without a call an entry."""
        kinds = set(map(type, value))
        if self.item is TEXT:
            return kinds <= {str}
        if not isinstance(self.item, Integer) or kinds != {int}:
            return False
        return self.item.accepts(min(value)) and self.item.accepts(max(value))

    def describe(self) -> str:
        number = "" if self.length is None else f" of {self.length}"
        return f"a list{number}, each {self.item.describe()}"


@dataclass(frozen=True)
class MapOf(_Holder):
    """An object with any names, each value within ``item``."""

    item: Constraint

    def fault(self, value: Any) -> tuple[str, Any, Constraint] | None:
        if not isinstance(value, dict):
            return "", value, self
        for name, entry in value.items():
            if not self.item.accepts(entry):
                return _inner(f".{name}", entry, self.item)
        return None

    def describe(self) -> str:
        return f"an object, each entry {self.item.describe()}"


@dataclass(frozen=True)
class Record(_Holder):
    """An object with the named entries; ``later`` are those that earlier versions did not write.

    Entries that are not named may be of later versions; they are within ``others``.
    """

    entries: Mapping[str, Constraint]
    later: frozenset[str] = frozenset()
    others: Constraint = ANYTHING

    def fault(self, value: Any) -> tuple[str, Any, Constraint] | None:
        if not isinstance(value, dict):
            return "", value, self
        for name, constraint in self.entries.items():
            if name not in value:
                if name in self.later:
                    continue
                return f".{name}", None, constraint
            if not constraint.accepts(value[name]):
                return _inner(f".{name}", value[name], constraint)
        for name, entry in value.items():
            if name not in self.entries and not self.others.accepts(entry):
                return _inner(f".{name}", entry, self.others)
        return None

    def describe(self) -> str:
        names = list(self.entries)
        return f"an object with {', '.join(names[:4])}{', ...' if names[4:] else ''}"


def _inner(place: str, value: Any, constraint: Constraint) -> tuple[str, Any, Constraint]:
    if isinstance(constraint, _Holder):
        found = constraint.fault(value)
        if found is not None:
            return place + found[0], found[1], found[2]
    return place, value, constraint


TEXT = Custom("a string", lambda value: isinstance(value, str))
TEXTS = ListOf(TEXT)
WHOLE = Integer(0, 2**63 - 1)
NUMBER = Real()
SCALAR = AnyOf(NUMBER, TEXT, FLAG, NONE)
HISTORY = ListOf(MapOf(SCALAR))
"""Records of epochs or passes."""
VOCABULARY = Record(
    {
        "terms": TEXTS, "counts": ListOf(WHOLE), "document_counts": ListOf(WHOLE),
        "rules": AnyOf(MapOf(ANYTHING), NONE),
    },
    later=frozenset({"rules"}),
)  # fmt: skip


def history_of(*names: str) -> Constraint:
    """Records of epochs or passes that all have these numbers, whatever else they hold."""
    return ListOf(Record(dict.fromkeys(names, NUMBER), others=SCALAR))


def check_record(value: Any, schema: Constraint, where: str) -> None:
    """Refuse a record that does not fit its schema.

    Raises
    ------
    CheckpointError
        It names ``where``, the entry, and what is expected.
    """
    if schema.accepts(value):
        return
    place, wrong, expected = _inner("", value, schema)
    shown = "missing" if wrong is None else _short(wrong)
    entry = place.lstrip(".") or "the record"
    raise CheckpointError(
        f"{where}: entry {entry[:120]} is {shown}, expected {expected.describe()}. {RESTORE}"
    )


def _short(value: Any) -> str:
    if isinstance(value, (dict, list)):
        kind = "an object" if isinstance(value, dict) else "a list"
        return f"{kind} of {len(value)}"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**18:
        return "a number of many digits"
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


class Array:
    """One array of a folder: its sides, numbers or shared letters, its kind and its least entry.

    ``kind``: "f" for floating point, "i" for whole numbers, or one data type; ``low``, ``high``:
    bounds of entries, both allowed; ``positive``: all above zero; ``optional``: it may be absent.
    """

    def __init__(
        self,
        *shape: int | str,
        kind: str = "f",
        low: float | None = None,
        high: float | None = None,
        positive: bool = False,
        optional: bool = False,
    ) -> None:
        self.shape, self.kind, self.optional = shape, kind, optional
        self.low, self.high, self.positive = low, high, positive


def like(
    arrays: Mapping[str, NDArray[Any]], *, positive: bool = False, optional: bool = False
) -> dict[str, Array]:
    """The table of arrays that have the types and shapes of these; a scalar is saved as (1,)."""
    return {
        name: Array(
            *(array.shape or (1,)), kind=array.dtype.name, positive=positive, optional=optional
        )
        for name, array in arrays.items()
    }


def check_arrays(
    arrays: Mapping[str, NDArray[Any]], table: Mapping[str, Array], where: str, **sizes: int
) -> dict[str, int]:
    """Refuse arrays that do not fit their table, or hold NaN or infinity; the sizes found.

    Arrays that the table does not name need only be finite.

    Raises
    ------
    CheckpointError
        It names ``where``, the array, and what is expected.
    """
    found = dict(sizes)
    for name, spec in table.items():
        if name in arrays:
            _check_array(arrays[name], spec, f"{where}: array {name}", found)
        elif not spec.optional:
            raise CheckpointError(f"{where}: holds no array {name}. {RESTORE}")
    for name, array in arrays.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise CheckpointError(f"{where}: array {name} holds NaN or infinity. {RESTORE}")
    return found


def _check_array(array: NDArray[Any], spec: Array, what: str, sizes: dict[str, int]) -> None:
    kinds = {"i": "iu", "f": "f"}.get(spec.kind)
    if array.dtype != spec.kind if kinds is None else array.dtype.kind not in kinds:
        raise CheckpointError(f"{what} is of type {array.dtype}, which is not its own. {RESTORE}")
    wanted = [sizes.get(side, side) if isinstance(side, str) else side for side in spec.shape]
    fits = array.ndim == len(wanted) and all(
        isinstance(side, str) or side == length
        for side, length in zip(wanted, array.shape, strict=True)
    )
    if not fits:
        sides = ", ".join(str(side) for side in wanted)
        raise CheckpointError(f"{what} has shape {array.shape}, expected ({sides}). {RESTORE}")
    for side, length in zip(spec.shape, array.shape, strict=True):
        if isinstance(side, str):
            sizes[side] = length
    if not array.size:
        return
    low, high = array.min(), array.max()
    below = (spec.low is not None and low < spec.low) or (spec.positive and low <= 0)
    if below or (spec.high is not None and high > spec.high):
        raise CheckpointError(f"{what} holds {low if below else high}, out of bounds. {RESTORE}")
