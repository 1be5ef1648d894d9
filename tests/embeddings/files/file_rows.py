"""The table of the files of word vectors: how three words are written in each format.

A new format is a new row: its name, and a function of a folder and vectors that writes them there
and gives the path, and the vocabulary beside it where the file holds no words.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from made_files import fasttext_file

from polytopic.embeddings.vectors import WordVectors

WORDS = ["the", "naïve", "king"]
BOTH = WordVectors(
    WORDS,
    np.array([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0], [4.0, 0.125, 2.0]]),
    np.array([[0.5, 1.0, 1.5], [2.0, 2.5, 3.0], [-0.5, -1.0, 8.0]]),
)
Written = tuple[Path, Path | None]


def by(format: str) -> Callable[[Path], Written]:
    """What the package itself writes in the format."""
    return lambda folder: (BOTH.write(folder / "vectors", format), None)


def glove_all(folder: Path) -> Written:
    """Both vectors of a word in a row, each with its bias."""
    path = folder / "vectors.txt"
    rows = np.hstack([BOTH.input, [[9.0]] * 3, BOTH.output, [[7.0]] * 3])
    lines = [
        " ".join([word, *map(str, row)]) for word, row in zip(WORDS, rows.tolist(), strict=True)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path, None


def glove_binary(folder: Path) -> Written:
    """2 V rows of doubles, each with its bias; the words lie in another file."""
    path, vocabulary = folder / "vectors.bin", folder / "vocab.txt"
    vocabulary.write_text("".join(f"{word} {9 - n}\n" for n, word in enumerate(WORDS)))
    rows = np.vstack([BOTH.input, BOTH.output])
    path.write_bytes(np.hstack([rows, np.full((6, 1), 7.0)]).astype("<f8").tobytes())
    return path, vocabulary


def fasttext_binary(folder: Path) -> Written:
    """A model without n-grams, whose numbers are those of the vectors."""
    data, matrix, output = fasttext_file(WORDS, bucket=0, maxn=0)
    data = data.replace(matrix.tobytes(), BOTH.input.astype("<f4").tobytes())
    (folder / "model.bin").write_bytes(
        data.replace(output.tobytes(), BOTH.output.astype("<f4").tobytes())
    )
    return folder / "model.bin", None


ROWS: dict[str, Callable[[Path], Written]] = {
    "word2vec": by("word2vec"),
    "word2vec-binary": by("word2vec-binary"),
    "glove": by("glove"),
    "glove-all": glove_all,
    "glove-binary": glove_binary,
    "fasttext": by("fasttext"),
    "fasttext-binary": fasttext_binary,
    "model2vec": by("model2vec"),
}
