"""Quality and time of the topic models and their peers, in one harness.

    python benchmarks/topics.py                                # 20ng-5k, K = 50, three seeds
    python benchmarks/topics.py --corpus nyt-10k -k 100
    python benchmarks/topics.py --models own --json runs.jsonl # all models of the package
    python benchmarks/topics.py --merge runs.jsonl more.jsonl --columns npmi td purity nmi

Every run is a process of its own, the models taking turns seed by seed. All figures are computed by
``polytopic.metrics`` from the same arrays, whoever made them:

npmi        NPMI of the top 10 words by document counts on the training documents
held_out    the same on the test documents
wiki        the same on wiki100m in documents of 1,000 words; a word it lacks counts -1 in its pairs
c_v         C_V of the top 10 words in windows of 110 words of wiki100m
td, once    share of different words among the top 25; share of words that one topic alone has
i_rbo       one minus the mean rank-biased overlap of the top 10
purity, nmi of the argmax of theta on the test documents
perplexity  of a random half of each test document, theta inferred from the other half, by the
            model's own decoder (a mixture, or a product of experts)
dead        topics that are the argmax of no training document
duplicates  share of topics in a near-duplicate pair (seven of ten first words shared, or cosine
            above .9); none where the topics are no distributions
seconds     the whole fit, word vectors included, loading and evaluation not
peak_mb     peak memory of the process until theta of all documents is there

Peers: pip install topmost tomotopy. TopMost's download helper wants torchvision; without it a
stand-in serves.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from _board.naming import title
from _corpora import DATA, load_split
from _peers import PEERS, RUNNERS, VARIANTS
from _quality import COLUMNS, figures, first_words

SHOWN_WORDS = 10
"""Of a topic in a run's record: those that its coherence is of."""

Record = dict[str, Any]


def measure(model: str, corpus: str, n_topics: int, seed: int, data: Path) -> Record:
    split = load_split(corpus, data)
    run, name = RUNNERS[model]
    fitted = run(name, split, n_topics, seed)
    topics = [" ".join(words) for words in first_words(fitted.topic_word, split.terms, SHOWN_WORDS)]
    return {**figures(fitted, split, data), "topics": topics}


def main() -> None:
    arguments = _arguments()
    if arguments.merge:
        print(_table(_read(arguments.merge), arguments.columns))
        return
    if arguments.one is not None:
        (model,) = arguments.models
        result = measure(model, arguments.corpus, arguments.k, arguments.one, arguments.data)
        print("RESULT " + json.dumps(result))
        return
    records: list[Record] = []
    print(f"{arguments.corpus}, K = {arguments.k}")
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        for model in arguments.models:
            result = _in_own_process(model, seed, arguments)
            run = {"corpus": arguments.corpus, "k": arguments.k, "model": model, "seed": seed}
            records.append({**run, **result})
            print(f"  seed {seed} {model:16} {_line(result)}", flush=True)
            if arguments.json:
                with arguments.json.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(records[-1]) + "\n")
    print(_table(records, arguments.columns))
    _print_times(records)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument(
        "--models", nargs="+", default=["prodlda", "dirichlet-vae"],
        help='names, or "own" for all of the package',
    )  # fmt: skip
    parser.add_argument("--corpus", default="20ng-5k", help="20ng-5k or nyt-10k")
    parser.add_argument("-k", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--json", type=Path, help="file to which each run is added as a line")
    parser.add_argument(
        "--merge", type=Path, nargs="+", help="files of runs to print, running none"
    )
    parser.add_argument(
        "--columns", nargs="+", choices=list(COLUMNS), default=list(COLUMNS), metavar="COLUMN",
        help="columns of the table",
    )  # fmt: skip
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    own = [name for name in RUNNERS if name not in PEERS and name not in VARIANTS]
    arguments.models = [m for name in arguments.models for m in (own if name == "own" else [name])]
    if unknown := set(arguments.models) - set(RUNNERS):
        parser.error(f"--models: {', '.join(sorted(unknown))}; there are {', '.join(RUNNERS)}")
    return arguments


def _in_own_process(model: str, seed: int, arguments: argparse.Namespace) -> Record:
    command = [sys.executable, __file__, "--models", model, "--corpus", arguments.corpus]
    command += ["-k", str(arguments.k), "--data", str(arguments.data), "--one", str(seed)]
    done = subprocess.run(command, capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if not lines:
        sys.exit(f"{model}: no result\n{done.stderr[-2000:]}")
    return dict(json.loads(lines[-1].removeprefix("RESULT ")))


def _read(paths: Iterable[Path]) -> list[Record]:
    """Runs of all files; of two runs of the same seed the later one counts."""
    found: dict[tuple[Any, ...], Record] = {}
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            found[tuple(record[name] for name in ("corpus", "k", "model", "seed"))] = record
    return list(found.values())


def _table(records: list[Record], columns: list[str]) -> str:
    """Medians over the seeds of each corpus, K and model, as Markdown."""
    rows: dict[tuple[str, int, str], list[Record]] = {}
    for record in records:
        rows.setdefault((record["corpus"], record["k"], record["model"]), []).append(record)
    head = ["corpus, K", "model", "seeds", *columns]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    places = {name: place for place, name in enumerate(RUNNERS)}
    for (corpus, k, model), runs in sorted(
        rows.items(), key=lambda r: (*r[0][:2], places[r[0][2]])
    ):
        shown = _shown(_medians(runs))
        cells = [
            f"{corpus}, {k}",
            title(model),
            str(len(runs)),
            *(shown[column] for column in columns),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _medians(runs: list[Record]) -> Record:
    """The median of each figure; None where a run lacks it."""
    columns = {column: [run.get(column) for run in runs] for column in COLUMNS}
    return {
        column: None if None in values else float(np.median(np.array(values, dtype=np.float64)))
        for column, values in columns.items()
    }


def _shown(result: Mapping[str, Any]) -> dict[str, str]:
    """The figures as text: no zero before the point, a dash for what is not there."""
    shown = {}
    for column, form in COLUMNS.items():
        value = result.get(column)
        text = "–" if value is None else format(value, form)
        shown[column] = text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
    return shown


def _line(result: Mapping[str, Any]) -> str:
    return " ".join(f"{column} {text}" for column, text in _shown(result).items())


def _print_times(records: list[Record]) -> None:
    """TopMost's ProdLDA's time over each model's: the median over the seeds of both."""
    seconds: dict[str, dict[int, float]] = {}
    for record in records:
        seconds.setdefault(record["model"], {})[record["seed"]] = record["seconds"]
    peer = seconds.pop("topmost-prodlda", {})
    for model, own in seconds.items():
        if ratios := [peer[seed] / own[seed] for seed in own if seed in peer]:
            print(f"TopMost ProdLDA's time / {model}'s: {np.median(ratios):.1f}")


if __name__ == "__main__":
    main()
