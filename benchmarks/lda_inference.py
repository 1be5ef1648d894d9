"""Topics of new documents: LDA's ``transform`` against tomotopy's ``infer`` and scikit-learn's.

    python benchmarks/lda_inference.py                         # 20ng-5k, K = 50, one thread
    python benchmarks/lda_inference.py -k 200 --threads 2

All three have the same topics, those that tomotopy learns from the training documents (100
iterations, alpha .1 and eta .01 held), and the same alpha. ``seconds`` is the inference of all test
documents, ready in the form that each library takes; models are loaded, code is compiled and
workers are started before. Perplexity is by document completion: theta from one half of each test
document's tokens, the other half scored with the same topics for all. Every run is a process of its
own, peers and polytopic taking turns; ratios are medians of pairs.

Peers: pip install tomotopy scikit-learn.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, load_split
from numpy.typing import NDArray
from scipy import sparse

ALPHA, ETA, ITERATIONS, SHORT = 0.1, 0.01, 100, 50
NAMES = ("tomotopy", "scikit-learn", "polytopic")
Counts = sparse.csr_matrix
Infer = Callable[[Counts], tuple[NDArray[Any], float]]
"""Theta (D, K) of documents and the seconds it took."""


def load(arguments: argparse.Namespace) -> tuple[Counts, Counts]:
    """Training and test counts over the terms that occur in training."""
    split = load_split(arguments.corpus, arguments.data)
    used = np.flatnonzero(np.asarray(split.train.sum(0)).ravel())
    return split.train[:, used], split.test[:, used]


def words_of(counts: Counts, row: int) -> list[str]:
    part = slice(counts.indptr[row], counts.indptr[row + 1])
    return [str(term) for term in np.repeat(counts.indices[part], counts.data[part])]


def learn(arguments: argparse.Namespace, folder: Path) -> None:
    """Train tomotopy's model; write it, and its topics' pseudo-counts in the corpus's order."""
    import tomotopy

    train, _ = load(arguments)
    model = tomotopy.LDAModel(k=arguments.k, alpha=ALPHA, eta=ETA, seed=arguments.seed)
    model.optim_interval = 0
    for row in range(train.shape[0]):
        if words := words_of(train, row):
            model.add_doc(words)
    model.train(ITERATIONS, workers=0)
    phi = np.array([model.get_topic_word_dist(k) for k in range(arguments.k)], dtype=np.float64)
    order = np.argsort([int(word) for word in model.used_vocabs])
    sizes = np.asarray(model.get_count_by_topics(), dtype=np.float64) + ETA * train.shape[1]
    np.save(folder / "counts.npy", phi[:, order] * sizes[:, None])
    model.save(str(folder / "tomotopy.bin"))


def with_tomotopy(pseudo: NDArray[Any], folder: Path, threads: int) -> Infer:
    import tomotopy

    model = tomotopy.LDAModel.load(str(folder / "tomotopy.bin"))

    def infer(counts: Counts) -> tuple[NDArray[Any], float]:
        filled = np.flatnonzero(np.diff(counts.indptr))
        documents = [model.make_doc(words_of(counts, row)) for row in filled]
        started = time.perf_counter()
        found = model.infer(documents, workers=threads)[0]
        seconds = time.perf_counter() - started
        theta = np.full((counts.shape[0], len(pseudo)), 1.0 / len(pseudo))
        theta[filled] = np.array(found)
        return theta, seconds

    return infer


def with_sklearn(pseudo: NDArray[Any], folder: Path, threads: int) -> Infer:
    from scipy.special import psi
    from sklearn.decomposition import LatentDirichletAllocation

    model = LatentDirichletAllocation(
        len(pseudo), doc_topic_prior=ALPHA, topic_word_prior=ETA, n_jobs=threads
    )
    model.partial_fit(sparse.csr_matrix(np.ones((2, pseudo.shape[1]))))
    model.components_ = pseudo
    model.exp_dirichlet_component_ = np.exp(psi(pseudo) - psi(pseudo.sum(1, keepdims=True)))
    return _timed(model.transform)


