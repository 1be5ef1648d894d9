"""``polytopic shard``: from files of any size to a folder that every model reads piece by piece."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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
from polytopic.cli._shared import Quiet, Voice, clean_option, degree_limit, stop_word_option
from polytopic.cli._topics_options import (
    Clean,
    Language,
    MaxDf,
    MaxTerms,
    MinDf,
    StopWords,
    Threads,
)
from polytopic.exploring import MAX_TERMS

__all__ = ["shard"]

Files = Annotated[
    list[str],
    typer.Argument(help='Files, or patterns such as "parts/*.parquet".', show_default=False),
]
Output = Annotated[
    Path, typer.Option("--output", "-o", help="Folder of the shards.", show_default=False)
]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        help="Where the work is done: processes:2, dask://host:port, ray://host:port or ray; the "
        "same folder.",
        show_default="threads",
    ),
]
KeepTexts = Annotated[bool, typer.Option("--keep-texts", help="Keep the texts too, compressed.")]


def shard(
    files: Files,
    output: Output,
    text: Text = None,
    label: Label = None,
    id: Id = None,
    date: Date = None,
    encoding: Encoding = "utf-8",
    separator: Separator = None,
    no_header: NoHeader = False,
    sheet: Sheet = None,
    keep_texts: KeepTexts = False,
    threads: Threads = None,
    language: Language = "en",
    stop_words: StopWords = "language",
    min_df: MinDf = None,
    max_df: MaxDf = None,
    max_terms: MaxTerms = MAX_TERMS,
    clean: Clean = "auto",
    cluster: Cluster = None,
    quiet: Quiet = False,
) -> None:
    """Make a corpus larger than memory: counts in a folder of shards, which "topics" reads.

    Started again after an interruption, the same command goes on.
    """
    from polytopic.text import shard as make

    voice = Voice(quiet=quiet)
    columns = reading_options(
        text, encoding, separator, no_header, sheet, label=label, id=id, date=date
    )
    corpus = make(
        list(files), output, keep_texts=keep_texts, verbose=not quiet, language=language,
        stop_words=stop_word_option(stop_words, voice), min_df=degree_limit(min_df, "--min-df"),
        max_df=degree_limit(max_df, "--max-df"), max_terms=max_terms, clean=clean_option(clean),
        n_threads=threads, cluster=cluster, **columns,
    )  # fmt: skip
    dropped = corpus.dropped
    voice.say(
        f"{output}: {len(corpus):,} documents in {corpus.n_shards:,} shards, "
        f"{len(corpus.vocabulary):,} terms, {dropped.tokens_kept:,} of {dropped.tokens:,} words "
        "counted."
    )
    for line in dropped.describe().splitlines():
        voice.say(f"  {line}")
