"""What a comparison found: cells, a table with intervals, Markdown, LaTeX, a page."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from polytopic.comparing.cells import Done
from polytopic.errors import InputError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Comparison"]

SHOWN = (
    "npmi_held_out", "npmi", "npmi_reference", "diversity", "diversity_once", "purity_held_out",
    "purity", "nmi_held_out", "nmi", "perplexity", "dead_topics", "seconds",
)  # fmt: skip
"""Columns of the table by default, as far as there are figures: those from outside come first."""

SMALLER = ("perplexity", "dead_topics", "seconds", "duplicate_pairs", "share_duplicates")
"""Metrics of which less is better, or costs less."""

CONFIDENCE = 0.95
"""Of intervals of means over seeds: the usual one."""

_DIGITS = 3
"""Decimals of a figure below ten: what seeds change stands in the second or third."""


@dataclass(frozen=True)
class Comparison:
    """The cells of a comparison, in the order of the plan.

    Attributes
    ----------
    cells : tuple of Done
        ``model``, ``corpus``, ``seed``, ``metrics``, ``seconds``; ``told`` says why one has none.
    """

    cells: tuple[Done, ...]

    def frame(self) -> pl.DataFrame:
        """A row a cell: model, corpus, seed, every metric, seconds, and what was told."""
        import polars as pl

        names = self._metrics()
        rows = [
            {"model": c.model, "corpus": c.corpus, "seed": c.seed}
            | {name: _value(c, name) for name in names}
            | {"told": c.told or None}
            for c in self.cells
        ]
        numbers = dict.fromkeys(names, pl.Float64)
        schema = {"model": pl.String, "corpus": pl.String, "seed": pl.Int64, **numbers}
        return pl.DataFrame(rows, schema={**schema, "told": pl.String}, orient="row")

    def table(self, metrics: Sequence[str] | None = None) -> pl.DataFrame:
        """A row a model and corpus: seeds, and of each metric mean, deviation and interval.

        ``npmi`` is the mean over seeds, ``npmi_deviation`` the standard deviation between them
        (n - 1), ``npmi_interval`` half the width of Student's 95 % interval of the mean: the last
        two only where there are two seeds or more.

        Raises
        ------
        InputError
            If there is no such metric.
        """
        import polars as pl

        rows = [
            {"model": model, "corpus": corpus, "seeds": len(found)}
            | {
                column: value
                for name in self._wanted(metrics)
                for column, value in zip(_columns(name), _summary(found, name), strict=True)
            }
            for (model, corpus), found in self._groups().items()
        ]
        table = pl.DataFrame(rows, infer_schema_length=None)
        empty = [name for name in table.columns if table[name].null_count() == len(table)]
        return table.drop([n for n in empty if n.endswith(("_deviation", "_interval"))])

    def to_markdown(self, metrics: Sequence[str] | None = None) -> str:
        """The table in Markdown: mean ± deviation, the best mean of a corpus in bold."""
        rows = self._written(metrics, _markdown, "**{}**".format)
        lines = [f"| {' | '.join(row)} |" for row in rows]
        rule = "|".join(["---"] * 3 + ["---:"] * (len(rows[0]) - 3))
        return "\n".join([lines[0], f"|{rule}|", *lines[1:], "", *self._notes(), ""])

    def to_latex(self, metrics: Sequence[str] | None = None) -> str:
        """The table in LaTeX, with the rules of booktabs."""
        rows = self._written(metrics, _latex, r"\textbf{{{}}}".format)
        lines = [" & ".join(row) + r" \\" for row in rows]
        shape = "ll" + "r" * (len(rows[0]) - 2)
        notes = [f"% {note}" for note in self._notes()]
        head = [rf"\begin{{tabular}}{{{shape}}}", r"\toprule", lines[0], r"\midrule"]
        return "\n".join([*notes, *head, *lines[1:], r"\bottomrule", r"\end{tabular}", ""])

    def written(self, metrics: Sequence[str] | None = None) -> list[list[str]]:
        """The heading and the rows of the table as text, mean ± deviation; of the metrics named
        those there are."""
        there = self._metrics()
        names = None if metrics is None else [name for name in metrics if name in there]
        return self._written(names, str, str)

    def figure(self, metrics: Sequence[str] | None = None) -> Any:
        """An altair chart: a panel a metric, a point a seed, the mean and its interval."""
        from polytopic.comparing.figures import comparison_chart

        names = self._wanted(metrics)
        return comparison_chart(self.frame(), self.table(names), names)

    def write(self, path: str | Path, metrics: Sequence[str] | None = None) -> Path:
        """Write the figure: .html (one page that works offline), .svg or .png.

        Raises
        ------
        InputError, FileMissingError
            If the name ends otherwise, or it cannot be written.
        MissingExtraError
            For .svg and .png without vl-convert.
        """
        from polytopic.report.writing import write_figure

        return write_figure(self.figure(metrics).to_dict(), path, "Comparison of topic models")

    def write_all(self, folder: Path) -> None:
        """Write ``cells.csv``, ``table.csv``, ``table.md``, ``table.tex`` and ``comparison.html``.

        Raises
        ------
        InputError
            If one cannot be written.
        """
        from polytopic.io import replacing
        from polytopic.io.leaving import cells

        texts = {
            "cells.csv": cells(self.frame()).write_csv(),
            "table.csv": cells(self.table()).write_csv(),
            "table.md": self.to_markdown(),
            "table.tex": self.to_latex(),
        }
        for name, text in texts.items():
            try:
                with replacing(folder / name) as partial:
                    partial.write_text(text, encoding="utf-8")
            except OSError as error:
                raise InputError(
                    f"{folder / name}: cannot be written ({error.strerror or error}). Free some "
                    "space and start again: what is done is kept."
                ) from None
        self.write(folder / "comparison.html")

    def __repr__(self) -> str:
        models = len({cell.model for cell in self.cells})
        corpora = len({cell.corpus for cell in self.cells})
        return f"Comparison({models} models, {corpora} corpora, {len(self.cells)} cells)"

    # ---- parts ---------------------------------------------------------------------------------

    def _metrics(self) -> list[str]:
        """Metrics that some cell has a figure of; the usual ones first."""
        there = {name for cell in self.cells for name in (*cell.metrics, "seconds")}
        ordered = [*SHOWN, *sorted(there - set(SHOWN))]
        return [n for n in ordered if any(_value(cell, n) is not None for cell in self.cells)]

    def _wanted(self, metrics: Sequence[str] | None) -> list[str]:
        there = self._metrics()
        if metrics is None:
            return [name for name in SHOWN if name in there]
        for name in metrics:
            if name not in there:
                raise InputError(
                    f'metrics: there is no "{name}". There are: {", ".join(there) or "none"}.'
                )
        return list(metrics)

    def _groups(self) -> dict[tuple[str, str], list[Done]]:
        groups: dict[tuple[str, str], list[Done]] = {}
        for cell in self.cells:
            groups.setdefault((cell.model, cell.corpus), []).append(cell)
        return groups

    def _notes(self) -> list[str]:
        """What a table says below itself: how figures are meant, and which cells failed."""
        most = max(sum(not cell.told for cell in found) for found in self._groups().values())
        notes = ["Mean ± standard deviation over the seeds." if most > 1 else "One seed each."]
        told = {f"{c.model}, {c.corpus}: {c.told}" for c in self.cells if c.told}
        return notes + sorted(told)

    def _written(
        self,
        metrics: Sequence[str] | None,
        plain: Callable[[str], str],
        bold: Callable[[str], str],
    ) -> list[list[str]]:
        """Heading and rows of cells as text."""
        names = self._wanted(metrics)
        rows = [["model", "corpus", "seeds", *map(plain, names)]]
        table = self.table(names).to_dicts()
        for row in table:
            same = [other for other in table if other["corpus"] == row["corpus"]]
            entries = []
            for name in names:
                text = plain(_entry(row[name], row.get(f"{name}_deviation"), name))
                best = _best([other[name] for other in same], name)
                leads = len(same) > 1 and row[name] is not None and row[name] == best
                entries.append(bold(text) if leads else text)
            rows.append([plain(row["model"]), plain(row["corpus"]), str(row["seeds"]), *entries])
        return rows


def _value(cell: Done, name: str) -> float | None:
    value = cell.seconds if name == "seconds" else cell.metrics.get(name)
    return None if value is None else float(value)


def _columns(name: str) -> tuple[str, str, str]:
    return name, f"{name}_deviation", f"{name}_interval"


def _summary(cells: Sequence[Done], name: str) -> tuple[float | None, float | None, float | None]:
    """Mean, deviation and half the interval of a metric over seeds."""
    values = np.array([v for v in (_value(cell, name) for cell in cells) if v is not None])
    if not len(values):
        return None, None, None
    if len(values) < 2:
        return float(values[0]), None, None
    from scipy.stats import t

    deviation = float(values.std(ddof=1))
    wide = float(t.ppf((1 + CONFIDENCE) / 2, len(values) - 1))
    return float(values.mean()), deviation, wide * deviation / math.sqrt(len(values))


def _best(values: Sequence[float | None], name: str) -> float | None:
    there = [value for value in values if value is not None]
    if not there:
        return None
    return min(there) if name in SMALLER else max(there)


def _entry(mean: float | None, deviation: float | None, name: str) -> str:
    if mean is None:
        return "–"
    digits = _DIGITS if abs(mean) < 10 else 1
    spread = "" if deviation is None else f" ± {deviation:.{digits}f}"
    return f"{mean:.{digits}f}{spread}"


def _markdown(text: str) -> str:
    return " ".join(text.replace("\\", "\\\\").replace("|", "\\|").split())


_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "±": r"$\pm$", "–": "--",
}  # fmt: skip


def _latex(text: str) -> str:
    return " ".join("".join(_SPECIAL.get(letter, letter) for letter in text).split())
