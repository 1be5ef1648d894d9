"""Where autoencoders start: a clustering by k-means, or the best of eight that are merged.

    python benchmarks/start_candidates.py --corpus nyt-10k         # 20ng-5k, snippets, arxiv, yelp
    python benchmarks/start_candidates.py --corpus 20newsgroups    # raw posts, split by date
    python benchmarks/start_candidates.py --corpus nyt-10k --starts 10

Two fits a seed of `DirichletVAE` (K = 50), with start="vectors" and with start="chosen". npmi,
held_out, td: as in `topics.py`; wiki: NPMI on wiki100m of pairs whose words it knows; purity and
nmi on the test part; seconds: processor time of the fit. Corpora as in `reading_power.py`.

With `--starts N` nothing is trained: N clusterings of each kind, from the same word vectors, are
read as they are, and the rank correlation of what a start is chosen by with NPMI held out is told.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, Split
from _quality import DOCUMENT_WORDS, first_words, wiki
from numpy.typing import NDArray
from reading_power import split_of

COLUMNS = ("npmi", "held_out", "wiki", "td", "purity", "nmi", "seconds")
SMALL = (2, 4, 8)
"""Small clusters a topic that `--starts` tries."""


def trained(split: Split, seed: int, start: str, outside: Any) -> dict[str, float]:
    """The figures of one fit."""
    import polytopic as pt
    from polytopic import metrics

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        begun = time.process_time()
        model = pt.DirichletVAE(n_topics=50, start=start, random_state=seed)
        model.fit(split.train, terms=split.terms)
        seconds = time.process_time() - begun
        theta = model.transform(split.test)
        found = figures(first_words(model.topic_word_, split.terms, 25), split, outside)
    return {
        **found,
        "purity": metrics.purity(theta, split.test_labels),
        "nmi": metrics.nmi(theta, split.test_labels),
        "seconds": seconds,
    }


def figures(words: list[list[str]], split: Split, outside: Any) -> dict[str, float]:
    from polytopic import metrics

    return {
        "npmi": metrics.npmi(words, split.train, vocabulary=split.terms),
        "held_out": metrics.npmi(words, split.test, vocabulary=split.terms),
        "wiki": metrics.npmi(words, outside, vocabulary=split.terms, pairs="known"),
        "td": metrics.diversity(words, n=25),
    }


def starts(split: Split, n: int, outside: Any) -> None:
    """Clusterings of each kind, untrained, and how what they are chosen by goes with held out."""
    from scipy.stats import spearmanr

    from polytopic.embeddings import ppmi_vectors
    from polytopic.topics.vae import initial_values as start

    terms, counts = start._Terms.of(split.train), split.train
    vectors = ppmi_vectors(counts, 300, random_state=0)
    documents = start.document_vectors(counts, vectors, terms.weight)
    documents = documents[np.linalg.norm(documents, axis=1) > 0.5]
    kinds: dict[str, Callable[[Any], NDArray[np.float32]]] = {
        "k-means": lambda rng: start.spherical_k_means(documents, 50, rng),
    }
    for small in SMALL:
        kinds[f"merged, {small} a topic"] = lambda rng, small=small: _merged(documents, rng, small)
    runs = []
    for kind, cluster in kinds.items():
        own = []
        for seed in range(n):
            centers = cluster(np.random.default_rng(seed))
            weight = terms.trust * start._decoder_weight(terms, vectors, centers)
            words = first_words(
                start._STEEPNESS * weight + start.BACKGROUND * terms.log_frequency, split.terms, 25
            )
            chosen_by = start._merit(terms, vectors, centers, counts)
            own.append({"chosen_by": chosen_by, **figures(words, split, outside)})
        runs += own
        print(kind, *(f"{c} {np.median([r[c] for r in own]):.3f}" for c in own[0]), flush=True)
    for column in ("chosen_by", "npmi"):
        found = spearmanr([r[column] for r in runs], [r["held_out"] for r in runs])[0]
        print(f"rank correlation of {column} with held_out over {len(runs)} starts: {found:.2f}")


def _merged(documents: NDArray[np.float32], rng: Any, small: int) -> NDArray[np.float32]:
    from polytopic.topics.vae import initial_values as start

    usual = start._SMALL_CLUSTERS
    start._SMALL_CLUSTERS = small
    try:
        return start._merged_clusters(documents, 50, rng)
    finally:
        start._SMALL_CLUSTERS = usual


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--corpus", default="20ng-5k")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--start", nargs="+", default=["vectors", "chosen"])
    parser.add_argument("--starts", type=int, default=0, help="read so many, and train nothing")
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()
    split = split_of(arguments.corpus, arguments.data)
    outside = wiki(arguments.data, split.terms).counts(DOCUMENT_WORDS)
    if arguments.starts:
        return starts(split, arguments.starts, outside)
    print("| corpus | start | seeds | " + " | ".join(COLUMNS) + " |")
    print("|" + "---|" * (3 + len(COLUMNS)))
    for start in arguments.start:
        seeds = arguments.seeds
        runs = [trained(split, seed, start, outside) for seed in seeds]
        cells = (f"{np.median([run[c] for run in runs]):.3f}" for c in COLUMNS)
        print(f"| {arguments.corpus} | {start} | {len(seeds)} |", " | ".join(cells), "|")
    return None


if __name__ == "__main__":
    main()
