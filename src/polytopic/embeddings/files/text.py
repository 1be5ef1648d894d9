"""Word vectors as text: a row a word, with or without a header; the form of word2vec and GloVe."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.files.words import LONGEST_WORD, Reading, Words, check_terms, keep_rows
from polytopic.errors import InputError
from polytopic.forking import refuse_lost_threads
from polytopic.io.opening import open_bytes, writing
from polytopic.io.packed import most_unpacked
from polytopic.kernels.parsing import join_terms, parse_rows

__all__ = ["HEADER", "NUMBER", "read_text", "row_fields", "text_header", "write_text"]

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]

HEADER = re.compile(rb"[ \t]*([0-9]{1,18})[ \t]+([0-9]{1,18})[ \t\r]*")
"""How many words, and how many numbers each."""

NUMBER = re.compile(rb"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_NUMBERS = re.compile(NUMBER.pattern + rb"[ \t]+" + NUMBER.pattern)
_BLANK = re.compile(rb"[ \t]+")
_UNKNOWN = "<unk>"
_MARK = b"\xef\xbb\xbf"
_CHUNK = 1 << 23
"""Bytes read at a time: a few thousand rows, so that threads have work and memory stays flat."""

_LONGEST_ROW = 1 << 24
"""Bytes of a row: a word and 600,000 numbers. More is no file of vectors."""

_WRITTEN_NUMBERS = 1 << 20
"""Numbers written out at a time."""

_LONGEST_NUMBER = 16
"""Bytes of a float32 in its shortest spelling, with the blank before it, at most."""


def read_text(
    path: str | Path, *, header: bool | None = None, reading: Reading | None = None
) -> tuple[list[str], Floats]:
    """Read rows of a word and its numbers.

    Parameters
    ----------
    path : str or Path
        Plain or packed.
    header : bool, optional
        Whether the first row says how many words and numbers there are. By default the file tells.
    reading : Reading, optional
        What to do with words that cannot stay as they are; what was done is noted in it.

    Returns
    -------
    terms : list of V str
    vectors : float32 array of shape (V, E)
        Each number as ``np.float32(float(text))`` gives it.

    Raises
    ------
    FileMissingError
        If there is no such file.
    InputError
        If a row is too short or long or holds something else than finite numbers, the header does
        not fit the file, or ``reading`` refuses a word. The message names the row.
    """
    file = Path(path)
    with open_bytes(file) as stream:
        reader = _Reader(file, stream, header, reading or Reading())
        reader.read()
    terms, rows = reader.words.settle()
    return terms, keep_rows(reader.matrix, rows)


def write_text(
    path: str | Path, terms: Sequence[str], vectors: Floats, *, header: bool = True
) -> Path:
    """Write a row a word; a number is the shortest text that is read back as the same float32.

    Raises
    ------
    InputError
        If a word is empty or holds white space, the rows would be too long to be read again, or
        the file cannot be written.
    """
    import polars as pl

    file = Path(path)
    refuse_lost_threads(str(file))
    check_terms(file, terms)
    if LONGEST_WORD + _LONGEST_NUMBER * vectors.shape[1] > _LONGEST_ROW:
        raise InputError(
            f"{file}: rows of {vectors.shape[1]:,} numbers would be longer than 16 MB. "
            "Write word2vec-binary, or use save()."
        )
    step = max(1, _WRITTEN_NUMBERS // max(vectors.shape[1], 1))
    with writing(file) as stream:
        if header:
            stream.write(f"{len(terms)} {vectors.shape[1]}\n".encode())
        for start in range(0, len(terms), step):
            block = np.ascontiguousarray(vectors[start : start + step].T, dtype=np.float32)
            columns = {str(place): column for place, column in enumerate(block)}
            frame = pl.DataFrame({"term": terms[start : start + step], **columns})
            frame.write_csv(stream, separator=" ", include_header=False, quote_style="never")
    return file


def text_header(line: bytes) -> tuple[int, int] | None:
    """(V, E) if ``line`` is a header: two whole numbers and nothing else."""
    found = HEADER.fullmatch(line.removeprefix(_MARK))
    return None if found is None else (int(found[1]), int(found[2]))


class _Reader:
    """Reads a file in chunks of whole rows; the matrix grows by the rows of a chunk."""

    def __init__(
        self, file: Path, stream: IO[bytes], header: bool | None, reading: Reading
    ) -> None:
        self.file, self.stream, self.reading = file, stream, reading
        self.words = Words(file, reading, self._number)
        self.empty: list[int] = []  # for each empty row, how many others stand before it
        self.tail = b""
        self.ended = False
        self._fill(_CHUNK)
        self.tail = self.tail.removeprefix(_MARK)
        self.claimed: int | None = None
        self.doubt = ""
        self.first_line = 1
        line = self.tail[:_LONGEST_ROW].split(b"\n", 1)[0]
        if not self.tail.strip():
            raise InputError(f"{file}: is empty. Name a file of word vectors.")
        said = text_header(line)
        if header and said is None:
            raise self._wrong(1, "is no header", "It must hold the numbers of words and dimensions")
        if said is not None and header is not False:
            self._check_claim(*said)
            self.claimed, dim = said
            self.tail = self.tail[len(line) + 1 :]
            self.first_line = 2
        else:
            dim = self._first_dim(line)
            if dim == 1 and _NUMBERS.fullmatch(line.strip()):
                shown = line.strip()[:40].decode("ascii")
                self.doubt = (
                    f" If row 1 ({shown}) is a header, it must hold two whole numbers of at most "
                    "18 digits."
                )
        self.matrix: Floats = np.empty((0, dim), dtype=np.float32)

    def read(self) -> None:
        workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
        with ThreadPoolExecutor(workers) as pool:
            while self.tail and not self.words.full:
                whole = len(self.tail) if self.ended else self.tail.rfind(b"\n") + 1
                if whole == 0 and len(self.tail) > _LONGEST_ROW:
                    line = self.first_line + len(self.words)
                    raise self._wrong(line, "is longer than 16 MB", "This is no word vector")
                if whole:
                    rows, self.tail = self.tail[:whole], self.tail[whole:]
                    if self.ended:
                        rows = rows.rstrip(b"\r\n")
                    if rows:
                        self._add(rows, pool, workers)
                if self.ended:
                    break
                self._fill(_CHUNK)
        found = len(self.words)
        if self.empty:
            n, verb = len(self.empty), "row is" if len(self.empty) == 1 else "rows are"
            self.reading.notes.append(f"{n:,} {verb} empty: left out")
        if self.claimed is not None and found < self.claimed and not self.words.full:
            raise InputError(
                f"{self.file}: the header says {self.claimed:,} words, the file holds {found:,}. "
                "Fetch it again, or correct the header."
            )

    def _fill(self, n_bytes: int) -> None:
        more = self.stream.read(n_bytes)
        self.ended = len(more) < n_bytes
        self.tail += more

    def _check_claim(self, n_words: int, dim: int) -> None:
        size = most_unpacked(self.file)
        if n_words == 0 or dim == 0:
            raise self._wrong(
                1, f"says {n_words} words of {dim} numbers", "There is nothing to read"
            )
        if n_words * (2 * dim + 1) - 1 > size:
            what = f"says {n_words:,} words of {dim:,} numbers, too many for {size:,} bytes"
            raise self._wrong(1, what, "Fetch the file again, or correct the header")

    def _first_dim(self, line: bytes) -> int:
        if line[:1] in (b" ", b"\t"):
            what = "begins with a blank, so where its word ends cannot be told"
            raise self._wrong(
                1, what, "Put a row with the numbers of words and dimensions above it"
            )
        fields = row_fields(line)
        dim = 0
        while dim < len(fields) - 1 and NUMBER.fullmatch(fields[-1 - dim]):
            dim += 1
        if dim == 0:
            raise self._wrong(1, "holds no word with numbers after it", "This is no word vector")
        return dim

    def _add(self, rows: bytes, pool: ThreadPoolExecutor, workers: int) -> None:
        data = np.frombuffer(rows, dtype=np.uint8)
        breaks = np.flatnonzero(data == 10)
        ends = (
            breaks if len(breaks) and breaks[-1] == len(data) - 1 else np.append(breaks, len(data))
        )
        ends = ends.astype(np.int64)
        starts = np.concatenate([np.zeros(1, dtype=np.int64), ends[:-1] + 1])
        starts, ends = self._without_empty(data, starts, ends)
        before, found = len(self.words), len(starts)
        n = found if self.claimed is None else min(found, self.claimed + 1 - before)
        limit = self.reading.limit
        if limit is not None and before + n >= limit:
            n = found = limit - before
        starts, ends = starts[:n], ends[:n]
        self.matrix = self.reading.grown(self.matrix, before + n)
        part = self.matrix[before:]
        term_ends = np.empty(n, dtype=np.int64)
        bounds = np.linspace(0, n, workers + 1).astype(np.int64).tolist()
        jobs = [
            pool.submit(parse_rows, data, starts, ends, first, last, part, term_ends)
            for first, last in pairwise(bounds)
        ]
        for job in jobs:
            job.result()
        for row in np.flatnonzero(term_ends < 0).tolist():
            text = rows[starts[row] : ends[row]]
            term_ends[row] = starts[row] + self._look_again(text, before + row)
        if n:
            joined = np.empty(int((term_ends - starts).sum()) + n, dtype=np.uint8)
            join_terms(data, starts, term_ends, joined)
            self.words.add_joined(joined.tobytes()[:-1])
        if n < found or self._has_more_rows():
            what = f"is one more than the {self.claimed:,} of the header"
            raise self._wrong(self._number(self.claimed or 0), what, "Correct the header")

    def _has_more_rows(self) -> bool:
        """Whether there are more than announced; GloVe leaves <unk> out of its count."""
        if self.claimed is None or len(self.words) <= self.claimed:
            return False
        return self.words.terms[-1] != _UNKNOWN

    def _without_empty(self, data: Bytes, starts: Places, ends: Places) -> tuple[Places, Places]:
        """Rows that hold more than a carriage return; where the others stood is kept."""
        empty = (ends == starts) | ((ends == starts + 1) & (data[starts] == 13))
        if not empty.any():
            return starts, ends
        places = np.flatnonzero(empty)
        before = len(self.words) + places - np.arange(len(places))
        if self.reading.errors == "refuse":
            what = f"holds 0 numbers where a word and {self.matrix.shape[1]} numbers belong"
            raise self._wrong(self._number(int(before[0])), what)
        self.empty += before.tolist()
        return starts[~empty], ends[~empty]

    def _number(self, row: int) -> int:
        """The line, from 1, of a row that is not empty."""
        return self.first_line + row + bisect_right(self.empty, row)

    def _look_again(self, line: bytes, row: int) -> int:
        """Read a row that the kernel did not, or refuse it; returns the length of its term."""
        dim = self.matrix.shape[1]
        fields = row_fields(line)
        number = self._number(row)
        blank = line[:1] in (b" ", b"\t")
        if len(fields) < dim + (not blank):
            what = f"{max(len(fields) - (not blank), 0)} numbers"
            raise self._wrong(number, f"holds {what} where a word and {dim} numbers belong")
        for field in fields[-dim:]:
            if not NUMBER.fullmatch(field) or abs(np.float32(_to_float(field))) == np.inf:
                shown = field[:20].decode("utf-8", "replace")
                raise self._wrong(number, f'holds "{shown}", which is no finite number')
        extra = fields[1:-dim]
        if any(NUMBER.fullmatch(field) for field in extra):
            raise self._wrong(number, f"holds {len(fields) - 1} numbers, and {dim} belong there")
        self.matrix[row] = [_to_float(field) for field in fields[-dim:]]
        rest = line.rstrip(b" \t\r")
        for field in reversed(fields[-dim:]):
            rest = rest.rstrip(b" \t")[: -len(field)]
        return len(rest.rstrip(b" \t")) or len(rest) - 1  # a blank word, and the blank after it

    def _wrong(self, line: int, what: str, todo: str = "Fetch the file again") -> InputError:
        return InputError(f"{self.file}: row {line} {what}. {todo}.{self.doubt}")


def row_fields(line: bytes) -> list[bytes]:
    """What blanks divide a row into."""
    stripped = line.strip(b" \t\r")
    return _BLANK.split(stripped) if stripped else []


def _to_float(field: bytes) -> float:
    with np.errstate(over="ignore"):
        return float(np.float32(float(field)))
