"""What the commands about word vectors share: options, and reading vectors of any kind."""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from polytopic.errors import CheckpointError, InputError, ReadingWarning

if TYPE_CHECKING:
    from polytopic.cli._shared import Voice
    from polytopic.cli.outputs import Outputs
    from polytopic.embeddings import WordVectors

__all__ = [
    "COMBINATIONS",
    "Errors",
    "Format",
    "GloveVocabulary",
    "HowToRead",
    "Which",
    "read_word_vectors",
    "reserve_vectors",
    "write_vectors",
]

FORMATS = (".txt", ".vec", ".bin")
WRITTEN = (".gz", ".bz2", ".xz", ".zst")
"""Those of ``polytopic.io.packed``, which is too heavy to load for a list of options."""

FILES = tuple(f"{ending}{packing}" for packing in ("", *WRITTEN) for ending in FORMATS)

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
    limit: int | None = None
    encoding: str = "utf-8"
    on_disk: bool = False


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
            if how.limit is None and how.encoding == "utf-8":
                with_ngrams: WordVectors = load(path)
                return with_ngrams
        elif not (path / "tokenizer.json").is_file():
            raise InputError(f"{path}: holds no word vectors. Name a file or folder of them.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReadingWarning)  # said here
        read = WordVectors.read(path, **asdict(how))
    for note in read.notes:
        voice.say(f"{path}: {note}.")
    return read


def reserve_vectors(outputs: Outputs, output: Path, *, force: bool) -> None:
    """Say that vectors will be written to ``output``, a file or a folder.

    Raises
    ------
    InputError
        If it is there already, or its ending is unknown.
    """
    if output.name.endswith(FILES):
        outputs.file(output, FILES)
        return
    there = output.is_file() or (output / "about.json").exists()
    if output.suffix or (there and not force):
        known = f"{', '.join(FORMATS)}, also packed ({', '.join(WRITTEN)})"
        problem = "is there already" if there else "has an unknown ending"
        raise InputError(
            f"{output}: {problem}. Name a file in {known}, or a new folder"
            f"{'; or replace it with --force' if there else ''}."
        )
    outputs.folder(output, "vectors", "-o")


def write_vectors(vectors: WordVectors, output: Path, which: str, dtype: str = "float32") -> None:
    """One matrix to a file of word2vec, all to a folder; n-grams to fastText's .bin."""
    from polytopic import SubwordVectors

    if isinstance(vectors, SubwordVectors) and output.suffix == ".bin" and which == "input":
        vectors.write_binary(output)
    elif output.name.endswith(FILES):
        vectors.write(output, which=which)
    else:
        vectors.save(output, dtype=dtype)
