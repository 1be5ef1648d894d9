"""Edge lists of directed graphs, row by row: of networkx, Gephi, SNAP and spreadsheets."""

from __future__ import annotations

import csv
import math
import re
import warnings
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError, ReadingWarning
from polytopic.io.opening import open_bytes

__all__ = ["LARGEST", "SMALLEST", "WEIGHTS", "EdgeList", "is_weight", "read_edges"]

SMALLEST, LARGEST = 1e-100, 1e100
"""Weights beyond are no weights: sums and ratios of those between stay within float64."""

WEIGHTS = "Weights are 0, or between 1e-100 and 1e100"

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")
_COMMENT = ("#", "%")
_HEADINGS = {
    "source", "target", "from", "to", "src", "dst", "head", "tail", "fromnodeid", "tonodeid",
    "citing", "cited", "node1", "node2", "id1", "id2", "u", "v", "start", "end",
}  # fmt: skip
_LETTERS = {"u", "v"}
"""Those that may be names of nodes too."""

_DIRECTED_NAMES = (("source", "target"), ("from", "to"), ("src", "dst"))
"""Names of columns that say which way an edge goes, wherever they stand."""

_WEIGHTS = {"weight", "weights", "w", "value", "count", "strength"}
"""Names of a column that holds weights."""

_NO_WEIGHTS = {"date", "time", "timestamp", "year", "label", "id"}
"""Names of columns that hold something else, numbers too."""

_THIRD = _WEIGHTS | _NO_WEIGHTS | {"sign", "rating", "score", "type", "n", "freq"}
"""Names of a third column, which mark a row as a heading."""

_BLANKS = " \t\r\n"
_BLANK = re.compile(r"[ \t\r]+")
"""White space of other kinds (a no-break space) may be part of a name."""

_QUOTED = re.compile(r'"[^"]*"|\{[^}]*\}')
_DATA_WEIGHT = re.compile(r"""['"]weight['"]\s*:\s*([^,}\s]+)""")
_OTHERS = (
    ("*vertices", "a Pajek file", "read_pajek"),
    ("graph [", "a GML file", "read_gml"),
    ("<?xml", "a GraphML or GEXF file", "read_graphml"),
    ("<graphml", "a GraphML file", "read_graphml"),
    ("<gexf", "a GEXF file", "read_gexf"),
    ("digraph", "a DOT file", "nx_pydot.read_dot"),
    ("{", "a JSON file", "node_link_graph"),
)
"""How other files of graphs begin, what they are, and what of networkx reads them."""

_LONGEST_ROW = 1 << 20
"""Bytes of a row: names of nodes are not books, and a file of one row is no edge list."""


@dataclass(frozen=True)
class EdgeList:
    """M edges as rows of ``nodes``, with their weights."""

    nodes: list[Any]
    sources: NDArray[np.int64]
    targets: NDArray[np.int64]
    weights: NDArray[np.float64]


@dataclass(frozen=True)
class _Form:
    """Where a row holds what; by default ``source``, ``target``, ``weight`` in this order.

    ``n_columns``: of the heading, 0 without one.
    """

    source: int = 0
    target: int = 1
    weight: int | None = 2
    kind: int | None = None
    n_columns: int = 0


