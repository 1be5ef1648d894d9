"""``polytopic report``: the page of an earlier run, under another title or in another language."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from polytopic.cli._page_options import Title, page_settings
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
    title: Title = None,
    language: Annotated[
        str | None,
        typer.Option(
            "--language",
            "--page-language",
            help="Of the page's words: en, de, es, fr or zh.",
            show_default="that of the run",
        ),
    ] = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Write the page of a run anew: in another language, under another title, to another place.

    The run remembers both, unless the page goes to another place.
    """
    from polytopic import runs
    from polytopic.cli.outputs import Outputs

    voice = Voice(quiet=quiet)
    wanted = page_settings(title, language).get(runs.PAGE, {})
    if output is not None:
        outputs = Outputs((run,), force)
        outputs.file(output, (".html", ".htm"))
    result = opened(run, voice)
    with voice.busy("writing the report"):
        if output is None:
            with runs.changed(run) as folder:
                folder.settings[runs.PAGE] = folder.page | wanted
                written = result.report(folder.report, **folder.page)
                if wanted:
                    folder.mark(runs.FINISHED)
        else:
            written = result.report(output, **(runs.open_run(run).page | wanted))
    voice.say(f"Report: {written}")
