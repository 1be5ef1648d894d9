"""The files of GloVe (Pennington, Socher & Manning, EMNLP 2014): text, and binary."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.files.text import read_text, write_text
from polytopic.embeddings.files.words import Reading, Words, keep_rows
from polytopic.errors import InputError
from polytopic.io.opening import open_bytes, refuse_not_finite
from polytopic.io.packed import packing_of

__all__ = [
    "read_glove_all",
    "read_glove_binary",
    "read_glove_text",
    "write_glove_text",
]

Floats = NDArray[np.float32]

_DOUBLE = 8
"""Bytes of a number in GloVe's binary files."""

_BLOCK = 1 << 20
"""Numbers read at a time."""

_JUDGED = 2000
"""Rows, the most frequent ones, that tell what kind of numbers a file holds."""

_FEW_ROWS = 50
"""Fewer tell nothing."""

_BIASES_AGREE = 0.9
"""Correlation of a word's two biases, which learn the same; of two numbers of a vector it is far
lower. On 2,500 newsgroup texts it was .9997."""

_BIASES_FALL = 0.2
"""Correlation of biases with the logarithm of a word's frequency rank, turned round; .37 there, and
higher with more text."""

_MARK = "\ufeff"


def read_glove_text(path: str | Path, reading: Reading | None = None) -> tuple[list[str], Floats]:
    """Read rows of a word and its numbers, with or without a header.

    The row ``<unk>``, which GloVe adds for unknown words, is a word like the others. Rows that look
    like what GloVe writes beside vectors (``-model 0``, ``-save-gradsq``) are noted in ``reading``.

    Returns
    -------
    terms : list of V str
    vectors : float32 array of shape (V, E)

    Raises
    ------
    FileMissingError, InputError
        As :func:`polytopic.embeddings.files.text.read_text`.
    """
    reading = reading or Reading()
    terms, vectors = read_text(path, reading=reading)
    reading.notes += _doubts(vectors)
    return terms, vectors


def read_glove_all(
    path: str | Path, reading: Reading | None = None
) -> tuple[list[str], Floats, Floats]:
    """Read what GloVe writes with ``-model 0``: word vector, bias, context vector, bias.

    Returns
    -------
    terms : list of V str
    words, contexts : float32 arrays of shape (V, E)
        The biases are left out.

    Raises
    ------
    FileMissingError, InputError
        As :func:`read_glove_text`; also if the rows have not 2 (E + 1) numbers.
    """
    terms, rows = read_text(path, header=False, reading=reading)
    width = rows.shape[1] // 2
    if rows.shape[1] % 2 or width < 2:
        raise InputError(
            f"{path}: has {rows.shape[1]} numbers a row, and -model 0 writes two vectors and two "
            'biases. Read it with format="glove".'
        )
    return terms, rows[:, : width - 1].copy(), rows[:, width:-1].copy()


def _squares(vectors: Floats) -> list[str]:
    """Whether the numbers are sums of squares that began at 1, as AdaGrad's are."""
    if len(vectors) < _FEW_ROWS or vectors[:_FEW_ROWS].min() < 1.0 or vectors.min() < 1.0:
        return []
    what = "no number is below 1, as in the squared gradients of GloVe (-save-gradsq)"
    return [f"{what}, which are no vectors: name the file of vectors"]


def _doubts(vectors: Floats) -> list[str]:
    """What a file may hold instead of vectors; its rows are in order of frequency."""
    n_rows, width = vectors.shape
    if n_rows < _FEW_ROWS or width % 2 or width < 4:
        return []
    squares = _squares(vectors)
    if squares:
        return squares
    first = vectors[:_JUDGED].astype(np.float64)
    biases = first[:, [width // 2 - 1, width - 1]]
    if np.ptp(biases, axis=0).min() > 0 and _correlation(*biases.T) > _BIASES_AGREE:
        rank = -np.log(np.arange(1, len(first) + 1))
        if min(_correlation(rank, column) for column in biases.T) > _BIASES_FALL:
            half = width // 2 - 1
            return [
                f"its {width} numbers a row look like two vectors of {half} and two biases, which "
                'GloVe writes with -model 0: read it with format="glove-all" to have both'
            ]
    return []


def write_glove_text(path: str | Path, terms: Sequence[str], vectors: Floats) -> Path:
    """Write a row a word without a header.

    Raises
    ------
    InputError
        If a word is empty, too long or holds white space, or the file cannot be written.
    """
    if len(terms) and terms[0].startswith(_MARK):
        raise InputError(
            f"{path}: the word {terms[0][:40]!a} (row 1) begins with a byte order mark, which a "
            "reader takes off the beginning of a file. Write word2vec, or use save()."
        )
    return write_text(path, terms, vectors, header=False)


def _correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    return float(np.asarray(np.corrcoef(first, second))[0, 1])


def _vocabulary(file: Path) -> tuple[list[bytes], NDArray[np.int64]]:
    """The words as they stand, and their counts."""
    with open_bytes(file) as stream:
        lines = stream.read().removesuffix(b"\n").split(b"\n")
    words: list[bytes] = []
    counts = np.empty(len(lines), dtype=np.int64)
    for row, line in enumerate(lines):
        word, _, count = line.rstrip(b"\r").rpartition(b" ")
        if not word or not count.isdigit() or len(count) > 18:
            raise InputError(
                f"{file}: row {row + 1} is no word and its count. Name the vocab.txt that GloVe "
                "wrote."
            )
        words.append(word)
        counts[row] = int(count)
    return words, counts


def read_glove_binary(
    path: str | Path, vocabulary: str | Path, reading: Reading | None = None
) -> tuple[list[str], NDArray[np.int64], Floats, Floats]:
    """Read GloVe's ``.bin``: 2 V (E + 1) float64, words then contexts, the bias last in each row.

    Parameters
    ----------
    path : str or Path
        Not packed.
    vocabulary : str or Path
        The ``vocab.txt`` it was trained with; the file itself holds no words. The biases are left
        out.
    reading : Reading, optional
        What to do with words that cannot stay as they are; what was done is noted in it.

    Returns
    -------
    terms : list of V str
    counts : int64 array of shape (V,)
    words, contexts : float32 arrays of shape (V, E)

    Raises
    ------
    FileMissingError, InputError
        If a file is missing, the two do not fit together, a number is not finite, or ``reading``
        refuses a word.
    """
    file, reading = Path(path), reading or Reading()
    raw, counts = _vocabulary(Path(vocabulary))
    words = Words(Path(vocabulary), reading)
    words.add(raw)
    if packing_of(file):
        raise InputError(f"{file}: is packed, and its size tells what it holds. Unpack it first.")
    with open_bytes(file) as stream:
        size = file.stat().st_size
        dim, rest = divmod(size, _DOUBLE * 2 * len(raw))
        if rest or dim < 2:
            raise InputError(
                f"{file}: its {size:,} bytes are no whole number of rows for the "
                f"{len(raw):,} words of {vocabulary}. Name the vocabulary it was trained with."
            )
        halves = [_read_half(file, stream, len(raw), int(dim)) for _ in range(2)]
    for half in halves:
        refuse_not_finite(file, words.terms, half)
    reading.notes += _squares(halves[0])
    terms, rows = words.settle()
    counts = counts if rows is None else counts[rows]
    return terms, counts, keep_rows(halves[0], rows), keep_rows(halves[1], rows)


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
