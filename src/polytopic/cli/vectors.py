"""``polytopic vectors``: convert files of word vectors, and ask them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from polytopic.cli._shared import Force, Quiet, Voice
from polytopic.cli._vectors import (
    Errors,
    Format,
    GloveVocabulary,
    HowToRead,
    Which,
    read_word_vectors,
    reserve_vectors,
    write_vectors,
)
from polytopic.cli.similar import show_found
from polytopic.errors import InputError

__all__ = ["app"]

app = typer.Typer(help="Word vectors: convert files, ask for neighbours.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="Word vectors, of any format.", show_default=False)]
Limit = Annotated[
    int | None, typer.Option("--limit", help="Read so many first rows only.", show_default="all")
]
Encoding = Annotated[str, typer.Option("--encoding", help="Of the words in the file.")]


@app.command()
def convert(
    vectors: File,
    output: Annotated[
        Path,
        typer.Argument(
            help="A file: .txt, .vec or .bin (word2vec), also packed (.txt.gz); or a new folder, "
            "which is mapped into memory where it is read.",
            show_default=False,
        ),
    ],
    which: Which = "input",
    limit: Limit = None,
    encoding: Encoding = "utf-8",
    dtype: Annotated[
        str, typer.Option("--dtype", help="Numbers of a folder: float32, float16 or int8.")
    ] = "float32",
    format: Format = None,
    vocabulary: GloveVocabulary = None,
    errors: Errors = "replace",
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Write word vectors in another format; rows go through a temporary file, not memory."""
    from polytopic.cli._vectors import FILES
    from polytopic.cli.outputs import Outputs

    voice = Voice(quiet=quiet)
    if dtype != "float32" and output.name.endswith(FILES):
        raise InputError(f"--dtype: {output} is no folder. Name one, or leave it out.")
    outputs = Outputs((vectors,), force)
    reserve_vectors(outputs, output, force=force)
    how = HowToRead(format, vocabulary, errors, limit, encoding, on_disk=True)
    with outputs.reserved():
        with voice.busy(f"reading {vectors}"):
            read = read_word_vectors(vectors, how, voice)
        with voice.busy(f"writing {output}"):
            write_vectors(read, output, which, dtype)
    voice.say(f"{len(read):,} words x {read.dim}, written to {output}.")


@app.command()
def neighbours(
    vectors: File,
    words: Annotated[list[str], typer.Argument(help="Words, each asked for.", show_default=False)],
    together: Annotated[
        bool, typer.Option("--together", help="One question for the sum of the words.")
    ] = False,
    negative: Annotated[
        list[str] | None, typer.Option("--negative", help="Words to go away from.")
    ] = None,
    multiply: Annotated[
        bool, typer.Option("--multiply", help="Products of cosines (3CosMul), with --together.")
    ] = False,
    restrict: Annotated[
        int | None,
        typer.Option("--restrict", help="Answer among so many most frequent words."),
    ] = None,
    n: Annotated[int, typer.Option("-n", "--number", help="How many words to show.")] = 10,
    which: Which = "input",
    limit: Limit = None,
    encoding: Encoding = "utf-8",
    format: Format = None,
    vocabulary: GloveVocabulary = None,
    errors: Errors = "replace",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    quiet: Quiet = False,
) -> None:
    """Print the words nearest by cosine, to each word or to all together."""
    voice = Voice(quiet=quiet)
    if multiply and not (together or negative):
        raise InputError("--multiply: is for several words in one question. Give --together too.")
    how = HowToRead(format, vocabulary, errors, limit, encoding)
    with voice.busy(f"reading {vectors}"):
        read = read_word_vectors(vectors, how, voice)
    options: dict[str, Any] = {"which": which, "restrict": restrict}
    if together or negative:
        less = "".join(f" - {word}" for word in negative or ())
        method = "multiply" if multiply else "add"
        found = {
            " + ".join(words) + less: read.most_similar(
                positive=words, negative=negative or (), n=n, method=method, **options
            )
        }
    else:
        found = {word: read.most_similar(word, n, **options) for word in dict.fromkeys(words)}
    show_found(found, voice, as_json=as_json)
