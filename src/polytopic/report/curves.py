"""Loss curves: what models recorded of their training, by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from polytopic.errors import InputError, InputTypeError
from polytopic.report.writing import write_figure

if TYPE_CHECKING:
    import altair as alt

__all__ = ["LOSSES", "LossCurves", "loss_curves"]

LOSSES = ("held_out", "bound", "loss", "log_likelihood", "kl", "label_loss")
"""Numbers that are drawn where there are any of them, in this order."""

_ASIDE = {"epoch", "iteration", "seconds"}
"""Of a record, what stands below or beside its curves."""

_ACROSS = 3
"""Panels beside each other."""


@dataclass(frozen=True)
class LossCurves:
    """What was recorded by epoch, a panel a number, a curve a model.

    Attributes
    ----------
    rows : list of dict
        ``model``, ``step`` (epoch, or pass of a sampler), ``number`` (its name) and ``value``.
    """

    rows: list[dict[str, Any]]

    def figure(self, *, width: int = 260, height: int = 180) -> alt.ConcatChart:
        """An altair chart; the mouse shows values."""
        import altair as alt

        several = len({row["model"] for row in self.rows}) > 1
        panels = []
        for number in dict.fromkeys(row["number"] for row in self.rows):
            here = [row for row in self.rows if row["number"] == number]
            legend = alt.Legend(orient="bottom") if several else None
            panels.append(
                alt.Chart(alt.InlineData(values=here), title=number.replace("_", " "))
                .mark_line(point=len(here) < 60)
                .encode(
                    x=alt.X("step:Q", title=here[0]["unit"], axis=alt.Axis(tickMinStep=1)),
                    y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=False)),
                    color=alt.Color("model:N", title=None, sort=None, legend=legend),
                    tooltip=["model:N", "step:Q", "value:Q"],
                )
                .properties(width=width, height=height)
            )
        chart: alt.ConcatChart = alt.concat(*panels, columns=_ACROSS)
        return chart

    def write(self, path: str | Path, *, width: int = 260, height: int = 180) -> Path:
        """Write the figure: .html (one page that works offline), .png or .svg.

        Raises
        ------
        InputError, FileMissingError
            If the name ends otherwise, the folder is missing, or the file cannot be written.
        MissingExtraError
            For .png and .svg without vl-convert.
        """
        spec = self.figure(width=width, height=height).to_dict()
        return write_figure(spec, path, "Loss curves")

    def _repr_mimebundle_(self, *args: Any, **keywords: Any) -> Any:
        return self.figure()._repr_mimebundle_(*args, **keywords)


def loss_curves(
    *models: Any, names: Sequence[str] | None = None, numbers: Sequence[str] | None = None
) -> LossCurves:
    """Curves of what models recorded of their training.

    Parameters
    ----------
    *models : fitted models, results, or lists of records
        Whatever has ``history_`` or ``history``.
    names : sequence of str, optional
        One a model; by default its class, numbered where several are alike.
    numbers : sequence of str, optional
        Entries of the records, such as ``evenness``; by default the losses.

    Returns
    -------
    LossCurves
        ``.figure()``, or ``.write("loss.html")``.

    Raises
    ------
    InputError, InputTypeError
        If there is no model, one has no history, or none of the numbers stands in any.

    >>> records = [{"epoch": 1.0, "loss": 3.0}, {"epoch": 2.0, "loss": 2.0}]
    >>> [row["value"] for row in loss_curves(records).rows]
    [3.0, 2.0]
    """
    if not models:
        raise InputError("models: none is given. Pass fitted models, results or their histories.")
    named = _names(models) if names is None else [str(name) for name in names]
    if len(named) != len(models):
        raise InputError(f"names: {len(named)} for {len(models)} models. Give one a model.")
    histories = [_history(model, name) for model, name in zip(models, named, strict=True)]
    rows = [
        {"model": name, "step": step, "unit": unit, "number": number, "value": float(value)}
        for number in (LOSSES if numbers is None else numbers)
        for name, history in zip(named, histories, strict=True)
        for step, unit, value in _values(history, number)
    ]
    if not rows:
        there = sorted({n for history in histories for record in history for n in record} - _ASIDE)
        raise InputError(
            f"numbers: none of {', '.join(LOSSES if numbers is None else numbers)} was recorded. "
            f"There are: {', '.join(there) or 'none'}."
        )
    return LossCurves(rows)


def _names(models: Sequence[Any]) -> list[str]:
    kinds = [
        str(getattr(model, "model", None) or type(model).__name__)
        if not isinstance(model, (list, tuple)) else "training"
        for model in models
    ]  # fmt: skip
    return [
        kind if kinds.count(kind) == 1 else f"{kind} {kinds[: place + 1].count(kind)}"
        for place, kind in enumerate(kinds)
    ]


def _history(model: Any, name: str) -> list[Mapping[str, Any]]:
    found = model if isinstance(model, (list, tuple)) else getattr(model, "history_", None)
    found = getattr(model, "history", None) if found is None else found
    if found is None or not all(isinstance(record, Mapping) for record in found):
        raise InputTypeError(
            f"models: {name} has no history. Pass a fitted model, a result or a list of records."
        )
    if not len(found):
        raise InputError(f"models: {name} has an empty history: it was not trained in steps.")
    return list(found)


def _values(history: Sequence[Mapping[str, Any]], number: str) -> list[tuple[float, str, Any]]:
    """Step, its unit and the value, of records that hold a finite one."""
    unit = "iteration" if any("iteration" in record for record in history) else "epoch"
    return [
        (float(record.get(unit, place + 1)), unit, record[number])
        for place, record in enumerate(history)
        if _is_number(record.get(number))
    ]


def _is_number(value: Any) -> bool:
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    return bool(number and np.isfinite(value))
