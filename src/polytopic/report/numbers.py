"""How many topics? The measures over the number of topics, where several numbers were tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from polytopic.metrics.topic_numbers import HOW_MANY, told_numbers
from polytopic.report.wording import Wording

__all__ = ["numbers_record"]

Record = dict[str, Any]

_PANELS = {
    "fit": "curve_numbers_fit",
    "stability": "curve_numbers_stability",
    "good": "curve_numbers_good",
    "agreement": "curve_numbers_agreement",
}
"""Measures of a number of topics, and the keys of what their panels are called."""

_STANDS_FOR = 1.959964
"""Standard errors on each side that hold 95 % of a normal distribution."""


def numbers_record(notes: Mapping[str, Any], words: Wording) -> Record | None:
    """A panel a measure over the numbers that were tried, the range of a clear answer, and the
    answer.

    None where the notes hold no choice, or one that is none: they may come from a file.
    """
    found = notes.get(HOW_MANY)
    if not isinstance(found, Mapping) or not _is_whole(found):
        return None
    numbers = found["candidates"]
    low, high, best = (found[name] for name in ("low", "high", "best"))
    said = told_numbers(numbers, low, high, best, clear=found["clear"], agreed=found["agreed"])
    panels = [_panel(found, name, key, words) for name, key in _PANELS.items()]
    return {
        "answer": words.tell(said),
        "numbers": numbers,
        "range": _shade(numbers, low, high) if found["clear"] else None,
        "panels": [panel for panel in panels if panel["points"]],
    }


def _is_whole(found: Mapping[str, Any]) -> bool:
    """Whether all stands there that is drawn, of the kinds it has to be."""
    numbers = found.get("candidates")
    if not isinstance(numbers, list | tuple) or len(numbers) < 2:
        return False
    whole = [*numbers, *(found.get(name) for name in ("low", "high", "best"))]
    if any(isinstance(n, bool) or not isinstance(n, int) or n < 1 for n in whole):
        return False
    inside = found["low"] in numbers and found["high"] in numbers and sorted(numbers) == [*numbers]
    flags = all(isinstance(found.get(name), bool) for name in ("clear", "agreed"))
    columns = [found.get(name) for name in (*_PANELS, "fit_error")]
    return inside and flags and all(_is_column(values, len(numbers)) for values in columns)


def _is_column(values: Any, n: int) -> bool:
    return (
        isinstance(values, list | tuple)
        and len(values) == n
        and all(v is None or isinstance(v, int | float) for v in values)
    )


def _panel(found: Mapping[str, Any], name: str, key: str, words: Wording) -> Record:
    """Points [number, value] that were measured, with 95 % intervals where there are errors."""
    numbers, values = found["candidates"], found[name]
    errors = found["fit_error"] if name == "fit" else [None] * len(numbers)
    points, spans = [], []
    for number, value, error in zip(numbers, values, errors, strict=True):
        if value is None or not np.isfinite(value):
            continue
        points.append([number, _short(value)])
        if error:
            half = _STANDS_FOR * error
            spans.append([number, _short(value - half), _short(value + half)])
    told = " ".join(
        f"{words.say('n_topics', number)}: {words.decimals(value, 3)}." for number, value in points
    )
    return {"title": words.say(key), "points": points, "spans": spans, "told": told}


def _shade(numbers: list[int], low: int, high: int) -> list[float]:
    """The range, as far as half way (of the logarithms) to the numbers beside it."""
    first, last = numbers.index(low), numbers.index(high)
    before = numbers[max(first - 1, 0)]
    after = numbers[min(last + 1, len(numbers) - 1)]
    return [_short((low * before) ** 0.5), _short((high * after) ** 0.5)]


def _short(value: float) -> float:
    return float(f"{value:.6g}")
