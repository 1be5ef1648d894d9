"""Every table of the board by its name, made of the lines that count."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from _quality import COLUMNS

from polytopic.figures.making import Table

from .figures import figure, shown
from .lines import Line
from .naming import title
from .rows import ROWS

__all__ = ["HEADS", "TABLES", "Counting"]

Counting = Mapping[str, Sequence[Line]]
"""Row to the lines of it that count, as ``lines.current`` gives them."""

HEADS = {
    "npmi": "NPMI", "held_out": "held out", "wiki": "wiki", "c_v": "C_V", "td": "TD",
    "once": "once", "i_rbo": "I-RBO", "purity": "purity", "nmi": "NMI",
    "perplexity": "perplexity", "dead": "dead", "duplicates": "near-duplicates",
}  # fmt: skip
"""Columns of quality, as readers know them."""


def quality(counting: Counting, table: str) -> Table:
    """Models down, figures across; those that were not run are not there."""
    rows = []
    for name, lines in _of(counting, f"quality/{table}/").items():
        figures = {column: figure(lines, column) for column in HEADS}
        seeds = max(found.of for found in figures.values())
        cells = [shown(found, COLUMNS[column]) for column, found in figures.items()]
        rows.append([title(ROWS[name].about["model"]), seeds, *cells])
    return Table(["model", "seeds", *HEADS.values()], rows)


def _of(counting: Counting, start: str) -> dict[str, Sequence[Line]]:
    """The rows of a table that have lines, in the order of the registry."""
    return {name: counting[name] for name in ROWS if name.startswith(start) and name in counting}


TABLES: dict[str, Callable[[Counting], Table]] = {
    f"quality {table}": partial(quality, table=table)
    for table in ("20ng-5k", "nyt-10k", "20ng-5k-k100", "20ng-5k-k200")
}
