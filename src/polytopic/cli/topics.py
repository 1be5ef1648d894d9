"""``polytopic topics``: from a file of texts to a run folder with a report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from polytopic.cli._columns import (
    Date,
    Encoding,
    Id,
    Label,
    NoHeader,
    Separator,
    Sheet,
    Text,
    reading_options,
)
from polytopic.cli._shared import (
    Force,
    Quiet,
    Voice,
    clean_option,
    degree_limit,
    stop_word_option,
)
from polytopic.exploring import MAX_TERMS

__all__ = ["topics"]

WORDS = "What counts as a term"
MODEL = "The model"

_OF_THE_MACHINE = ("device", "n_threads")
"""Parameters that may change when an unfinished run is gone on with."""


def topics(
    file: Annotated[
        Path,
        typer.Argument(
            help="Texts: .txt (a document a line), .csv, .tsv, .jsonl, .json, .parquet, .xlsx, "
            ".eml, .mbox, packed or not, or a folder of .txt files or mails.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of the run.", show_default=False)
    ],
    text: Text = None,
    label: Label = None,
    id: Id = None,
    date: Date = None,
    encoding: Encoding = "utf-8",
    separator: Separator = None,
    no_header: NoHeader = False,
    sheet: Sheet = None,
    n_topics: Annotated[
        int, typer.Option("--topics", "-k", help="Number of topics.", rich_help_panel=MODEL)
    ] = 50,
    model: Annotated[
        str | None,
        typer.Option("--model", help='Name; "polytopic models" lists them.', rich_help_panel=MODEL),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", help="Seed of all randomness.", rich_help_panel=MODEL)
    ] = 0,
    epochs: Annotated[
        int | None,
        typer.Option("--epochs", help="Passes over the documents.", rich_help_panel=MODEL),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option("--device", help="auto, cpu, cuda, cuda:1, mps.", rich_help_panel=MODEL),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(
            "--threads",
            help="Threads; the topics are the same for any number.",
            show_default="one a processor",
            rich_help_panel=MODEL,
        ),
    ] = None,
    language: Annotated[
        str, typer.Option("--language", help="Language of the texts.", rich_help_panel=WORDS)
    ] = "en",
    stop_words: Annotated[
        str,
        typer.Option(
            "--stop-words",
            help="A language, a file with a word or phrase a line, or none.",
            show_default="those of the language",
            rich_help_panel=WORDS,
        ),
    ] = "language",
    min_df: Annotated[
        str | None,
        typer.Option(
            "--min-df",
            help="Fewest documents a term stands in (5), or their share (0.01).",
            rich_help_panel=WORDS,
        ),
    ] = None,
    max_df: Annotated[
        str | None,
        typer.Option("--max-df", help="Most documents, or their share.", rich_help_panel=WORDS),
    ] = None,
    max_terms: Annotated[
        int, typer.Option("--max-terms", help="Size of the vocabulary.", rich_help_panel=WORDS)
    ] = MAX_TERMS,
    ngrams: Annotated[
        int | None,
        typer.Option(
            "--ngrams",
            help="Join collocations of up to so many words (new_york).",
            rich_help_panel=WORDS,
        ),
    ] = None,
    clean: Annotated[
        str,
        typer.Option(
            "--clean",
            help="What to drop first: auto, none, or steps with commas (html,urls,quotes).",
            rich_help_panel=WORDS,
        ),
    ] = "auto",
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Find topics in texts and write a report, tables and the model to a folder.

    Started again after an interruption, the same command goes on from its checkpoint.
    """
    from polytopic.cli._run import Job, carry_out
    from polytopic.cli.outputs import Outputs

    voice = Voice(quiet=quiet)
    Outputs((file,)).run(output)
    columns = reading_options(
        text, encoding, separator, no_header, sheet, label=label, id=id, date=date
    )
    terms: dict[str, Any] = {
        "language": language,
        "stop_words": stop_word_option(stop_words, voice),
        "min_df": degree_limit(min_df, "--min-df"),
        "max_df": degree_limit(max_df, "--max-df"),
        "max_terms": max_terms,
        "ngrams": ngrams,
        "clean": clean_option(clean),
    }
    chosen: dict[str, Any] = {"epochs": epochs, "device": device, "n_threads": threads}
    parameters: dict[str, Any] = {"n_topics": n_topics, "random_state": seed}
    parameters |= {name: value for name, value in chosen.items() if value is not None}

    def read() -> Any:
        from polytopic.text import read

        return read(file, n_threads=threads, **columns, **terms)

    job = Job(
        read=read,
        source=str(file),
        output=output,
        model=model,
        parameters=parameters,
        settings={"file": str(file), "columns": columns, "terms": terms, "model": model}
        | {name: value for name, value in parameters.items() if name not in _OF_THE_MACHINE},
        force=force,
    )
    raise typer.Exit(carry_out(job, voice))
