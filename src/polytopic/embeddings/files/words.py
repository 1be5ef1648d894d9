"""The words of a file of vectors: decoded, and what cannot stay as it is dealt with and told."""

from __future__ import annotations

import codecs
import re
import tempfile
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.io.leaving import quoted

__all__ = ["ERRORS", "LONGEST_WORD", "Reading", "Words", "check_terms", "encodable", "keep_rows"]

ERRORS = ("replace", "skip", "refuse")
"""What to do with words that cannot stay as they are.

``replace``: bytes that are no UTF-8 become U+FFFD, blank words stay; ``skip``: such rows are left
out. Either way a word keeps its first vector. ``refuse``: the file is refused.
"""

LONGEST_WORD = 1 << 16
"""Bytes of a word that is read or written: beyond that a file is no file of words."""

_MOST_BROKEN = 0.05
"""Share of words that may be no UTF-8: programs that cut long words break a few. More of them, and
more than ``_FEW_BROKEN``, are another encoding, or rows that are not where they are looked for."""

_FEW_BROKEN = 10
"""Words that are not UTF-8 and are forgiven in any file: large dictionaries from the web hold
some."""

Floats = NDArray[np.float32]

_WHITE = re.compile(r"[ \t\n\r]")


@dataclass
class Reading:
    """How a file is read, and what was done to read it.

    ``errors``: one of ``ERRORS``; ``limit``: rows that are read; ``encoding``: of the words;
    ``on_disk``: whether rows grow in a temporary file, not in memory.
    """

    errors: str = "refuse"
    notes: list[str] = field(default_factory=list)
    limit: int | None = None
    encoding: str = "utf-8"
    on_disk: bool = False

    def __post_init__(self) -> None:
        if self.errors not in ERRORS:
            raise InputError(
                f"errors: {self.errors!r} is unknown. Pick one of {', '.join(ERRORS)}."
            )
        limit = self.limit
        if limit is not None and (
            isinstance(limit, bool) or not isinstance(limit, int) or limit < 1
        ):
            raise InputError(
                f"limit: is {limit!r}. Give a whole number of rows, 1 or more, or None for all."
            )
        _check_encoding(self.encoding)
        self._file: IO[bytes] | None = None

    def grown(self, matrix: Floats, n_rows: int) -> Floats:
        """The matrix with more rows, in memory or in a temporary file that is gone when it is."""
        shape = n_rows, matrix.shape[1]
        if not self.on_disk:
            matrix.resize(shape, refcheck=False)
            return matrix
        file = self._file
        if file is None:
            file = self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the reading)
            weakref.finalize(self, file.close)  # the maps of it stay
        try:
            file.truncate(4 * n_rows * matrix.shape[1])
        except OSError as error:
            raise InputError(
                f"{tempfile.gettempdir()}: the rows cannot be written there ({error.strerror}). "
                "Free some space, or set TMPDIR to another folder."
            ) from None
        return np.memmap(file, np.float32, "r+", shape=shape) if n_rows else matrix


def _number_plainly(row: int) -> int:
    return row + 1


def _check_encoding(name: str) -> None:
    """Refuse what is no encoding, or one in which blanks and line feeds are not single bytes."""
    plain = "a 1\n"
    try:
        found = codecs.lookup(name)._is_text_encoding and plain.encode(name) == plain.encode(
            "ascii"
        )
    except (LookupError, TypeError, ValueError):
        found = False
    if not found:
        raise InputError(
            f"encoding: {name!r} cannot be read by rows. Name one that holds ASCII as it is "
            "(utf-8, latin-1, cp1252, gb18030, ...), or convert the file to UTF-8."
        )


