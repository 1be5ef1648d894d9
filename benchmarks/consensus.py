"""Consensus of runs beside its members, and reproducibility beside blind ratings.

    python benchmarks/consensus.py                       # 20ng-5k, LDA, 8 runs
    python benchmarks/consensus.py --corpus snippets     # another corpus
    python benchmarks/consensus.py --ratings             # LDA's rated topics of nyt-10k

Members and consensus are scored alike: NPMI of the top 10 words on training and test documents
(held out), TD of the top 25, purity and NMI of the argmax of theta of the test documents. *Vote*:
the mean of the members' matched thetas of those. ``--ratings``: of each topic of that model in
``ratings/topics.json``, the share of runs of other seeds than the rated one that have five of its
ten words, against its mark.
"""

from __future__ import annotations

import argparse
import json
import warnings
from typing import Any

import numpy as np
from _corpora import DATA, Split, load_split
from scipy import sparse, stats
from verdict_agreement import FOLDER, agreement

COLUMNS = ("npmi", "held_out", "td", "purity", "nmi")
SAME = 5
"""Of ten words, as in the consensus."""


def split_of(name: str) -> Split:
    """The corpora that come in two parts; of others every fifth document is a test document."""
    if name != "snippets":
        return load_split(name)
    import polytopic as pt

    folder = DATA / name
    texts = (folder / "SearchSnippets.txt").read_text(encoding="utf-8").splitlines()
    classes = (folder / "SearchSnippets_label.txt").read_text().split()
    read = pt.Corpus.from_texts(texts, labels=classes)
    counts, labels = read.counts, np.unique(np.array(read.labels), return_inverse=True)[1]
    test = np.arange(counts.shape[0]) % 5 == 0
    return Split(
        sparse.csr_matrix(counts[~test]), sparse.csr_matrix(counts[test]),
        labels[~test], labels[test], list(read.vocabulary.terms),
    )  # fmt: skip


def score(beta: Any, theta: Any, split: Split) -> list[float]:
    from polytopic import metrics

    order = np.argsort(-np.asarray(beta), axis=1, kind="stable")
    words = [[split.terms[term] for term in row[:25]] for row in order]
    theta = np.asarray(theta, dtype=np.float64)
    theta /= theta.sum(axis=1, keepdims=True)
    return [
        metrics.npmi(words, split.train, vocabulary=split.terms),
        metrics.npmi(words, split.test, vocabulary=split.terms),
        metrics.diversity(words, n=25),
        metrics.purity(theta, split.test_labels),
        metrics.nmi(theta, split.test_labels),
    ]


def compare(arguments: argparse.Namespace) -> None:
    import polytopic as pt
    from polytopic.ensembles.agreeing import agreed, order_of
    from polytopic.ensembles.members import member, prototype

    split = split_of(arguments.corpus)
    corpus = pt.Corpus.from_counts(split.train, terms=split.terms)
    made = prototype(arguments.model, n_topics=arguments.k)
    fitted = [member(made, seed, corpus) for seed in range(arguments.runs)]
    tests = [one.transform(split.test) for one in fitted]
    members = [(one.topic_word_, one.transform(corpus.counts)) for one in fitted]
    rows = [score(beta, theta, split) for (beta, _), theta in zip(members, tests, strict=True)]
    found = agreed(members, corpus)
    order = order_of([beta for beta, _ in members])
    vote = np.mean([theta[:, rows] for theta, rows in zip(tests, order, strict=True)], axis=0)
    print(
        f"{arguments.corpus}, {arguments.model}, K = {arguments.k}, {arguments.runs} runs: {found}"
    )
    print("| | " + " | ".join(COLUMNS) + " |\n|---|" + "---|" * len(COLUMNS))
    for name, values in (
        ("worst member", np.min(rows, axis=0)), ("median member", np.median(rows, axis=0)),
        ("best member", np.max(rows, axis=0)),
        ("consensus", score(found.topic_word, found.model.transform(split.test), split)),
        ("consensus, vote", score(found.topic_word, vote, split)),
    ):  # fmt: skip
        print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in values) + " |")


def ratings(arguments: argparse.Namespace) -> None:
    """Runs of seeds 1, 2, ...: the rated topics are those of seed 0."""
    import polytopic as pt
    from polytopic.ensembles.members import member, prototype

    split = load_split("nyt-10k")
    corpus = pt.Corpus.from_counts(split.train, terms=split.terms)
    made = prototype(arguments.model, n_topics=arguments.k)
    runs = [member(made, seed, corpus).top_words(10) for seed in range(1, arguments.runs + 1)]
    key = json.loads((FOLDER / "key.json").read_text())
    rated = [
        topic
        for topic, origin in zip(json.loads((FOLDER / "topics.json").read_text()), key, strict=True)
        if topic["corpus"] == "nyt-10k" and origin["model"] == arguments.model
    ]
    share, common = [], []
    for topic in rated:
        best = [max(len(set(topic["words"]) & set(words)) for words in run) for run in runs]
        share.append(np.mean(np.array(best) >= SAME))
        common.append(np.mean(best))
    marks = np.array([topic["mark"] for topic in rated])
    print(f"nyt-10k, {arguments.model}, {len(marks)} rated topics, {arguments.runs} runs")
    print(f"share of runs: {agreement(np.array(share), marks)}")
    print(f"words in common: {agreement(np.array(common), marks)}")
    print("p of the share:", f"{stats.spearmanr(share, marks)[1]:.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--corpus", default="20ng-5k", help="20ng-5k, nyt-10k or snippets")
    parser.add_argument("--model", default="lda")
    parser.add_argument("-k", type=int, default=50)
    parser.add_argument("--runs", type=int, default=8)
    parser.add_argument("--ratings", action="store_true")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    (ratings if given.ratings else compare)(given)
