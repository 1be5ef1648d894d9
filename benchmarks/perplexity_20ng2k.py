"""Perplexity on 20 Newsgroups with 1,995 terms, where NVDM, GSM and ProdLDA have published figures.

    python benchmarks/perplexity_20ng2k.py                     # K = 50, one seed
    python benchmarks/perplexity_20ng2k.py --models nvdm --seeds 3

``bound``: exp(-mean over documents of ELBO_d / N_d) on the test documents, the measure of the
published figures (NVDM 769.5, GSM 789.3, ProdLDA 1152.9); the ELBO is estimated with 20 draws of
theta a document. ``tokens``: exp(-sum ELBO_d / sum N_d), the same by token instead of by document.
``completion``: ``metrics.perplexity``, each document's one half judged by theta of the other: no
published figure, and comparable with models that have no bound.

``own`` are the package's defaults, which penalise overlap and lift unused topics, ``bound alone``
trains the ELBO and nothing else for longer: no dropout, no penalty, no lift.

Data: lines ``label id:count ...`` of train.feat.gz and test.feat.gz, ids from 1.
"""

from __future__ import annotations

import argparse
import gzip
import statistics
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA
from scipy import sparse

V = 1995
PUBLISHED = {"nvdm": 770, "gsm": 789, "prodlda": 1153}
DRAWS = 20
ALONE: dict[str, Any] = {"dropout": 0.0, "diversity": 0.0, "usage_floor": 0.0}


def load(path: Path) -> sparse.csr_matrix:
    """Counts of shape (D, V); documents without words are left out."""
    rows: list[int] = []
    columns: list[int] = []
    values: list[int] = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row, line in enumerate(lines):
            for pair in line.split()[1:]:
                term, count = pair.split(":")
                rows.append(row)
                columns.append(int(term) - 1)
                values.append(int(count))
    shape = (max(rows) + 1, V)
    counts = sparse.csr_matrix((np.array(values, np.int32), (rows, columns)), shape=shape)
    return counts[np.diff(counts.indptr) > 0]


def bound(model: Any, counts: sparse.csr_matrix) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The ELBO of each document in nats, shape (D,)."""
    import torch

    from polytopic import latent
    from polytopic.nets import SparseCounts

    module = model.module_
    documents = SparseCounts(counts, torch.device("cpu"))
    generator = torch.Generator().manual_seed(0)
    found = np.empty(counts.shape[0])
    with torch.no_grad():
        for first in range(0, len(found), 512):
            rows = np.arange(first, min(first + 512, len(found)))
            batch = documents.batch(rows)
            posterior = module.posterior(batch)
            fit = torch.zeros(len(rows))
            for _ in range(DRAWS):
                theta = latent.sample(posterior, model.gradient or model._gradient, generator).theta
                fit += module.decoder.log_likelihood(theta, batch) / DRAWS
            found[rows] = (fit - latent.kl(posterior, module.prior)).double().numpy()
    return found


def measure(name: str, seed: int, data: Path, options: dict[str, Any]) -> dict[str, float]:
    from polytopic import metrics, registry

    train, test = (load(data / "20ng-2k" / f"{part}.feat.gz") for part in ("train", "test"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        started = time.perf_counter()
        kind = registry.load_class(registry.find(name))
        model = kind(n_topics=50, random_state=seed, **options).fit(train)
        seconds = time.perf_counter() - started
        completion = metrics.perplexity(model, test)
    elbo = bound(model, test)
    tokens = np.asarray(test.sum(axis=1), dtype=np.float64).ravel()
    return {
        "bound": float(np.exp(-(elbo / tokens).mean())),
        "tokens": float(np.exp(-elbo.sum() / tokens.sum())),
        "completion": completion,
        "seconds": seconds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--models", nargs="+", default=list(PUBLISHED))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=40, help='of "bound alone"')
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()
    ways = {"own": {}, "bound alone": {**ALONE, "epochs": arguments.epochs}}
    print(f"{'model':10}{'way':14}{'published':>10}" + "".join(
        f"{column:>12}" for column in ("bound", "tokens", "completion", "seconds")
    ))  # fmt: skip
    for name in arguments.models:
        for way, options in ways.items():
            runs = [measure(name, s, arguments.data, options) for s in range(arguments.seeds)]
            medians = {c: statistics.median(run[c] for run in runs) for c in runs[0]}
            print(
                f"{name:10}{way:14}{PUBLISHED.get(name, 0):>10}"
                + "".join(f"{value:>12.1f}" for value in medians.values()),
                flush=True,
            )


if __name__ == "__main__":
    main()
