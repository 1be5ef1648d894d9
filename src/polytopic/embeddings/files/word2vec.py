"""The two files of word2vec (Mikolov et al. 2013), which fastText's .vec and gensim share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.files.text import HEADER, read_text, write_text
from polytopic.embeddings.files.words import LONGEST_WORD, Reading, Words, check_terms, keep_rows
from polytopic.errors import InputError
from polytopic.io.opening import open_bytes, refuse_not_finite, writing
from polytopic.io.packed import most_unpacked

__all__ = [
    "binary_rows",
    "read_word2vec_binary",
    "read_word2vec_text",
    "write_word2vec_binary",
    "write_word2vec_text",
]

Floats = NDArray[np.float32]

_LONGEST_HEADER = 64
"""Bytes in which the first line, two whole numbers, must end."""

_CHUNK = 1 << 24
"""Bytes read at a time."""

_WALKED = 1000
"""Rows that tell how a file is laid out."""


def read_word2vec_text(
    path: str | Path, reading: Reading | None = None
) -> tuple[list[str], Floats]:
    """Read a header ``V E`` and V rows of a word and E numbers; also fastText's ``.vec``.

    Returns
    -------
    terms : list of V str
    vectors : float32 array of shape (V, E)

    Raises
    ------
    FileMissingError, InputError
        As :func:`polytopic.embeddings.files.text.read_text`.
    """
    return read_text(path, header=True, reading=reading)


def write_word2vec_text(path: str | Path, terms: Sequence[str], vectors: Floats) -> Path:
    """Write a header and a row a word.

    Raises
    ------
    InputError
        If a word is empty or holds white space, or the file cannot be written.
    """
    return write_text(path, terms, vectors, header=True)


def read_word2vec_binary(
    path: str | Path, reading: Reading | None = None
) -> tuple[list[str], Floats]:
    """Read a header ``V E``, then a word, a space and E float32 (little-endian) V times.

    The C program ends each row with a line feed, gensim does not: both are read. So are numbers of
    eight bytes, which gensim writes if its vectors are float64; they are rounded, which is noted.

    Parameters
    ----------
    path : str or Path
        Plain or packed.
    reading : Reading, optional
        What to do with words that cannot stay as they are; what was done is noted in it.

    Returns
    -------
    terms : list of V str
    vectors : float32 array of shape (V, E)

    Raises
    ------
    FileMissingError
        If there is no such file.
    InputError
        If the header and the size of the file do not fit, numbers are not finite, or ``reading``
        refuses a word. The message names the row.
    """
    file, reading = Path(path), reading or Reading()
    words = Words(file, reading)
    with open_bytes(file) as stream:
        n_words, dim, held = _header(file, stream.read(_LONGEST_HEADER))
        n_wanted = min(n_words, reading.limit or n_words)
        more = stream.read(max(_CHUNK, 8 * dim))
        number = _number_type(file, held + more, n_words, dim)
        if number.itemsize == 8:
            reading.notes.append("its numbers of 8 bytes were rounded to float32")
        vectors = np.empty((0, dim), dtype=np.float32)
        while True:
            rows, held = _take_rows(file, held + more, words, number, dim, n_wanted)
            before = len(vectors)
            vectors = reading.grown(vectors, len(words))
            with np.errstate(over="ignore"):
                for place, row in enumerate(rows, start=before):
                    vectors[place] = row
            if len(words) == n_wanted:
                break
            more = stream.read(max(_CHUNK, 8 * dim))
            if not more:
                what = f"is cut short; {n_words:,} rows are announced"
                raise _wrong(file, len(words), what)
        rest = held + stream.read(2) if n_wanted == n_words else b""
    if rest.strip(b"\n"):
        raise InputError(
            f"{file}: goes on after the {n_words:,} words of its header. Fetch it again."
        )
    refuse_not_finite(file, words.terms, vectors)
    terms, kept = words.settle()
    return terms, keep_rows(vectors, kept)


def binary_rows(data: bytes, n_words: int, dim: int, itemsize: int, *, whole: bool) -> float:
    """How much the bytes after a header look like rows of numbers of ``itemsize`` bytes.

    1 if ``data`` is the ``whole`` of the rows and they end with it, 0 if they do not. Of a part,
    the share of the first rows whose word is UTF-8 without control characters.
    """
    at, seen, plain = 0, 0, 0
    while seen < min(n_words, _WALKED):
        while data[at : at + 1] == b"\n":
            at += 1
        space = data.find(b" ", at, at + LONGEST_WORD)
        end = space + 1 + itemsize * dim
        if space < 0 or end > len(data):
            if whole or len(data) - at >= LONGEST_WORD + itemsize * dim:
                return 0.0
            break
        word = data[at:space]
        if b"\n" in word:
            return 0.0
        plain += min(word, default=32) >= 32 and word.decode("utf-8", "replace").isprintable()
        seen, at = seen + 1, end
    if seen == n_words and data[at:].strip(b"\n"):
        return 0.0
    if whole and n_words <= _WALKED:
        return float(seen == n_words)
    return plain / max(seen, 1)


def _number_type(file: Path, data: bytes, n_words: int, dim: int) -> np.dtype[Any]:
    whole = len(data) < _CHUNK
    four, eight = (binary_rows(data, n_words, dim, size, whole=whole) for size in (4, 8))
    return np.dtype("<f8" if eight > four else "<f4")


def _header(file: Path, beginning: bytes) -> tuple[int, int, bytes]:
    """V, E and what was read beyond them."""
    line, end, rest = beginning.partition(b"\n")
    found = HEADER.fullmatch(line) if end else None
    if found is None:
        what = "does not begin with the numbers of words and dimensions" if line else "is empty"
        raise InputError(f"{file}: {what}, so it is no word2vec file. Name another file or format.")
    n_words, dim = int(found[1]), int(found[2])
    least, size = n_words * (4 * dim + 1), most_unpacked(file)
    if n_words == 0 or dim == 0 or least > size:
        raise InputError(
            f"{file}: the header says {n_words:,} words of {dim:,} numbers, which take at least "
            f"{least:,} bytes; the file has {size:,}. Fetch it again, or correct the header."
        )
    return n_words, dim, rest


def _take_rows(
    file: Path, data: bytes, words: Words, number: np.dtype[Any], dim: int, n_words: int
) -> tuple[list[NDArray[Any]], bytes]:
    """The vectors of the whole rows in ``data``, and what is left over; adds to ``words``."""
    rows: list[NDArray[Any]] = []
    raw: list[bytes] = []
    at, size = 0, number.itemsize * dim
    while len(words) + len(raw) < n_words:
        begin = at
        while data[begin : begin + 1] == b"\n":
            begin += 1
        space = data.find(b" ", begin, begin + LONGEST_WORD)
        if space < 0 and len(data) - begin >= LONGEST_WORD:
            what = f"begins with a word longer than {LONGEST_WORD - 1:,} bytes"
            raise _wrong(file, len(words) + len(raw), what)
        if space < 0 or space + 1 + size > len(data):
            break
        raw.append(data[begin:space])
        rows.append(np.frombuffer(data, number, dim, space + 1))
        at = space + 1 + size
    words.add(raw)
    return rows, data[at:]


def _wrong(file: Path, row: int, what: str) -> InputError:
    return InputError(f"{file}: row {row + 1} {what}. Fetch the file again, or name its format.")


def write_word2vec_binary(path: str | Path, terms: Sequence[str], vectors: Floats) -> Path:
    """Write the binary file; a line feed ends each row, as the C program has it.

    Raises
    ------
    InputError
        If a word is empty, too long or holds white space, or the file cannot be written.
    """
    file = Path(path)
    check_terms(file, terms)
    rows = np.ascontiguousarray(vectors, dtype="<f4")
    with writing(file) as stream:
        stream.write(f"{len(terms)} {rows.shape[1]}\n".encode())
        for term, row in zip(terms, rows, strict=True):
            stream.write(b"".join((term.encode("utf-8"), b" ", row.tobytes(), b"\n")))
    return file
