"""The files of GloVe (Pennington, Socher & Manning, EMNLP 2014): text, and binary."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.io.opening import open_bytes, refuse_duplicates, refuse_not_finite
from polytopic.io.vector_text import read_text, write_text

__all__ = ["read_glove_binary", "read_glove_text", "read_glove_vocabulary", "write_glove_text"]

Floats = NDArray[np.float32]

_DOUBLE = 8
_BLOCK = 1 << 20


def read_glove_text(path: str | Path) -> tuple[list[str], Floats]:
    """Read rows of a word and its numbers, with or without a header.

    The row ``<unk>``, which GloVe adds for unknown words, is a word like the others.

    Returns
    -------
    terms : list of V str
    vectors : float32 array of shape (V, E)

    Raises
    ------
    FileMissingError, InputError
        As :func:`polytopic.io.vector_text.read_text`.
    """
    return read_text(path)


def write_glove_text(path: str | Path, terms: Sequence[str], vectors: Floats) -> Path:
    """Write a row a word without a header.

    Raises
    ------
    InputError
        If a word is empty or holds white space, or the file cannot be written.
    """
    return write_text(path, terms, vectors, header=False)


def read_glove_vocabulary(path: str | Path) -> tuple[list[str], NDArray[np.int64]]:
    """Read GloVe's ``vocab.txt``: a word and its count in each row.

    Returns
    -------
    terms : list of V str
    counts : int64 array of shape (V,)

    Raises
    ------
    FileMissingError, InputError
        If it is missing, or a row is no word and whole number, or names a word again.
    """
    file = Path(path)
    with open_bytes(file) as stream:
        lines = stream.read().removesuffix(b"\n").split(b"\n")
    terms: list[str] = []
    counts = np.empty(len(lines), dtype=np.int64)
    for row, line in enumerate(lines):
        word, _, count = line.rstrip(b"\r").rpartition(b" ")
        try:
            terms.append(word.decode("utf-8"))
        except UnicodeDecodeError:
            raise _wrong_row(file, row, "is no UTF-8") from None
        if not word or not count.isdigit() or len(count) > 18:
            raise _wrong_row(file, row, "is no word and its count")
        counts[row] = int(count)
    refuse_duplicates(file, terms)
    return terms, counts


def read_glove_binary(
    path: str | Path, vocabulary: str | Path
) -> tuple[list[str], NDArray[np.int64], Floats, Floats]:
    """Read GloVe's ``.bin``: 2 V (E + 1) float64, words then contexts, the bias last in each row.

    Parameters
    ----------
    path : str or Path
    vocabulary : str or Path
        The ``vocab.txt`` it was trained with; the file itself holds no words. The biases are left
        out.

    Returns
    -------
    terms : list of V str
    counts : int64 array of shape (V,)
    words, contexts : float32 arrays of shape (V, E)

    Raises
    ------
    FileMissingError, InputError
        If a file is missing, the two do not fit together, or a number is not finite.
    """
    file = Path(path)
    terms, counts = read_glove_vocabulary(vocabulary)
    with open_bytes(file) as stream:
        size = file.stat().st_size
        dim, rest = divmod(size, _DOUBLE * 2 * len(terms))
        if rest or dim < 2:
            raise InputError(
                f"{file}: its {size:,} bytes are no whole number of rows for the "
                f"{len(terms):,} words of {vocabulary}. Name the vocabulary it was trained with."
            )
        halves = [_read_half(file, stream, len(terms), int(dim)) for _ in range(2)]
    for half in halves:
        refuse_not_finite(file, terms, half)
    return terms, counts, halves[0], halves[1]


def _read_half(file: Path, stream: IO[bytes], n_words: int, width: int) -> Floats:
    matrix = np.empty((n_words, width - 1), dtype=np.float32)
    step = max(1, _BLOCK // width)
    for start in range(0, n_words, step):
        rows = min(step, n_words - start)
        data = stream.read(_DOUBLE * rows * width)
        if len(data) != _DOUBLE * rows * width:
            raise InputError(f"{file}: is cut short. Fetch it again.")
        with np.errstate(over="ignore", invalid="ignore"):
            matrix[start : start + rows] = np.frombuffer(data, "<f8").reshape(rows, width)[:, :-1]
    return matrix


def _wrong_row(file: Path, row: int, what: str) -> InputError:
    return InputError(f"{file}: row {row + 1} {what}. Name the vocab.txt that GloVe wrote.")
