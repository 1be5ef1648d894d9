"""The figure of a comparison, made by altair as the report's are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from polytopic.io.leaving import LONGEST_SHOWN, visible

if TYPE_CHECKING:
    import polars as pl

__all__ = ["comparison_chart"]

_WIDTH, _STEP = 260, 26
"""Pixels of a panel, and of a model's corpus in it."""

_COLUMNS = 3
"""Panels beside each other: as many as a page shows legibly."""


def comparison_chart(cells: pl.DataFrame, table: pl.DataFrame, metrics: Sequence[str]) -> Any:
    """A panel a metric: models down, figures across, a colour a corpus.

    Points are seeds, ticks means, lines the 95 % intervals of the means, where there are seeds.
    """
    import altair as alt

    panels = [_panel(alt, cells, table, name) for name in metrics]
    return alt.concat(*panels, columns=_COLUMNS).resolve_scale(
        color="shared", yOffset="independent"
    )


def _panel(alt: Any, cells: pl.DataFrame, table: pl.DataFrame, name: str) -> Any:
    means = [
        {
            "model": visible(row["model"], LONGEST_SHOWN),
            "corpus": visible(row["corpus"], LONGEST_SHOWN),
            "mean": row[name],
            "low": row[name] - (row.get(f"{name}_interval") or 0.0),
            "high": row[name] + (row.get(f"{name}_interval") or 0.0),
        }
        for row in table.to_dicts()
        if row[name] is not None
    ]
    seeds = [
        {
            "model": visible(row["model"], LONGEST_SHOWN),
            "corpus": visible(row["corpus"], LONGEST_SHOWN),
            "value": row[name],
            "seed": row["seed"],
        }
        for row in cells.to_dicts()
        if row[name] is not None
    ]
    order = list(dict.fromkeys(row["model"] for row in means))
    title = name.replace("_", " ")
    models = alt.Y("model:N", sort=order, title=None)
    corpora = list(dict.fromkeys(row["corpus"] for row in means))
    offset = alt.YOffset("corpus:N", scale=alt.Scale(domain=corpora))
    colour = alt.Color("corpus:N", title="corpus")
    scale = alt.Scale(zero=False)
    base = alt.Chart(alt.InlineData(values=means)).encode(models, offset, colour)
    interval = base.mark_rule(strokeWidth=2).encode(
        alt.X("low:Q", title=title, scale=scale), alt.X2("high:Q")
    )
    mean = base.mark_tick(thickness=3, size=14).encode(
        alt.X("mean:Q", scale=scale),
        tooltip=["model:N", "corpus:N", alt.Tooltip("mean:Q", format=".4f")],
    )
    points = (
        alt.Chart(alt.InlineData(values=seeds))
        .mark_circle(opacity=0.55)
        .encode(
            models,
            offset,
            colour,
            alt.X("value:Q", scale=scale),
            tooltip=["model:N", "corpus:N", "seed:N", alt.Tooltip("value:Q", format=".4f")],
        )
    )
    height = _STEP * (len(order) * len(corpora) + 1)
    return (interval + mean + points).properties(width=_WIDTH, height=height, title=title)
