"""The table of the models."""

from __future__ import annotations

from pathlib import Path

from polytopic import registry
from polytopic.extras import EXTRAS
from polytopic.figures.making import Table

__all__ = ["models"]


def models(data: Path | None = None) -> Table:
    """A row a model, of the registry."""
    rows = [
        (
            entry.name,
            entry.class_name,
            entry.summary,
            entry.source,
            f"polytopic[{EXTRAS[entry.extra]}]" if entry.extra else "nothing else",
        )
        for entry in registry.MODELS
    ]
    return Table(("name", "class", "what it is", "source", "needs"), rows)
