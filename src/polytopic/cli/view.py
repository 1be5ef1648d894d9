"""``polytopic view``: the page of a run and all of its documents, served on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from polytopic.cli._shared import Quiet, Voice

__all__ = ["view"]


def view(
    run: Annotated[
        Path, typer.Argument(help="Folder that polytopic topics wrote.", show_default=False)
    ],
    port: Annotated[
        int | None,
        typer.Option(
            "--port", help="Of this machine.", min=1, max=65_535, show_default="8787, or a free one"
        ),
    ] = None,
    browser: Annotated[bool, typer.Option("--open", help="Open it in the browser, too.")] = False,
    quiet: Quiet = False,
) -> None:
    """Serve the page of a run, with every document: by topic, by search, by row or id.

    On this machine only; Ctrl-C ends it. Needs the extra "view".
    """
    from polytopic.viewing import serve

    voice = Voice(quiet=quiet)

    def tell(address: str) -> None:
        voice.say(f"{address} shows {run}. Ctrl-C ends it.")
        if browser:
            import webbrowser

            webbrowser.open(address)

    try:
        serve(run, port=port, told=tell)
    except KeyboardInterrupt:  # the way in which it is meant to end
        voice.say("Closed.")
