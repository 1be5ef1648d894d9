"""``polytopic explain``: which topic each word of a document speaks for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from polytopic.cli._beside import Encoder, loaded
from polytopic.cli._shared import Force, Quiet, Voice
from polytopic.errors import InputError

if TYPE_CHECKING:
    from polytopic.result.explaining import Explanation

__all__ = ["explain"]


def explain(
    run: Annotated[
        Path, typer.Argument(help="Folder that polytopic topics wrote.", show_default=False)
    ],
    document: Annotated[
        int | None,
        typer.Option("--document", "-d", help="Row of a document of the run.", show_default=False),
    ] = None,
    text: Annotated[
        str | None, typer.Option("--text", help="Or a text of yours.", show_default=False)
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Write an HTML file, too.", show_default=False),
    ] = None,
    encoder: Encoder = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Show a text with its words in the colours of the topics they speak for."""
    from polytopic.cli._results import opened
    from polytopic.cli.outputs import Outputs

    voice = Voice(quiet=quiet)
    if (document is None) == (text is None):
        raise InputError("--document, --text: give one of them.")
    outputs = Outputs((), force)
    outputs.file(html, (".html",), "--html")
    with outputs.reserved():
        if text is not None:
            found = _of_text(run, text, encoder)
        else:
            assert document is not None
            found = opened(run, voice, encoder).explain(document)
        Voice().out.print(found.to_rich(), soft_wrap=False)
        if html is not None:
            _write(found, html)


def _of_text(run: Path, text: str, encoder: str | None) -> Explanation:
    """By the model, with the run's edits made in its answer."""
    from polytopic import runs

    folder = runs.open_run(run)
    model = loaded(folder.model, encoder)
    plain: Explanation = model.explain(text)
    result = runs.edited_as(folder, model.result([text]), new=True)
    return plain if result.base is None else result.explain(0)


def _write(found: Explanation, path: Path) -> None:
    from polytopic import io

    page = f'<!doctype html><meta charset="utf-8"><title>polytopic</title>{found.to_html()}\n'
    try:
        with io.replacing(path) as partial:
            partial.write_text(page, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror or error}).") from None
