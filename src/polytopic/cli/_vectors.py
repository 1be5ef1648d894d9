"""What the commands about word vectors share: options, and reading vectors of any kind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from polytopic.errors import CheckpointError, InputError

if TYPE_CHECKING:
    from polytopic.embeddings import WordVectors

__all__ = ["COMBINATIONS", "Format", "GloveVocabulary", "Which", "read_word_vectors"]

COMBINATIONS = ("input", "output", "sum", "mean", "concat")
VECTORS_PANEL = "Word vectors"

Which = Annotated[
    str,
    typer.Option(
        "--combine",
        help=f"Which vectors of each word: {', '.join(COMBINATIONS)}.",
        rich_help_panel=VECTORS_PANEL,
    ),
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        help="word2vec, word2vec-binary, glove, glove-binary, fasttext, fasttext-binary, model2vec "
        "or polytopic. [default: the file tells]",
        rich_help_panel=VECTORS_PANEL,
    ),
]
GloveVocabulary = Annotated[
    Path | None,
    typer.Option(
        "--vocabulary",
        help="GloVe's vocab.txt, for its binary file.",
        rich_help_panel=VECTORS_PANEL,
    ),
]


def read_word_vectors(path: Path, format: str | None, vocabulary: Path | None) -> WordVectors:
    """Vectors of a file of any format, a folder of ``save``, or a saved model that has them.

    Raises
    ------
    FileMissingError, InputError, CheckpointError
        If there are none; the message says where it stops.
    """
    from polytopic import WordVectors, io, load

    if path.is_dir() and format is None and (path / "about.json").is_file():
        if io.read_header(path)["kind"] != "vectors":
            vectors = getattr(load(path), "vectors_", None)
            if not isinstance(vectors, WordVectors):
                raise CheckpointError(f"{path}: holds a model without word vectors.")
            return vectors
    elif path.is_dir() and format is None and not (path / "tokenizer.json").is_file():
        raise InputError(f"{path}: holds no word vectors. Name a file or folder of them.")
    return WordVectors.read(path, format, vocabulary=vocabulary)
