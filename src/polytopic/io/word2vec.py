"""The two files of word2vec (Mikolov et al. 2013), which fastText's .vec and gensim share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.io.opening import (
    open_bytes,
    refuse_duplicates,
    refuse_not_finite,
    writing,
)
from polytopic.io.packed import most_unpacked
from polytopic.io.vector_text import HEADER, check_terms, read_text, write_text

__all__ = [
    "read_word2vec_binary",
    "read_word2vec_text",
    "write_word2vec_binary",
    "write_word2vec_text",
]

Floats = NDArray[np.float32]

_LONGEST_HEADER = 64
_LONGEST_WORD = 1 << 16
_CHUNK = 1 << 24


def read_word2vec_text(path: str | Path) -> tuple[list[str], Floats]:
    """Read a header ``V E`` and V rows of a word and E numbers; also fastText's ``.vec``.

    Returns
    -------
    terms : list of V str
    vectors : float32 array of shape (V, E)

    Raises
    ------
    FileMissingError, InputError
        As :func:`polytopic.io.vector_text.read_text`.
    """
    return read_text(path, header=True)


def write_word2vec_text(path: str | Path, terms: Sequence[str], vectors: Floats) -> Path:
    """Write a header and a row a word.

    Raises
    ------
    InputError
        If a word is empty or holds white space, or the file cannot be written.
    """
    return write_text(path, terms, vectors, header=True)


def read_word2vec_binary(path: str | Path) -> tuple[list[str], Floats]:
    """Read a header ``V E``, then a word, a space and E float32 (little-endian) V times.

    The C program ends each row with a line feed, gensim does not: both are read.

    Returns
    -------
    terms : list of V str
    vectors : float32 array of shape (V, E)

    Raises
    ------
    FileMissingError
        If there is no such file.
    InputError
        If the header and the size of the file do not fit, or a row holds a word that is no UTF-8
        or was there before, or numbers that are not finite. The message names the row.
    """
    file = Path(path)
    with open_bytes(file) as stream:
        n_words, dim, held = _header(file, stream.read(_LONGEST_HEADER))
        vectors = np.empty((0, dim), dtype=np.float32)
        terms: list[str] = []
        while len(terms) < n_words:
            more = stream.read(max(_CHUNK, 8 * dim))
            rows, held = _take_rows(file, held + more, terms, dim, n_words)
            if not more and len(terms) < n_words:
                what = f"is cut short; {n_words:,} rows are announced"
                raise _wrong(file, len(terms), what)
            before = len(vectors)
            vectors.resize((len(terms), dim), refcheck=False)
            for place, row in enumerate(rows, start=before):
                vectors[place] = row
        rest = held + stream.read(2)
    if rest.strip(b"\n"):
        raise InputError(
            f"{file}: goes on after the {n_words:,} words of its header. Fetch it again."
        )
    refuse_duplicates(file, terms)
    refuse_not_finite(file, terms, vectors)
    return terms, vectors


def _header(file: Path, beginning: bytes) -> tuple[int, int, bytes]:
    """V, E and what was read beyond them."""
    line, end, rest = beginning.partition(b"\n")
    found = HEADER.fullmatch(line) if end else None
    if found is None:
        what = "does not begin with the numbers of words and dimensions" if line else "is empty"
        raise InputError(f"{file}: {what}, so it is no word2vec file. Name another file or format.")
    n_words, dim = int(found[1]), int(found[2])
    least, size = n_words * (4 * dim + 2), most_unpacked(file)
    if n_words == 0 or dim == 0 or least > size:
        raise InputError(
            f"{file}: the header says {n_words:,} words of {dim:,} numbers, which take at least "
            f"{least:,} bytes; the file has {size:,}. Fetch it again, or correct the header."
        )
    return n_words, dim, rest


def _take_rows(
    file: Path, data: bytes, terms: list[str], dim: int, n_words: int
) -> tuple[list[Floats], bytes]:
    """The vectors of the whole rows in ``data``, and what is left over; adds to ``terms``."""
    rows: list[Floats] = []
    at = 0
    while len(terms) < n_words:
        begin = at
        while data[begin : begin + 1] == b"\n":
            begin += 1
        space = data.find(b" ", begin, begin + _LONGEST_WORD)
        if space == begin or (space < 0 and len(data) - begin >= _LONGEST_WORD):
            raise _wrong(file, len(terms), "begins with no word")
        if space < 0 or space + 1 + 4 * dim > len(data):
            break
        try:
            terms.append(data[begin:space].decode("utf-8"))
        except UnicodeDecodeError:
            raise _wrong(file, len(terms), "begins with a word that is no UTF-8") from None
        rows.append(np.frombuffer(data, "<f4", dim, space + 1))
        at = space + 1 + 4 * dim
    return rows, data[at:]


def _wrong(file: Path, row: int, what: str) -> InputError:
    return InputError(f"{file}: row {row + 1} {what}. Fetch the file again, or name its format.")


def write_word2vec_binary(path: str | Path, terms: Sequence[str], vectors: Floats) -> Path:
    """Write the binary file; a line feed ends each row, as the C program has it.

    Raises
    ------
    InputError
        If a word is empty or holds white space, or the file cannot be written.
    """
    file = Path(path)
    check_terms(file, terms)
    rows = np.ascontiguousarray(vectors, dtype="<f4")
    with writing(file) as stream:
        stream.write(f"{len(terms)} {rows.shape[1]}\n".encode())
        for term, row in zip(terms, rows, strict=True):
            stream.write(b"".join((term.encode("utf-8"), b" ", row.tobytes(), b"\n")))
    return file
