"""``polytopic tables``: the tables of an earlier run, as files or as a workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from polytopic.cli._shared import Force, Quiet, Voice
from polytopic.errors import InputError

__all__ = ["Source", "tables"]


Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        help="topics, documents, over_time, by_label, terms or similarity; several are given "
        "one after the other.",
    ),
]
Frequency = Annotated[
    str | None,
    typer.Option(
        "--freq",
        help="day, week, month, quarter, year or decade; a width, for dates that are numbers.",
        show_default="what suits the dates",
    ),
]
Source = Annotated[
    Path | None,
    typer.Option("--source", help="The file that an old run read, if it has moved since."),
]


def tables(
    run: Annotated[
        Path, typer.Argument(help="Folder that polytopic topics wrote.", show_default=False)
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="A folder, or a file in .xlsx.",
            show_default="tables/ of the run",
        ),
    ] = None,
    format: Annotated[
        str | None, typer.Option("--format", help="csv, parquet or xlsx.", show_default="csv")
    ] = None,
    only: Only = None,
    freq: Frequency = None,
    label: Annotated[
        str | None,
        typer.Option(
            "--label",
            help="Column of labels of the run, for by_label.",
            show_default="the first",
        ),
    ] = None,
    min_documents: Annotated[
        int,
        typer.Option(
            "--min-documents", help="Shares of periods and labels with fewer documents are empty."
        ),
    ] = 1,
    no_texts: Annotated[
        bool, typer.Option("--no-texts", help="Leave the texts of documents out.")
    ] = False,
    source: Source = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Write the tables of a run: topics, documents, shares over time and by label, terms."""
    from polytopic import runs

    voice = Voice(quiet=quiet)
    _check_place(run, output, force=force)
    with voice.busy("reading the run"):
        result = runs.load_result(run, source=source)
    with voice.busy("writing tables"):
        options: dict[str, Any] = {
            "format": format, "only": only or (), "texts": not no_texts, "freq": freq,
            "label": label, "min_documents": min_documents,
        }  # fmt: skip
        if output is None:
            with runs.changed(run) as folder:
                written = result.write_tables(folder.tables, **options)
        else:
            written = result.write_tables(output, **options)
    for path in written:
        voice.say(f"{path}")


def _check_place(run: Path, output: Path | None, *, force: bool) -> None:
    """Refuse a place that holds what may not be replaced, before anything is read."""
    from polytopic.cli.outputs import Outputs
    from polytopic.result.table_files import refuse_other_files

    if output is not None and output.suffix.lower() == ".xlsx":
        outputs = Outputs((run,), force)
        outputs.file(output, (".xlsx",))
    elif output is not None:
        refuse_other_files(output)
        if output.is_dir() and any(output.iterdir()) and not force:
            raise InputError(
                f"{output}: holds tables already. Replace them with --force, or name another."
            )
