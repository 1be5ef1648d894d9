"""Writing fastText's ``.bin``, version 12, as ``FastText::saveModel`` does."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.files.fasttext import MAGIC, SETTINGS, VERSIONS
from polytopic.embeddings.files.quantised import Quantised
from polytopic.embeddings.files.words import check_terms
from polytopic.errors import InputError
from polytopic.io.opening import writing

__all__ = ["write_fasttext_binary"]

Floats = NDArray[np.float32]

_PIECE = 1 << 16
"""Rows written at a time."""


def write_fasttext_binary(
    path: str | Path,
    words: tuple[Sequence[str], NDArray[np.int64]],
    labels: tuple[Sequence[str], NDArray[np.int64]],
    settings: Mapping[str, float],
    input: Floats | Quantised,
    output: Floats,
    left: NDArray[np.int64] | None = None,
) -> Path:
    """Write a model that the original program loads.

    Parameters
    ----------
    path : str or Path
    words, labels : pairs of str and counts
        Entries of the dictionary; labels with their prefix.
    settings : mapping
        The numbers of fastText's args, by ``SETTINGS``, and ``t``.
    input : float32 array of shape (V + bucket, E), or Quantised of as many rows
    output : float32 array of shape (V or labels or nodes, E)
    left : int64 array of shape (n,), optional
        Buckets of n-grams that were not cut, whose rows are then all that follow those of words.

    Raises
    ------
    InputError
        If a word does not fit, or the file cannot be written.
    """
    file = Path(path)
    n_words, n_labels = len(words[0]), len(labels[0])
    check_terms(file, [*words[0], *labels[0]])
    if any("\0" in entry for entry in (*words[0], *labels[0])):
        raise InputError(f"{file}: a word holds a zero byte, which ends words there. Correct it.")
    numbers = [int(settings[name]) for name in SETTINGS]
    with writing(file) as stream:
        stream.write(struct.pack("<2i", MAGIC, VERSIONS[-1]))
        stream.write(struct.pack("<12id", *numbers, float(settings["t"])))
        n_tokens, n_left = int(words[1].sum()), -1 if left is None else len(left)
        stream.write(struct.pack("<3i2q", n_words + n_labels, n_words, n_labels, n_tokens, n_left))
        for kind, (entries, counts) in enumerate((words, labels)):
            for entry, count in zip(entries, counts.tolist(), strict=True):
                stream.write(entry.encode("utf-8") + b"\0" + struct.pack("<qb", count, kind))
        if left is not None:
            pairs = np.stack([left, np.arange(len(left))], axis=1)
            stream.write(pairs.astype("<i4").tobytes())
        for matrix in (input, output):
            if isinstance(matrix, Quantised):
                stream.write(struct.pack("<?", True) + matrix.to_bytes())
                continue
            stream.write(struct.pack("<?2q", False, *matrix.shape))
            for start in range(0, len(matrix), _PIECE):
                rows = np.ascontiguousarray(matrix[start : start + _PIECE], dtype="<f4")
                stream.write(rows.tobytes())
    return file
