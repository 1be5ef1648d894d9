"""Hierarchical Dirichlet processes of three packages on 20 Newsgroups: topics found, and how good.

    python benchmarks/hdp.py        # polytopic, and gensim and tomotopy where they are installed

20ng-5k; one thread; seed 0. topics: found, with at least 100 tokens each; held out: NPMI of the top
ten words by the test documents, mean over those topics; TD: of their top 25; purity of the test
documents' largest topic. gensim's is online variational Bayes cut off at 150 topics (one pass,
Wang, Paisley & Blei 2011) and gives all 150; tomotopy's is a sampler by direct assignment.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, Split, load_split
from numpy.typing import NDArray

LEAST = 100
"""Tokens of a topic that is counted."""

Found = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]
"""Topics (K, V), tokens of each (K,), theta of the test documents (D, K)."""


def of_polytopic(split: Split, iterations: int) -> Found:
    import polytopic as pt

    model = pt.HDP(iterations=iterations, n_threads=1, random_state=0).fit(split.train)
    tokens = np.asarray(split.train.sum(axis=1)).ravel()
    return model.topic_word_, tokens @ model.transform(split.train), model.transform(split.test)


def of_gensim(split: Split, iterations: int) -> Found:
    from gensim.corpora import Dictionary
    from gensim.matutils import Sparse2Corpus
    from gensim.models import HdpModel

    names = Dictionary.from_documents([split.terms])
    order = [names.token2id[term] for term in split.terms]
    columns = np.argsort(order)
    train, test = (Sparse2Corpus(c[:, columns].T) for c in (split.train, split.test))
    model = HdpModel(train, names, random_state=0)
    topics = model.get_topics()[:, order]
    thetas = []
    for corpus in (train, test):
        gamma = model.inference(list(corpus)).astype(float)
        thetas.append(gamma / gamma.sum(axis=1, keepdims=True))
    tokens = np.asarray(split.train.sum(axis=1)).ravel()
    return topics, tokens @ thetas[0], thetas[1]


def of_tomotopy(split: Split, iterations: int) -> Found:
    import tomotopy

    model = tomotopy.HDPModel(seed=0)
    terms = np.array(split.terms)
    for row in range(split.train.shape[0]):
        own = split.train[[row]]
        if own.nnz:
            model.add_doc(np.repeat(terms[own.indices], own.data).tolist())
    model.train(iterations, workers=1)
    live = [k for k in range(model.k) if model.is_live_topic(k)]
    column = {term: index for index, term in enumerate(split.terms)}
    order = [column[term] for term in model.used_vocabs]
    topics = np.full((len(live), len(terms)), 1e-12)
    for place, k in enumerate(live):
        topics[place, order] = model.get_topic_word_dist(k)
    theta = np.full((split.test.shape[0], len(live)), 1.0 / len(live))
    made, rows = [], []
    for row in range(split.test.shape[0]):
        own = split.test[[row]]
        words = np.repeat(terms[own.indices], own.data).tolist()
        if any(word in model.used_vocabs for word in words):
            made.append(model.make_doc(words))
            rows.append(row)
    theta[rows] = np.array(model.infer(made, workers=1)[0])[:, live]
    return topics, np.array(model.get_count_by_topics())[live], theta


PACKAGES: dict[str, Callable[[Split, int], Found]] = {
    "polytopic": of_polytopic, "gensim": of_gensim, "tomotopy": of_tomotopy,
}  # fmt: skip


def main() -> None:
    from polytopic import metrics

    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--packages", nargs="+", choices=list(PACKAGES), default=list(PACKAGES))
    parser.add_argument("--iterations", type=int, default=300, help="of the samplers")
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    split = load_split("20ng-5k", arguments.data)
    print(f"{'':12}{'topics':>8}{'held out':>10}{'TD':>8}{'purity':>8}{'cpu s':>8}", flush=True)
    for name in arguments.packages:
        started = time.process_time()
        try:
            topics, tokens, theta = PACKAGES[name](split, arguments.iterations)
        except ImportError as error:
            print(f"{name:12} not installed ({error})", flush=True)
            continue
        seconds, kept = time.process_time() - started, tokens >= LEAST
        order = np.argsort(-topics[kept], axis=1, kind="stable")[:, :25]
        words = [[split.terms[v] for v in row] for row in order]
        held_out = metrics.npmi([w[:10] for w in words], split.test, vocabulary=split.terms)
        shares = theta / theta.sum(axis=1, keepdims=True)
        print(
            f"{name:12}{int(kept.sum()):>8}{held_out:>10.3f}{metrics.diversity(words, n=25):>8.3f}"
            f"{metrics.purity(shares, split.test_labels):>8.3f}{seconds:>8.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
