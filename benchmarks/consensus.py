"""Consensus of runs beside its members, and reproducibility beside blind ratings.

    python benchmarks/consensus.py                       # 20ng-5k, LDA, 8 runs
    python benchmarks/consensus.py --corpus snippets     # another corpus
    python benchmarks/consensus.py --ratings             # LDA's rated topics of nyt-10k
    python benchmarks/consensus.py --ratings --corpus yelp --model prodlda

Members and consensus are scored alike: NPMI of the top 10 words on training and test documents
(held out), TD of the top 25, purity and NMI of the argmax of theta of the test documents. *Vote*:
the mean of the members' matched thetas of those. *Mean* and *medoid* are other forms of the
consensus, by the same vote: the arithmetic mean of matched topics, and of each the one that is most
like the others; *one run, EM* is the first run after the passes of EM that the consensus gets.
``--ratings``: of each rated topic of that model, the share of runs of other seeds than its own
that have five of its ten words, and its mean overlap with the nearest topic of each, against its
mark.
"""

from __future__ import annotations

import argparse
import json
import warnings
from typing import Any

import numpy as np
from _corpora import DATA, Split, corpus_file, load_split
from scipy import sparse
from verdict_agreement import FOLDER, agreement
from verdict_pool import POOLS, corpus_of

COLUMNS = ("npmi", "held_out", "td", "purity", "nmi")
SAME = 5
"""Of ten words, as in the consensus."""


def split_of(name: str) -> Split:
    """The corpora that come in two parts; of others every fifth document is a test document."""
    if name in ("20ng-5k", "nyt-10k"):
        return load_split(name)
    import polytopic as pt

    if name != "snippets":
        return _fifths(corpus_of(name))
    folder = corpus_file(DATA, name)
    texts = (folder / "SearchSnippets.txt").read_text(encoding="utf-8").splitlines()
    classes = (folder / "SearchSnippets_label.txt").read_text().split()
    return _fifths(pt.Corpus.from_texts(texts, labels=classes))


def _fifths(read: Any) -> Split:
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
    from polytopic.ensembles.agreeing import agreed
    from polytopic.ensembles.members import member, prototype
    from polytopic.ensembles.refining import refined

    split = split_of(arguments.corpus)
    corpus = pt.Corpus.from_counts(split.train, terms=split.terms)
    made = prototype(arguments.model, n_topics=arguments.k)
    fitted = [member(made, seed, corpus) for seed in range(arguments.runs)]
    tests = [one.transform(split.test) for one in fitted]
    members = [(one.topic_word_, one.transform(corpus.counts)) for one in fitted]
    rows = [score(beta, theta, split) for (beta, _), theta in zip(members, tests, strict=True)]
    found = agreed(members, corpus, fitted)
    aligned = np.stack([beta[rows] for (beta, _), rows in zip(members, found.order, strict=True)])
    roots = np.sqrt(aligned)
    nearest = np.einsum("rkv,skv->krs", roots, roots).sum(axis=2).argmax(axis=1)
    medoid = aligned[nearest, np.arange(aligned.shape[1])]
    vote = found.transform(split.test)
    alone = refined(*members[0], corpus.counts)
    print(
        f"{arguments.corpus}, {arguments.model}, K = {arguments.k}, {arguments.runs} runs: {found}"
    )
    print("| | " + " | ".join(COLUMNS) + " |\n|---|" + "---|" * len(COLUMNS))
    for name, values in (
        ("worst member", np.min(rows, axis=0)), ("median member", np.median(rows, axis=0)),
        ("best member", np.max(rows, axis=0)),
        ("mean, vote", score(aligned.mean(axis=0), vote, split)),
        ("medoid, vote", score(medoid, vote, split)),
        ("one run, EM", score(alone, tests[0], split)),
        ("consensus", score(found.topic_word, found.model.transform(split.test), split)),
        ("consensus, vote", score(found.topic_word, vote, split)),
    ):  # fmt: skip
        print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in values) + " |")


def ratings(arguments: argparse.Namespace) -> None:
    """Runs of seeds 1, 2, ...: the rated topics are those of seed 0."""
    from polytopic.ensembles.members import member, prototype

    corpus = corpus_of(arguments.corpus)
    made = prototype(arguments.model, n_topics=arguments.k)
    fitted = [member(made, seed, corpus) for seed in range(arguments.runs + 1)]
    words, roots = [one.top_words(10) for one in fitted], [one.topic_word_**0.5 for one in fitted]
    share, overlap, marks = [], [], []
    for listed, topic, mark in rated_of(arguments.corpus, arguments.model):
        if words[0][topic] != listed:
            raise SystemExit(f"topic {topic} is another than the one that was rated")
        common = [max(len(set(listed) & set(other)) for other in run) for run in words[1:]]
        share.append(np.mean(np.array(common) >= SAME))
        overlap.append(np.mean([(run @ roots[0][topic]).max() for run in roots[1:]]))
        marks.append(float(mark))
    held = np.array(marks)
    print(f"{arguments.corpus}, {arguments.model}, {len(held)} topics, {arguments.runs} runs")
    print(f"share of runs: {agreement(np.array(share), held)}")
    print(f"overlap: {agreement(np.array(overlap), held)}")


def rated_of(corpus: str, model: str) -> list[tuple[list[str], int, int]]:
    """Words, number and mark of a model's rated topics of a corpus."""
    found = []
    for pool in POOLS.values():
        topics = json.loads((FOLDER / f"{pool.prefix}topics.json").read_text())
        key = json.loads((FOLDER / f"{pool.prefix}key.json").read_text())
        found += [
            (topic["words"], origin["topic"], topic["mark"])
            for topic, origin in zip(topics, key, strict=True)
            if topic["corpus"] == corpus and origin["model"] == model
        ]
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--corpus", help="20ng-5k, nyt-10k, snippets, arxiv or yelp")
    parser.add_argument("--model", default="lda")
    parser.add_argument("-k", type=int, default=50)
    parser.add_argument("--runs", type=int, default=8)
    parser.add_argument("--ratings", action="store_true")
    given = parser.parse_args()
    given.corpus = given.corpus or ("nyt-10k" if given.ratings else "20ng-5k")
    warnings.simplefilter("ignore")
    (ratings if given.ratings else compare)(given)
