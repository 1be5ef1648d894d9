"""Directed link prediction: NodeEmbedding, HOPE and APP, beside what degrees alone reach.

    python benchmarks/graphs.py [--data ../shared/data] [--splits 3] [--validate]
    python benchmarks/board.py keep links -- benchmarks/graphs.py    # for the table of RESULTS.md

A tenth of the edges is held out, at random. Existence: held-out edges against as many non-edges,
drawn evenly, and drawn with the degrees of edges ("matched"). Direction: held-out edges against
themselves turned round. All are AUCs, printed as means over splits; the last line of a graph is the
largest deviation over splits. ``--validate`` holds out a tenth of the training edges instead and
never looks at the test edges: that is how the defaults were chosen, on cora and wiki-vote. HOPE and
APP have their defaults, of which nothing was chosen here.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
from _board.figures import number
from _corpora import DATA, corpus_file

from polytopic import metrics
from polytopic.graphs.app import APP
from polytopic.graphs.graph import Graph
from polytopic.graphs.hope import HOPE
from polytopic.graphs.nodes import NodeEmbedding
from polytopic.metrics import EdgeSplit

FILES = ("cora.cites", "wiki-vote.txt", "cora_ml.npz", "citeseer.npz")

Fit = Callable[[Any, int], Any]


def embedding(threads: int, **settings: Any) -> Fit:
    """A model with all else at its defaults."""
    return lambda train, seed: NodeEmbedding(n_threads=threads, random_state=seed, **settings).fit(
        train
    )


def hope(**settings: Any) -> Fit:
    return lambda train, seed: HOPE(random_state=seed, **settings).fit(train)


def degrees(kind: str) -> Fit:
    return lambda train, seed: metrics.degree_baseline(train, kind, random_state=seed)


def methods(threads: int) -> dict[str, Fit]:
    """What is compared, by name."""
    return {
        "degree product": degrees("product"),
        "degrees fitted to existence": degrees("existence"),
        "degrees fitted to direction": degrees("direction"),
        "walks": embedding(threads),
        "edges": embedding(threads, sampling="edges"),
        "edges, nothing turned round": embedding(
            threads, sampling="edges", ns_exponent=0.75, reverse=0.0, weight_decay=0.0, negative=5
        ),
        "edges, one vector (order 1)": embedding(threads, sampling="edges", order=1),
        "HOPE, Katz": hope(),
        "HOPE, rooted PageRank": hope(proximity="pagerank"),
        "HOPE, common neighbours": hope(proximity="common-neighbours"),
        "HOPE, Adamic-Adar": hope(proximity="adamic-adar"),
        "APP": lambda train, seed: APP(n_threads=threads, random_state=seed).fit(train),
    }


def main() -> None:
    arguments = read_arguments()
    warm_up(arguments.threads)
    print("| method | existence | matched | direction | seconds |\n|---|---|---|---|---|")
    for name in arguments.graphs:
        path = corpus_file(arguments.data, "graphs", name)
        graph = Graph.read(path)
        if name == "cora.cites":
            graph = graph.transpose()  # the file names the cited paper first
        print(f"| **{name}: {graph.n_nodes:,} nodes, {graph.n_edges:,} edges** | | | | |")
        compare(graph, arguments)


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--validate", action="store_true")
    parser.add_argument("--graphs", nargs="+", choices=FILES, default=FILES)
    parser.add_argument("--methods", nargs="+", help="beginnings of their names")
    return parser.parse_args()


def warm_up(threads: int) -> None:
    """Compile, or read what was compiled, outside the timings."""
    ring = np.roll(np.eye(8), 1, axis=1)
    for sampling in ("walks", "edges"):
        embedding(threads, sampling=sampling, epochs=1)(ring, 0)


def split_of(graph: Graph, seed: int, *, validate: bool) -> EdgeSplit:
    split = metrics.split_edges(graph, 0.1, random_state=seed)
    return metrics.split_edges(split.train, 0.1, random_state=100 + seed) if validate else split


def compare(graph: Graph, arguments: argparse.Namespace) -> None:
    spread = np.zeros(3)
    splits = [
        split_of(graph, seed, validate=arguments.validate) for seed in range(arguments.splits)
    ]
    asked = tuple(arguments.methods or ("",))
    for name, fit in methods(arguments.threads).items():
        if not name.startswith(asked):
            continue
        rows = []
        for seed, split in enumerate(splits):
            started = time.perf_counter()
            model = fit(split.train, seed)
            seconds = time.perf_counter() - started
            rows.append((*astuple(metrics.link_prediction(model, split))[:3], seconds))
        table = np.array(rows)
        existence, matched, direction = table[:, :3].mean(axis=0)
        spread = np.maximum(spread, table[:, :3].std(axis=0))
        seconds = float(np.median(table[:, 3]))
        aucs = " | ".join(number(value, ".3f") for value in (existence, matched, direction))
        print(f"| {name} | {aucs} | {seconds:.2f} |", flush=True)
    largest = " | ".join(number(value, ".3f") for value in spread)
    print(f"| deviation over splits, at most | {largest} | |")


if __name__ == "__main__":
    main()
