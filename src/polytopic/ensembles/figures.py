"""The figure of numbers of topics, made by altair as the report's are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

__all__ = ["numbers_chart"]

_WIDTH, _HEIGHT = 520, 130
"""Pixels of a panel: three or four of them stand on one screen."""

_PANELS = {
    "fit": "held-out fit (log-likelihood a token)",
    "stability": "stability",
    "good": "share of good topics",
    "agreement": "agreement with labels (AMI)",
}
"""Columns of the table, and what their axes are called."""

_STANDS_FOR = 1.959964
"""Standard errors on each side that hold 95 % of a normal distribution."""


def numbers_chart(table: pl.DataFrame, sentence: str) -> Any:
    """A panel a measure over K, the range of a clear answer shaded; what was not measured has none.

    The lines about the fit are 95 % intervals of its distance from the best.
    """
    import altair as alt

    known = [name for name in _PANELS if table[name].null_count() < table.height]
    panels = [_panel(alt, table, name) for name in known]
    return alt.vconcat(*panels).resolve_scale(x="shared").properties(title=sentence)


def _panel(alt: Any, table: pl.DataFrame, name: str) -> Any:
    rows = table.filter(table[name].is_not_null()).to_dicts()
    scale = alt.Scale(type="log", nice=False, padding=12)
    number = {"title": "topics", "scale": scale}
    axis = alt.Axis(values=table["n_topics"].to_list(), grid=False, format="d", labelOverlap=True)
    values = [{"n_topics": row["n_topics"], "value": row[name]} for row in rows]
    base = alt.Chart(alt.InlineData(values=values)).encode(
        alt.X("n_topics:Q", axis=axis, **number),
        alt.Y("value:Q", title=None, scale=alt.Scale(zero=False)),
        tooltip=[
            alt.Tooltip("n_topics:Q", title="topics"),
            alt.Tooltip("value:Q", title=_PANELS[name], format=".3f"),
        ],
    )
    layers = [base.mark_line(), base.mark_point(filled=True, size=50)]
    if name == "fit":
        layers.insert(0, _errors(alt, rows))
    if table["in_range"].any():
        layers.insert(0, _shade(alt, table))
    size = {"width": _WIDTH, "height": _HEIGHT}
    return alt.layer(*layers).properties(title=_PANELS[name], **size)


def _shade(alt: Any, table: pl.DataFrame) -> Any:
    """The range, as far as half way to the candidates beside it."""
    numbers, inside = table["n_topics"].to_list(), table["in_range"].to_list()
    first = inside.index(True)
    last = len(inside) - 1 - inside[::-1].index(True)
    low = (numbers[first] * numbers[max(first - 1, 0)]) ** 0.5
    high = (numbers[last] * numbers[min(last + 1, len(numbers) - 1)]) ** 0.5
    values = alt.InlineData(values=[{"low": low, "high": high}])
    return (
        alt.Chart(values)
        .mark_rect(opacity=0.15, color="#2a9d8f")
        .encode(alt.X("low:Q"), alt.X2("high:Q"))
    )


def _errors(alt: Any, rows: list[dict[str, Any]]) -> Any:
    values = [
        {
            "n_topics": row["n_topics"],
            "low": row["fit"] - _STANDS_FOR * row["fit_error"],
            "high": row["fit"] + _STANDS_FOR * row["fit_error"],
        }
        for row in rows
    ]
    chart = alt.Chart(alt.InlineData(values=values)).mark_rule()
    return chart.encode(alt.X("n_topics:Q"), alt.Y("low:Q"), alt.Y2("high:Q"))
