"""``polytopic doctor``: what is installed, what this machine has, and what to do where it lacks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from polytopic.cli._shared import Voice

__all__ = ["doctor"]

Saved = Annotated[
    Path | None,
    typer.Argument(
        help="A run, a model or word vectors: whether this version reads it.", show_default=False
    ),
]

_MARKS = {"fine": "", "absent": "-", "fault": "!"}


def doctor(saved: Saved = None) -> None:
    """Look at versions, extras, compiled code, threads, devices, folders and plugins.

    Lines with ! hold a fault, those with - something that is not there and need not be; both say
    what to do. Nothing is changed and nothing is sent. Exit code 1 if there is a fault.
    """
    from rich.markup import escape
    from rich.table import Table

    from polytopic import doctoring

    found = doctoring.examine() if saved is None else doctoring.examine_saved(saved)
    table = Table(box=None, pad_edge=False)
    for heading in ("", "", "name", "found", "what to do"):
        table.add_column(heading, overflow="fold")
    last = ""
    for one in found:
        part, last = ("" if one.part == last else one.part), one.part
        table.add_row(_MARKS[one.state], *map(escape, (part, one.name, one.found, one.advice)))
    voice = Voice()
    voice.out.print(table)
    faults = sum(one.state == "fault" for one in found)
    voice.say(f"{faults} fault{'s' if faults != 1 else ''}." if faults else "All is well.")
    raise typer.Exit(1 if faults else 0)
