"""``polytopic figures``: the figures and tables of the docs, listed and made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from polytopic.cli._shared import Force, Quiet, Voice

if TYPE_CHECKING:
    from polytopic.figures import Figure

__all__ = ["figures"]

Name = Annotated[
    str | None, typer.Argument(help="A figure or table, to make it.", show_default=False)
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="A figure: .svg, .png or .html; a table: .md or .csv; a picture: .png.",
        show_default="its name, here; tables are printed",
    ),
]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help="What it is made of in the docs; the list says what that is.",
        show_default="a small stand-in that ships",
    ),
]


def figures(
    name: Name = None,
    output: Output = None,
    data: Data = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """List the figures and tables of the docs, or make one: kl-directions -o kl.svg."""
    from polytopic.figures import find

    voice = Voice(quiet=quiet)
    if name is None:
        _list(voice, output, data)
        return
    _make(find(name), output, data, voice, force=force)


def _list(voice: Voice, output: Path | None, data: Path | None) -> None:
    from rich.markup import escape
    from rich.table import Table

    from polytopic.errors import InputError
    from polytopic.figures import FIGURES

    for option, given in (("-o", output), ("--data", data)):
        if given is not None:
            raise InputError(f"{option}: means nothing without a name. Name a figure.")
    table = Table(box=None, pad_edge=False)
    for heading in ("name", "kind", "page", "what it shows, and what --data takes"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("name", "kind"))
    for figure in FIGURES:
        takes = f" --data: {figure.data}." if figure.data else ""
        full = f" In full: {figure.command}" if figure.command else ""
        row = (figure.name, figure.kind, figure.page, f"{figure.title}.{takes}{full}")
        table.add_row(*map(escape, row))
    voice.out.print(table)


def _make(
    figure: Figure, output: Path | None, data: Path | None, voice: Voice, *, force: bool
) -> None:
    from polytopic.cli.outputs import Outputs
    from polytopic.figures.making import ENDINGS, Table, made, make

    endings = ENDINGS[figure.kind]
    printed = figure.kind == "table" and output is None
    target = output or Path(f"{figure.name}{endings[0]}")
    outputs = Outputs((data,), force)
    if not printed:
        outputs.file(target, endings)
    with outputs.reserved(), voice.busy(f"making {figure.name}"):
        found = made(figure.name, data) if printed else make(figure.name, target, data=data)
    if data is None and figure.data:
        voice.say(f"Made of a small stand-in. The docs' own is made with --data: {figure.data}.")
    for line in found.told:
        voice.say(line)
    if printed:
        assert isinstance(found, Table)
        _print(found, voice)
    else:
        voice.say(f"{figure.title}: {target}")


def _print(made: object, voice: Voice) -> None:
    from rich.markup import escape
    from rich.table import Table

    from polytopic.figures.making import Table as Made
    from polytopic.figures.making import in_short

    assert isinstance(made, Made)
    table = Table(box=None, pad_edge=False)
    for heading in made.columns:
        table.add_column(heading, overflow="fold")
    for row in made.rows:
        table.add_row(*(escape(in_short(value)) for value in row))
    voice.out.print(table)
