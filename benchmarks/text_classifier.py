"""FastTextClassifier: accuracy and seconds beside fastText's own program.

    python benchmarks/text_classifier.py --program PATH/TO/fasttext [--epochs 10] [--pairs 3]
        [--threads 2]

Newsgroups of 20newsgroups (bydate split), and the stars of the yelp reviews (a fifth held out), as
runs of letters and digits, lower-cased. Both programs read the same words in the same drawn order,
divided by blanks, with the same options; seconds are those of training from texts to a model in
memory (ours) or on the disk (fastText), by the clock and of processors. Runs alternate; printed are
medians, words/s (words times epochs by the clock), and the median ratios.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, corpus_file

SETTINGS: dict[str, dict[str, Any]] = {
    "words": {"learning_rate": 0.5},
    "words and pairs": {"learning_rate": 0.5, "word_ngrams": 2},
    "one against all": {"learning_rate": 0.5, "loss": "ova"},
    "tree": {"learning_rate": 0.5, "loss": "hierarchical"},
}
NAMES = {"epochs": "epoch", "learning_rate": "lr", "word_ngrams": "wordNgrams", "loss": "loss"}
Labelled = tuple[list[str], list[str]]
Run = tuple[float, float, float]
"""Accuracy, seconds by the clock, seconds of processors."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--program", type=Path, required=True, help="fastText's own program")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--texts", nargs="*", help="yelp stars, 20newsgroups; by default both")
    arguments = parser.parse_args()
    names = "accuracy | fastText | words/s | fastText | ratio | processor | fastText | ratio"
    print(f"| texts | features | {names} |\n|" + "---|" * 10)
    for name, read in {"yelp stars": yelp, "20newsgroups": newsgroups}.items():
        if arguments.texts and name not in arguments.texts:
            continue
        train, test = read(arguments.data)
        own(*[(texts[:200], labels[:200]) for texts, labels in (train, test)], {}, 0)  # compiles
        for settings, own_options in SETTINGS.items():
            options = own_options | {"epochs": arguments.epochs}
            with tempfile.TemporaryDirectory() as folder:
                runs = [
                    (own(train, test, options, seed),
                     original(arguments, train, test, options, seed, Path(folder)))
                    for seed in range(arguments.pairs)
                ]  # fmt: skip
            ours, theirs = (
                [statistics.median(run[side][k] for run in runs) for k in (0, 1, 2)]
                for side in (0, 1)
            )
            n = arguments.epochs * sum(len(text.split()) for text in train[0])
            clock, processor = (statistics.median(b[k] / a[k] for a, b in runs) for k in (1, 2))
            row = f"| {name} | {settings} | {ours[0]:.3f} | {theirs[0]:.3f} |"
            row += f" {n / ours[1]:,.0f} | {n / theirs[1]:,.0f} | {clock:.1f} |"
            print(f"{row} {ours[2]:.2f} | {theirs[2]:.2f} | {processor:.1f} |", flush=True)


def clean(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9']+", text.lower()))


def shuffled(rows: list[tuple[str, str]], seed: int = 0) -> list[tuple[str, str]]:
    order = np.random.default_rng(seed).permutation(len(rows)).tolist()
    return [rows[row] for row in order]


def newsgroups(data: Path) -> tuple[Labelled, Labelled]:
    rows: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
    for file in sorted(corpus_file(data, "20newsgroups").glob("*.jsonl*")):
        opened = gzip.open if file.suffix == ".gz" else open
        with opened(file, "rt", encoding="utf-8") as lines:
            for record in map(json.loads, lines):
                text = clean(record["body"])
                rows[record["split"] == "train"].append((text, record["group"]))
    return pair(shuffled(rows[True])), pair(rows[False])


def yelp(data: Path) -> tuple[Labelled, Labelled]:
    from polytopic.text import read_documents

    file = corpus_file(data, "yelp", "reviews.csv")
    documents = read_documents(file, text="text", label="stars")
    assert documents.labels is not None
    labels = [str(label) for label in documents.labels.to_list()]
    rows = shuffled(list(zip(map(clean, documents.texts.to_list()), labels, strict=True)))
    cut = len(rows) // 5
    return pair(rows[cut:]), pair(rows[:cut])


def pair(rows: list[tuple[str, str]]) -> Labelled:
    return [text for text, _ in rows], [label for _, label in rows]


def own(train: Labelled, test: Labelled, options: dict[str, Any], seed: int) -> Run:
    import warnings

    import polytopic as pt

    warnings.simplefilter("ignore")
    started, used = time.perf_counter(), time.process_time()
    model = pt.FastTextClassifier(spaces=True, random_state=seed, **options).fit(*train)
    seconds, used = time.perf_counter() - started, time.process_time() - used
    return model.score(*test), seconds, used


def original(
    arguments: argparse.Namespace, train: Labelled, test: Labelled, options: dict[str, Any],
    seed: int, folder: Path,
) -> Run:  # fmt: skip
    for name, (texts, labels) in (("train", train), ("test", test)):
        lines = [f"__label__{label} {text}\n" for text, label in zip(texts, labels, strict=True)]
        (folder / name).write_text("".join(lines), encoding="utf-8")
    given = {NAMES[n]: {"hierarchical": "hs"}.get(v, v) for n, v in options.items()}
    given |= {"thread": arguments.threads, "seed": seed}
    given |= {"input": folder / "train", "output": folder / "model"}
    words = [word for name, value in given.items() for word in (f"-{name}", str(value))]
    started, used = time.perf_counter(), children()
    subprocess.run([arguments.program, "supervised", *words], capture_output=True, check=True)
    seconds, used = time.perf_counter() - started, children() - used
    told = subprocess.run(
        [arguments.program, "test", folder / "model.bin", folder / "test"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    return float(told[told.index("P@1") + 1]), seconds, used


def children() -> float:
    """Seconds of processors that programs run by this one have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
