"""Perplexity on 20 Newsgroups with 1,995 terms, where NVDM, GSM and ProdLDA have published figures.

    python benchmarks/perplexity_20ng2k.py                     # K = 50, one seed
    python benchmarks/perplexity_20ng2k.py --models nvdm --seeds 3

``bound``: exp(-mean over documents of ELBO_d / N_d) on the test documents, the measure of the
published figures (NVDM 769.5, GSM 789.3, ProdLDA 1152.9), the ELBO from 200 draws of theta a
document. ``weighted``: the same with the importance-weighted bound of these draws (Burda, Grosse &
Salakhutdinov, ICLR 2016, eq. 8), nearer to the perplexity itself. ``tokens``: exp(-sum ELBO_d /
sum N_d), by token instead of by document. ``completion``: ``metrics.perplexity``, each document's
one half judged by theta of the other: no published figure, and comparable with models that have no
bound.

``own`` are the package's defaults, which penalise overlap and lift unused topics. ``likelihood``
trains for perplexity: no penalty, no lift, more epochs, KL weight 1.5 (the encoder overfits short
documents; the bound that is measured has weight one).

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
from _corpora import DATA, corpus_file
from numpy.typing import NDArray
from scipy import sparse

V = 1995
PUBLISHED = {"nvdm": 770, "gsm": 789, "prodlda": 1153}
DRAWS = 200
Floats = NDArray[np.float64]
LIKELIHOOD: dict[str, Any] = {
    "diversity": 0.0, "usage_floor": 0.0, "beta": 1.5, "learning_rate": 0.06,
}  # fmt: skip


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


def bounds(model: Any, counts: sparse.csr_matrix) -> tuple[Floats, Floats]:
    """The ELBO of each document in nats, and its importance-weighted bound, each of shape (D,)."""
    import torch

    from polytopic import latent
    from polytopic.nets import SparseCounts

    module = model.module_
    documents = SparseCounts(counts, torch.device("cpu"))
    generator = torch.Generator().manual_seed(0)
    elbo, weighted = np.empty(counts.shape[0]), np.empty(counts.shape[0])
    with torch.no_grad():
        for first in range(0, len(elbo), 512):
            rows = np.arange(first, min(first + 512, len(elbo)))
            batch = documents.batch(rows)
            posterior = module.posterior(batch)
            fits, weights = [], []
            for _ in range(DRAWS):
                h = posterior.draw(generator)
                fits.append(module.decoder.log_likelihood(posterior.proportions(h), batch))
                weights.append(fits[-1] + module.prior.log_density(h) - posterior.log_density(h))
            divergence = latent.kl(posterior, module.prior)
            elbo[rows] = (torch.stack(fits).mean(0) - divergence).double().numpy()
            mean = torch.stack(weights).double().logsumexp(0) - np.log(DRAWS)
            weighted[rows] = mean.numpy()
    return elbo, weighted


def measure(name: str, seed: int, data: Path, options: dict[str, Any]) -> dict[str, float]:
    from polytopic import metrics, registry

    train, test = (
        load(corpus_file(data, "20ng-2k", f"{part}.feat.gz")) for part in ("train", "test")
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        started = time.perf_counter()
        kind = registry.load_class(registry.find(name))
        model = kind(n_topics=50, random_state=seed, **options).fit(train)
        seconds = time.perf_counter() - started
        completion = metrics.perplexity(model, test)
    elbo, weighted = bounds(model, test)
    tokens = np.asarray(test.sum(axis=1), dtype=np.float64).ravel()
    return {
        "bound": float(np.exp(-(elbo / tokens).mean())),
        "weighted": float(np.exp(-(weighted / tokens).mean())),
        "tokens": float(np.exp(-elbo.sum() / tokens.sum())),
        "completion": completion,
        "seconds": seconds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--models", nargs="+", default=list(PUBLISHED))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=45, help='of "likelihood"')
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()
    ways = {"own": {}, "likelihood": {**LIKELIHOOD, "epochs": arguments.epochs}}
    print(f"{'model':10}{'way':14}{'published':>10}" + "".join(
        f"{column:>12}" for column in ("bound", "weighted", "tokens", "completion", "seconds")
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
