"""``polytopic documents``: the documents of a topic, of a label, or of both, in a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from polytopic.cli._shared import Voice, as_cell

__all__ = ["documents"]

_SHOWN = 60
"""Characters of a text that the table holds."""


def documents(
    run: Annotated[
        Path, typer.Argument(help="Folder that polytopic topics wrote.", show_default=False)
    ],
    topic: Annotated[
        int | None, typer.Option("--topic", help="Those whose largest topic it is.")
    ] = None,
    label: Annotated[str | None, typer.Option("--label", help="Those that bear it.")] = None,
    n: Annotated[int, typer.Option("-n", help="How many to show.", min=1)] = 10,
) -> None:
    """Show documents of a run: those of a topic first that it accounts for most."""
    from rich.table import Table

    from polytopic import runs

    found = runs.load_result(run).documents(topic=topic, label=label)
    voice = Voice()
    table = Table("row", "id", "label", "topic", "share", "text", box=None, pad_edge=False)
    for row in found.head(n).iter_rows(named=True):
        share = "" if row["share"] is None else f"{row['share']:.1%}"
        text = " ".join((row.get("text") or "")[: 2 * _SHOWN].split())[:_SHOWN]
        cells = [row["row"], row.get("id"), row.get("label"), row["topic"]]
        shown = ["" if value is None else as_cell(str(value)) for value in cells]
        table.add_row(*shown, share, as_cell(text))
    voice.out.print(table)
    voice.say(f"{min(n, len(found)):,} of {len(found):,} documents.")
