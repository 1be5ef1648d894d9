"""Figures of two collapses: what the monitor shows of them, and what cures them."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

import altair as alt

from polytopic.errors import InputError
from polytopic.figures.collapse_runs import COLLAPSES, Texts, measure, remedies
from polytopic.figures.making import Drawing
from polytopic.figures.stand_in import THEMES, corpus_of, kept_records

__all__ = ["collapse_remedies", "collapse_watched"]

WATCHED = {"winning": "winning topics", "kl": "kl (nats)", "evenness": "evenness"}
CORPORA = {"20ng-5k": "20 Newsgroups", "yelp": "Yelp reviews"}
SHOWN = {
    "component": (("dead", "dead topics, share"), ("purity", "purity")),
    "extreme": (("kl", "KL (nats)"), ("purity", "purity")),
}
"""What tells each collapse, with its title."""

BESIDE = {
    "component collapse": ("component", "none"),
    "extreme collapse": ("extreme", "none"),
    "as built in": ("component", "as built in"),
}
"""Runs whose epochs are drawn."""

_TOPICS, _SMALL_TOPICS, _SMALL_EPOCHS = 50, 8, 15
"""Of a corpus that is measured now, and of the stand-in, which has four themes; its epochs."""

Record = dict[str, Any]


def collapse_watched(data: Path | None = None) -> Drawing:
    """Epochs of one seed on one corpus: both collapses and the model as built in."""
    records = _records(data, list(BESIDE.values()))
    first = records[0]["corpus"]
    here = {(r["collapse"], r["remedy"]): r["found"] for r in records
            if r["corpus"] == first and r["seed"] == records[0]["seed"]}  # fmt: skip
    runs = {name: here[case].get("epochs", []) for name, case in BESIDE.items() if case in here}
    rows = [
        {"run": name, "epoch": epoch + 1, "number": number, "value": record[number]}
        for name, epochs in runs.items()
        for epoch, record in enumerate(epochs)
        for number in WATCHED
    ]
    panels = []
    for number, title in WATCHED.items():
        chosen = [row for row in rows if row["number"] == number]
        panels.append(
            alt.Chart(alt.Data(values=chosen))
            .mark_line(point=True)
            .encode(
                x=alt.X("epoch:Q", axis=alt.Axis(tickMinStep=1)),
                y=alt.Y("value:Q", title=None, scale=_scale(number)),
                color=alt.Color("run:N", title=None, sort=None, legend=alt.Legend(orient="bottom")),
            )
            .properties(width=200, height=160, title=title)
        )
    ends = {name: {n: f"{epochs[-1][n]:.3g}" for n in WATCHED} for name, epochs in runs.items()
            if epochs}  # fmt: skip
    told = [f"{name}, at the end: {values}" for name, values in ends.items()]
    return Drawing(alt.hconcat(*panels).to_dict(), told)


def collapse_remedies(data: Path | None = None) -> Drawing:
    """A row of panels a collapse: what tells it, and purity, by remedy and corpus."""
    cases = [(collapse, remedy) for collapse in COLLAPSES for remedy in remedies(collapse)]
    records = _records(data, cases)
    rows = []
    for collapse, columns in SHOWN.items():
        panels = []
        for column, title in columns:
            chart = alt.Chart(alt.Data(values=_values(records, collapse, column)))
            panels.append(
                chart.mark_point(filled=True, size=60, opacity=0.9)
                .encode(
                    x=alt.X("value:Q", title=title, scale=_scale(column)),
                    y=alt.Y("remedy:N", sort=None, title=None, axis=alt.Axis(grid=True)),
                    color=alt.Color("corpus:N", title=None, legend=alt.Legend(orient="bottom")),
                    shape=alt.Shape("corpus:N", title=None),
                )
                .properties(width=260, height=300, title=f"{collapse} collapse: {title}")
            )
        rows.append(alt.hconcat(*panels))
    return Drawing(alt.vconcat(*rows).to_dict())


def _scale(column: str) -> alt.Scale:
    """Logarithmic for the KL, which runs over six powers of ten."""
    return alt.Scale(type="log") if column == "kl" else alt.Scale()


def _values(records: list[Record], collapse: str, column: str) -> list[Record]:
    """Median over seeds of a column, one row a corpus and remedy."""
    groups: dict[tuple[str, str], list[float]] = {}
    for record in records:
        if record["collapse"] == collapse and "diverged" not in record["found"]:
            value = record["found"][column]
            share = value / record["n_topics"] if column == "dead" else value
            groups.setdefault((record["corpus"], record["remedy"]), []).append(share)
    return [
        {"corpus": CORPORA.get(corpus, corpus), "remedy": remedy, "value": statistics.median(found)}
        for (corpus, remedy), found in groups.items()
    ]


def _records(data: Path | None, cases: list[tuple[str, str]]) -> list[Record]:
    """Those that the benchmark wrote, or of a corpus: the cases are run now."""
    if data is not None and data.suffix == ".json":
        wanted = ("corpus", "collapse", "remedy", "seed", "n_topics", "found")
        return kept_records(data, wanted, "collapse.py", "what its --out wrote")
    texts, name = _texts(data), "themes" if data is None else data.stem
    records = []
    for collapse, remedy in cases:
        setting = remedies(collapse)[remedy]
        if data is None:
            setting = setting.but(epochs=_SMALL_EPOCHS, batch_size=50)
        found = measure(setting, texts, 0)
        records.append({"corpus": name, "collapse": collapse, "remedy": remedy, "seed": 0,
                        "n_topics": texts.n_topics, "found": found})  # fmt: skip
    return records


def _texts(data: Path | None) -> Texts:
    corpus = corpus_of(data, 600)
    if corpus.labels is None:
        raise InputError(f"{data}: has no labels, and purity needs them. Name a labelled corpus.")
    n_topics = _SMALL_TOPICS if data is None else _TOPICS
    n_topics = max(2, min(n_topics, len(corpus.vocabulary) // len(THEMES)))
    terms = list(corpus.vocabulary.terms)
    return Texts(corpus.counts, terms, corpus.counts, corpus.labels, n_topics)
