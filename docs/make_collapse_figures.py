"""Draws docs/images/collapse-watched.svg and collapse-remedies.svg, which docs/collapse.md shows.

python benchmarks/collapse.py --out collapse.json
python docs/make_collapse_figures.py collapse.json          # needs polytopic[figures]
"""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path
from typing import Any

import altair as alt

IMAGES = Path(__file__).parent / "images"
WATCHED = {"winning": "winning topics", "kl": "kl (nats)", "evenness": "evenness"}
CORPORA = {"20ng-5k": "20 Newsgroups", "yelp": "Yelp reviews"}
SHOWN = {
    "component": (("dead", "dead topics, share"), ("purity", "purity")),
    "extreme": (("kl", "KL (nats)"), ("purity", "purity")),
}
"""What tells each collapse, with its title."""

Record = dict[str, Any]


def runs(records: list[Record]) -> dict[str, list[Record]]:
    """Epochs of the first seed on 20 Newsgroups: both collapses and the model as built in."""
    wanted = {
        "component collapse": ("component", "none"),
        "extreme collapse": ("extreme", "none"),
        "as built in": ("component", "as built in"),
    }
    here = {(r["collapse"], r["remedy"]): r["found"]["epochs"]
            for r in records if r["corpus"] == "20ng-5k" and r["seed"] == 0}  # fmt: skip
    return {name: here[case] for name, case in wanted.items()}


def scale(column: str) -> alt.Scale:
    """Logarithmic for the KL, which runs over six powers of ten."""
    return alt.Scale(type="log") if column == "kl" else alt.Scale()


def watched(records: list[Record]) -> Any:
    """A panel a number of the monitor, a line a run."""
    rows = [
        {"run": name, "epoch": epoch + 1, "number": number, "value": record[number]}
        for name, epochs in runs(records).items()
        for epoch, record in enumerate(epochs)
        for number in WATCHED
    ]
    panels = []
    for number, title in WATCHED.items():
        here = [row for row in rows if row["number"] == number]
        panels.append(
            alt.Chart(alt.Data(values=here))
            .mark_line(point=True)
            .encode(
                x=alt.X("epoch:Q", axis=alt.Axis(tickMinStep=1)),
                y=alt.Y("value:Q", title=None, scale=scale(number)),
                color=alt.Color("run:N", title=None, sort=None, legend=alt.Legend(orient="bottom")),
            )
            .properties(width=200, height=160, title=title)
        )
    return alt.hconcat(*panels)


def values(records: list[Record], collapse: str, column: str) -> list[Record]:
    """Median over seeds of a column, one row a corpus and remedy."""
    groups: dict[tuple[str, str], list[float]] = {}
    for record in records:
        if record["collapse"] == collapse and "diverged" not in record["found"]:
            value = record["found"][column]
            share = value / record["n_topics"] if column == "dead" else value
            groups.setdefault((record["corpus"], record["remedy"]), []).append(share)
    return [
        {"corpus": CORPORA[corpus], "remedy": remedy, "value": statistics.median(found)}
        for (corpus, remedy), found in groups.items()
    ]


def remedies(records: list[Record]) -> Any:
    """A row of panels a collapse: what tells it, and purity, by remedy and corpus."""
    rows = []
    for collapse, columns in SHOWN.items():
        panels = []
        for column, title in columns:
            chart = alt.Chart(alt.Data(values=values(records, collapse, column)))
            panels.append(
                chart.mark_point(filled=True, size=60, opacity=0.9)
                .encode(
                    x=alt.X("value:Q", title=title, scale=scale(column)),
                    y=alt.Y("remedy:N", sort=None, title=None, axis=alt.Axis(grid=True)),
                    color=alt.Color("corpus:N", title=None, legend=alt.Legend(orient="bottom")),
                    shape=alt.Shape("corpus:N", title=None),
                )
                .properties(width=260, height=300, title=f"{collapse} collapse: {title}")
            )
        rows.append(alt.hconcat(*panels))
    return alt.vconcat(*rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("records", nargs="+", type=Path, help="what benchmarks/collapse.py wrote")
    arguments = parser.parse_args()
    records = [r for path in arguments.records for r in json.loads(path.read_text("utf-8"))]
    watched(records).save(str(IMAGES / "collapse-watched.svg"))
    remedies(records).save(str(IMAGES / "collapse-remedies.svg"))


if __name__ == "__main__":
    main()
