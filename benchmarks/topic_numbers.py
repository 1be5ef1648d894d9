"""Planted corpora of 5, 12 and 30 topics: how often the range of ``choose_topics`` holds the truth.

python benchmarks/topic_numbers.py --runs 10 --jobs 2
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from scipy import sparse

CANDIDATES = (3, 5, 8, 12, 20, 30, 45)
PLANTED = (5, 12, 30)
LENGTH = 60
PER_TOPIC = 30


def planted(n_topics: int, seed: int) -> sparse.csr_matrix:
    """Mixtures (Dirichlet .1) of topics with Zipfian words of their own, a fifth shared by all."""
    rng = np.random.default_rng(seed)
    n_terms, n_documents = PER_TOPIC * n_topics, max(600, 60 * n_topics)
    shared = rng.dirichlet(np.full(n_terms, 0.5))
    zipf = 1.0 / np.arange(1, PER_TOPIC + 1)
    beta = np.tile(0.2 * shared, (n_topics, 1))
    terms = rng.permutation(n_terms).reshape(n_topics, PER_TOPIC)
    for topic in range(n_topics):
        beta[topic, terms[topic]] += 0.8 * zipf / zipf.sum()
    theta = rng.dirichlet(np.full(n_topics, 0.1), n_documents)
    counts = [rng.multinomial(LENGTH, row / row.sum()) for row in theta @ beta]
    return sparse.csr_matrix(np.array(counts))


if __name__ == "__main__":
    import polytopic as pt
    from polytopic.ensembles import choose_topics

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--planted", type=int, nargs="*", default=PLANTED)
    parser.add_argument("--iterations", type=int, default=150)
    given = parser.parse_args()
    for truth in given.planted:
        held = []
        for seed in range(given.first, given.first + given.runs):
            started = time.perf_counter()
            counts = planted(truth, seed)
            corpus = pt.Corpus.from_counts(counts, terms=[f"w{v}" for v in range(counts.shape[1])])
            found = choose_topics(
                corpus, CANDIDATES, n_jobs=given.jobs, random_state=seed,
                iterations=given.iterations,
            )  # fmt: skip
            held.append(found.low <= truth <= found.high and found.clear)
            print(truth, seed, found.low, found.high, found.best, found.clear,
                  [round(v, 2) for v in found.stability], [round(v, 3) for v in found.fit],
                  f"{time.perf_counter() - started:.0f} s", flush=True)  # fmt: skip
        print(f"{truth} topics: the range has the truth in {sum(held)} of {len(held)}", flush=True)
