"""Coherence of 50 topics over 5,000 documents: polytopic against gensim's CoherenceModel.

    python benchmarks/coherence.py [--data ../shared/data] [--documents 5000] [--topics 50]

Both get the same lists of tokens and topics, and must agree to 1e-6 on every topic. Each pair of
runs stands side by side, once with gensim's processes=1 and once with its default; printed are
medians. gensim's default is one process less than there are CPUs, and at least one.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from polytopic import metrics

MEASURES: dict[str, Callable[..., Any]] = {
    "c_npmi": lambda topics, texts: metrics.npmi(topics, texts, window=10, per_topic=True),
    "c_uci": lambda topics, texts: metrics.uci(topics, texts, per_topic=True),
    "c_v": lambda topics, texts: metrics.c_v(topics, texts, per_topic=True),
    "u_mass": lambda topics, texts: metrics.umass(topics, texts, per_topic=True),
}


def main() -> None:
    arguments = read_arguments()
    texts = read_texts(arguments.data, arguments.documents)
    topics = draw_topics(texts, arguments.topics)
    tokens = sum(map(len, texts))
    print(f"{len(texts)} documents, {tokens:,} tokens, {len(topics)} topics of 10 words")
    from gensim.corpora import Dictionary

    dictionary = Dictionary(texts)
    started = time.perf_counter()
    for measure in MEASURES.values():
        measure(topics, texts)
    print(f"first calls, compiling or reading the compiled kernel: {since(started):.2f} s")
    print(f"{'measure':8} {'processes':>9} {'gensim s':>9} {'polytopic s':>11} {'ratio':>6}")
    for name, measure in MEASURES.items():
        for processes in (1, -1, 2):
            pairs = [
                run_pair(name, measure, topics, texts, dictionary, processes)
                for _ in range(arguments.pairs)
            ]
            peer, own = (statistics.median(column) for column in zip(*pairs, strict=True))
            ratio = statistics.median(a / b for a, b in pairs)
            label = "default" if processes == -1 else str(processes)
            print(f"{name:8} {label:>9} {peer:9.3f} {own:11.4f} {ratio:6.1f}")
    time_counts(arguments.data)


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--documents", type=int, default=5000)
    parser.add_argument("--topics", type=int, default=50)
    parser.add_argument("--pairs", type=int, default=3, help="paired runs a line")
    return parser.parse_args()


def read_texts(data: Path, documents: int) -> list[list[str]]:
    """Lower-case words of 20newsgroups bodies; synthetic text where that is absent."""
    folder = data / "20newsgroups"
    files = sorted(folder.glob("*.jsonl.gz"))
    if not files:
        print("no 20newsgroups: synthetic text")
        rng = np.random.default_rng(0)
        lengths = rng.integers(5, 350, documents)
        return [[f"w{word}" for word in rng.zipf(1.3, size) % 20_000] for size in lengths]
    texts: list[list[str]] = []
    for file in files:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                words = re.findall(r"[a-z]{2,}", json.loads(line)["body"].lower())
                if words:
                    texts.append(words)
                if len(texts) == documents:
                    return texts
    return texts


def draw_topics(texts: list[list[str]], n_topics: int) -> list[list[str]]:
    """Ten words each, drawn from the 2,000 most frequent beyond the first 50."""
    frequent = [word for word, _ in Counter(chain.from_iterable(texts)).most_common(2050)[50:]]
    rng = np.random.default_rng(0)
    return [[str(w) for w in rng.choice(frequent, 10, replace=False)] for _ in range(n_topics)]


def run_pair(
    name: str,
    measure: Callable[..., Any],
    topics: list[list[str]],
    texts: list[list[str]],
    dictionary: Any,
    processes: int,
) -> tuple[float, float]:
    from gensim.models import CoherenceModel

    started = time.perf_counter()
    model = CoherenceModel(
        topics=topics,
        texts=texts,
        dictionary=dictionary,
        coherence=name,
        topn=10,
        processes=processes,
    )
    peer = model.get_coherence_per_topic()
    peer_seconds = since(started)
    started = time.perf_counter()
    own = measure(topics, texts)
    own_seconds = since(started)
    difference = float(np.abs(np.asarray(peer) - own).max())
    assert difference < 1e-6, f"{name}: differs from gensim by {difference}"
    return peer_seconds, own_seconds


def time_counts(data: Path) -> None:
    """The headline NPMI on counts that are there already."""
    file = data / "20ng-5k" / "train_bow.npz"
    if not file.exists():
        return
    counts = sparse.load_npz(file).tocsr()
    topic_word = np.random.default_rng(0).dirichlet(np.full(counts.shape[1], 0.05), 50)
    seconds = []
    for _ in range(9):
        started = time.perf_counter()
        metrics.npmi(topic_word, counts)
        seconds.append(since(started))
    shape = " x ".join(f"{size:,}" for size in counts.shape)
    print(f"npmi over documents, counts of {shape}, 50 topics: {statistics.median(seconds):.4f} s")


def since(started: float) -> float:
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
