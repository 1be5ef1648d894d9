"""Files of human judgements about words: rated pairs, and analogies by category."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.io.opening import open_bytes

__all__ = [
    "Quadruple",
    "RatedPair",
    "Terms",
    "Vectors",
    "frequent_first",
    "read_analogies",
    "read_pairs",
    "word_rows",
]

RatedPair = tuple[str, str, float]
Quadruple = tuple[str, str, str, str]

_PREFERRED = ("simlex999", "mean", "score", "rating", "similarity", "human")
"""Parts of the name of the column that holds the ratings."""


_NO_RATINGS = {"", "nan", "na", "n/a", "inf", "-inf", "null", "none", "-", "?"}
"""What stands where a rating is missing."""

_REMARKS = ("#", "//")
"""word2vec's own questions begin with a line of copyright after two slashes."""


class Terms(Protocol):
    """Words in row order, with their counts."""

    @property
    def terms(self) -> list[str]:
        """V words."""

    @property
    def counts(self) -> NDArray[np.int64]:
        """Shape (V,); zero where unknown."""


class Vectors(Protocol):
    """What the measures read of word vectors."""

    @property
    def vocabulary(self) -> Terms:
        """The words."""

    def unit(self, which: Any = ...) -> NDArray[np.float32]:
        """Rows of length one, shape (V, E)."""


def read_pairs(path: str | Path) -> list[RatedPair]:
    """Read rated pairs: two words and a number, apart by tabs, commas, semicolons or spaces.

    A header names the column of the rating (as in WordSim-353 and SimLex-999); without one it is
    the first number after the words. Empty rows and those that begin with # are left out. The file
    may be packed.

    Raises
    ------
    FileMissingError, InputError
        If the file is missing, no UTF-8, or a row is of another form; the message names the row.
    """
    file = Path(path)
    rows = [(number, fields) for number, fields in _rows(file) if fields]
    if not rows:
        raise InputError(f"{file}: holds no pairs. Give rows of two words and a rating.")
    column = _rating_column(rows[0][1], rows[1][1] if len(rows) > 1 else rows[0][1])
    if column is None:
        raise InputError(f"{file}: row {rows[0][0]} is no pair of words with a rating.")
    if _is_heading(rows[0][1], column):
        rows = rows[1:]
    pairs: list[RatedPair] = []
    for number, fields in rows:
        rating = _number(fields, column)
        if rating is None or not fields[0] or not fields[1]:
            raise InputError(f"{file}: row {number} is no pair of words with a rating. Correct it.")
        pairs.append((fields[0], fields[1], rating))
    return pairs


def read_analogies(path: str | Path) -> dict[str, list[Quadruple]]:
    """Read ``: category`` rows, each followed by rows of four words: a is to b as c is to d.

    The form of word2vec's ``questions-words.txt``. A category named twice is one. Rows that begin
    with # or // are left out. The file may be packed.

    Raises
    ------
    FileMissingError, InputError
        If the file is missing, no UTF-8, or a row is of another form; the message names the row.
    """
    file = Path(path)
    sections: dict[str, list[Quadruple]] = {}
    current: list[Quadruple] | None = None
    for number, line in enumerate(_text(file).split("\n"), start=1):
        stripped = line.strip()
        if stripped.startswith(_REMARKS):
            continue
        if stripped.startswith(":"):
            current = sections.setdefault(stripped[1:].strip() or "unnamed", [])
        elif stripped:
            words = stripped.split()
            if len(words) != 4:
                raise InputError(
                    f"{file}: row {number} holds {len(words)} words. An analogy has four."
                )
            if current is None:
                current = sections.setdefault("unnamed", [])
            current.append((words[0], words[1], words[2], words[3]))
    if not any(sections.values()):
        raise InputError(f"{file}: holds no analogies. Give rows of four words.")
    return sections


def word_rows(
    terms: Sequence[str], order: Sequence[int], *, fold_case: bool
) -> dict[str, list[int]]:
    """The rows of each word, those first in ``order`` first; folded words share their rows."""
    rows: dict[str, list[int]] = {}
    for row in order:
        rows.setdefault(terms[row].casefold() if fold_case else terms[row], []).append(row)
    return rows


def frequent_first(vocabulary: Terms, n: int | None) -> list[int]:
    """The rows of the ``n`` most frequent words; the order of the rows where counts are unknown."""
    if n is not None and (isinstance(n, bool) or not isinstance(n, int) or n < 1):
        raise InputError(f"restrict: is {n!r}. Give a whole number of words, or None for all.")
    order: list[int] = np.argsort(-vocabulary.counts, kind="stable")[:n].tolist()
    return order


def _rows(file: Path) -> list[tuple[int, list[str]]]:
    lines = _text(file).split("\n")
    found: list[tuple[int, list[str]]] = []
    for number, line in enumerate(lines, start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith(_REMARKS):
            continue
        apart = next((mark for mark in "\t,;" if mark in stripped), None)
        fields = stripped.split() if apart is None else _cut(stripped, apart)
        found.append((number, [field.strip() for field in fields]))
    return found


def _cut(line: str, mark: str) -> list[str]:
    return [field.strip().strip('"') for field in line.split(mark)]


def _rating_column(first: list[str], second: list[str]) -> int | None:
    """The column of the rating, judged by a header if there is one, and the first pair."""
    own, numeric = (
        [place for place in range(2, len(row)) if _number(row, place) is not None]
        for row in (first, second)
    )
    if set(numeric) <= set(own):
        return next(iter(numeric or own), None)
    numeric = [place for place in numeric if place not in own]
    names = [re.sub(r"[^a-z0-9]", "", name.lower()) for name in first]
    for wanted in _PREFERRED:
        for place in numeric:
            if place < len(names) and wanted in names[place]:
                return place
    return numeric[0]


def _is_heading(fields: list[str], column: int) -> bool:
    """Whether the first row names columns: a rating that is missing is a fault, no name."""
    name = fields[column].lower() if column < len(fields) else ""
    return _number(fields, column) is None and name not in _NO_RATINGS


def _number(fields: list[str], column: int) -> float | None:
    try:
        value = float(fields[column])
    except (ValueError, IndexError):
        return None
    return value if np.isfinite(value) else None


def _text(file: Path) -> str:
    try:
        with open_bytes(file, "a file of rated pairs or analogies") as stream:
            return stream.read().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        row = error.object[: error.start].count(b"\n") + 1
        raise InputError(f"{file}: row {row} is no UTF-8 text. Save the file as UTF-8.") from None
