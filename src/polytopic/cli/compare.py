"""``polytopic compare``: models x seeds x corpora of a plan, in a table with deviations."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from polytopic.cli._shared import Quiet, Voice, as_cell

__all__ = ["compare"]

HEADLINE = (
    "npmi_held_out", "npmi", "diversity", "diversity_once", "purity_held_out", "nmi_held_out",
)  # fmt: skip
"""Metrics of the table in the terminal; the files hold all."""


def compare(
    plan: Annotated[
        Path,
        typer.Argument(
            help="A TOML file: seeds, [corpora.NAME] with file, [models.NAME].", show_default=False
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of the comparison.", show_default=False)
    ],
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", help="Processes; the figures are the same for any number."),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Compare topic models over seeds and corpora, and write tables and a page to a folder.

    Each fit is kept when it is done: started again, the same command goes on from there.
    """
    from polytopic.comparing import read_plan, run_plan

    voice = Voice(quiet=quiet)
    with voice.busy(f"reading {plan}"):
        made = read_plan(plan)
    if jobs is not None:
        made = replace(made, n_jobs=jobs)
    found = run_plan(made, output, verbose=not quiet)
    _show(found, voice)
    for cell in found.cells:
        if cell.told:
            voice.say(f"{cell.model}, {cell.corpus}, seed {cell.seed}: {cell.told}")
    voice.say(f"Tables and figures: {output}")


def _show(found: Any, voice: Voice) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    heading, *rows = found.written(HEADLINE)
    for place, name in enumerate(heading):
        table.add_column(name, justify="left" if place < 2 else "right", no_wrap=place >= 2)
    for row in rows:
        table.add_row(*(as_cell(entry) for entry in row))
    voice.out.print(table)
