"""Tables of a result of a million documents: seconds of each, and memory beyond its arrays.

The result is made up: theta of ``--documents`` rows and ``--topics`` columns, twenty terms a
document, a text, one of fifty labels and a day of ten years each. Every table is made three times;
the least time and the largest growth of the process's peak are told.

    python benchmarks/result_tables.py --documents 1000000 --topics 100
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse

from polytopic.result import TopicResult
from polytopic.text import Vocabulary

N_TERMS, TERMS_A_DOCUMENT, LABELS, DAYS = 10_000, 20, 50, 3650
ROUNDS = 3

TABLES: dict[str, Callable[[TopicResult], Any]] = {
    "documents": lambda result: result.documents(),
    "over_time": lambda result: result.over_time(freq="month"),
    "by_label": lambda result: result.by_label(),
    "topics": lambda result: result.topics(),
    "terms": lambda result: result.terms(),
    "similarity": lambda result: result.similarity(),
}


def made_up(n_documents: int, n_topics: int) -> TopicResult:
    rng = np.random.default_rng(0)
    theta = rng.random((n_documents, n_topics), dtype=np.float32) ** 8
    theta /= theta.sum(axis=1, keepdims=True)
    words = rng.random((n_topics, N_TERMS), dtype=np.float32)
    columns = np.sort(rng.integers(0, N_TERMS, (n_documents, TERMS_A_DOCUMENT), np.int32), axis=1)
    bounds = np.arange(n_documents + 1) * TERMS_A_DOCUMENT
    counts = sparse.csr_matrix(
        (np.ones(columns.size, np.int32), columns.ravel(), bounds), shape=(n_documents, N_TERMS)
    )
    counts.sum_duplicates()
    filler = "words of a document " * 10
    labels = np.array([f"label {k}" for k in range(LABELS)], dtype=object)
    days = np.datetime64("2015-01-01") + rng.integers(0, DAYS, n_documents).astype("m8[D]")
    return TopicResult(
        topic_word=words / words.sum(axis=1, keepdims=True),
        doc_topic=theta,
        vocabulary=Vocabulary([f"w{v}" for v in range(N_TERMS)]),
        counts=counts,
        texts=pl.Series([f"{row} {filler}" for row in range(n_documents)]),
        labels=labels[rng.integers(0, LABELS, n_documents)],
        dates=days,
    )


def resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e9


def measured(name: str, n_documents: int, n_topics: int) -> dict[str, Any]:
    """One table, in a process of its own, so that each has a peak of its own."""
    result = made_up(n_documents, n_topics)
    assert result.has_topic.all()
    seconds, before = [], resident()
    for _ in range(ROUNDS):
        start = time.perf_counter()
        table = TABLES[name](result)
        seconds.append(time.perf_counter() - start)
        shape = table.shape
        del table
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {
        "table": name, "rows": shape[0], "columns": shape[1], "seconds": round(min(seconds), 3),
        "first": round(seconds[0], 3), "gigabytes": round(max(peak - before, 0.0), 3),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--topics", type=int, default=100)
    given = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    for name in TABLES:
        with context.Pool(1) as pool:
            print(json.dumps(pool.apply(measured, (name, given.documents, given.topics))))


if __name__ == "__main__":
    main()
