"""``polytopic infer``: topic proportions of new documents by the model of an earlier run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from polytopic.cli._beside import Embeddings, Encoder, loaded, read_beside
from polytopic.cli._columns import (
    Date,
    Encoding,
    Id,
    Label,
    NoHeader,
    Separator,
    Sheet,
    reading_options,
)
from polytopic.cli._frames import write_frame
from polytopic.cli._shared import (
    Force,
    Quiet,
    Voice,
    as_cell,
)
from polytopic.errors import InputError

if TYPE_CHECKING:
    from polytopic.runs import RunFolder
    from polytopic.text import Corpus

__all__ = ["infer"]

_TEXT_SHOWN, _TOPICS_SHOWN, _WORDS_SHOWN = 40, 3, 6
"""Characters, topics and words of a text's table."""


def infer(
    run: Annotated[
        Path, typer.Argument(help="Folder that polytopic topics wrote.", show_default=False)
    ],
    file: Annotated[
        Path | None,
        typer.Argument(help="New texts, as for topics; or give --text.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A .csv or .parquet file.", show_default=False),
    ] = None,
    text: Annotated[
        list[str] | None,
        typer.Option(
            "--text",
            help="With FILE: column that holds the text. Without: a text, whose topics are shown. "
            "Both may be given several times.",
        ),
    ] = None,
    label: Label = None,
    id: Id = None,
    date: Date = None,
    encoding: Encoding = "utf-8",
    separator: Separator = None,
    no_header: NoHeader = False,
    sheet: Sheet = None,
    embeddings: Embeddings = None,
    encoder: Encoder = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Write the topic proportions of new documents, one row a document, or show those of a text."""
    from polytopic import runs
    from polytopic.cli.outputs import Outputs

    voice = Voice(quiet=quiet)
    if file is None:
        _show_texts(runs.open_run(run), text, output, encoder)
        return
    if output is None:
        raise InputError("--output: is missing. Name a .csv or .parquet file with -o.")
    outputs = Outputs((file, embeddings), force)
    outputs.file(output, (".csv", ".parquet"))
    folder = runs.open_run(run)
    with outputs.reserved():
        with voice.busy("reading"):
            model = loaded(folder.model, encoder)
            columns = reading_options(
                text, encoding, separator, no_header, sheet, label=label, id=id, date=date
            )
            corpus = runs.read_like(folder, model, file, columns)
            found = model.result(corpus, **read_beside(model, len(corpus), embeddings))
            result = runs.edited_as(folder, found, new=True)
        _tell(corpus, file, voice)
        if result.without_topic:
            voice.say(f"  {result.without_topic}")
        write_frame(result.documents(texts=False), output)
    voice.say(f"Topics of {len(corpus):,} documents: {output}")


def _show_texts(
    folder: RunFolder, texts: list[str] | None, output: Path | None, encoder: str | None
) -> None:
    """The largest topics of texts given on the command line, a table on stdout."""
    import numpy as np
    from rich.table import Table

    from polytopic import runs
    from polytopic.text import Corpus

    if not texts:
        raise InputError('FILE: is missing. Name a file of new texts, or give --text "...".')
    if output is not None:
        raise InputError("--output: is for a file of texts. Leave it out, or name the file.")
    model = loaded(folder.model, encoder)
    corpus = Corpus.from_texts(texts, vocabulary=model.vocabulary_, **runs.kept_rules(folder))
    result = runs.edited_as(folder, model.result(corpus), new=True)
    table = Table("text", "topic", "share", "words", box=None, pad_edge=False)
    for row in range(result.n_documents):
        shown = as_cell(texts[row][:_TEXT_SHOWN])
        if not result.has_topic[row]:
            table.add_row(shown, "–", "–", "no word of it is in the vocabulary")
            continue
        order = result.shown[np.argsort(-result.doc_topic[row, result.shown], kind="stable")]
        for topic in order[:_TOPICS_SHOWN].tolist():
            share = result.doc_topic[row, topic]
            words = as_cell(*result.top_words(_WORDS_SHOWN)[topic])
            name = as_cell(result.names[topic]) if result.names[topic] else str(topic)
            table.add_row(shown, name, f"{share:.1%}", words)
            shown = ""
    Voice().out.print(table)


def _tell(corpus: Corpus, file: Path, voice: Voice) -> None:
    dropped = corpus.dropped
    seen = dropped.tokens_kept
    voice.say(f"{file}: {len(corpus):,} documents, {seen:,} of {dropped.tokens:,} words counted.")
    for line in dropped.describe().splitlines():
        voice.say(f"  {line}")
