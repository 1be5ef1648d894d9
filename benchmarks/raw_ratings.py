"""Topics of raw newsgroup posts from the command line, read blind: shares of good, fair and junk.

    polytopic topics 20newsgroups.jsonl.gz --text body --label group -k 50 --model MODEL -o MODEL
    python benchmarks/raw_ratings.py sheet SHEET dirichlet-vae lda nmf   # folders of those runs
    python benchmarks/raw_ratings.py shares                              # of the ratings kept here
    python benchmarks/raw_ratings.py figures dirichlet-vae lda nmf

``sheet`` writes the first ten words of all topics in random order to SHEET/topics.json, and of
which run each is to SHEET/key.json. ``ratings/raw-topics.json`` and ``ratings/raw-key.json`` are
such a sheet with a reader's marks (``again-...`` one of later topics), given before the key was
looked at: 5 every word belongs to one subject, 4 all but one or two, 3 mixed, 2 vague, 1 junk
(words of no subject, first names, what one author writes). 5 and 4 count as good, 3 and 2 as fair.

``figures``: what a run says of its topics, and NPMI of the ten words on wiki100m (documents of
1,000 words), of pairs of words that it knows.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
from collections import Counter
from pathlib import Path

from _corpora import DATA
from _quality import DOCUMENT_WORDS, wiki
from blind_ratings import counted, level

SHOWN = ("npmi", "diversity", "purity", "nmi")
_WORDS = 10


def words_of(run: Path) -> list[list[str]]:
    """The first words of each topic of a run."""
    with (run / "topics.csv").open(encoding="utf-8", newline="") as file:
        return [row["words"].split()[:_WORDS] for row in csv.DictReader(file)]


def sheet(out: Path, runs: list[Path]) -> None:
    listed = [(run.name, k, words) for run in runs for k, words in enumerate(words_of(run))]
    random.Random(0).shuffle(listed)
    out.mkdir(parents=True, exist_ok=True)
    topics = [{"id": i, "words": words, "mark": None} for i, (*_, words) in enumerate(listed)]
    key = [{"id": i, "model": name, "topic": k} for i, (name, k, _) in enumerate(listed)]
    for name, rows in (("topics", topics), ("key", key)):
        lines = ",\n ".join(json.dumps(row) for row in rows)
        (out / f"{name}.json").write_text(f"[\n {lines}\n]\n", encoding="utf-8")


def shares() -> None:
    listed = (counted(pool)["20newsgroups"] for pool in ("raw", "again"))
    for model, marks in (each for models in listed for each in sorted(models.items())):
        levels: Counter[str] = Counter()
        for mark, number in marks.items():
            levels[level(int(mark))] += number
        parts = (f"{name} {levels[name] / levels.total():.2f}" for name in ("good", "fair", "junk"))
        print(f"{model:20}", *parts)


def figures(data: Path, runs: list[Path]) -> None:
    from polytopic import metrics

    listed = {run: words_of(run) for run in runs}
    terms = sorted({word for topics in listed.values() for words in topics for word in words})
    reference = wiki(data, terms)
    counts = reference.counts(DOCUMENT_WORDS)
    for run, topics in listed.items():
        said = json.loads((run / "metrics.json").read_text(encoding="utf-8"))["metrics"]
        outside = metrics.npmi(topics, counts, vocabulary=reference.vocabulary, pairs="known")
        print(f"{run.name:15} wiki {outside:.3f}", *(f"{n} {said[n]:.3f}" for n in SHOWN))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("step", choices=("sheet", "shares", "figures"))
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()
    if arguments.step == "sheet":
        sheet(arguments.folders[0], arguments.folders[1:])
    elif arguments.step == "shares":
        shares()
    else:
        figures(arguments.data, arguments.folders)


if __name__ == "__main__":
    main()
