"""``polytopic vectors``: convert files of word vectors, and ask them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from polytopic.cli._shared import Force, Quiet, Voice, as_cell
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

if TYPE_CHECKING:
    import polars as pl

__all__ = ["app"]

app = typer.Typer(help="Word vectors: convert, ask, draw them.", no_args_is_help=True)

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
def shift(
    first: Annotated[
        Path, typer.Argument(help="Text with a sentence a line (also .gz).", show_default=False)
    ],
    second: Annotated[Path, typer.Argument(help="Another, or a later one.", show_default=False)],
    words: Annotated[
        list[str] | None,
        typer.Argument(help="Words to look at.", show_default="all that are frequent in both"),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="All words, as .csv or .parquet.")
    ] = None,
    seeds: Annotated[int, typer.Option("--seeds", help="Runs, for the intervals.")] = 5,
    dim: Annotated[int, typer.Option("--dim", "-d", help="Length of a vector.")] = 100,
    epochs: Annotated[int, typer.Option("--epochs", help="Passes over each text.")] = 5,
    sample: Annotated[
        float, typer.Option("--sample", help="Thin out words of a higher share (0: none).")
    ] = 1e-3,
    min_count: Annotated[
        int, typer.Option("--min-count", help="Leave words out that are rarer in either.")
    ] = 10,
    n: Annotated[int, typer.Option("-n", "--number", help="How many words to show.")] = 20,
    spaces: Annotated[
        bool, typer.Option("--spaces", help="Words are what white space divides.")
    ] = False,
    threads: Annotated[int | None, typer.Option("--threads", help="Threads.")] = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Print the words whose use has changed most from one text to another.

    "more" marks those whose shift is, over the seeds, surely above that between seeds of one text.
    """
    from polytopic import SkipGram, word_shift
    from polytopic.cli._frames import write_frame
    from polytopic.cli.outputs import Outputs
    from polytopic.embeddings.raw_text import SPACES, WORDS, RawText

    voice = Voice(quiet=quiet)
    outputs = Outputs((first, second), force)
    outputs.file(output, (".csv", ".parquet"))
    model = SkipGram(dim=dim, epochs=epochs, sample=sample, n_threads=threads)
    rule = SPACES if spaces else WORDS
    with outputs.reserved():
        with voice.busy(f"learning {2 * seeds} times"):
            found = word_shift(
                RawText(first, rule), RawText(second, rule), words=words or None, seeds=seeds,
                model=model, min_count=min_count,
            )  # fmt: skip
        if output is not None:
            write_frame(found, output)
    _show_shifts(found.head(n), voice)
    if output is not None:
        voice.say(f"All {len(found):,} words: {output}")


def _show_shifts(found: pl.DataFrame, voice: Voice) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("word", no_wrap=True)
    for name in ("shift", "low", "high", "noise", ""):
        table.add_column(name, justify="right", no_wrap=True)
    for row in found.iter_rows(named=True):
        numbers = [f"{row[name]:.3f}" for name in ("shift", "low", "high", "noise")]
        table.add_row(as_cell(row["word"]), *numbers, "more" if row["low"] > row["noise"] else "")
    voice.out.print(table)


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


@app.command()
def project(
    vectors: File,
    words: Annotated[
        list[str] | None,
        typer.Argument(help="Words to show.", show_default="the most frequent ones"),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="A figure: .html, .svg or .png.")
    ] = Path("words.html"),
    n: Annotated[int, typer.Option("-n", "--number", help="How many, where none is named.")] = 300,
    method: Annotated[str, typer.Option("--method", help="tsne or pca.")] = "tsne",
    perplexity: Annotated[
        float, typer.Option("--perplexity", help="Of t-SNE: about how many neighbours a word has.")
    ] = 30.0,
    seed: Annotated[int, typer.Option("--seed", help="Seed of t-SNE.")] = 0,
    which: Which = "input",
    limit: Limit = None,
    encoding: Encoding = "utf-8",
    format: Format = None,
    vocabulary: GloveVocabulary = None,
    errors: Errors = "replace",
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Draw words on a plane by their vectors: t-SNE or PCA."""
    from polytopic.cli.outputs import Outputs

    voice = Voice(quiet=quiet)
    outputs = Outputs((vectors,), force)
    outputs.file(output, (".html", ".svg", ".png"))
    how = HowToRead(format, vocabulary, errors, limit, encoding)
    with outputs.reserved():
        with voice.busy(f"reading {vectors}"):
            read = read_word_vectors(vectors, how, voice)
        with voice.busy("laying words out"):
            found = read.project(
                words or None, n=n, method=cast(Any, method), which=cast(Any, which),
                perplexity=perplexity, random_state=seed,
            )  # fmt: skip
        found.write(output)
    voice.say(f"{len(found.words):,} words on a plane: {output}")
