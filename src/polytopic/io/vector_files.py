"""All files of word vectors by the name of their format, and which format a file has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.io import fasttext, glove, model2vec, word2vec
from polytopic.io.opening import open_bytes
from polytopic.io.vector_text import looks_like_text, text_header

__all__ = ["READABLE", "WRITABLE", "VectorTable", "read_vectors", "sniff", "write_vectors"]

Floats = NDArray[np.float32]

_BEGINNING = 1 << 16
_BINARY = (".bin", ".model", ".w2v")


@dataclass(frozen=True)
class VectorTable:
    """What a file of word vectors holds: V terms and one or two matrices, shape (V, E)."""

    terms: list[str]
    input: Floats
    output: Floats | None = None
    counts: NDArray[np.int64] | None = None


def _read_fasttext(path: Path) -> VectorTable:
    model = fasttext.read_fasttext_binary(path)
    return VectorTable(model.terms, model.vectors, model.output, model.counts)


def _read_glove_binary(path: Path, vocabulary: str | Path | None) -> VectorTable:
    if vocabulary is None:
        raise InputError(
            f"{path}: holds no words. Name the vocab.txt of its training too: vocabulary=..."
        )
    terms, counts, words, contexts = glove.read_glove_binary(path, vocabulary)
    return VectorTable(terms, words, contexts, counts)


READABLE: dict[str, Callable[[Path], VectorTable]] = {
    "word2vec": lambda path: VectorTable(*word2vec.read_word2vec_text(path)),
    "word2vec-binary": lambda path: VectorTable(*word2vec.read_word2vec_binary(path)),
    "glove": lambda path: VectorTable(*glove.read_glove_text(path)),
    "glove-binary": lambda path: _read_glove_binary(path, None),
    "fasttext": lambda path: VectorTable(*word2vec.read_word2vec_text(path)),
    "fasttext-binary": _read_fasttext,
    "model2vec": lambda path: VectorTable(*model2vec.read_model2vec(path)),
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
    path: str | Path, format: str | None = None, *, vocabulary: str | Path | None = None
) -> VectorTable:
    """Read word vectors of any format.

    Parameters
    ----------
    path : str or Path
    format : str, optional
        A name of ``READABLE``; by default what the file begins with tells.
    vocabulary : str or Path, optional
        The ``vocab.txt`` of a binary file of GloVe, which alone needs it.

    Raises
    ------
    FileMissingError, InputError, CheckpointError
        If the file is missing, the format unknown, or the file not of that format.
    """
    file = Path(path)
    if format is None:
        format = "glove-binary" if vocabulary is not None else sniff(file)
    if format not in READABLE:
        raise InputError(f"format: {format!r} is unknown. Pick one of {', '.join(READABLE)}.")
    if format == "glove-binary":
        return _read_glove_binary(file, vocabulary)
    return READABLE[format](file)


def sniff(path: Path) -> str:
    """The format of a file, by what it begins with.

    Raises
    ------
    FileMissingError, InputError
        If there is no such file, or it begins like none of them.
    """
    if path.is_dir() and model2vec.is_model2vec(path):
        return "model2vec"
    with open_bytes(path) as stream:
        beginning = stream.read(_BEGINNING)
    if beginning[:4] == fasttext.MAGIC.to_bytes(4, "little"):
        return "fasttext-binary"
    first, _, rest = beginning.partition(b"\n")
    header = text_header(first)
    if header is not None and not looks_like_text(rest, header[1]):
        return "word2vec-binary"
    if header is not None:
        return "fasttext" if path.suffix == ".vec" else "word2vec"
    if b"\0" in beginning or path.suffix in _BINARY:
        raise InputError(
            f"{path}: is of no format that is known by its beginning. If it is GloVe's .bin, name "
            "its vocab.txt too; else name its format."
        )
    return "glove"


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
        format = "word2vec-binary" if Path(path).suffix in _BINARY else "word2vec"
    if format not in WRITABLE:
        raise InputError(f"format: {format!r} is not written. Pick one of {', '.join(WRITABLE)}.")
    return WRITABLE[format](path, terms, vectors)