def read_edges(path: Path, *, weights: bool) -> EdgeList:
    """Read an edge list; see ``Graph.read`` for the format.

    Raises
    ------
    FileMissingError, InputError
        If the file is missing, not UTF-8, or a row cannot be used.
    """
    lines = _lines(path)
    first_two = list(islice(lines, 2))
    if not first_two:
        raise InputError(f"{path}: holds no edges. A line holds a source and a target.")
    separator = _separator(first_two[0][1])
    form, n_headings = _form_of(path, first_two, separator, weights=weights)
    position: dict[str, int] = {}
    sources, targets, values = array("q"), array("q"), array("d")
    most = 3 if weights else math.inf
    for number, line in chain(first_two[n_headings:], lines):
        fields = _fields(path, number, line, separator)
        if not (2 <= len(fields) <= most and fields[0] and fields[1]) or form.n_columns:
            _check_fields(path, number, fields, form, weights=weights)
        source = position.setdefault(fields[form.source], len(position))
        target = position.setdefault(fields[form.target], len(position))
        weight = 1.0
        if weights and form.weight is not None and form.weight < len(fields):
            weight = _weight(path, number, fields[form.weight])
        sources.append(source)
        targets.append(target)
        values.append(weight)
        both = form.kind is not None and fields[form.kind].lower() == "undirected"
        if both and source != target:
            sources.append(target)
            targets.append(source)
            values.append(weight)
    if not sources:
        raise InputError(f"{path}: holds no edges. A line holds a source and a target.")
    return EdgeList(
        _names(position),
        np.frombuffer(sources, np.int64),
        np.frombuffer(targets, np.int64),
        np.frombuffer(values, np.float64),
    )


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """(row number from 1, line) of every line that is neither empty nor a comment."""
    number = 0
    with open_bytes(path, "an edge list, a .mtx or an .npz file") as stream:
        try:
            while raw := stream.readline(_LONGEST_ROW):
                number += 1
                if len(raw) == _LONGEST_ROW:
                    raise InputError(
                        f"{path}: row {number} is longer than {_LONGEST_ROW >> 20} MB. "
                        "This is no edge list."
                    )
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip(_BLANKS)
                if number == 1:
                    _refuse_others(path, line)
                if line and not line.startswith(_COMMENT):
                    yield number, line
        except UnicodeDecodeError:
            raise InputError(
                f"{path}: row {number} is not UTF-8. Save the file as UTF-8 text."
            ) from None


def _refuse_others(path: Path, line: str) -> None:
    for begin, name, reader in _OTHERS:
        if line.lower().startswith(begin):
            raise InputError(
                f"{path}: looks like {name}, and an edge list is read here. Read it with "
                f"networkx.{reader} and pass the graph."
            )
    if path.suffix.lower() == ".mtx":
        raise InputError(
            f"{path}: lacks the first line of MatrixMarket (%%MatrixMarket matrix coordinate ...), "
            "so its line of sizes looks like an edge. Put it back, or rename the edge list."
        )


# ---- rows ----------------------------------------------------------------------------------


def _separator(line: str) -> str | None:
    """What stands between the columns, outside of quotes and of networkx's data; None: blanks."""
    bare = _QUOTED.sub("", line)
    return next((mark for mark in ("\t", ",", ";") if mark in bare), None)


def _fields(path: Path, number: int, line: str, separator: str | None) -> list[str]:
    """The columns of a row; quotes are taken off, and networkx's {...} is one column."""
    if '"' not in line and line[-1:] != "}":
        return _apart(line, separator)
    data = ""
    if line.endswith("}") and "{" in line:
        cut = line.index("{")
        line, data = line[:cut].rstrip(), line[cut:]
        if separator is not None and line.endswith(separator):
            line = line[:-1]
    fields = _unquoted(path, number, line, separator) if '"' in line else None
    if fields is None:
        fields = _apart(line, separator)
    return [*fields, data] if data else fields


def _apart(line: str, separator: str | None) -> list[str]:
    if separator is not None:
        return [field.strip(_BLANKS) for field in line.split(separator)]
    return line.split() if line.isprintable() else _BLANK.split(line)


def _unquoted(path: Path, number: int, line: str, separator: str | None) -> list[str] | None:
    """The columns by the rules of CSV; None if quotes are letters like others there.

    Commas and semicolons are those of spreadsheets, which quote; a lone quote between tabs or
    blanks is a node of that name.
    """
    apart = separator or " "
    plain = line if separator else line.replace("\t", " ")
    try:
        fields = next(csv.reader([plain], delimiter=apart, skipinitialspace=True, strict=True))
    except csv.Error as error:
        if separator in (None, "\t"):
            return None
        raise InputError(
            f"{path}: row {number} has quotes that do not match ({error}). Write a quote within a "
            'name twice ("").'
        ) from None
    return [field.strip(_BLANKS) for field in fields if separator or field]


