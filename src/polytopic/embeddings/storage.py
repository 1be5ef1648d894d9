"""Saved word vectors: a folder with the matrices, the words and their counts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic import io
from polytopic.errors import CheckpointError, InputError
from polytopic.io.mapping import map_folder
from polytopic.text.vocabulary import Vocabulary

__all__ = ["KIND", "MATRICES", "load_matrices", "save_matrices"]

KIND = "vectors"
MATRICES = ("input", "output", "negative")


def save_matrices(
    path: str | Path, vocabulary: Vocabulary, matrices: Mapping[str, NDArray[np.float32] | None]
) -> Path:
    """Write the folder; matrices that are None are left out.

    Raises
    ------
    InputError
        If the folder holds something else or cannot be written, or a word is no Unicode text.
    """
    arrays: dict[str, NDArray[Any]] = {n: m for n, m in matrices.items() if m is not None}
    arrays["counts"] = vocabulary.counts
    arrays["document_counts"] = vocabulary.document_counts
    try:
        return io.write_folder(path, KIND, arrays, {"terms": vocabulary.terms})
    except UnicodeEncodeError as error:
        raise InputError(
            f"{path}: a word is no Unicode text ({error}). Correct the word."
        ) from None


def load_matrices(
    path: str | Path, *, memory_map: bool
) -> tuple[Vocabulary, list[NDArray[np.float32] | None]]:
    """The words and the three matrices, None for those that were not saved.

    Raises
    ------
    FileMissingError, CheckpointError
        If the folder is missing, damaged, of a newer format or of another kind.
    """
    arrays, about = map_folder(path, KIND) if memory_map else io.read_folder(path, KIND)
    try:
        words = Vocabulary(about["terms"], arrays["counts"], arrays["document_counts"])
        shape = (len(words), arrays["input"].shape[1])
        matrices = [arrays.get(name) for name in MATRICES]
        for name, matrix in zip(MATRICES, matrices, strict=True):
            if matrix is not None and (matrix.shape != shape or matrix.dtype != np.float32):
                raise InputError(f"{name} is {matrix.dtype} of shape {matrix.shape}")
    except (KeyError, TypeError, IndexError, InputError) as error:
        raise CheckpointError(
            f"{path}: holds no whole word vectors ({error}). Restore a copy or save them again."
        ) from None
    return words, matrices