def with_polytopic(pseudo: NDArray[Any], folder: Path, threads: int) -> Infer:
    import polytopic as pt

    model = pt.LDA(n_topics=len(pseudo), alpha=ALPHA, eta=ETA, iterations=1, n_threads=threads)
    model.fit(sparse.csr_matrix(np.ones((2, pseudo.shape[1]), dtype=np.int32)))
    model.topic_word_ = np.asarray(pseudo / pseudo.sum(1, keepdims=True), dtype=np.float32)
    return _timed(model.transform)


def _timed(transform: Callable[[Counts], NDArray[Any]]) -> Infer:
    def infer(counts: Counts) -> tuple[NDArray[Any], float]:
        started = time.perf_counter()
        theta = transform(counts)
        return theta, time.perf_counter() - started

    return infer


def measure(arguments: argparse.Namespace, folder: Path) -> dict[str, float]:
    from polytopic import metrics

    warnings.simplefilter("ignore")
    kinds = dict(zip(NAMES, (with_tomotopy, with_sklearn, with_polytopic), strict=True))
    pseudo = np.load(folder / "counts.npy")
    _, test = load(arguments)
    infer = kinds[arguments.one](pseudo, folder, arguments.threads)
    infer(test[:100])
    seconds = infer(test)[1]
    if seconds < 1.0:
        seconds = float(np.median([infer(test)[1] for _ in range(9)]))
    result = {"seconds": seconds}
    if arguments.judge:
        observed, held_out = metrics.document_completion(test, random_state=arguments.seed)
        theta = np.asarray(infer(observed)[0], dtype=np.float64)
        theta /= theta.sum(1, keepdims=True)
        phi = pseudo / pseudo.sum(1, keepdims=True)
        scores = metrics.mixture_log_likelihood(held_out, theta, phi)
        result["perplexity"] = float(np.exp(-scores.sum() / held_out.sum()))
        sizes = np.asarray(test.sum(1)).ravel()
        for name, kept in (("short", sizes <= SHORT), ("long", sizes > SHORT)):
            tokens = held_out[np.flatnonzero(kept)].sum()
            result[name] = float(np.exp(-scores[kept].sum() / tokens))
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--corpus", default="20ng-5k", help="20ng-5k or nyt-10k")
    parser.add_argument("-k", type=int, default=50)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--one", choices=(*NAMES, "learn"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--judge", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one == "learn":
        learn(arguments, arguments.folder)
        print("RESULT {}")
        return
    if arguments.one:
        print("RESULT " + json.dumps(measure(arguments, arguments.folder)))
        return
    print(f"{arguments.corpus}, K = {arguments.k}, {arguments.threads} thread(s)", flush=True)
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in NAMES}
    with tempfile.TemporaryDirectory() as folder:
        _in_own_process("learn", arguments, folder)
        for pair in range(arguments.pairs):
            for name in NAMES:
                runs[name].append(_in_own_process(name, arguments, folder, judge=pair == 0))
                print(f"  {name:13} {runs[name][-1]['seconds']:8.3f} s", flush=True)
    _tell(runs)


def _tell(runs: dict[str, list[dict[str, float]]]) -> None:
    own = [run["seconds"] for run in runs["polytopic"]]
    print(f"{'medians':13} {'seconds':>9} {'perplexity':>11} {'short':>8} {'long':>8}   ratio")
    for name, found in runs.items():
        seconds = [run["seconds"] for run in found]
        ratio = np.median(np.array(seconds) / np.array(own))
        judged = found[0]
        print(
            f"{name:13} {np.median(seconds):9.3f} {judged['perplexity']:11.1f} "
            f"{judged['short']:8.1f} {judged['long']:8.1f} {ratio:7.1f}"
        )
    print(f"short: documents of up to {SHORT} tokens; ratio: time over polytopic's")


def _in_own_process(
    name: str, arguments: argparse.Namespace, folder: str, *, judge: bool = False
) -> dict[str, float]:
    command = [sys.executable, __file__, "--one", name, "--folder", folder]
    command += ["--corpus", arguments.corpus, "-k", str(arguments.k), "--seed", str(arguments.seed)]
    command += ["--threads", str(arguments.threads), "--data", str(arguments.data)]
    command += ["--judge"] if judge else []
    environment = {**os.environ, "OMP_NUM_THREADS": str(arguments.threads)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if not lines:
        sys.exit(f"{name}: no result\n{done.stderr[-2000:]}")
    return dict(json.loads(lines[-1].removeprefix("RESULT ")))


if __name__ == "__main__":
    main()
