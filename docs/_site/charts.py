"""Charts of the site: Vega-Lite by altair, written as SVG by the package, light and dark."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["SCHEMES", "bars", "drawn"]

_WIDTH, _STEP = 230, 17
"""Pixels of a panel, and of a bar."""

_LEAST = 1.2
"""Of a step, so that a name has room."""

_CHARACTER = 6.2
"""Pixels of a character of a name in the widest of usual browsers' fonts: the font that a chart is
laid out in is narrower, and names would begin outside of the picture."""

_SYMBOL = 30
"""Pixels of a legend's mark, with what is between it and the next."""

_LONGEST = 260
"""Pixels of a name, at most."""

_ACROSS = 3
"""Panels beside each other."""

_COLOURS = ["#4878a8", "#d1762c", "#3f8f5b", "#b04a5a", "#7d64a8", "#8a6f5c"]
"""Legible on white and on dark."""

_INK = {"light": ("#1c2733", "#d5dce2"), "dark": ("#e2e6ee", "#454d5c")}
"""Text, and lines behind it."""

SCHEMES = tuple(_INK)
Rows = Sequence[Mapping[str, Any]]


def bars(panels: Mapping[str, Rows], *, zero: bool = False, mark: float | None = None) -> Any:
    """A panel a title: ``what`` down, ``value`` across with ``low`` to ``high``, colour ``group``.

    ``zero``: bars from zero; else points, for values that are far from it. ``mark``: a value that
    a line stands at, as where two programs are even.
    """
    import altair as alt

    groups = list(dict.fromkeys(row["group"] for rows in panels.values() for row in rows))
    across = _WIDTH * min(_ACROSS, len(panels))
    fitting = max(1, int(across // (_SYMBOL + _CHARACTER * max(map(len, groups), default=0))))
    made = []
    for title, rows in panels.items():
        names = list(dict.fromkeys(row["what"] for row in rows))
        legend = alt.Legend(orient="bottom", columns=fitting) if len(groups) > 1 else None
        room = min(_LONGEST, _CHARACTER * max(map(len, names), default=0))
        axis = alt.Axis(labelLimit=_LONGEST, minExtent=room)
        base = alt.Chart(alt.InlineData(values=[dict(row) for row in rows])).encode(
            alt.Y("what:N", sort=names, title=None, axis=axis),
            alt.Color("group:N", title=None, legend=legend, scale=alt.Scale(domain=groups)),
        )
        beside = len(groups) if len(rows) > len(names) else 1
        if beside > 1:
            base = base.encode(alt.YOffset("group:N", scale=alt.Scale(domain=groups)))
        value = alt.X("value:Q", title=None, scale=alt.Scale(zero=zero))
        body = base.mark_bar() if zero else base.mark_point(filled=True, size=40, opacity=1.0)
        ends = base.mark_rule(strokeWidth=1.5).encode(alt.X("low:Q"), alt.X2("high:Q"))
        if zero:
            ends = ends.encode(color=alt.value(_INK["light"][0]))
        layers = [body.encode(value), ends]
        if mark is not None:
            line = alt.Chart(alt.InlineData(values=[{"at": mark}]))
            layers.append(line.mark_rule(strokeDash=[4, 3]).encode(x="at:Q"))
        height = _STEP * len(names) * max(_LEAST, beside)
        made.append(alt.layer(*layers).properties(width=_WIDTH, height=height, title=title))
    return alt.concat(*made, columns=_ACROSS)


def drawn(chart: Any, scheme: str) -> str:
    """The chart, or a spec, as the text of an SVG in one of the ``SCHEMES``."""
    from polytopic.report.writing import write_figure

    spec = chart if isinstance(chart, dict) else chart.to_dict()
    with tempfile.TemporaryDirectory() as folder:
        path = write_figure(spec | {"config": _config(scheme)}, Path(folder) / "chart.svg", "")
        return path.read_text(encoding="utf-8")


def _config(scheme: str) -> dict[str, Any]:
    ink, behind = _INK[scheme]
    lines = {"domainColor": behind, "gridColor": behind, "tickColor": behind}
    words = {"labelColor": ink, "titleColor": ink}
    return {
        "background": "transparent",
        "view": {"stroke": None},
        "axis": {**lines, **words},
        "legend": words,
        "title": {"color": ink, "fontSize": 12},
        "text": {"color": ink},
        "rule": {"color": ink},
        "range": {"category": _COLOURS},
    }
