"""``polytopic update``: an earlier run learns from new documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from polytopic.cli._beside import Embeddings, Encoder, read_beside
from polytopic.cli._columns import (
    Date,
    Encoding,
    Id,
    Label,
    NoHeader,
    Separator,
    Sheet,
    Text,
    Url,
    reading_options,
)
from polytopic.cli._results import opened, write_run
from polytopic.cli._shared import Force, Quiet, Voice, as_cell

if TYPE_CHECKING:
    from polytopic.runs import RunFolder
    from polytopic.updating import Update

__all__ = ["update"]

_WORDS_SHOWN = 6
"""A row of the table, which has numbers besides, fits into 80 columns."""


def update(
    run: Annotated[
        Path, typer.Argument(help="Folder that polytopic topics wrote.", show_default=False)
    ],
    file: Annotated[Path, typer.Argument(help="New texts, as for topics.", show_default=False)],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of the new run.", show_default=False)
    ],
    text: Text = None,
    label: Label = None,
    id: Id = None,
    date: Date = None,
    url: Url = None,
    encoding: Encoding = "utf-8",
    separator: Separator = None,
    no_header: NoHeader = False,
    sheet: Sheet = None,
    embeddings: Embeddings = None,
    encoder: Encoder = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Let a run learn from new documents: topics keep numbers and names; tell what changed.

    The new run holds the new documents; it can be updated in its turn.
    """
    from polytopic import load, runs
    from polytopic.cli.outputs import Outputs
    from polytopic.result.edits import unedited
    from polytopic.updating import update as updated

    voice = Voice(quiet=quiet)
    Outputs((file, run, embeddings)).run(output)
    earlier = runs.open_run(run)
    columns = reading_options(
        text, encoding, separator, no_header, sheet, label=label, id=id, date=date, url=url
    )
    settings = {**earlier.settings, "file": str(file), "columns": _like(earlier, columns)}
    settings["embeddings"] = embeddings and str(embeddings)
    with runs.reserved(output, {**settings, "updated_from": str(run)}, force=force) as folder:
        result = opened(run, voice, encoder)
        with voice.busy("reading"):
            model = load(earlier.model)
            corpus = runs.read_like(earlier, model, file, columns)
            beside = read_beside(model, len(corpus), embeddings)
        runs.begin(folder)
        with voice.busy("learning"):
            found = updated(result, corpus, **beside)
        with voice.busy("measuring, writing the report"):
            notes = {"source": str(file), "changes": found.sentences()}
            found.model.keep_edits(unedited(found.result))  # the run's file of edits has them
            write_run(folder, found.model, found.result, dropped=corpus.dropped.describe(), **notes)
        runs.finish(folder)
    _show(found, voice)
    voice.say(f"Report: {folder.report}")


def _like(earlier: RunFolder, columns: dict[str, Any]) -> dict[str, Any]:
    """The columns that were named, and the text column of the earlier run where none was."""
    before = earlier.settings.get("columns", {})
    named = {name: value for name, value in columns.items() if value is not None}
    return {**{n: before[n] for n in ("text", "header") if n in before}, **named}


def _show(found: Update, voice: Voice) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("topic", "share", "before", "cosine"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("words", overflow="fold")
    result, words = found.result, found.result.top_words(_WORDS_SHOWN)
    before = None if found.before is None else found.before.topic_sizes
    for topic in range(result.n_topics):
        name = [f"{result.names[topic]}:"] if result.names[topic] else []
        table.add_row(
            str(topic),
            f"{result.topic_sizes[topic]:.1%}",
            "–" if before is None else f"{before[topic]:.1%}",
            f"{found.cosine[topic]:.3f}",
            as_cell(*name, *words[topic]),
        )
    voice.out.print(table)
    for sentence in found.sentences():
        voice.say(sentence)
    if found.before is not None:
        voice.say(_moves(found, found.before.n_documents))


def _moves(found: Update, n_old: int) -> str:
    from polytopic.errors import InputError

    try:
        return f"{len(found.moved):,} of {n_old:,} old documents changed topic."
    except InputError:  # embeddings that came from a file are of the new documents alone
        return "Whether old documents changed topic is not known: it takes their embeddings."
