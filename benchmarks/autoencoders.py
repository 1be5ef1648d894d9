"""Document vectors: how often the nearest neighbours of a document share its label.

    python benchmarks/autoencoders.py                          # 20ng-5k, 50 dimensions, three seeds
    python benchmarks/autoencoders.py --models vae svd-tfidf --seeds 1
    python benchmarks/autoencoders.py --json runs.jsonl
    python benchmarks/autoencoders.py --merge runs.jsonl       # the medians as a table

Each test document is looked up among the training documents: precision is the share of its five
nearest by cosine that have its label, mean over the test documents. Everything is fitted on the
training counts alone, with the defaults of its class, in this one process, the methods taking turns
seed by seed.

svd-counts   truncated SVD of the counts
svd-tfidf    truncated SVD of (1 + log count) times inverse document frequency, rows of length one
lda          theta of polytopic.LDA
vae, dae, ae polytopic.VAE, DenoisingAutoencoder, Autoencoder on the counts
dae-tfidf    DenoisingAutoencoder(likelihood="gaussian") on what svd-tfidf reads
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, Split, load_split
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.pipeline import make_pipeline

import polytopic as pt

NEIGHBOURS = 5
_BLOCK = 1000

METHODS: dict[str, Callable[[int, int], Any]] = {
    "svd-counts": lambda dim, seed: TruncatedSVD(dim, random_state=seed),
    "svd-tfidf": lambda dim, seed: make_pipeline(
        TfidfTransformer(sublinear_tf=True), TruncatedSVD(dim, random_state=seed)
    ),
    "lda": lambda dim, seed: pt.LDA(n_topics=dim, alpha=0.1, eta=0.01, random_state=seed),
    "ae": lambda dim, seed: pt.Autoencoder(dim=dim, random_state=seed),
    "dae": lambda dim, seed: pt.DenoisingAutoencoder(dim=dim, random_state=seed),
    "dae-tfidf": lambda dim, seed: make_pipeline(
        TfidfTransformer(sublinear_tf=True),
        pt.DenoisingAutoencoder(dim=dim, likelihood="gaussian", random_state=seed),
    ),
    "vae": lambda dim, seed: pt.VAE(dim=dim, random_state=seed),
}
"""A transformer by name, from the dimension and the seed."""


def precision(train: NDArray[Any], test: NDArray[Any], split: Split) -> float:
    """Share of the nearest training documents with the label of the test document."""
    train, test = (rows / np.linalg.norm(rows, axis=1, keepdims=True).clip(1e-12)
                   for rows in (train, test))  # fmt: skip
    hits = []
    for first in range(0, len(test), _BLOCK):
        cosines = test[first : first + _BLOCK] @ train.T
        near = np.argpartition(-cosines, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
        wanted = split.test_labels[first : first + _BLOCK, None]
        hits.append((split.train_labels[near] == wanted).mean(1))
    return float(np.concatenate(hits).mean())


def measure(name: str, split: Split, dim: int, seed: int) -> dict[str, float]:
    model = METHODS[name](dim, seed)
    counts = split.train.astype(np.float64), split.test.astype(np.float64)
    started = time.perf_counter()
    model.fit(counts[0])
    seconds = time.perf_counter() - started
    found = precision(model.transform(counts[0]), model.transform(counts[1]), split)
    return {"precision": round(found, 4), "seconds": round(seconds, 1)}


def table(records: list[dict[str, Any]]) -> str:
    lines = ["| method | precision, median (lowest to highest) | fit, s |", "|---|---|---|"]
    for name in dict.fromkeys(record["method"] for record in records):
        own = [record for record in records if record["method"] == name]
        hits = [record["precision"] for record in own]
        seconds = statistics.median(record["seconds"] for record in own)
        middle = statistics.median(hits)
        lines.append(
            f"| {name} | {middle:.3f} ({min(hits):.3f} to {max(hits):.3f}) | {seconds:.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--corpus", default="20ng-5k")
    parser.add_argument("--models", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--dim", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--json", type=Path, help="append each run to this file")
    parser.add_argument("--merge", nargs="+", type=Path, help="print the table of earlier runs")
    arguments = parser.parse_args()
    if arguments.merge:
        lines = [line for path in arguments.merge for line in path.read_text("utf-8").splitlines()]
        print(table([json.loads(line) for line in lines]))
        return
    warnings.simplefilter("ignore", pt.CollapseWarning)
    split, records = load_split(arguments.corpus, arguments.data), []
    for seed in range(arguments.seeds):
        for name in arguments.models:
            found = measure(name, split, arguments.dim, seed)
            records.append({"corpus": arguments.corpus, "method": name, "seed": seed, **found})
            print(records[-1], flush=True)
            if arguments.json:
                with arguments.json.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(records[-1]) + "\n")
    print(table(records))


if __name__ == "__main__":
    main()
