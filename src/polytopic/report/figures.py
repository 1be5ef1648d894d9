"""The figures of the report as Vega-Lite specs, made by altair; colours of text and ground are
left to the page, which knows whether it is dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.report.breakdown import Breakdown, diagonal_order
from polytopic.report.content import short_name
from polytopic.report.layout import ASPECT

__all__ = ["date_heatmap", "label_heatmap", "topic_map", "training_curves"]

Record = dict[str, Any]
Spec = dict[str, Any]

MOST_TOPICS = 60
MOST_CHANGING = 24
MAP_WIDTH = 800
"""Pixels for which the names on the map are chosen; bubbles scale with the page."""


def topic_map(
    records: Sequence[Record], points: NDArray[np.float64], radii: NDArray[np.float64]
) -> Spec:
    """Topics as bubbles: near ones share words, the area is the share of tokens."""
    import altair as alt

    extent = (np.abs(points) + radii[:, None]).max(axis=0)
    height = max(float(extent[0]) / ASPECT, float(extent[1]))
    width = height * ASPECT
    values = _bubbles(records, points, radii, width)
    tooltip = [
        alt.Tooltip("name:N", title="Topic"),
        alt.Tooltip("words:N", title="Words"),
        alt.Tooltip("share:Q", title="Share of tokens", format=".1%"),
    ]
    if any(value["npmi"] is not None for value in values):
        tooltip.append(alt.Tooltip("npmi:Q", title="NPMI", format=".2f"))
    base = alt.Chart(alt.InlineData(values=values)).encode(
        x=_place("x:Q", width), y=_place("y:Q", height)
    )
    chosen = alt.param(name="chosen", value=-1)
    largest = values[0]["area"]
    disc = alt.ExprRef(f"{np.pi * largest / (4 * width**2):.6f} * width * width")
    bubbles = base.mark_circle(opacity=1, cursor="pointer").encode(
        size=alt.Size("area:Q", legend=None, scale=alt.Scale(domain=[0, largest], range=[0, disc])),
        color=alt.Color("color:N", scale=None),
        fillOpacity=alt.condition("datum.topic === chosen", alt.value(0.95), alt.value(0.55)),
        stroke=alt.Color("color:N", scale=None),
        strokeWidth=alt.condition("datum.topic === chosen", alt.value(3), alt.value(1)),
        tooltip=tooltip,
    )
    names = (
        base.transform_filter("datum.lead !== null")
        .mark_text(
            fontSize=alt.ExprRef(f"datum.font * width / {MAP_WIDTH}"),
            lineHeight=alt.ExprRef(f"1.14 * datum.font * width / {MAP_WIDTH}"),
            dy=alt.ExprRef(f"-0.57 * (datum.lines - 1) * datum.font * width / {MAP_WIDTH}"),
            lineBreak="\n",
            baseline="middle",
            cursor="pointer",
            style="map-label",
        )
        .encode(text="lead:N", tooltip=tooltip)
    )
    chart = alt.layer(bubbles, names).add_params(chosen)
    return _finish(chart, width="container", height="container")


def _bubbles(
    records: Sequence[Record], points: NDArray[np.float64], radii: NDArray[np.float64], width: float
) -> list[Record]:
    """What the map shows of each topic, the largest first; ``width``: half of the map's."""
    values = [
        {
            "topic": record["id"],
            "name": f"Topic {record['id']}" + (f": {record['name']}" if record["name"] else ""),
            "words": ", ".join(str(word[0]) for word in record["words"][:8]),
            **_bubble_text(record, float(radii[place]) * MAP_WIDTH / (2 * width)),
            "share": record["share"],
            "npmi": record["npmi"],
            "x": round(float(points[place, 0]), 4),
            "y": round(float(points[place, 1]), 4),
            "area": round(float(radii[place] ** 2), 6),
            "color": record["color"],
        }
        for place, record in enumerate(records)
    ]
    return sorted(values, key=lambda value: -value["area"])


