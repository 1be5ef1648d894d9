"""``polytopic report``: the page of an earlier run, under another title or in another language."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from polytopic.cli._results import opened
from polytopic.cli._shared import Force, Quiet, Voice

__all__ = ["report"]


def report(
    run: Annotated[
        Path, typer.Argument(help="Folder that polytopic topics wrote.", show_default=False)
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A .html file.", show_default="report.html of the run"),
    ] = None,
    title: Annotated[
        str | None, typer.Option("--title", help="Heading of the page.", show_default=False)
    ] = None,
    language: Annotated[
        str, typer.Option("--language", help="Of the page's words: en, de, es, fr or zh.")
    ] = "en",
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Write the page of a run anew: in another language, under another title, to another place."""
    from polytopic import runs
    from polytopic.cli.outputs import Outputs
    from polytopic.report.wording import Wording

    voice = Voice(quiet=quiet)
    Wording(language)  # refused before anything is read
    if output is not None:
        outputs = Outputs((run,), force)
        outputs.file(output, (".html", ".htm"))
    result = opened(run, voice)
    with voice.busy("writing the report"):
        if output is None:
            with runs.changed(run) as folder:
                written = result.report(folder.report, title=title, language=language)
        else:
            written = result.report(output, title=title, language=language)
    voice.say(f"Report: {written}")
