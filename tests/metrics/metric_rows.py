"""The table of the metrics: what each says of a case small enough to be reckoned by hand.

A new metric is a new row: its name, and a function of a folder for temporary files that gives what
the metric found and what it must be.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from polytopic import metrics
from polytopic.embeddings.vectors import WordVectors
from polytopic.result import TopicResult
from polytopic.text import Vocabulary

PAIRED = [["a", "b"], ["a", "b"], ["c"], ["d"]]
"""Documents in which a never stands without b, and half of which hold neither."""
TOPIC = [["a", "b"]]
LISTS = [["a", "b"], ["b", "c"]]
EDGES = sparse.csr_matrix([[0, 1, 1], [0, 0, 1], [0, 1, 0]])
RING = sparse.csr_matrix(np.roll(np.eye(9, dtype=int), 1, axis=1))
BETA = np.array([[0.5, 0.5], [0.25, 0.75]])
WORDS = ["one", "two", "three", "four"]
VECTORS = WordVectors(WORDS, np.array([[1.0, 0.0], [1.0, 0.2], [1.0, 1.0], [0.8, 1.0]]))


class Uniform:
    """A model to which every term is as likely as any other of four."""

    topic_word_ = np.full((1, 4), 0.25)

    def transform(self, counts: Any) -> np.ndarray:
        return np.ones((counts.shape[0], 1))


def result() -> TopicResult:
    return TopicResult(
        topic_word=np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]], dtype=np.float32),
        doc_topic=np.array([[0.9, 0.1], [0.2, 0.8]], dtype=np.float32),
        vocabulary=Vocabulary(["a", "b", "c"]),
        counts=sparse.csr_matrix([[3, 1, 0], [0, 1, 3]]),
    )


def written(folder: Path, text: str) -> Path:
    file = folder / "asked.txt"
    file.write_text(text, encoding="utf-8")
    return file


def halves(folder: Path) -> tuple[Any, Any]:
    counts = sparse.csr_matrix([[4, 0, 3], [1, 1, 0]])
    one, other = metrics.document_completion(counts)
    return (one + other).toarray().tolist(), counts.toarray().tolist()


def split(folder: Path) -> tuple[Any, Any]:
    parts = metrics.split_edges(EDGES, 0.25, random_state=0)
    together = parts.train.toarray()
    together[tuple(parts.test.T)] += 1
    return (len(parts.test), together.tolist()), (1, EDGES.toarray().tolist())


def linked(folder: Path) -> tuple[Any, Any]:
    parts = metrics.split_edges(RING, 0.4, random_state=0)
    known = RING.toarray().astype(float)
    found = metrics.link_prediction(lambda pairs: known[pairs[:, 0], pairs[:, 1]], parts)
    return (found.existence, found.existence_matched, found.direction), (1.0, 1.0, 1.0)


def apart(folder: Path) -> tuple[Any, Any]:
    pairs = metrics.non_edges(EDGES, 50, random_state=0)
    return {tuple(pair) for pair in pairs.tolist()}, {(1, 0), (2, 0)}


Row = Callable[[Path], tuple[Any, Any]]

ROWS: dict[str, Row] = {
    "npmi": lambda folder: (metrics.npmi(TOPIC, PAIRED, n=2), 1.0),
    "uci": lambda folder: (metrics.uci(TOPIC, PAIRED, n=2), math.log(0.5 / 0.25)),
    "umass": lambda folder: (metrics.umass(TOPIC, [*PAIRED, ["a"]], n=2), math.log(2 / 3)),
    "c_v": lambda folder: (metrics.c_v(TOPIC, PAIRED, n=2), 1.0),
    "diversity": lambda folder: (metrics.diversity(LISTS, n=2), 3 / 4),
    "diversity_once": lambda folder: (metrics.diversity_once(LISTS, n=2), 2 / 4),
    "topic_uniqueness": lambda folder: (metrics.topic_uniqueness(LISTS, n=2), (1 + 0.5) / 2),
    "inverted_rbo": lambda folder: (metrics.inverted_rbo([*TOPIC, *TOPIC], n=2), 0.0),
    "purity": lambda folder: (metrics.purity([0, 0, 1, 1], ["x", "y", "y", "y"]), 3 / 4),
    "nmi": lambda folder: (metrics.nmi([0, 0, 1], ["x", "x", "y"]), 1.0),
    "ami": lambda folder: (metrics.ami([0, 0, 1], ["x", "x", "y"]), 1.0),
    "v_measure": lambda folder: (metrics.v_measure([0, 1, 2, 3], ["x", "x", "y", "y"]), 2 / 3),
    "fowlkes_mallows": lambda folder: (
        metrics.fowlkes_mallows([0, 0, 0, 1], ["x", "x", "y", "y"]), 1 / math.sqrt(3 * 2),
    ),
    "unseen_pairs": lambda folder: (
        metrics.unseen_pairs([["a", "c", "e"]], PAIRED, n=3),
        {"pairs": 3, "unknown": 2, "never_together": 1},
    ),
    "embedding_coherence": lambda folder: (
        metrics.embedding_coherence([["one", "three"]], VECTORS, n=2), math.sqrt(0.5),
    ),
    "embedding_diversity": lambda folder: (
        metrics.embedding_diversity(LISTS, {"a": [1, 0], "b": [0, 1], "c": [0, 1]}, n=2),
        1 - math.sqrt(0.5),
    ),
    "krippendorff_alpha": lambda folder: (
        metrics.krippendorff_alpha([[1, 1], [2, 2]], level="nominal"), 1 - 1 / (2 / 3),
    ),
    "stability": lambda folder: (metrics.stability([LISTS, TOPIC], n=2), 1 / 2),
    "bootstrap_interval": lambda folder: (metrics.bootstrap_interval([0.5, 0.5, 0.5]), (0.5, 0.5)),
    "perplexity": lambda folder: (metrics.perplexity(Uniform(), np.full((3, 4), 5)), 4.0),
    "document_completion": halves,
    "mixture_log_likelihood": lambda folder: (
        metrics.mixture_log_likelihood(
            sparse.csr_matrix([[2, 1]]), np.array([[0.5, 0.5]]), BETA
        ).tolist(),
        [2 * math.log(0.375) + math.log(0.625)],
    ),
    "collapse": lambda folder: (metrics.collapse(BETA, [[0.9, 0.1], [0.6, 0.4]]).dead, (1,)),
    "evaluate": lambda folder: (
        [metrics.evaluate(result())[name] for name in ("n_topics", "dead_topics")], [2, 0],
    ),
    "word_similarity": lambda folder: (
        metrics.word_similarity(
            VECTORS, written(folder, "one two 9\none three 5\none four 1\n")
        ).spearman,
        1.0,
    ),
    "word_analogies": lambda folder: (
        metrics.word_analogies(VECTORS, written(folder, ": s\none two three four\n")).accuracy,
        1.0,
    ),
    "split_edges": split,
    "non_edges": apart,
    "link_prediction": linked,
    "degree_baseline": lambda folder: (
        metrics.degree_baseline(EDGES)(np.array([[0, 1], [1, 0]])).tolist(), [9.0, 2.0],
    ),
}  # fmt: skip
