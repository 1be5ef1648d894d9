"""``polytopic models``: what there is, with its source."""

from __future__ import annotations

from polytopic.cli._shared import Voice

__all__ = ["models"]


def models() -> None:
    """List the models: name, class, what it is, where it comes from, which extra it needs."""
    from rich.table import Table

    from polytopic import registry
    from polytopic.extras import EXTRAS

    table = Table(box=None, pad_edge=False)
    for heading in ("name", "class", "summary", "source", "needs"):
        table.add_column(heading, overflow="fold")
    for entry in registry.MODELS:
        default = " (default)" if entry.name == registry.DEFAULT_TOPIC_MODEL else ""
        needs = f"polytopic\\[{EXTRAS.get(entry.extra, entry.extra)}]" if entry.extra else ""
        table.add_row(entry.name + default, entry.class_name, entry.summary, entry.source, needs)
    Voice().out.print(table)
