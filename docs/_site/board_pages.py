"""The pages of the board, made of the lines that the benchmarks left (benchmarks/board.py)."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from charts import bars

__all__ = ["BENCHMARKS", "LINES", "PAGES", "Page", "chart", "overview", "page"]

BENCHMARKS = Path(__file__).parent.parent.parent / "benchmarks"
LINES = BENCHMARKS / "board.jsonl"


@dataclass(frozen=True)
class Page:
    """A page: its heading, what is on it in short and in full, its tables, what it draws."""

    heading: str
    short: str
    text: str
    tables: dict[str, str]
    alt: str


PAGES = {
    "quality": Page(
        "Quality",
        "coherence, diversity, purity and perplexity of every model",
        "Each model with its defaults, each peer with its own, all figures computed alike from the "
        "same arrays ([what each is](../metrics.md)): medians of the seeds and, in brackets, the "
        "lowest and the highest.",
        {"20 Newsgroups, K = 50": "quality 20ng-5k", "New York Times, K = 50": "quality nyt-10k",
         "20 Newsgroups, K = 100": "quality 20ng-5k-k100",
         "20 Newsgroups, K = 200": "quality 20ng-5k-k200",
         "Beside the same model of a peer, 20 Newsgroups": "beside peers 20ng-5k",
         "Beside the same model of a peer, New York Times": "beside peers nyt-10k"},
        "NPMI on held-out documents, diversity and purity of every model on 20 Newsgroups and the "
        "New York Times, with the lowest and the highest of the seeds; the tables have the numbers",
    ),
    "speed": Page(
        "Speed",
        "pairs with peers on the same job",
        "Pairs that took turns on one machine, each program in a process of its own: what carries "
        "over to another machine is the ratio, not the seconds. In brackets the lowest and the "
        "highest of the pairs.",
        {"LDA beside tomotopy: seconds to the same likelihood": "speed lda",
         "Word vectors beside gensim": "speed word vectors",
         "Autoencoders beside TopMost: seconds an epoch": "speed epochs"},
        "How many times as fast as its peer each job is, with the lowest and the highest of the "
        "pairs; a broken line where both are even; the tables have the numbers",
    ),
    "memory": Page(
        "Memory",
        "peak memory of pairs, and of every topic model",
        "Peak memory of whole processes, the interpreter and its libraries included.",
        {"Beside peers": "memory of pairs", "Topic models on 20 Newsgroups": "memory 20ng-5k",
         "Topic models on the New York Times": "memory nyt-10k"},
        "Peak memory of each job as a share of its peer's; a broken line where both are even; the "
        "table has the numbers",
    ),
    "ratings": Page(
        "Blind ratings",
        "what a reader found who did not know the models",
        "Topics as ten words, in random order and without their models, marked by one reader: good "
        "(every word, or all but one or two, of one subject), fair, junk. In brackets Wilson's "
        "interval of 95 % "
        "([how they were read](../benchmarks/RESULTS.md#verdicts-and-blind-ratings)).",
        {"By model": "ratings by model", "Topics of raw posts": "ratings raw",
         "Topics of raw posts, read again": "ratings again",
         "What agrees with the marks": "ratings agreement",
         "The verdict beside the reading": "ratings verdicts"},
        "Share of topics that a reader who did not know the models found good, by model and "
        "corpus, with intervals of 95 %; the table has the numbers",
    ),
    "stability": Page(
        "Stability",
        "whether other seeds give the same topics",
        "Do other seeds give the same topics? Agreement: topics of two seeds paired one to one, "
        "average Jaccard index of their first ten words, 1 where all are the same "
        "([`stability`](../metrics.md)); in brackets the lowest and the highest pair of seeds. "
        "Range: the highest figure of the seeds less the lowest.",
        {"20 Newsgroups, K = 50": "stability 20ng-5k",
         "New York Times, K = 50": "stability nyt-10k"},
        "Agreement of the topics of different seeds by model, with the lowest and the highest pair "
        "of seeds; the table has the numbers",
    ),
}  # fmt: skip
"""Name of each page of the board to what stands on it."""

_MACHINE = "{processor}, {cores} cores, {memory_gib:g} GiB"


@cache
def _board() -> tuple[dict[str, Any], Any]:
    """The lines that count, and the module of the tables."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        tables, lines = (importlib.import_module(f"_board.{n}") for n in ("tables", "lines"))
    finally:
        sys.path.remove(str(BENCHMARKS))  # a benchmark is named as the package it measures
    return lines.current(lines.read(LINES)), tables


