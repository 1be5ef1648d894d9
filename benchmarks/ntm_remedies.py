"""What was ever tried against the collapse of NTM, each put into the paper's recipe, and run.

    python benchmarks/ntm_remedies.py                                # 20 Newsgroups, 5 epochs
    python benchmarks/ntm_remedies.py --documents 100000 --epochs 3  # of about ten terms, of arXiv

20 Newsgroups: 11,314 documents, 5,000 terms, K = 50. arXiv: see ntm.py, 30,000 terms, K = 128. Of
each document one term is held out.

length, norm: of a row of W1 less its mean, before and after. length_w2: of W2's columns, after.
evenness: entropy of ld over ln K. ranking: share of held-out terms that score higher in their
document than in a random one without them (ties: .5). alive, duplicates, td: of the topics; purity:
of the largest topic over groups.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import Any

from _corpora import DATA
from ntm_collapse import COST, Problem, abstracts, newsgroups, run_of, trained

from polytopic.topics.ntm.recipe import CURED, recipe_from

BATCH = {"averaged": 20_000}
NOTEBOOK = {
    **BATCH, "optimiser": "adadelta", "document_rate": 1.0, "term_rate": 1.0, "tied": True,
    "start": "autoencoder",
}  # fmt: skip
KEPT = {"decay": 0.0}
REMEDIES: dict[str, dict[str, Any]] = {
    "as published": {},
    "no decay": KEPT,
    "decay on W1 alone": {"decay_on": "documents"},
    "decay on W2 alone": {"decay_on": "terms"},
    "cross-entropy": {"cost": "cross-entropy"},
    "binary cross-entropy": {"cost": "binary-cross-entropy"},
    "cross-entropy, no decay": {"cost": "cross-entropy", **KEPT},
    "binary cross-entropy, no decay": {"cost": "binary-cross-entropy", **KEPT},
    "cost times 100": {"scale": 100.0},
    "cost times the documents": {"scale": "n_docs"},
    "cost times 10^epoch": {"scale": "10**epoch"},
    "cost times 100, no decay": {"scale": 100.0, **KEPT},
    "softmax of softplus": {"activation": "softmax-softplus"},
    "softmax of softplus, no decay": {"activation": "softmax-softplus", **KEPT},
    "rows of length one": {"unit_rows": True},
    "rows of length one, no decay": {"unit_rows": True, **KEPT},
    "adagrad": {"optimiser": "adagrad"},
    "adam": {"optimiser": "adam"},
    "adadelta": {"optimiser": "adadelta", "document_rate": 1.0, "term_rate": 1.0},
    "adagrad, no decay": {"optimiser": "adagrad", **KEPT},
    "adam, no decay": {"optimiser": "adam", **KEPT},
    "adadelta, no decay": {
        "optimiser": "adadelta", "document_rate": 1.0, "term_rate": 1.0, **KEPT
    },
    "means of 20,000 pairs": BATCH,
    "means, rates times 20,000": {**BATCH, "document_rate": 200.0, "term_rate": 200.0},
    "means, rates times 20,000, no decay": {
        **BATCH, "document_rate": 200.0, "term_rate": 200.0, **KEPT
    },
    "means, adagrad": {**BATCH, "optimiser": "adagrad"},
    "means, adam": {**BATCH, "optimiser": "adam"},
    "means, adam, no decay": {**BATCH, "optimiser": "adam", **KEPT},
    "means, adam, log-margin, no decay": {**BATCH, "optimiser": "adam", **COST, **KEPT},
    "tied auto-encoder": {"tied": True},
    "notebook: means, adadelta, tied": NOTEBOOK,
    "notebook, no decay": {**NOTEBOOK, **KEPT},
    "notebook, cost times 10^epoch": {**NOTEBOOK, "scale": "10**epoch"},
    "notebook, cost times the documents": {**NOTEBOOK, "scale": "n_docs"},
    "notebook, cross-entropy": {**NOTEBOOK, "cost": "cross-entropy"},
    "cost as printed, no decay": {"turned": True, **KEPT},
    "cost as printed, no decay, adagrad": {"turned": True, "optimiser": "adagrad", **KEPT},
}  # fmt: skip
"""What was tried against the collapse, each put into the paper's recipe."""
FOUND = (
    "length", "norm", "length_w2", "evenness", "ranking", "alive", "duplicates", "td", "purity",
)  # fmt: skip


def remedies(problem: Problem, epochs: int, named: list[str]) -> None:
    """Each remedy: rows of W1 at the start and the end, evenness, ranking, topics alive."""
    print(f"\n{'':38}" + "".join(f"{column:>12}" for column in FOUND))
    chosen = {name: recipe_from("paper", change) for name, change in REMEDIES.items()}
    for name, recipe in {**chosen, "cured": CURED}.items():
        if named and name not in named:
            continue
        run = run_of(problem, recipe, epochs)
        row = trained(problem, run)
        first, last = run.seen[0][2], run.history[-1]
        row |= {
            "length": first["document_norm"], "norm": last["document_norm"],
            "length_w2": last["term_norm"],
        }  # fmt: skip
        print(f"{name:38}" + "".join(f"{row[column]:>12.3g}" for column in FOUND), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--documents", type=int, help="of arXiv; 20 Newsgroups by default")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rows", nargs="+", default=[], help="all by default")
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    problem = (
        newsgroups(arguments.data)
        if arguments.documents is None
        else abstracts(arguments.data, arguments.documents)
    )
    remedies(problem, arguments.epochs, arguments.rows)


if __name__ == "__main__":
    main()
