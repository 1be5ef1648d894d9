"""What the commands about word vectors share: options, and reading vectors of any kind."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from polytopic.errors import CheckpointError, InputError, ReadingWarning

if TYPE_CHECKING:
    from polytopic.cli._shared import Voice
    from polytopic.embeddings import WordVectors

__all__ = [
    "COMBINATIONS",
    "Errors",
    "Format",
    "GloveVocabulary",
    "HowToRead",
    "Which",
    "read_word_vectors",
]

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
        help="word2vec, word2vec-binary, glove, glove-all, glove-binary, fasttext, "
        "fasttext-binary, model2vec or polytopic. [default: the file tells]",
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


Errors = Annotated[
    str,
    typer.Option(
        "--errors",
        help="What to do with words that are no UTF-8, are blank, or stand twice: replace, skip or "
        "refuse.",
        rich_help_panel=VECTORS_PANEL,
    ),
]


@dataclass(frozen=True)
class HowToRead:
    """The options by which a file of vectors is read."""

    format: str | None = None
    vocabulary: Path | None = None
    errors: str = "replace"


def read_word_vectors(path: Path, how: HowToRead, voice: Voice) -> WordVectors:
    """Vectors of a file of any format, a folder of ``save``, or a saved model that has them.

    What was done to read the file is said.

    Raises
    ------
    FileMissingError, InputError, CheckpointError
        If there are none; the message says where it stops.
    """
    from polytopic import WordVectors, io, load
    from polytopic.io.packed import kind_of_path

    if kind_of_path(path) == "a folder" and how.format is None:
        if (path / "about.json").is_file():
            if io.read_header(path)["kind"] != "vectors":
                vectors = getattr(load(path), "vectors_", None)
                if not isinstance(vectors, WordVectors):
                    raise CheckpointError(f"{path}: holds a model without word vectors.")
                return vectors
        elif not (path / "tokenizer.json").is_file():
            raise InputError(f"{path}: holds no word vectors. Name a file or folder of them.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReadingWarning)  # said here
        read = WordVectors.read(path, how.format, vocabulary=how.vocabulary, errors=how.errors)
    for note in read.notes:
        voice.say(f"{path}: {note}.")
    return read
