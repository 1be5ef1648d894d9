"""``polytopic name``: names for the topics of an earlier run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from polytopic.cli._shared import Quiet, Voice, as_cell, naming_option

if TYPE_CHECKING:
    from polytopic.embeddings.vectors import WordVectors
    from polytopic.result import TopicResult

__all__ = ["name"]

_WORDS_SHOWN = 8
"""A row of the table fits into 80 columns."""


def name(
    run: Annotated[
        Path, typer.Argument(help="Folder that polytopic topics wrote.", show_default=False)
    ],
    by: Annotated[str, typer.Option("--by", help="words, c-tf-idf or vectors.")] = "words",
    vectors: Annotated[
        Path | None,
        typer.Option(
            "--vectors",
            help="Word vectors, for --by vectors.",
            show_default="made of the run's counts",
        ),
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Name topics that have a name, too.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Print the names and leave the run as it is.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Give the topics of a run names, which its tables and its report show."""
    from polytopic import runs

    voice = Voice(quiet=quiet)
    way, given = naming_option(by, "--by") or "words", _vectors(vectors, voice)
    with voice.busy("reading"):
        result = runs.load_result(run)
    named = result.name_topics(way, vectors=given, keep=not anew)
    if not show:
        with voice.busy("writing the run"), runs.changed(run) as folder:
            runs.write_edited(folder, named)
    _show(named, voice)


def _vectors(path: Path | None, voice: Voice) -> WordVectors | None:
    if path is None:
        return None
    from polytopic.cli._vectors import HowToRead, read_word_vectors

    with voice.busy(f"reading {path}"):
        return read_word_vectors(path, HowToRead(), voice)


def _show(named: TopicResult, voice: Voice) -> None:
    from rich.table import Table

    words = named.top_words(_WORDS_SHOWN)
    table = Table(box=None, pad_edge=False)
    table.add_column("topic", justify="right", no_wrap=True)
    table.add_column("name", overflow="fold")
    table.add_column("words", overflow="fold")
    for topic, (called, listed) in enumerate(zip(named.names, words, strict=True)):
        table.add_row(str(topic), as_cell(called), as_cell(*listed))
    voice.out.print(table)
