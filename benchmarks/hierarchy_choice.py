"""How topics are best joined to groups, judged on labels of other corpora than 20 Newsgroups.

Topics of the default model and of LDA, K = 50, on arXiv abstracts (labels: the seven archives with
a fiftieth of the documents or more) and on the New York Times (its 12 sections). Each way of
joining is cut at as many groups as there are labels; NMI of the labels with the group of a
document's largest topic (``top``), and with its largest group (``sums``).

    python benchmarks/hierarchy_choice.py
"""

from __future__ import annotations

import argparse
import gzip
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import corpus_file
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.metrics import normalized_mutual_info_score as nmi

import polytopic as pt
from polytopic.result.hierarchy import correlated_of, ward_of

N_TOPICS, N_TERMS, LEAST_LABEL = 50, 5000, 0.02
FITS = [
    ("arxiv", 3600, "DirichletVAE", 0), ("arxiv", 3600, "DirichletVAE", 1),
    ("arxiv", 11300, "DirichletVAE", 0), ("arxiv", 3600, "LDA", 0), ("arxiv", 11300, "LDA", 0),
    ("nyt", 0, "DirichletVAE", 0), ("nyt", 0, "LDA", 0),
]  # fmt: skip


def arxiv(data: Path, n: int) -> tuple[Any, np.ndarray]:
    with gzip.open(corpus_file(data, "arxiv/arxiv200k.jsonl.gz"), "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    chosen = [rows[r] for r in np.random.default_rng(n).permutation(len(rows))[:n]]
    texts = [f"{row['title']}. {row['abstract']}" for row in chosen]
    archives = [row["category"].split()[0].partition(".")[0] for row in chosen]
    return pt.Corpus.from_texts(texts, max_terms=N_TERMS), np.array(archives)


def nyt(data: Path, _: int) -> tuple[Any, np.ndarray]:
    labels = corpus_file(data, "nyt-10k/train_labels.txt").read_text().split()
    return pt.Corpus.from_topmost(corpus_file(data, "nyt-10k")), np.array(labels)


def ways(result: Any, rows: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Names of ways of joining, and their linkage."""
    theta = result.doc_topic[rows].astype(np.float64)
    sizes, n = result.topic_sizes, result.n_topics
    spread = np.sqrt(theta / np.maximum(theta.sum(axis=0), 1e-300))
    words = np.sqrt(result.topic_word.astype(np.float64))
    tfidf = TfidfTransformer(sublinear_tf=True).fit_transform(result.counts[rows])
    places = TruncatedSVD(50, random_state=0).fit_transform(tfidf)
    centres = (theta / np.maximum(theta.sum(axis=0), 1e-300)).T @ places - places.mean(axis=0)
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-12)
    alike = {
        "Hellinger, documents": spread.T @ spread, "Hellinger, words": words @ words.T,
        "correlation": np.corrcoef(theta.T), "correlation of roots": np.corrcoef(np.sqrt(theta).T),
        "cosine of mean documents": centres @ centres.T,
    }  # fmt: skip
    yield "correlation of roots of sums", correlated_of(theta)
    for name, values in alike.items():
        squared = np.clip(2.0 - 2.0 * values, 0.0, None)
        np.fill_diagonal(squared, 0.0)
        yield f"{name}; Ward, tokens", ward_of(squared, sizes)
        yield f"{name}; Ward, equal", ward_of(squared, np.ones(n))
        apart = squareform(squared, checks=False)
        yield f"{name}; average", linkage(apart, "average")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=default)
    found: dict[str, list[tuple[float, float]]] = {}
    data = parser.parse_args().data
    for corpus, n, model, seed in FITS:
        read, labels = {"arxiv": arxiv, "nyt": nyt}[corpus](data, n)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            estimator = getattr(pt, model)(n_topics=N_TOPICS, random_state=seed)
            result = estimator.fit_result(read)
        rows = np.flatnonzero(result.has_topic)
        names, numbers = np.unique(labels[rows], return_inverse=True)
        often = (
            np.bincount(numbers) >= LEAST_LABEL * len(rows) if corpus == "arxiv" else names != ""
        )
        judged, n_groups = often[numbers], int(often.sum())
        theta = result.doc_topic[rows]
        for name, tree in ways(result, rows):
            group = fcluster(tree, n_groups, "maxclust") - 1
            sums = np.stack([theta[:, group == g].sum(axis=1) for g in range(n_groups)], axis=1)
            scores = (group[theta.argmax(axis=1)], sums.argmax(axis=1))
            top, whole = (float(nmi(numbers[judged], s[judged])) for s in scores)
            found.setdefault(name, []).append((top, whole))
        print(json.dumps({"corpus": corpus, "documents": len(rows), "model": model, "seed": seed,
                          "labels": n_groups}), flush=True)  # fmt: skip
    for name, pairs in sorted(found.items(), key=lambda item: -np.mean(item[1])):
        top, whole = np.mean(pairs, axis=0).round(4).tolist()
        each = [round(value, 3) for value, _ in pairs]
        print(json.dumps({"way": name, "top": top, "sums": whole, "each": each}), flush=True)


if __name__ == "__main__":
    main()
