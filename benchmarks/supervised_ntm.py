"""SupervisedNTM's classes beside logistic regressions on LDA's theta and on counts.

    python benchmarks/supervised_ntm.py                       # 20 Newsgroups, K = 50
    python benchmarks/supervised_ntm.py --corpus snippets

20 Newsgroups: raw bodies, split by date, terms of the training documents (at least in five, at
most 10,000). Snippets: search snippets of eight classes, a random fifth to test. The logistic
regressions are scikit-learn's on tf-idf (C = 10), and on theta and log theta (C = .1, 1 and 10), of
which the best on the test documents is shown; SupervisedNTM foretells by itself, with its defaults.

Vectors of the terms (skip-gram, 300 dimensions, seed 0) are made once and serve all of NTM's rows.
"""

from __future__ import annotations

import argparse
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, corpus_file
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression

import polytopic as pt
from polytopic import metrics
from polytopic.topics.ntm.terms import corpus_vectors

COLUMNS = ("accuracy", "npmi", "td", "purity", "seconds")


@dataclass(frozen=True)
class Task:
    """Corpora over the training documents' terms, and their classes."""

    train: pt.Corpus
    test: pt.Corpus
    train_labels: NDArray[Any]
    test_labels: NDArray[Any]

    @classmethod
    def of(
        cls, texts: list[str], labels: NDArray[Any], tested: NDArray[np.bool_], min_df: int
    ) -> Task:
        parts = [[texts[row] for row in np.flatnonzero(side)] for side in (~tested, tested)]
        train = pt.Corpus.from_texts(parts[0], min_df=min_df, max_terms=10_000)
        test = pt.Corpus.from_texts(parts[1], vocabulary=train.vocabulary)
        return cls(train, test, labels[~tested], labels[tested])


def newsgroups(data: Path) -> Task:
    file = corpus_file(data, "20newsgroups", "20newsgroups.jsonl.gz")
    whole = pt.read(file, text="body", label="group", id="split")
    tested = np.array([part == "test" for part in whole.ids])
    return Task.of(list(whole.texts), np.array(list(whole.labels)), tested, 5)


def snippets(data: Path) -> Task:
    folder = corpus_file(data, "snippets")
    texts = (folder / "SearchSnippets.txt").read_text(encoding="utf-8").splitlines()
    labels = np.loadtxt(folder / "SearchSnippets_label.txt").astype(np.int64)
    tested = np.zeros(len(texts), dtype=bool)
    order = np.random.default_rng(0).permutation(len(texts))
    tested[order[: len(texts) // 5]] = True
    return Task.of(texts, labels, tested, 2)


def regression(task: Task, train: Any, test: Any, penalties: tuple[float, ...]) -> float:
    found = []
    for inverse in penalties:
        classifier = LogisticRegression(C=inverse, max_iter=1000).fit(train, task.train_labels)
        found.append(classifier.score(test, task.test_labels))
    return float(max(found))


def on_counts(task: Task) -> dict[str, float]:
    started = time.perf_counter()
    weigh = TfidfTransformer(sublinear_tf=True).fit(task.train.counts)
    rows = [weigh.transform(corpus.counts) for corpus in (task.train, task.test)]
    accuracy = regression(task, rows[0], rows[1], (10.0,))
    return {"accuracy": accuracy, "seconds": time.perf_counter() - started}


def judged(task: Task, model: Any, labels: Any = None) -> dict[str, float]:
    started = time.perf_counter()
    model.fit(task.train, labels)
    seconds = time.perf_counter() - started
    rows = [model.transform(corpus) for corpus in (task.train, task.test)]
    words = model.top_words(10)
    found = {
        "npmi": metrics.npmi(words, task.train.counts, vocabulary=task.train.vocabulary.terms),
        "td": metrics.diversity(words, n=10),
        "purity": metrics.purity(rows[1], task.test_labels),
        "seconds": seconds,
    }
    if labels is not None:
        return {"accuracy": model.score(task.test, task.test_labels)} | found
    logs = [np.log(theta + 1e-3) for theta in rows]
    best = [regression(task, *pair, (0.1, 1.0, 10.0)) for pair in (rows, logs)]
    return {"accuracy": max(best)} | found


def measure(task: Task, n_topics: int, weights: list[float], epochs: int) -> None:
    terms, counts = task.train.vocabulary.terms, task.train.counts
    ordered = (task.train.tokens, task.train.offsets)
    vectors = corpus_vectors(terms, counts, ordered, 300, 0, 1)
    about = {"n_topics": n_topics, "random_state": 0, "n_threads": 1}
    ranked = about | {"vectors": vectors, "epochs": epochs}
    print(f"K = {n_topics:<24}" + "".join(f"{column:>10}" for column in COLUMNS))
    show("LDA, logistic regression", judged(task, pt.LDA(alpha=0.1, eta=0.01, **about)))
    show("NTM, logistic regression", judged(task, pt.NTM(**ranked)))
    for weight in weights:
        model = pt.SupervisedNTM(**ranked, label_weight=weight)
        show(f"SupervisedNTM, weight {weight:g}", judged(task, model, task.train_labels))


def show(name: str, row: dict[str, float]) -> None:
    shown = "".join(f"{row.get(column, float('nan')):>10.3f}" for column in COLUMNS)
    print(f"{name:28}{shown}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--corpus", choices=("20newsgroups", "snippets"), default="20newsgroups")
    parser.add_argument("-k", type=int, nargs="+", default=[50])
    parser.add_argument("--label-weight", type=float, nargs="+", default=[0.0, 100.0])
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    if arguments.corpus == "snippets":
        task = snippets(arguments.data)
    else:
        task = newsgroups(arguments.data)
    show("tf-idf, logistic regression", on_counts(task))
    for n_topics in arguments.k:
        measure(task, n_topics, arguments.label_weight, arguments.epochs)


if __name__ == "__main__":
    main()
