"""How long things took, apart from what they gave: two equal runs leave equal files but for these.

Seconds and words a second stand in the records of a history beside losses. Where a record is
written, :func:`split` takes them out to a file of their own, and :func:`join` puts them back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["TIMES", "join", "split"]

TIMES = frozenset({"seconds", "words_per_second", "records_per_second"})
"""Names that hang on the clock."""


def split(value: Any) -> tuple[Any, Any]:
    """A JSON-ready value without its times, and the times alone, None where there are none.

    Times keep the shape of what they were taken from: a list has an entry for each of its own.

    >>> split({"loss": 1.0, "history": [{"loss": 2.0, "seconds": 3.0}]})
    ({'loss': 1.0, 'history': [{'loss': 2.0}]}, {'history': [{'seconds': 3.0}]})
    """
    if isinstance(value, Mapping):
        rest, times = {}, {}
        for name, item in value.items():
            if name in TIMES and isinstance(item, (int, float)):
                times[name] = item
                continue
            rest[name], taken = split(item)
            if taken is not None:
                times[name] = taken
        return rest, times or None
    if isinstance(value, (list, tuple)):
        if not any(isinstance(item, (Mapping, list, tuple)) for item in value):
            return value, None
        parts = [split(item) for item in value]
        taken_all = [taken for _, taken in parts]
        return [rest for rest, _ in parts], taken_all if any(taken_all) else None
    return value, None


def join(value: Any, times: Any) -> Any:
    """What :func:`split` took apart; times that do not fit are left out.

    >>> join({"history": [{"loss": 2.0}]}, {"history": [{"seconds": 3.0}]})
    {'history': [{'loss': 2.0, 'seconds': 3.0}]}
    """
    if isinstance(value, dict) and isinstance(times, dict):
        joined = {name: join(item, times.get(name)) for name, item in value.items()}
        numbers = {n: v for n, v in times.items() if n in TIMES and isinstance(v, (int, float))}
        return joined | numbers
    if isinstance(value, list) and isinstance(times, list) and len(value) == len(times):
        return [join(item, taken) for item, taken in zip(value, times, strict=True)]
    return value
