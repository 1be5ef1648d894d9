"""All files of word vectors by the name of their format."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.files import fasttext, glove, model2vec, word2vec
from polytopic.embeddings.files.sniffing import BINARY, sniff
from polytopic.embeddings.files.words import Reading
from polytopic.errors import FileMissingError, InputError, ReadingWarning
from polytopic.io.packed import kind_of_path, unpacked_ending

__all__ = ["READABLE", "WRITABLE", "VectorTable", "read_vectors", "sniff", "write_vectors"]

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class VectorTable:
    """What a file of word vectors holds: V terms and one or two matrices, shape (V, E)."""

    terms: list[str]
    input: Floats
    output: Floats | None = None
    counts: NDArray[np.int64] | None = None
    notes: tuple[str, ...] = ()
    """What was done to read the file, a line each."""


def _read_fasttext(path: Path, reading: Reading) -> VectorTable:
    model = fasttext.read_fasttext_binary(path, reading)
    return VectorTable(model.terms, model.vectors, model.output, model.counts)


def _read_model2vec(path: Path, reading: Reading) -> VectorTable:
    return VectorTable(*model2vec.read_model2vec(path))


def _read_glove_binary(path: Path, vocabulary: str | Path | None, reading: Reading) -> VectorTable:
    if vocabulary is None:
        raise InputError(
            f"{path}: holds no words. Name the vocab.txt of its training too: vocabulary=..."
        )
    terms, counts, words, contexts = glove.read_glove_binary(path, vocabulary, reading)
    return VectorTable(terms, words, contexts, counts)


READABLE: dict[str, Callable[[Path, Reading], VectorTable]] = {
    "word2vec": lambda path, how: VectorTable(*word2vec.read_word2vec_text(path, how)),
    "word2vec-binary": lambda path, how: VectorTable(*word2vec.read_word2vec_binary(path, how)),
    "glove": lambda path, how: VectorTable(*glove.read_glove_text(path, how)),
    "glove-all": lambda path, how: VectorTable(*glove.read_glove_all(path, how)),
    "glove-binary": lambda path, how: _read_glove_binary(path, None, how),
    "fasttext": lambda path, how: VectorTable(*word2vec.read_word2vec_text(path, how)),
    "fasttext-binary": _read_fasttext,
    "model2vec": _read_model2vec,
}
"""Name of a format to its reader."""

WRITABLE: dict[str, Callable[[str | Path, Sequence[str], Floats], Path]] = {
    "word2vec": word2vec.write_word2vec_text,
    "word2vec-binary": word2vec.write_word2vec_binary,
    "glove": glove.write_glove_text,
    "fasttext": word2vec.write_word2vec_text,
    "model2vec": model2vec.write_model2vec,
}
"""Name of a format to its writer."""


def read_vectors(
    path: str | Path,
    format: str | None = None,
    *,
    vocabulary: str | Path | None = None,
    errors: str = "replace",
    limit: int | None = None,
    encoding: str = "utf-8",
    on_disk: bool = False,
) -> VectorTable:
    """Read word vectors of any format.

    What was done to words that cannot stay as they are is told by a :class:`ReadingWarning`, and in
    ``notes`` of what is returned.

    Parameters
    ----------
    path : str or Path
    format : str, optional
        A name of ``READABLE``; by default what the file begins with tells.
    vocabulary : str or Path, optional
        The ``vocab.txt`` of a binary file of GloVe, which alone needs it.
    errors : "replace", "skip" or "refuse"
        See :data:`polytopic.embeddings.files.words.ERRORS`.
    limit : int, optional
        Read so many first rows only.
    encoding : str
        Of the words.
    on_disk : bool
        Keep what is read of word2vec's and GloVe's rows in a temporary file, not in memory.

    Raises
    ------
    FileMissingError, InputError, CheckpointError
        If the file is missing, the format unknown, or the file not of that format.
    """
    file = Path(path)
    reading = Reading(errors, limit=limit, encoding=encoding, on_disk=on_disk)
    if format is not None and format not in READABLE:
        raise InputError(f"format: {format!r} is unknown. Pick one of {', '.join(READABLE)}.")
    try:
        kind = kind_of_path(file)
    except FileMissingError:
        raise FileMissingError(f"{file}: no such file. Name a file of word vectors.") from None
    if kind == "a pipe":
        raise InputError(f"{file}: is a pipe, and vectors are read twice. Save it as a file first.")
    if format is None:
        format = "glove-binary" if vocabulary is not None else sniff(file)
    try:
        if format == "glove-binary":
            table = _read_glove_binary(file, vocabulary, reading)
        else:
            table = READABLE[format](file, reading)
    except MemoryError:
        raise InputError(
            f"{file}: does not fit into the memory that is free. Free some, read a file of fewer "
            "words, or use WordVectors.load(folder, memory_map=True) of a saved folder."
        ) from None
    if reading.notes:
        warnings.warn(f"{file}: {'; '.join(reading.notes)}.", ReadingWarning, stacklevel=3)
    return _limited(replace(table, notes=tuple(reading.notes)), limit)


def _limited(table: VectorTable, limit: int | None) -> VectorTable:
    """The first rows of what a reader read whole."""
    if limit is None or len(table.terms) <= limit:
        return table
    return VectorTable(
        table.terms[:limit],
        table.input[:limit],
        None if table.output is None else table.output[:limit],
        None if table.counts is None else table.counts[:limit],
        table.notes,
    )


def write_vectors(
    path: str | Path, terms: Sequence[str], vectors: Floats, format: str | None = None
) -> Path:
    """Write word vectors; by default word2vec's binary for .bin, its text for other names.

    Raises
    ------
    InputError
        If the format is unknown, a word does not fit in it, or the file cannot be written.
    """
    if format is None:
        format = "word2vec-binary" if unpacked_ending(Path(path)) in BINARY else "word2vec"
    if format not in WRITABLE:
        raise InputError(f"format: {format!r} is not written. Pick one of {', '.join(WRITABLE)}.")
    return WRITABLE[format](path, terms, vectors)
