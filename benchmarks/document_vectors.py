"""Doc2Vec and StaticEncoder on 20newsgroups: words/s, texts/s, labels of neighbours.

    python benchmarks/document_vectors.py [--epochs 10] [--rate .05] [--pairs 2]
        [--threads 2] [--documents N]

Documents are runs of letters, lower-cased (min_count 5), of the training half. Doc2Vec: 100
dimensions, 5 negatives, sample 1e-3, window 5, rate .05, beside gensim with the same; words/s are
words of the vocabulary times epochs over the seconds of training; the processor time of both, from
lists of words to vectors, is compared too. Precision at 10: of a document's
ten nearest others by cosine, the share of its own newsgroup. StaticEncoder: on skip-gram vectors of
the same documents (100 dimensions, 5 epochs), beside plain means and SIF; texts/s are those of the
titles of arXiv papers on one thread, from str to vectors.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from _board.figures import number
from _corpora import DATA, corpus_file

_NEAR = 10
_NAMES = {"dbow": "PV-DBOW", "dm": "PV-DM"}
"""Neighbours looked at."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--rate", type=float, default=0.05, help="learning rate of both")
    parser.add_argument("--pairs", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--documents", type=int, default=None, help="so many drawn ones only")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    documents, groups = newsgroups(arguments.data, arguments.documents)
    print(f"{len(documents):,} documents, {sum(map(len, documents)):,} words")
    print("| | words/s | gensim | ratio | processor time, with reading | precision | gensim |")
    print("|" + "---|" * 7)
    for kind in _NAMES:
        compare(kind, documents, groups, arguments)
    encoders(documents, groups, arguments)


def newsgroups(data: Path, n: int | None) -> tuple[list[list[str]], np.ndarray]:
    documents, groups = [], []
    for file in sorted(corpus_file(data, "20newsgroups").glob("*.jsonl*")):
        opened = gzip.open if file.suffix == ".gz" else open
        with opened(file, "rt", encoding="utf-8") as lines:
            for record in map(json.loads, lines):
                words = re.findall("[a-z]+", record["body"].lower())
                if record["split"] == "train" and len(words) > 9:
                    documents.append(words)
                    groups.append(record["group"])
    order = np.random.default_rng(0).permutation(len(documents))[:n].tolist()
    return [documents[row] for row in order], np.array([groups[row] for row in order])


def precision(vectors: np.ndarray, groups: np.ndarray) -> float:
    """Of the ten nearest others of each document, the share of its own group."""
    from polytopic.embeddings.neighbours import nearest_rows, unit_rows

    unit = unit_rows(vectors)
    near = nearest_rows(unit, unit, _NEAR, [[row] for row in range(len(unit))])
    hits = [groups[rows] == group for (rows, _), group in zip(near, groups, strict=True)]
    return float(np.mean(np.concatenate(hits)))


def compare(
    kind: str, documents: list[list[str]], groups: np.ndarray, arguments: argparse.Namespace
) -> None:
    own(kind, documents[:50], 1, arguments)  # compiled code is loaded before the clock runs
    runs = [
        [timed(way, kind, documents, seed, arguments) for way in (own, gensims)]
        for seed in range(arguments.pairs)
    ]
    busy = statistics.median(theirs[2] / ours[2] for ours, theirs in runs)
    speeds = [statistics.median(run[side][0] for run in runs) for side in (0, 1)]
    shares = [statistics.median(precision(run[side][1], groups) for run in runs) for side in (0, 1)]
    ratio = statistics.median(ours[0] / theirs[0] for ours, theirs in runs)
    found, theirs = (number(share, ".3f") for share in shares)
    rates = f"{speeds[0]:,.0f} | {speeds[1]:,.0f} | {ratio:.1f} | {busy:.1f} times less"
    print(f"| {_NAMES[kind]} | {rates} | {found} | {theirs} |", flush=True)


def timed(
    way: Any, kind: str, documents: list[list[str]], seed: int, arguments: argparse.Namespace
) -> tuple[float, np.ndarray, float]:
    """Words/s, the documents' vectors, and seconds of processor time of all, reading too."""
    started = time.process_time()
    return (*way(kind, documents, seed, arguments), time.process_time() - started)


def own(
    kind: str, documents: list[list[str]], seed: int, arguments: argparse.Namespace
) -> tuple[float, np.ndarray]:
    import polytopic as pt

    model: Any = pt.Doc2Vec(
        model=kind, epochs=arguments.epochs, n_threads=arguments.threads, min_count=5,
        random_state=seed, sample=1e-3 if len(documents) > 50 else 0, learning_rate=arguments.rate,
    )  # fmt: skip
    model.fit(documents)
    seconds = sum(record["seconds"] for record in model.history_)
    words = int(model.vocabulary_.counts.sum()) * arguments.epochs
    return words / seconds, model.document_vectors_


def gensims(
    kind: str, documents: list[list[str]], seed: int, arguments: argparse.Namespace
) -> tuple[float, np.ndarray]:
    from gensim.models.doc2vec import Doc2Vec, TaggedDocument

    model = Doc2Vec(
        vector_size=100, dm=int(kind == "dm"), epochs=arguments.epochs, sample=1e-3,
        workers=arguments.threads, min_count=5, seed=seed, alpha=arguments.rate,
    )  # fmt: skip
    tagged = [TaggedDocument(words, [row]) for row, words in enumerate(documents)]
    model.build_vocab(tagged)
    started = time.perf_counter()
    model.train(tagged, total_examples=len(tagged), epochs=arguments.epochs)
    seconds = time.perf_counter() - started
    words = sum(model.wv.get_vecattr(word, "count") for word in model.wv.index_to_key)
    return words * arguments.epochs / seconds, model.dv.vectors


def encoders(documents: list[list[str]], groups: np.ndarray, arguments: argparse.Namespace) -> None:
    import polytopic as pt

    vectors = pt.SkipGram(random_state=0, n_threads=arguments.threads).fit(documents).vectors_
    texts = [" ".join(words) for words in documents]
    print("\n| StaticEncoder on skip-gram vectors | precision |\n|---|---|")
    for weights in ("mean", "zipf", "sif", "usif"):
        encoder = pt.StaticEncoder(vectors, weights=weights).fit(texts)
        print(f"| {weights} | {number(precision(encoder.encode(texts), groups), '.3f')} |")
    encoder = pt.StaticEncoder(vectors, dim=64)
    share = number(precision(encoder.encode(texts), groups), ".3f")
    print(f"| zipf, 64 principal components | {share} |\n", flush=True)
    [file] = corpus_file(arguments.data, "arxiv").glob("*.jsonl*")
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rt", encoding="utf-8") as lines:
        titles = [json.loads(line)["title"] for _, line in zip(range(100_000), lines, strict=False)]
    speeds = []
    for _ in range(3):
        started = time.perf_counter()
        encoder.encode(titles)
        speeds.append(len(titles) / (time.perf_counter() - started))
    n_words = np.mean([len(title.split()) for title in titles])
    print(f"{statistics.median(speeds):,.0f} titles of {n_words:.1f} words a second")


if __name__ == "__main__":
    main()
