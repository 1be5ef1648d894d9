"""``polytopic infer``: topic proportions of new documents by the model of an earlier run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
)

if TYPE_CHECKING:
    from polytopic.result import TopicResult
    from polytopic.runs import RunFolder
    from polytopic.text import Corpus

__all__ = ["infer", "read_like"]


def infer(
    run: Annotated[
        Path, typer.Argument(help="Folder that polytopic topics wrote.", show_default=False)
    ],
    file: Annotated[Path, typer.Argument(help="New texts, as for topics.", show_default=False)],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="A .csv or .parquet file.", show_default=False)
    ],
    text: Text = None,
    label: Label = None,
    id: Id = None,
    date: Date = None,
    encoding: Encoding = "utf-8",
    separator: Separator = None,
    no_header: NoHeader = False,
    sheet: Sheet = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Write the topic proportions of new documents, one row a document."""
    from polytopic import runs
    from polytopic.cli.outputs import Outputs

    voice = Voice(quiet=quiet)
    outputs = Outputs((file,), force)
    outputs.file(output, (".csv", ".parquet"))
    folder = runs.open_run(run)
    with outputs.reserved():
        with voice.busy("reading"):
            from polytopic import load

            model = load(folder.model)
            columns = reading_options(
                text, encoding, separator, no_header, sheet, label=label, id=id, date=date
            )
            corpus = read_like(folder, model, file, columns)
            result = model.result(corpus)
        _tell(corpus, file, voice)
        if result.without_topic:
            voice.say(f"  {result.without_topic}")
        _write(result, output)
    voice.say(f"Topics of {len(corpus):,} documents: {output}")


def read_like(folder: RunFolder, model: Any, file: Path, columns: dict[str, Any]) -> Corpus:
    """Read new texts with the vocabulary and the rules of a run, and its text column if any."""
    from polytopic.text import read
    from polytopic.text.formats import is_table

    before, terms = folder.settings.get("columns", {}), folder.settings.get("terms", {})
    named = {name: value for name, value in columns.items() if value is not None}
    if before.get("text") and (is_table(file) or "separator" in named):
        named.setdefault("text", before["text"])
        if "header" in before:
            named.setdefault("header", before["header"])
    kept = {name: terms[name] for name in ("language", "stop_words") if name in terms}
    return read(file, vocabulary=model.vocabulary_, **named, **kept)


def _tell(corpus: Corpus, file: Path, voice: Voice) -> None:
    dropped = corpus.dropped
    seen = dropped.tokens_kept
    voice.say(f"{file}: {len(corpus):,} documents, {seen:,} of {dropped.tokens:,} words counted.")
    for line in dropped.describe().splitlines():
        voice.say(f"  {line}")


def _write(result: TopicResult, output: Path) -> None:
    import polars as pl

    from polytopic import io
    from polytopic.errors import InputError
    from polytopic.io.leaving import cells
    from polytopic.runs.tables import document_table

    shares = {f"topic_{k}": result.doc_topic[:, k] for k in range(result.n_topics)}
    frame = document_table(result).with_columns(**{n: pl.Series(v) for n, v in shares.items()})
    try:
        with io.replacing(output) as partial:
            if output.suffix == ".csv":
                cells(frame).write_csv(partial)
            else:
                frame.write_parquet(partial)
    except (OSError, pl.exceptions.PolarsError) as error:
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise InputError(
            f"{output}: cannot be written ({reason}). Free some space or choose another folder."
        ) from None
