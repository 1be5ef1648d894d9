"""A figure of several runs: the median, and between which figures the runs were."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .lines import Line
from .rows import ROWS

__all__ = ["ABSENT", "MARK", "Counting", "Figure", "figure", "marked", "number", "shown", "under"]

Counting = Mapping[str, Sequence[Line]]
"""Row to the lines of it that count, as ``lines.current`` gives them."""

ABSENT = "–"
"""What stands where a figure does not exist."""

MARK = "†"
"""Stands at rows that were imported, or at the head of a table of which all were."""


@dataclass(frozen=True)
class Figure:
    """``value``: the median of ``of`` runs, the lowest ``low`` and the highest ``high``.

    Of figures that are no medians of runs, ``low`` and ``high`` are ends of an interval.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    of: int = 1


def figure(lines: Sequence[Line], *path: str) -> Figure:
    """What the lines of a row measured at a place of ``measured``; no value if one lacks it.

    A line of medians, which earlier runs left, says itself of how many they are and where it is
    known between which figures.
    """
    last = lines[-1] if lines else {}
    if last.get("imported"):
        low, high = last.get("intervals", {}).get(".".join(path), (None, None))
        return Figure(_at(last["measured"], path), low, high, last.get("of", 1))
    values = [_at(line["measured"], path) for line in lines]
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return Figure(None, of=len(values))
    return Figure(statistics.median(known), min(known), max(known), len(known))


def _at(measured: Any, path: Sequence[str]) -> float | None:
    for name in path:
        measured = measured.get(name) if isinstance(measured, dict) else None
    return None if measured is None else float(measured)


def shown(found: Figure, form: str) -> str:
    """The figure as text, without a zero before the point; its interval where that says more."""
    value = number(found.value, form)
    if found.value is None or found.low is None or found.high is None or found.of == 1:
        return value
    low, high = number(found.low, form), number(found.high, form)
    between = " to " if "-" in low + high else "–"
    return value if low == high == value else f"{value} ({low}{between}{high})"


def number(value: float | None, form: str) -> str:
    """A number as the tables have it."""
    if value is None:
        return ABSENT
    text = format(value, form)
    if set(text) <= set("-0.,"):
        text = text.lstrip("-")  # no minus before nothing
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def under(counting: Counting, start: str) -> dict[str, Sequence[Line]]:
    """The rows of a table that have lines, in the order of the registry."""
    return {name: counting[name] for name in ROWS if name.startswith(start) and name in counting}


def marked(text: str, lines: Sequence[Line]) -> str:
    """The text, with the mark if what counts of a row was imported."""
    return f"{text} {MARK}" if lines and lines[-1].get("imported") else text
