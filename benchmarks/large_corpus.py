"""A large corpus end to end on this machine: 200,000 abstracts, V = 30,000, K = 100.

    python benchmarks/large_corpus.py
    python benchmarks/large_corpus.py --model prodlda --epochs 1

Reads titles and abstracts with the package's own reader, fits the model with its defaults, infers
theta of all documents, and prints documents a second and the peak memory of the whole process. A
dense float32 count matrix of this size would be 24 GB. Stated floor of a product decoder: each of
the D documents costs 6 V K multiply-adds a pass (three matrix products), whatever its length.
"""

from __future__ import annotations

import argparse
import resource
import time
import warnings
from pathlib import Path

from _corpora import DATA, corpus_file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--model", default="dirichlet-vae")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("-k", type=int, default=100)
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()

    import polytopic as pt
    from polytopic import metrics, registry

    started = time.perf_counter()
    file = corpus_file(arguments.data, "arxiv", "arxiv200k.jsonl.gz")
    corpus = pt.read(file, text=["title", "abstract"], label="category", max_terms=30_000)
    print(f"read: {time.perf_counter() - started:.1f} s, {len(corpus)} documents, "
          f"{len(corpus.vocabulary)} terms, {int(corpus.counts.sum())} tokens")  # fmt: skip
    kind = registry.load_class(registry.find(arguments.model))
    model = kind(n_topics=arguments.k, epochs=arguments.epochs, random_state=0, verbose=True)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        started = time.perf_counter()
        model.fit(corpus)
    seconds = time.perf_counter() - started
    passes = len(model.history_)
    training = sum(record["seconds"] for record in model.history_)
    rate = passes * len(corpus) / training
    print(f"fit: {seconds:.1f} s; {passes} passes in {training:.1f} s: {rate:.0f} documents/s")
    print(f"floor: {rate * 6 * len(corpus.vocabulary) * arguments.k / 1e9:.1f} G multiply-adds/s")
    started = time.perf_counter()
    theta = model.transform(corpus)
    print(f"transform: {len(corpus) / (time.perf_counter() - started):.0f} documents/s")
    diagnosis = model.diagnose()
    words = model.top_words(25)
    print(f"npmi {metrics.npmi(words, corpus):.3f}, td {metrics.diversity(words):.3f}, "
          f"purity {metrics.purity(theta, corpus.labels):.3f}, dead {len(diagnosis.dead)}, "
          f"near-duplicates {diagnosis.share_duplicates:.3f}")  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of the process: {peak:.0f} MB")


if __name__ == "__main__":
    main()