class Words:
    """Collects the words of rows; :meth:`settle` says which rows stay.

    ``number_of`` gives the number by which a message names a row.
    """

    def __init__(
        self, file: Path, reading: Reading, number_of: Callable[[int], int] = _number_plainly
    ) -> None:
        self.file, self.reading, self.number_of = file, reading, number_of
        self.terms: list[str] = []
        self._broken: list[int] = []

    def __len__(self) -> int:
        return len(self.terms)

    @property
    def encoding(self) -> str:
        """Its name in messages."""
        return self.reading.encoding.upper()

    @property
    def full(self) -> bool:
        """Whether as many rows were read as are wanted."""
        return self.reading.limit is not None and len(self.terms) >= self.reading.limit

    def add(self, raw: Sequence[bytes]) -> None:
        """The words of the next rows, as they stand in the file."""
        for word in raw:
            try:
                self.terms.append(word.decode(self.reading.encoding))
            except UnicodeDecodeError:
                self._broken.append(len(self.terms))
                self._refuse(len(self.terms), f"begins with a word that is no {self.encoding}")
                self.terms.append(word.decode(self.reading.encoding, "replace"))

    def add_joined(self, joined: bytes) -> None:
        """The same, with a line feed between two words."""
        try:
            self.terms += joined.decode(self.reading.encoding).split("\n")
        except UnicodeDecodeError:
            self.add(joined.split(b"\n"))

    def settle(self) -> tuple[list[str], NDArray[np.intp] | None]:
        """The words that stay, each once, and their rows; None if all do.

        Raises
        ------
        InputError
            If no word is left, or one cannot stay as it is and ``errors`` is "refuse".
        """
        terms = self.terms
        n_broken = len(self._broken)
        if n_broken > max(_FEW_BROKEN, _MOST_BROKEN * len(terms)):
            raise InputError(
                f"{self.file}: {n_broken:,} of {len(terms):,} words are no {self.encoding} (first "
                f"in row {self.number_of(self._broken[0])}), so it is in another encoding or "
                "damaged. Name it by encoding=, or fetch the file again."
            )
        blank = [row for row, term in enumerate(terms) if term[:1] in ("", " ", "\t")]
        for row in blank[:1]:
            self._refuse(row, "begins with no word")
        left_out = {*self._broken, *blank} if self.reading.errors == "skip" else set[int]()
        twice = self._twice(left_out)
        done = "left out" if self.reading.errors == "skip" else "read with U+FFFD"
        self._tell(self._broken, f"is no {self.encoding}", f"are no {self.encoding}", done)
        done = "left out" if self.reading.errors == "skip" else "kept as it stands"
        self._tell(
            blank, "is empty or begins with a blank", "are empty or begin with a blank", done
        )
        self._tell(twice, "stands twice", "stand twice", "the first vector is kept")
        left_out.update(twice)
        if not left_out:
            return terms, None
        rows = np.array([row for row in range(len(terms)) if row not in left_out], dtype=np.intp)
        if not len(rows):
            raise InputError(f"{self.file}: none of its {len(terms)} words can be used.")
        return [terms[row] for row in rows], rows

    def _twice(self, left_out: set[int]) -> list[int]:
        """The rows of words that were there before."""
        if len(set(self.terms)) == len(self.terms):
            return []
        seen: dict[str, int] = {}
        found = []
        for row, term in enumerate(self.terms):
            if row in left_out:
                continue
            first = seen.setdefault(term, row)
            if first != row:
                found.append(row)
                self._refuse(
                    row,
                    f"names {quoted(term)} again, the word of row {self.number_of(first)}",
                    "Each word has one vector: remove one of the rows, or read with errors='skip'",
                )
        return found

    def _tell(self, rows: list[int], one: str, several: str, done: str) -> None:
        if rows:
            verb = f"1 word {one}" if len(rows) == 1 else f"{len(rows):,} words {several}"
            place = self.number_of(rows[0])
            where = f"row {place}" if len(rows) == 1 else f"row {place} and after"
            self.reading.notes.append(f"{verb} ({where}): {done}")

    def _refuse(self, row: int, what: str, todo: str = "") -> None:
        if self.reading.errors == "refuse":
            todo = todo or "Fetch the file again, or read it with errors='replace'"
            raise InputError(f"{self.file}: row {self.number_of(row)} {what}. {todo}.")


def keep_rows(matrix: NDArray[Any], rows: NDArray[np.intp] | None) -> NDArray[Any]:
    """The rows that stay, moved up within the matrix: a copy would double the memory."""
    if rows is None:
        return matrix
    step = 4096
    for start in range(0, len(rows), step):
        matrix[start : start + len(rows[start : start + step])] = matrix[rows[start : start + step]]
    return matrix[: len(rows)]


def check_terms(path: Path, terms: Sequence[str]) -> None:
    """Refuse words that a file of rows cannot hold, so that its reader reads what was written.

    Raises
    ------
    InputError
        If a word is empty, too long, holds white space or is no Unicode text.
    """
    for row, term in enumerate(terms):
        if not term or _WHITE.search(term) or not encodable(term):
            what = "is empty, holds white space or is no Unicode text"
        elif len(term) > LONGEST_WORD // 4 and len(term.encode("utf-8")) >= LONGEST_WORD:
            what = f"is longer than {LONGEST_WORD - 1:,} bytes"
        else:
            continue
        raise InputError(
            f"{path}: the word {term[:40]!a} (row {row + 1}) {what}, which the format cannot hold. "
            "Replace spaces by _, or use save()."
        )


def encodable(term: str) -> bool:
    """Whether a word is Unicode text: half surrogates are none."""
    return term.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in term)