def _bubble_text(record: Record, radius: float) -> Record:
    """As many of the first words as a bubble of that radius, in pixels, can hold."""
    listed = [[str(word[0]) for word in record["words"][:n]] for n in (3, 2, 1)]
    for words in [[record["name"]]] if record["name"] else listed:
        n = len(words)
        longest = max(map(len, words), default=0)
        if longest:
            breadth = 1.0 - 0.09 * (n - 1)
            font = min(12.5, 1.85 * radius * breadth / (0.58 * longest), 1.45 * radius / (1.14 * n))
            if font >= (9.0 if n > 1 else 7.5):
                return {"lead": "\n".join(words), "lines": len(words), "font": round(font, 1)}
    held = int(1.85 * radius / (0.58 * 8.0))
    if record["words"] and held >= 5:
        first = record["name"] or str(record["words"][0][0])
        return {"lead": first[: held - 1] + "…", "lines": 1, "font": 8.0}
    return {"lead": None, "lines": 0, "font": 0}


def _place(field: str, reach: float) -> Any:
    import altair as alt

    scale = alt.Scale(domain=[-reach, reach], nice=False, zero=False)
    channel = alt.X if field.startswith("x") else alt.Y
    return channel(field, axis=None, scale=scale)


def training_curves(history: Sequence[Mapping[str, Any]]) -> list[Spec]:
    """Held-out bound, loss and what else was watched, by epoch: a figure for each unit."""
    step = "iteration" if any("iteration" in record for record in history) else "epoch"
    return [_curve(title, values, step) for title, values in _series(history).items()]


def _curve(title: str, values: list[Record], step: str) -> Spec:
    import altair as alt

    names = list(dict.fromkeys(value["series"] for value in values))
    legend = None
    if len(names) > 1:
        legend = alt.Legend(orient="top", title=None, symbolType="stroke", symbolOpacity=1)
    epochs = alt.Axis(tickMinStep=1, format="d", tickCount=6)
    chart = (
        alt.Chart(alt.InlineData(values=values), title=title)
        .mark_line(strokeWidth=1.8, point={"size": 30, "opacity": 0.01})
        .encode(
            x=alt.X("epoch:Q", title=step, axis=epochs, scale=alt.Scale(nice=False)),
            y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5)),
            color=alt.Color("series:N", sort=names, legend=legend),
            tooltip=[
                alt.Tooltip("series:N", title="Series"),
                alt.Tooltip("epoch:Q", title=step.capitalize()),
                alt.Tooltip("value:Q", title="Value", format=",.4~g"),
            ],
        )
    )
    return _finish(chart, width=310, height=180)


_TRACE = "Training documents (nats a token)"
_PAIRS = "Pairs of a term and two documents (loss a pair)"
_LABELS = "Labels of the training documents (loss)"
_PANELS = (
    ("Held-out documents (nats a token)", ("held_out", "heldout", "valid", "perplexity")),
    (_TRACE, ("log_likelihood",)),
    (_LABELS, ("label_loss",)),
    ("Training documents (nats a document)", ("loss", "bound", "elbo", "objective")),
    (_PAIRS, ()),
    ("Divergence from the prior (KL)", ("kl", "divergence")),
    ("Coherence (NPMI)", ("npmi", "coherence")),
)
_ASIDE = {"epoch", "step", "seconds", "time", "learning_rate", "lr", "documents", "kl_weight"}


def _series(history: Sequence[Mapping[str, Any]]) -> dict[str, list[Record]]:
    """Long records (series, epoch, value) of the numbers in a training history, by panel."""
    panels: dict[str, list[Record]] = {}
    for place, record in enumerate(history):
        epoch = record.get("epoch", record.get("iteration", place + 1))
        for name, value in record.items():
            title = _panel(name, record)
            number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
            if title is None or name in _ASIDE or not number or not np.isfinite(value):
                continue
            panels.setdefault(title, []).append(
                {"series": name.replace("_", " "), "epoch": float(epoch), "value": float(value)}
            )
    order = [title for title, _ in _PANELS]
    return {title: panels[title] for title in order if title in panels}


def _panel(name: str, record: Mapping[str, Any]) -> str | None:
    """Where a number of a record is drawn: beside others of its unit."""
    if name == "bound" and "iteration" in record:  # of LDA, which learns by passes
        return _TRACE
    if name == "loss" and "pairs" in record:  # of NTM, which ranks
        return _PAIRS
    return next((title for title, keys in _PANELS if any(key in name for key in keys)), None)


