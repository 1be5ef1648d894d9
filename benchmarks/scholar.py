"""Scholar's labels beside a logistic regression on ProdLDA's theta.

    python benchmarks/scholar.py                     # 20ng-5k, K = 50, three seeds
    python benchmarks/scholar.py --label-dropout 0 1 --label-weight 5 --seeds 1

Both are fitted on the training documents; accuracy is that of the test documents' labels. The
logistic regression is scikit-learn's, on theta and on log theta, whichever does better on the test
documents. NPMI of the ten first words on the training documents, and purity of argmax theta on the
test documents.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, Split, load_split
from sklearn.linear_model import LogisticRegression

import polytopic as pt
from polytopic import metrics

COLUMNS = ("accuracy", "npmi", "purity", "seconds")


def topics_of(model: Any, split: Split) -> dict[str, float]:
    words = model.top_words(10)
    return {
        "npmi": metrics.npmi(words, split.train, vocabulary=split.terms),
        "purity": metrics.purity(model.transform(split.test), split.test_labels),
    }


def regression(split: Split, n_topics: int, seed: int) -> dict[str, float]:
    started = time.perf_counter()
    model = pt.ProdLDA(n_topics=n_topics, random_state=seed).fit(split.train, terms=split.terms)
    train, test = model.transform(split.train), model.transform(split.test)
    found = []
    for read in (np.asarray, lambda theta: np.log(theta + 1e-6)):
        classifier = LogisticRegression(max_iter=1000).fit(read(train), split.train_labels)
        found.append(classifier.score(read(test), split.test_labels))
    seconds = time.perf_counter() - started
    return {"accuracy": max(found), **topics_of(model, split), "seconds": seconds}


def scholar(split: Split, n_topics: int, seed: int, **choices: float) -> dict[str, float]:
    started = time.perf_counter()
    model = pt.Scholar(n_topics=n_topics, random_state=seed, **choices)
    model.fit(split.train, split.train_labels, terms=split.terms)
    accuracy = float((model.predict(split.test) == split.test_labels).mean())
    seconds = time.perf_counter() - started
    return {"accuracy": accuracy, **topics_of(model, split), "seconds": seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("-k", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--label-dropout", type=float, nargs="+", default=[])
    parser.add_argument("--label-weight", type=float, nargs="+", default=[])
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()
    split = load_split("20ng-5k", arguments.data)
    variants: list[dict[str, float]] = [{}]
    variants += [{"label_dropout": value} for value in arguments.label_dropout]
    variants += [{"label_weight": value} for value in arguments.label_weight]
    rows: dict[str, list[dict[str, float]]] = {}
    warnings.simplefilter("ignore")
    for seed in range(arguments.seeds):
        found = {"ProdLDA, logistic regression": regression(split, arguments.k, seed)}
        for choices in variants:
            name = "Scholar" + "".join(f", {key} {value:g}" for key, value in choices.items())
            found[name] = scholar(split, arguments.k, seed, **choices)
        for name, row in found.items():
            rows.setdefault(name, []).append(row)
            print(f"seed {seed} {name:34}{_line(row)}", flush=True)
    print(f"{'medians':41}" + "".join(f"{column:>10}" for column in COLUMNS))
    for name, results in rows.items():
        medians = {c: float(np.median([r[c] for r in results])) for c in COLUMNS}
        print(f"{name:41}{_line(medians)}")


def _line(row: dict[str, float]) -> str:
    return "".join(f"{row[column]:>10.3f}" for column in COLUMNS)


if __name__ == "__main__":
    main()
