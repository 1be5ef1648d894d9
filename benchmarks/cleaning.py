"""What cleaning does to topics: raw 20 Newsgroups and whole Yelp reviews, with and without it.

    python benchmarks/cleaning.py                              # both corpora, K = 50, three seeds
    python benchmarks/cleaning.py --corpus yelp --seeds 1
    python benchmarks/cleaning.py --cost                       # time of text to counts, on and off

Terms as the command line chooses them (10,000 at most). 20 Newsgroups is split by date, Yelp at
random (a fifth to test). Columns:

held_out    NPMI of the top 10 words on the test documents as they are, never cleaned: one reference
            for both; a pair of words that never meet counts -1
td          share of different words among the top 25
purity, nmi of the test documents' largest topic against their labels (groups, stars), documents
            without a term left out
junk        share of topics with two or more junk words in the top 10: words of which at least half
            of the occurrences in the training texts are in what cleaning takes out
junk_words  share of junk words among all top 10
terms       size of the vocabulary
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, corpus_file

import polytopic as pt
from polytopic import metrics
from polytopic.text import read_documents

FILES = {
    "20newsgroups": ("20newsgroups/20newsgroups.jsonl.gz", {"text": "body", "label": "group"}),
    "yelp": ("yelp/reviews.csv", {"text": "text", "label": "stars"}),
    "arxiv": ("arxiv/arxiv200k.jsonl.gz", {"text": ["title", "abstract"]}),
}
MODELS = {"DirichletVAE": pt.DirichletVAE, "LDA": pt.LDA}
SETTINGS = {"none": None, "auto": "auto"}
COLUMNS = ("held_out", "td", "purity", "nmi", "junk", "junk_words", "terms")
ALL = {"stop_words": None, "min_df": 1, "max_df": 1.0, "max_terms": None}


def split(name: str, data: Path) -> tuple[list[str], list[str], Any]:
    """Training texts, test texts, and the labels of the test texts."""
    file, columns = FILES[name]
    found = read_documents(corpus_file(data, file), **columns)
    if name == "20newsgroups":
        parts = read_documents(corpus_file(data, file), text="split").texts.to_list()
        tested = np.array([part == "test" for part in parts])
    else:
        tested = np.random.default_rng(0).random(len(found)) < 0.2
    texts, labels = found.texts.to_list(), np.array(found.labels.to_list())
    train = [texts[row] for row in np.flatnonzero(~tested)]
    return train, [texts[row] for row in np.flatnonzero(tested)], labels[tested]


def junk_words(texts: list[str]) -> set[str]:
    """Words that stand mostly in what cleaning takes out."""
    raw = pt.Corpus.from_texts(texts, clean=None, **ALL).vocabulary
    kept = pt.Corpus.from_texts(texts, clean="auto", **ALL).vocabulary
    left = dict(zip(kept.terms, kept.counts.tolist(), strict=True))
    pairs = zip(raw.terms, raw.counts.tolist(), strict=True)
    return {term for term, count in pairs if left.get(term, 0) <= count / 2}


def measure(arguments: argparse.Namespace, name: str) -> list[dict[str, Any]]:
    """The runs of one corpus, told as they end."""
    train_texts, test_texts, labels = split(name, arguments.data)
    junk = junk_words(train_texts)
    reference = pt.Corpus.from_texts(test_texts, clean=None, **ALL)
    records = []
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        for setting, clean in SETTINGS.items():
            train = pt.Corpus.from_texts(train_texts, clean=clean, max_terms=10_000)
            test = pt.Corpus.from_texts(test_texts, vocabulary=train.vocabulary)
            for model in arguments.models:
                start = time.perf_counter()
                fitted = MODELS[model](n_topics=arguments.k, random_state=seed).fit(train)
                words = fitted.top_words(10)
                held = np.diff(test.counts.indptr) > 0
                theta = fitted.transform(test)[held]
                share = [sum(word in junk for word in listed) for listed in words]
                record = {
                    "corpus": name, "model": model, "clean": setting, "seed": seed,
                    "held_out": float(metrics.npmi(words, reference)),
                    "td": float(metrics.diversity(fitted.top_words(25))),
                    "purity": float(metrics.purity(theta, labels[held])),
                    "nmi": float(metrics.nmi(theta, labels[held])),
                    "junk": float(np.mean(np.array(share) >= 2)),
                    "junk_words": sum(share) / (10 * len(words)),
                    "terms": len(train.vocabulary),
                    "seconds": time.perf_counter() - start,
                }  # fmt: skip
                records.append(record)
                print(json.dumps(record), flush=True)
                if arguments.json:
                    with arguments.json.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(record) + "\n")
    return records


def table(records: list[dict[str, Any]]) -> str:
    """Medians over the seeds, as Markdown."""
    rows: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for record in records:
        rows.setdefault((record["corpus"], record["model"], record["clean"]), []).append(record)
    lines = [f"| corpus | model | clean | seeds | {' | '.join(COLUMNS)} |", "|---" * 11 + "|"]
    for (corpus, model, clean), runs in sorted(rows.items(), key=lambda r: r[0][:2]):
        cells = [statistics.median(run[column] for run in runs) for column in COLUMNS]
        shown = [f"{v:,.0f}" if v > 1 else f"{v:.3f}".replace("0.", ".") for v in cells]
        lines.append(f"| {corpus} | `{model}` | {clean} | {len(runs)} | {' | '.join(shown)} |")
    return "\n".join(lines)


def cost(data: Path, pairs: int) -> None:
    """Processor and wall-clock seconds of text to counts, on and off in turn; medians."""
    for name, (file, columns) in FILES.items():
        texts = read_documents(corpus_file(data, file), **columns).texts
        spent: dict[str, list[tuple[float, float]]] = {setting: [] for setting in SETTINGS}
        for _ in range(pairs):
            for setting, clean in SETTINGS.items():
                wall, cpu = time.perf_counter(), time.process_time()
                pt.Corpus.from_texts(texts, clean=clean)
                took = (time.perf_counter() - wall, time.process_time() - cpu)
                spent[setting].append(took)
        ratios = [
            statistics.median(on[kind] / off[kind] for off, on in zip(*spent.values(), strict=True))
            for kind in (0, 1)
        ]
        off, on = (statistics.median(cpu for _, cpu in spent[setting]) for setting in SETTINGS)
        print(
            f"{name}: {off:.2f} s of processor time without, {on:.2f} s with cleaning; "
            f"{ratios[1]:.2f} x (wall clock {ratios[0]:.2f} x)"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--corpus", nargs="+", default=["20newsgroups", "yelp"])
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=list(MODELS))
    parser.add_argument("-k", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--json", type=Path, help="file to which each run is added as a line")
    parser.add_argument("--merge", type=Path, help="file of runs to print, running none")
    parser.add_argument("--cost", action="store_true", help="measure the time instead")
    parser.add_argument("--pairs", type=int, default=3, help="pairs of runs of --cost")
    arguments = parser.parse_args()
    if arguments.cost:
        cost(arguments.data, arguments.pairs)
        return
    if arguments.merge:
        listed = arguments.merge.read_text(encoding="utf-8").splitlines()
        print(table([json.loads(line) for line in listed]))
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        print(table([run for name in arguments.corpus for run in measure(arguments, name)]))


if __name__ == "__main__":
    main()