def overview() -> str:
    """The first page: what the board is, and where its lines were measured."""
    counting, _ = _board()
    every = [line for lines in counting.values() for line in lines]
    fresh = [line for line in every if not line.get("imported")]
    links = "\n".join(
        f"- [{page.heading}]({name}.md): {page.short}" for name, page in PAGES.items()
    )
    machines = dict.fromkeys(_MACHINE.format(**line["machine"]) for line in every)
    return _OVERVIEW.format(
        links=links, lines=len(every), fresh=len(fresh), machines="; ".join(machines)
    )


_OVERVIEW = """# Board

Models of this package and of others, run by one script in processes of their own, and every figure
made of the lines that it left.

{links}

{lines} lines count. {fresh} of them were measured by `python benchmarks/board.py`, each with its
machine, versions and commit; the others were imported from earlier runs, some as medians alone.
Measured on: {machines}; other work ran beside most.

All of it again, or a row of it: `python benchmarks/board.py --list`, then
`python benchmarks/board.py --rows 'quality/20ng-5k/*'`. The
[lines](../assets/board.jsonl)
themselves; [how each figure is measured](../benchmarks/README.md); [all other
figures](../benchmarks/RESULTS.md).
"""


_SORTABLE = """<div class="sortable" markdown>

{}
</div>
"""


def page(name: str) -> str:
    """A page as Markdown; a heading sorts its column."""
    counting, tables = _board()
    found = PAGES[name]
    parts = [f"# {found.heading}\n\n{found.text}\n"]
    for heading, table in found.tables.items():
        made = tables.TABLES[table](counting)
        if made.rows:
            parts.append(
                f'## {heading}\n\n<div class="sortable" markdown>\n\n{made.markdown()}\n</div>\n'
            )
    return "\n".join(parts)


def chart(name: str) -> Any:
    """What a page of the board draws."""
    counting, tables = _board()
    draw = {"quality": _quality, "speed": _speed, "memory": _memory, "ratings": _ratings,
            "stability": _stability}[name]  # fmt: skip
    return draw(counting, tables)


def _quality(counting: Any, tables: Any) -> Any:
    figure, under, columns = tables.figure, tables.under, ("held_out", "td", "purity")
    panels = {
        tables.HEADS[column]: [
            _row(
                _plain(tables.title(tables.ROWS[name].about["model"])),
                corpus,
                figure(lines, column),
            )
            for corpus in tables.CORPORA
            for name, lines in under(counting, f"quality/{corpus}/").items()
        ]
        for column in columns
    }
    return bars(panels)


def _speed(counting: Any, tables: Any) -> Any:
    rows = [
        _row(_plain(job), about["peer"], ratio) for job, about, ratio in _ratios(counting, tables)
    ]
    return bars({"times as fast as the peer": rows}, zero=True, mark=1.0)


def _ratios(counting: Any, tables: Any) -> Iterator[tuple[str, dict[str, Any], Any]]:
    for name, lines in tables.under(counting, "speed/").items():
        ratio = tables.figure(lines, "ratio")
        if ratio.value is not None:
            yield tables.job(name), tables.ROWS[name].about, ratio


def _memory(counting: Any, tables: Any) -> Any:
    rows = [
        _row(_plain(job), peer, ratio) for job, peer, ratio, _ in tables.memory_ratios(counting)
    ]
    return bars({"peak memory, polytopic / peer": rows}, zero=True, mark=1.0)


def _ratings(counting: Any, tables: Any) -> Any:
    about = {"raw": ", raw", "again": ", raw, later"}
    rows = [
        _row(_plain(model), corpus + about.get(pool, ""), shares["good"])
        for pool, corpus, model, _, shares in tables.rated(counting)
    ]
    return bars({"share of good topics": rows})


def _stability(counting: Any, tables: Any) -> Any:
    rows = [
        _row(_plain(tables.title(model)), corpus, found)
        for corpus in tables.CORPORA
        for model, found in tables.stabilities(counting, corpus).items()
    ]
    return bars({"agreement of topics": rows})


def _plain(cell: str) -> str:
    return cell.replace("`", "")


def _row(what: str, group: str, found: Any) -> dict[str, Any]:
    value = found.value
    low, high = (value if end is None else end for end in (found.low, found.high))
    return {"what": what, "group": group, "value": value, "low": low, "high": high}