def label_heatmap(records: Sequence[Record], labels: Breakdown) -> Spec:
    """Topics over labels: the topic's share of the label's tokens."""
    columns = _strongest(labels.shares)
    row_order, column_order = diagonal_order(labels.shares[:, columns])
    topics = [columns[place] for place in column_order]
    groups = [labels.groups[row] for row in row_order]
    values = [
        _cell(records[topic], labels.groups[row], labels.shares[row, topic])
        for row in row_order
        for topic in topics
        if labels.shares[row, topic] >= 0.0005
    ]
    return _heatmap(
        values,
        x=("topic", [str(topic) for topic in topics], "topic"),
        y=("group", groups, None),
        step=(max(11, min(26, 760 // len(topics))), 19),
        color=("share", "share of tokens", max(float(labels.shares.max()), 1e-6), ".0%"),
        group="Label",
    )


def date_heatmap(records: Sequence[Record], dates: Breakdown) -> Spec:
    """The topics that change most over time, each relative to its own average.

    Periods count by their documents, so that a few early documents do not decide what is shown.
    Topics stand in the order of their centre of time.
    """
    weights = dates.documents / dates.documents.sum()
    average = weights @ dates.shares
    change = weights @ np.abs(dates.shares - average)
    topics = [int(topic) for topic in np.argsort(-change, kind="stable")[:MOST_CHANGING]]
    ratios = dates.shares[:, topics] / np.maximum(average[topics], 1e-12)
    centres = (np.arange(len(weights)) * weights) @ ratios
    order = np.argsort(centres, kind="stable")
    values = [
        _cell(records[topics[place]], group, dates.shares[row, topics[place]])
        | {"ratio": round(float(ratios[row, place]), 3)}
        for row, group in enumerate(dates.groups)
        if dates.documents[row] > 0
        for place in order
    ]
    return _heatmap(
        values,
        x=("group", dates.groups, None),
        y=("name", [short_name(records[topics[place]]) for place in order], None),
        step=(max(9, min(30, 620 // len(dates.groups))), 19),
        color=("ratio", "times its average share", float(min(max(ratios.max(), 1.0), 3.0)), ".1f"),
        group="Time",
    )


def _strongest(shares: NDArray[np.float64]) -> list[int]:
    """The topics that are largest in some group, in the order of their numbers."""
    peaks = shares.max(axis=0)
    return sorted(int(topic) for topic in np.argsort(-peaks, kind="stable")[:MOST_TOPICS])


def _cell(record: Record, group: str, share: float) -> Record:
    return {
        "topic": str(record["id"]),
        "name": short_name(record),
        "group": group,
        "share": float(f"{float(share):.3g}"),
    }


def _heatmap(
    values: list[Record],
    *,
    x: tuple[str, list[str], str | None],
    y: tuple[str, list[str], str | None],
    step: tuple[int, int],
    color: tuple[str, str, float, str],
    group: str,
) -> Spec:
    """Cells in a grid. x, y: field, order, title; color: field, title, highest value, format."""
    import altair as alt

    field, title, top, form = color

    angle = 0 if x[0] == "topic" else -45
    axis = alt.Axis(labelAngle=angle, labelLimit=90, labelOverlap="greedy", labelSeparation=4)
    chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_rect(cursor="pointer")
        .encode(
            x=alt.X(f"{x[0]}:N", title=x[2], scale=alt.Scale(domain=x[1]), axis=axis),
            y=alt.Y(
                f"{y[0]}:N",
                title=y[2],
                scale=alt.Scale(domain=y[1]),
                axis=alt.Axis(labelLimit=210),
            ),
            color=alt.Color(
                f"{field}:Q",
                title=title,
                scale=alt.Scale(range="ramp", type="sqrt", domain=[0, top], clamp=True),
                legend=alt.Legend(
                    format=form,
                    orient="top",
                    values=[0, top / 4, top],
                    gradientLength=160,
                    gradientThickness=8,
                ),
            ),
            tooltip=[
                alt.Tooltip("name:N", title="Topic"),
                alt.Tooltip("group:N", title=group),
                alt.Tooltip("share:Q", title="Share of tokens", format=".1%"),
            ],
        )
        .properties(width=alt.Step(step[0]), height=alt.Step(step[1]))
    )
    return _finish(chart)


def _finish(chart: Any, **size: Any) -> Spec:
    if size:
        chart = chart.properties(**size)
    spec: Spec = chart.to_dict()
    spec.pop("config", None)
    return spec
