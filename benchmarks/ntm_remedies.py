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

from _corpora import DATA
from ntm_collapse import Problem, abstracts, newsgroups, run_of, trained

from polytopic.figures.ntm_collapse import REMEDIES
from polytopic.topics.ntm.recipe import CURED, recipe_from

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
