"""The tables of RESULTS.md: between their marks stands what the lines give, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from .lines import Line, current
from .printed import tables_of
from .tables import TABLES

__all__ = ["RESULTS", "differing", "written"]

RESULTS = Path(__file__).parent.parent / "RESULTS.md"

_MARK = re.compile(r"^<!-- (?:board: (?P<name>.*?)|(?P<end>end)) -->(?:\n|\Z)", re.MULTILINE)


def differing(path: Path, lines: Sequence[Line], printed: Sequence[Line] = ()) -> list[str]:
    """A line a table of the file that is not what the lines give."""
    text = path.read_text(encoding="utf-8")
    makers = _makers(lines, printed)
    found = []
    for name, start, end in _places(text, path, makers):
        there, made = text[start:end], makers[name]()
        if there != made:
            found.append(f"{path.name}: table {name}: {_first(there, made)}")
    return found


def written(path: Path, lines: Sequence[Line], printed: Sequence[Line] = ()) -> list[str]:
    """Write every table anew; the names of those that changed."""
    text = path.read_text(encoding="utf-8")
    makers = _makers(lines, printed)
    parts, last, changed = [], 0, []
    for name, start, end in _places(text, path, makers):
        made = makers[name]()
        parts += [text[last:start], made]
        changed += [name] if text[start:end] != made else []
        last = end
    if changed:
        path.write_text("".join([*parts, text[last:]]), encoding="utf-8")
    return changed


def _makers(lines: Sequence[Line], printed: Sequence[Line]) -> dict[str, Callable[[], str]]:
    """Name, as the file marks it, to what gives the table's text."""
    counting = current(lines)
    found: dict[str, Callable[[], str]] = {
        name: lambda make=make: make(counting).markdown() for name, make in TABLES.items()
    }
    return found | {f"printed {n}": table.markdown for n, table in tables_of(printed).items()}


def _places(text: str, path: Path, names: Collection[str]) -> Iterator[tuple[str, int, int]]:
    """Name, start and end of each table; a mark that has no other ends it."""
    opened: tuple[str, int] | None = None
    for mark in _MARK.finditer(text):
        number = text.count("\n", 0, mark.start()) + 1
        if mark["end"] is None:
            if opened is not None or mark["name"] not in names:
                wrong = "begins before the one above it ends" if opened else "is none there is"
                raise SystemExit(
                    f"{path}: line {number}: table {mark['name']} {wrong}. "
                    f"There are {', '.join(names)}."
                )
            opened = mark["name"], mark.end()
        elif opened is None:
            raise SystemExit(f"{path}: line {number}: an end without a table")
        else:
            yield *opened, mark.start()
            opened = None
    if opened is not None:
        raise SystemExit(f"{path}: table {opened[0]} has no <!-- end -->")


def _first(there: str, made: str) -> str:
    """Where they differ first."""
    one, other = there.splitlines(), made.splitlines()
    place = next((n for n, rows in enumerate(zip(one, other, strict=False)) if rows[0] != rows[1]),
                 min(len(one), len(other)))  # fmt: skip
    has = one[place] if place < len(one) else "nothing more"
    gives = other[place] if place < len(other) else "nothing more"
    return f"has {has!r}, its lines give {gives!r}; python benchmarks/board.py tables"
