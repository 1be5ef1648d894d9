"""Saving, loading, reading and writing word vectors: the half of ``WordVectors`` about files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from polytopic import io
from polytopic.embeddings.files.narrow import packed, unpacked
from polytopic.errors import CheckpointError, InputError
from polytopic.io.mapping import map_folder
from polytopic.io.schemas import TEXTS, Array, Record, check_record
from polytopic.text.vocabulary import Vocabulary

__all__ = [
    "COMBINATIONS", "KIND", "MATRICES", "Combination", "StoredVectors", "saved_arrays",
    "vocabulary_of",
]  # fmt: skip

KIND = "vectors"
MATRICES = ("input", "output", "negative")
_RECORD = Record({"terms": TEXTS})
_ARRAYS = {
    "counts": Array("V", kind="i", low=0),
    "document_counts": Array("V", kind="i", low=0),
}
"""What a saved folder holds."""

Combination = str
"""A name of ``COMBINATIONS``."""

COMBINATIONS = ("input", "output", "sum", "mean", "concat")
"""One matrix made of the input and the output matrix."""

Floats = NDArray[np.float32]


class StoredVectors(ABC):
    """Words and up to three matrices, shape (V, E) each, that can be kept in files."""

    vocabulary: Vocabulary
    input: Floats
    output: Floats | None
    negative: Floats | None

    def __init__(
        self,
        vocabulary: Vocabulary,
        input: Floats,
        output: Floats | None = None,
        *,
        negative: Floats | None = None,
    ) -> None:
        self._hold(vocabulary, input, output, negative)

    def _hold(
        self, vocabulary: Vocabulary, input: Floats, output: Floats | None, negative: Floats | None
    ) -> None:
        self.vocabulary = vocabulary
        self.input, self.output, self.negative = input, output, negative
        self.notes: tuple[str, ...] = ()
        self._units: dict[str, Floats] = {}

    @abstractmethod
    def combine(self, which: Combination = "input") -> Floats:
        """One matrix of the two."""

    def save(self, path: str | Path, *, dtype: str = "float32") -> Path:
        """Write all matrices, words and counts to a folder of safetensors and JSON.

        Parameters
        ----------
        path : str or Path
        dtype : "float32", "float16" or "int8"
            ``float16`` takes half the space and keeps 3 digits; ``int8`` a quarter, each row as
            whole numbers from -127 to 127 times one number. Both are float32 again when loaded.

        Raises
        ------
        InputError
            If the folder holds something else or cannot be written, or float16 cannot hold a
            number.
        """
        stored: dict[str, NDArray[Any] | None] = {}
        for name in MATRICES:
            stored |= packed(name, getattr(self, name), dtype)
        arrays = saved_arrays(path, self.vocabulary, stored)
        return io.write_folder(path, KIND, arrays, {"terms": self.vocabulary.terms})

    @classmethod
    def load(cls, path: str | Path, *, memory_map: bool = False) -> Self:
        """Read what :meth:`save` wrote.

        Parameters
        ----------
        path : str or Path
        memory_map : bool
            Leave the matrices in the file, to be read where they are looked at. Sizes are then
            checked; the checksum and the numbers are not. Only float32 can be left there.

        Raises
        ------
        FileMissingError, CheckpointError
            If it is missing, damaged, of a newer format or of another kind.
        """
        words, matrices = _load_matrices(path, memory_map=memory_map)
        if not memory_map:
            return cls(words, matrices[0], matrices[1], negative=matrices[2])  # type: ignore[arg-type]
        vectors = cls.__new__(cls)
        vectors._hold(words, *matrices)  # type: ignore[arg-type]
        return vectors

    @classmethod
    def read(
        cls,
        path: str | Path,
        format: str | None = None,
        *,
        vocabulary: str | Path | None = None,
        errors: str = "replace",
        limit: int | None = None,
        encoding: str = "utf-8",
        on_disk: bool = False,
    ) -> Self:
        """Read vectors of another program, or a folder of :meth:`save`.

        What was done to read a file that is not all right is told by a
        :class:`~polytopic.errors.ReadingWarning`, and stays in ``notes``.

        Parameters
        ----------
        path : str or Path
            May be packed (.gz, .bz2, .xz, .zst, .zip), but for fastText's and GloVe's binaries.
        format : str, optional
            ``word2vec`` (text), ``word2vec-binary``, ``glove``, ``glove-all`` (of ``-model 0``),
            ``glove-binary``, ``fasttext`` (.vec), ``fasttext-binary``, ``model2vec`` or
            ``polytopic``. By default the file tells.
        vocabulary : str or Path, optional
            GloVe's ``vocab.txt``, for its binary file.
        errors : "replace", "skip" or "refuse"
            What to do with words that are no UTF-8, are blank, or stand twice. ``replace`` puts
            U+FFFD for what is no letter and keeps blank words; ``skip`` leaves those rows out.
            With either, a word that stands twice keeps its first vector. ``refuse`` refuses the
            file, naming the row.
        limit : int, optional
            Read so many first rows only; files of vectors begin with the most frequent words.
        encoding : str
            Of the words, where it is not UTF-8: any that holds ASCII as it is.
        on_disk : bool
            Keep the rows of word2vec's and GloVe's files in a temporary file, not in memory.

        Raises
        ------
        FileMissingError, InputError, CheckpointError
            If it is missing or malformed; the message names the row.
        """
        from polytopic.embeddings.files.formats import read_vectors

        if format == "polytopic" or (format is None and _is_saved(Path(path))):
            _refuse_options(path, limit, encoding)
            return cls.load(path)
        table = read_vectors(
            path, format, vocabulary=vocabulary, errors=errors, limit=limit, encoding=encoding,
            on_disk=on_disk,
        )  # fmt: skip
        vectors = cls(Vocabulary(table.terms, table.counts), table.input, table.output)
        vectors.notes = table.notes
        return vectors

    def write(
        self, path: str | Path, format: str | None = None, *, which: Combination = "input"
    ) -> Path:
        """Write one matrix for another program.

        Parameters
        ----------
        path : str or Path
            A file, or a folder for model2vec. A file is packed as its name ends: .gz, .bz2, .xz
            or .zst; .zip is refused.
        format : str, optional
            ``word2vec`` (text), ``word2vec-binary``, ``glove``, ``fasttext`` (.vec), ``model2vec``
            or ``polytopic`` (:meth:`save`, all matrices). By default ``word2vec-binary`` for names
            that end in .bin, else ``word2vec``. gensim reads both of word2vec.
        which : str
            The matrix: a name of :meth:`combine`.

        Raises
        ------
        InputError
            If a word does not fit the format, or the file cannot be written.
        """
        from polytopic.embeddings.files.formats import write_vectors

        if format == "polytopic":
            return self.save(path)
        return write_vectors(path, self.vocabulary.terms, self.combine(which), format)


def _is_saved(path: Path) -> bool:
    try:
        return (path / "about.json").is_file()
    except (OSError, ValueError):  # no path at all: the readers say so
        return False


def _refuse_options(path: str | Path, limit: int | None, encoding: str) -> None:
    """Refuse options of files of rows, where a saved folder is read."""
    if limit is not None or encoding != "utf-8":
        raise InputError(
            f"{path}: is a folder of save(), which is read whole and is UTF-8. Leave limit and "
            "encoding out, or use subset() of what is read."
        )


def saved_arrays(
    path: str | Path, vocabulary: Vocabulary, matrices: Mapping[str, NDArray[Any] | None]
) -> dict[str, NDArray[Any]]:
    """The arrays of a folder: matrices that are there, and counts.

    Raises
    ------
    InputError
        If a word is no Unicode text.
    """
    for row, term in enumerate(vocabulary.terms):
        try:
            term.encode("utf-8")
        except UnicodeEncodeError:
            raise InputError(
                f"{path}: the word {term[:40]!a} (row {row + 1}) is no Unicode text. Correct it."
            ) from None
    arrays = {name: matrix for name, matrix in matrices.items() if matrix is not None}
    counts = {"counts": vocabulary.counts, "document_counts": vocabulary.document_counts}
    return arrays | counts


def vocabulary_of(arrays: Mapping[str, NDArray[Any]], about: Mapping[str, Any]) -> Vocabulary:
    """The words of a folder with their counts."""
    return Vocabulary(about["terms"], arrays["counts"], arrays["document_counts"])


def _load_matrices(path: str | Path, *, memory_map: bool) -> tuple[Vocabulary, list[Floats | None]]:
    """The words and the three matrices, None for those that were not saved.

    Raises
    ------
    FileMissingError, CheckpointError
        If the folder is missing, damaged, of a newer format or of another kind.
    """
    if memory_map:
        arrays, about = map_folder(path, KIND)
        check_record(about, _RECORD, str(path))
    else:
        arrays, about = io.read_folder(path, KIND, about=_RECORD, arrays=_ARRAYS)
        arrays = unpacked(arrays, str(path))
    try:
        words = vocabulary_of(arrays, about)
        shape = (len(words), arrays["input"].shape[1])
        matrices = [arrays.get(name) for name in MATRICES]
        for name, matrix in zip(MATRICES, matrices, strict=True):
            if matrix is not None and (matrix.shape != shape or matrix.dtype != np.float32):
                in_place = "" if not memory_map else ": only float32 is read in place"
                raise InputError(f"{name} is {matrix.dtype} of shape {matrix.shape}{in_place}")
    except (KeyError, TypeError, IndexError, InputError) as error:
        raise CheckpointError(
            f"{path}: holds no whole word vectors ({error}). Restore a copy or save them again."
        ) from None
    return words, matrices