def _form_of(
    path: Path, rows: list[tuple[int, str]], separator: str | None, *, weights: bool
) -> tuple[_Form, int]:
    """Where rows hold what, and how many headings there are (1 or 0)."""
    first = _fields(path, *rows[0], separator)
    names = [re.sub(r"[\s_]", "", name.lower()).strip("'") for name in first]
    second = _fields(path, *rows[1], separator)[:2] if len(rows) > 1 else []
    for source, target in _DIRECTED_NAMES:
        if source in names and target in names:
            return _headed(path, names, names.index(source), names.index(target), weights), 1
    above_numbers = len(second) == 2 and all(map(_WHOLE.fullmatch, second))
    named = len(names) >= 2 and set(names[:2]) <= _HEADINGS
    if named and (above_numbers or not set(names[:2]) <= _LETTERS):
        return _headed(path, names, 0, 1, weights), 1
    if len(names) < 2 or any(map(_is_number, names[:2])):
        return _Form(), 0
    if not (named or above_numbers or (len(names) == 3 and names[2] in _THIRD)):
        return _Form(), 0
    warnings.warn(
        f"{path}: row {rows[0][0]} ({', '.join(first[:3])}) was read as the names of the columns. "
        "If it is an edge, put a line above it: source,target (apart as the columns are).",
        ReadingWarning,
        stacklevel=5,
    )
    return _headed(path, names, 0, 1, weights), 1


def _headed(path: Path, names: list[str], source: int, target: int, weights: bool) -> _Form:
    """The form that a heading tells."""
    weight = next((place for place, name in enumerate(names) if name in _WEIGHTS), None)
    after = [place for place in range(len(names)) if place > max(source, target)]
    others = [names[place] for place in after if names[place] != "type"]
    if weight is None and len(others) == 1 and others[0] not in _NO_WEIGHTS:
        weight = names.index(others[0])
    if weights and weight is None and others:
        raise InputError(
            f"{path}: its heading names {', '.join(names)[:80]}, and no weight. Name the column of "
            "weights so, or read with weights=False."
        )
    kind = names.index("type") if "type" in names else None
    return _Form(source, target, weight, kind, len(names))


def _check_fields(
    path: Path, number: int, fields: list[str], form: _Form, *, weights: bool
) -> None:
    found, most = len(fields), 3 if weights else len(fields)
    fine = found == form.n_columns if form.n_columns else 2 <= found <= most
    if fine and fields[form.source] and fields[form.target]:
        return
    filled = sum(map(bool, fields))
    wanted = "A row holds a source, a target and maybe a weight, apart by tabs, commas, semicolons"
    wanted += " or blanks."
    if form.n_columns:
        wanted = f"The heading has {form.n_columns}: complete the row."
    elif filled > 3:
        wanted += " Read with weights=False to leave the third column and all after it unread."
    raise InputError(
        f"{path}: row {number} has {filled} column{'s' if filled != 1 else ''}. {wanted}"
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def is_weight(value: float) -> bool:
    """Whether a number can be the weight of an edge."""
    return value == 0.0 or SMALLEST <= value <= LARGEST


def _weight(path: Path, number: int, text: str) -> float:
    shown = text
    if text.startswith("{"):
        found = _DATA_WEIGHT.search(text)
        text = found[1] if found else "1"
    value = float(text) if _is_number(text) else math.nan
    if not is_weight(value):
        raise InputError(
            f'{path}: row {number} has weight "{shown[:40]}". {WEIGHTS}; '
            "if the third column is no weight, read with weights=False."
        )
    return value


def _names(position: dict[str, int]) -> list[Any]:
    """The names in row order: int if each is a whole number in its usual form, else str."""
    names = list(position)
    whole = all(_WHOLE.fullmatch(name) for name in names)
    return [int(name) for name in names] if whole else list(names)
