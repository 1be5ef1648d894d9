"""The training history as curves: held-out bound, loss and what else was watched, by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from polytopic.report.wording import Wording

__all__ = ["training_curves"]

Record = dict[str, Any]

MOST_POINTS = 300
"""Points of a curve that the page holds; a longer history is thinned evenly."""


def training_curves(
    history: Sequence[Mapping[str, Any]], words: Wording | None = None
) -> list[Record]:
    """A panel for each unit: title, name of the steps, and series of [step, value]."""
    words = words or Wording()
    step = "iteration" if any("iteration" in record for record in history) else "epoch"
    step = words.say(step)
    return [
        {"title": words.say(title), "step": step, "series": series, "told": _told(series, step)}
        for title, series in _series(history).items()
    ]


def _told(series: Sequence[Record], step: str) -> str:
    """First and last value of each series, as a sentence for who hears the page."""
    parts = []
    for one in series:
        (first, begun), (last, ended) = one["points"][0], one["points"][-1]
        parts.append(
            f"{one['name']}: {begun:.4g} ({step} {first:g}), {ended:.4g} ({step} {last:g})."
        )
    return " ".join(parts)


_TRACE = "curve_trace"
_PAIRS = "curve_pairs"
_LABELS = "curve_labels"
_PANELS = (
    ("curve_held_out", ("held_out", "heldout", "valid", "perplexity")),
    (_TRACE, ("log_likelihood",)),
    (_LABELS, ("label_loss",)),
    ("curve_documents", ("loss", "bound", "elbo", "objective")),
    (_PAIRS, ()),
    ("curve_divergence", ("kl", "divergence")),
    ("curve_coherence", ("npmi", "coherence")),
)
_ASIDE = {"epoch", "step", "seconds", "time", "learning_rate", "lr", "documents", "kl_weight"}


def _series(history: Sequence[Mapping[str, Any]]) -> dict[str, list[Record]]:
    """The numbers of a training history as series of points, by panel."""
    panels: dict[str, dict[str, list[list[float]]]] = {}
    for place, record in enumerate(history):
        epoch = record.get("epoch", record.get("iteration", place + 1))
        for name, value in record.items():
            title = _panel(name, record)
            number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
            if title is None or name in _ASIDE or not number or not np.isfinite(value):
                continue
            points = panels.setdefault(title, {}).setdefault(name.replace("_", " "), [])
            points.append([float(epoch), float(f"{float(value):.6g}")])
    return {
        title: [
            {"name": name, "points": _thinned(points)} for name, points in panels[title].items()
        ]
        for title, _ in _PANELS
        if title in panels
    }


def _thinned(points: list[list[float]]) -> list[list[float]]:
    places = np.linspace(0, len(points) - 1, min(len(points), MOST_POINTS)).round().astype(int)
    return [points[place] for place in places]


def _panel(name: str, record: Mapping[str, Any]) -> str | None:
    """Where a number of a record is drawn: beside others of its unit."""
    if name == "bound" and "iteration" in record:  # of LDA, which learns by passes
        return _TRACE
    if name == "loss" and "pairs" in record:  # of NTM, which ranks
        return _PAIRS
    return next((title for title, keys in _PANELS if any(key in name for key in keys)), None)
