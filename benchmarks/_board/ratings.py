"""Tables of blind ratings: shares by model, and what agrees with the marks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from blind_ratings import level
from scipy.stats import binomtest

from polytopic.figures.making import Table

from .figures import Counting, Figure, shown
from .naming import title
from .rows import POOLS

__all__ = ["LEVELS", "again", "agreement", "by_model", "rated", "raw", "shares", "verdicts"]

LEVELS = ("good", "fair", "junk")
RAW = {"raw", "again"}
"""Those of runs of the command line on raw posts."""

Marks = Mapping[str, int]
"""How many topics have each mark, "1" to "5"."""


def shares(marks: Marks) -> dict[str, Figure]:
    """Share of each level, with Wilson's interval (JASA 22, 1927) of 95 %."""
    topics = sum(marks.values())
    found = {}
    for name in LEVELS:
        hits = sum(number for mark, number in marks.items() if level(int(mark)) == name)
        ends = binomtest(hits, topics).proportion_ci(0.95, "wilson")
        found[name] = Figure(hits / topics, float(ends.low), float(ends.high), topics)
    return found


def by_model(counting: Counting) -> Table:
    """Models of each pool and corpus."""
    rows = [
        [pool, corpus, model, topics, *(shown(found, ".2f") for found in levels.values())]
        for pool, corpus, model, topics, levels in rated(counting)
    ]
    return Table(["pool", "corpus", "model", "topics", *LEVELS], rows)


def rated(counting: Counting) -> Iterator[tuple[str, str, str, int, dict[str, Figure]]]:
    """Pool, corpus, model, number of its topics that were read, and their shares by level."""
    for pool in POOLS:
        for line in counting.get(f"ratings/{pool}", ()):
            for corpus, models in line["measured"].items():
                for model, marks in models.items():
                    yield pool, corpus, _named(model, pool), sum(marks.values()), shares(marks)


def raw(counting: Counting, pool: str = "raw") -> Table:
    """Raw posts: shares, and the figures of the runs whose topics were read."""
    columns = {"wiki": "wiki", "npmi": "NPMI", "td": "TD", "purity": "purity", "nmi": "NMI"}
    said = {
        model: figures
        for line in counting.get(f"ratings/{pool}-figures", ())
        for model, figures in line["measured"].items()
    }
    rows = []
    for line in counting.get(f"ratings/{pool}", ()):
        for models in line["measured"].values():
            for model, marks in sorted(models.items()):
                cells = [shown(found, ".2f") for found in shares(marks).values()]
                more = [Figure(said.get(model, {}).get(column)) for column in columns]
                rows.append([_named(model, pool), *cells, *(shown(one, ".3f") for one in more)])
    return Table(["model", *LEVELS, *columns.values()], rows)


def again(counting: Counting) -> Table:
    """The same of topics that were read later."""
    return raw(counting, "again")


def agreement(counting: Counting) -> Table:
    """Rank correlation of each measure of a topic with the marks, by corpus."""
    rows = []
    for line in counting.get("ratings/agreement", ()):
        for corpus, measures in line["measured"].items():
            for measure, found in measures.items():
                spearman = Figure(found["spearman"], *found["interval"], of=found["topics"])
                rows.append([corpus, measure, shown(spearman, ".2f"),
                             shown(Figure(found["kendall"]), ".2f")])  # fmt: skip
    return Table(["corpus", "measure", "Spearman (95 %)", "Kendall"], rows)


def verdicts(counting: Counting) -> Table:
    """The verdict beside the reading."""
    rows = [
        [read, *(judged[name] for name in LEVELS)]
        for line in counting.get("ratings/verdicts", ())
        for read, judged in line["measured"].items()
    ]
    return Table(["rated", "verdict good", "fair", "junk"], rows)


def _named(model: str, pool: str) -> str:
    """A model of the package as its class; the plain NMF of tf-idf is scikit-learn's."""
    return "scikit-learn NMF" if model == "nmf" and pool not in RAW else title(model)
