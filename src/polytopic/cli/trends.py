"""``polytopic trends``: which topics of a run rise and which fall."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from polytopic.cli._shared import Voice, as_cell

__all__ = ["trends"]

_WORDS = 6
"""A row of the table, which has numbers besides, fits into 80 columns."""


def trends(
    run: Annotated[
        Path, typer.Argument(help="Folder that polytopic topics wrote.", show_default=False)
    ],
    freq: Annotated[
        str | None,
        typer.Option(
            "--freq",
            help="day, week, month, quarter, year or decade; a width, for dates that are numbers.",
            show_default="what suits the dates",
        ),
    ] = None,
    min_documents: Annotated[
        int | None,
        typer.Option(
            "--min-documents",
            help="Leave periods with fewer documents out.",
            show_default="20, or 1 where few periods have so many",
        ),
    ] = None,
) -> None:
    """Show how much each topic's share changed from the first periods to the last."""
    from rich.table import Table

    from polytopic import runs

    result = runs.load_result(run)
    width = int(freq) if freq is not None and freq.isdecimal() else freq
    table = Table("topic", "first", "last", "change", "words", box=None, pad_edge=False)
    words = result.top_words(_WORDS)
    for row in result.trends(freq=width, min_documents=min_documents).iter_rows(named=True):
        name = str(row["topic"]) if row["name"] is None else f"{row['topic']} {row['name']}"
        shares = [f"{row[place]:.1%}" for place in ("first", "last")]
        change = f"{row['change']:+.1%} ± {row['error']:.1%}"
        table.add_row(as_cell(name), *shares, change, as_cell(*words[row["topic"]]))
    Voice().out.print(table)
