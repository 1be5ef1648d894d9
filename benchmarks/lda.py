"""LDA's Gibbs sampler against tomotopy: time to the log-likelihood that it has after 200 passes.

    python benchmarks/lda.py                                   # 20ng-5k, K = 50, one thread
    python benchmarks/lda.py -k 200 --threads 2
    python benchmarks/lda.py -k 1000 --pairs 3                 # three alternating pairs, medians
    python benchmarks/lda.py --corpus arxiv200k -k 500 --threads 2
    python benchmarks/lda.py -k 1000 --clock processor         # on a machine with other work

tomotopy and polytopic run in processes of their own, one at a time, with alpha .1 and eta .01,
fixed in both (tomotopy's optim_interval = 0). The log-likelihood is the same function of both
assignments, the collapsed joint log p(w, z | alpha, eta) per token, which is tomotopy's
``ll_per_word`` (--check computes it anew from tomotopy's assignments). It is computed every ten
passes, ours every two once the start is over, outside the time. Ours counts only after the passes
of the start, in those of the exact chain, and only if it stays above the target for ten passes
more. Compiling is outside the time, the start inside. Peak memory is that of the whole process, the
corpus's counts and the libraries included; both read them from a file. Each pair has a seed of its
own.

Peer: pip install tomotopy.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, corpus_file, load_split
from scipy import sparse
from scipy.special import gammaln

ALPHA, ETA, EVERY, OWN_EVERY = 0.1, 0.01, 10, 2
CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}
FLOORS = {("20ng-5k", 50): 1.5, ("20ng-5k", 200): 2.0, ("20ng-5k", 1000): 4.5}
FLOOR, MEMORY_CORPUS = 1.0, "arxiv200k"
"""What the ratio of times must be by corpus and K; memory must not be above on the large corpus."""


def load(corpus: str, data: Path) -> sparse.csr_matrix:
    """Training counts without terms that do not occur."""
    if corpus == "arxiv200k":
        import polytopic as pt

        file = corpus_file(data, "arxiv", "arxiv200k.jsonl.gz")
        counts = pt.read(file, text=["title", "abstract"], max_terms=30_000).counts
    else:
        counts = load_split(corpus, data).train
    counts = sparse.csr_matrix(counts).astype(np.int32)
    return counts[:, np.asarray(counts.sum(0)).ravel() > 0]


def run_tomotopy(arguments: argparse.Namespace) -> dict[str, Any]:
    import tomotopy

    clock = CLOCKS[arguments.clock]
    counts = sparse.csr_matrix(sparse.load_npz(arguments.counts))
    n_tokens = int(counts.sum())
    model = tomotopy.LDAModel(k=arguments.k, alpha=ALPHA, eta=ETA, seed=arguments.seed)
    model.optim_interval = 0
    terms = [str(column) for column in range(counts.shape[1])]
    for row in range(counts.shape[0]):
        part = slice(counts.indptr[row], counts.indptr[row + 1])
        words = np.repeat(counts.indices[part], counts.data[part])
        if len(words):
            model.add_doc([terms[word] for word in words])
    del counts
    seconds, trace = 0.0, []
    for passes in range(EVERY, arguments.passes + 1, EVERY):
        started = clock()
        model.train(EVERY, workers=arguments.threads)
        seconds += clock() - started
        trace.append((passes, seconds, model.ll_per_word))
        print(f"  tomotopy {passes:4d} passes {seconds:8.2f} s {trace[-1][2]:.4f}", flush=True)
    result = _result(trace, n_tokens)
    if arguments.check:
        result["checked"] = _joint(model, arguments.k) / n_tokens
    return result


def _joint(model: Any, n_topics: int) -> float:
    """The collapsed joint of tomotopy's assignments, from its topics and words."""
    n_terms, total = len(model.used_vocabs), 0.0
    table = np.zeros((n_topics, n_terms))
    for document in model.docs:
        topics, words = np.array(document.topics), np.array(document.words)
        numbers = np.bincount(topics, minlength=n_topics)
        total += gammaln(n_topics * ALPHA) - gammaln(n_topics * ALPHA + len(words))
        total += (gammaln(numbers + ALPHA) - gammaln(ALPHA)).sum()
        np.add.at(table, (topics, words), 1)
    total += n_topics * gammaln(n_terms * ETA) - gammaln(table.sum(1) + n_terms * ETA).sum()
    return float(total + (gammaln(table + ETA) - gammaln(ETA)).sum())


def run_polytopic(arguments: argparse.Namespace) -> dict[str, Any]:
    from polytopic.topics.lda.kernels import gibbs

    clock = CLOCKS[arguments.clock]
    counts = sparse.csr_matrix(sparse.load_npz(arguments.counts))
    n_terms, n_topics, n_workers = counts.shape[1], arguments.k, arguments.threads
    n_start = gibbs.start_passes(n_topics) if arguments.start is None else arguments.start
    words, offsets = gibbs.expand(counts)
    del counts
    alpha, eta = np.full(n_topics, ALPHA), gibbs.shape_eta(ETA, n_terms, n_topics)
    with ThreadPoolExecutor(n_workers) as pool:
        few = gibbs.prepare(words[: offsets[300]], offsets[:301], n_terms, n_topics,
                            n_workers=n_workers)  # fmt: skip
        gibbs.grow(few, alpha, eta, 0, pool)
        gibbs.begin_step(few, alpha, eta, 0, 1, 0, pool)
        gibbs.run_pass(few, alpha, eta, 0, pool)
        gibbs.log_likelihood(few, alpha, eta, pool)
        del few
        started = clock()
        state = gibbs.prepare(words, offsets, n_terms, n_topics, n_workers=n_workers)
        gibbs.grow(state, alpha, eta, arguments.seed, pool)
        seconds = clock() - started
        trace: list[tuple[int, float, float]] = []
        for step in range(arguments.most):
            started = clock()
            warm, key = step < n_start, arguments.seed * 100_003 + step
            if warm:
                gibbs.begin_step(state, alpha, eta, step, n_start, key, pool)
            else:
                gibbs.run_pass(state, alpha, eta, key, pool)
            seconds += clock() - started
            if (step + 1) % (2 * EVERY if warm else OWN_EVERY):
                continue
            value = gibbs.log_likelihood(state, alpha, eta, pool) / len(words)
            print(f"  polytopic {step + 1:4d} passes {seconds:8.2f} s {value:.4f}", flush=True)
            if not warm:
                trace.append((step + 1, seconds, value))
                stayed = EVERY // OWN_EVERY + 1
                lowest = min(entry[2] for entry in trace[-stayed:])
                if len(trace) >= stayed and lowest >= arguments.target:
                    return _result(trace[: 1 - stayed], len(words))
    return {**_result(trace, len(words)), "missed": True}


def _result(trace: list[tuple[int, float, float]], n_tokens: int) -> dict[str, Any]:
    passes, seconds, value = trace[-1]
    return {
        "passes": passes,
        "seconds": seconds,
        "likelihood": value,
        "rate": n_tokens * passes / seconds / 1e6,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "n_tokens": n_tokens,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--corpus", default="20ng-5k", help="20ng-5k, nyt-10k or arxiv200k")
    parser.add_argument("-k", type=int, default=50)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--pairs", type=int, default=1, help="alternating pairs of runs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--passes", type=int, default=200, help="tomotopy's passes")
    parser.add_argument(
        "--start", type=int, help="passes of the start; gibbs.start_passes if not given"
    )
    parser.add_argument("--most", type=int, default=600, help="passes after which it is missed")
    parser.add_argument("--target", type=float, help="likelihood per token; saves tomotopy's run")
    parser.add_argument("--clock", choices=CLOCKS, default="wall", help="what seconds are")
    parser.add_argument("--check", action="store_true", help="tomotopy's likelihood computed anew")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--one", choices=("tomotopy", "polytopic"), help=argparse.SUPPRESS)
    parser.add_argument("--counts", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        run = run_tomotopy if arguments.one == "tomotopy" else run_polytopic
        print("RESULT " + json.dumps(run(arguments)))
        return
    print(f"{arguments.corpus}, K = {arguments.k}, {arguments.threads} thread(s)", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        arguments.counts = str(Path(folder) / "counts.npz")
        sparse.save_npz(arguments.counts, load(arguments.corpus, arguments.data))
        pairs = [_pair(arguments, arguments.seed + number) for number in range(arguments.pairs)]
    _summarise(arguments, [pair for pair in pairs if pair is not None])


def _pair(arguments: argparse.Namespace, seed: int) -> tuple[float, float] | None:
    """One run of each: the ratios of times and of memory; None where there is none."""
    peer, target = None, arguments.target
    if target is None:
        peer = _in_own_process("tomotopy", arguments, seed, [])
        target = peer["likelihood"]
    own = _in_own_process("polytopic", arguments, seed, ["--target", repr(target)])
    for name, result in (("tomotopy", peer), ("polytopic", own)):
        if result:
            print(
                f"{name:10} {result['passes']:5d} passes {result['seconds']:8.2f} s "
                f"{result['likelihood']:9.4f} {result['rate']:6.1f} M tokens/s "
                f"{result['peak_mb']:6.0f} MB" + (" MISSED" if result.get("missed") else "")
            )
    if peer and "checked" in peer:
        print(f"tomotopy's likelihood from its assignments: {peer['checked']:.4f}")
    if not peer:
        return None
    time_ratio = 0.0 if own.get("missed") else peer["seconds"] / own["seconds"]
    memory_ratio = own["peak_mb"] / peer["peak_mb"]
    pair = {"ours": own, "peer": peer, "ratio": time_ratio, "memory_ratio": memory_ratio}
    print("RESULT " + json.dumps(pair), flush=True)
    return time_ratio, memory_ratio


def _summarise(arguments: argparse.Namespace, pairs: list[tuple[float, float]]) -> None:
    if not pairs:
        return
    times, memories = zip(*pairs, strict=True)
    ratio, memory = statistics.median(times), statistics.median(memories)
    floor = FLOORS.get((arguments.corpus, arguments.k), FLOOR)
    print(
        f"time to equal likelihood, tomotopy's / polytopic's: {ratio:.2f} "
        f"({min(times):.2f} to {max(times):.2f}, {len(pairs)} pairs); at least {floor} wanted: "
        f"{'met' if ratio >= floor else 'MISSED'}"
    )
    verdict = ""
    if arguments.corpus == MEMORY_CORPUS:
        verdict = f"; at most 1 wanted: {'met' if memory <= 1.0 else 'MISSED'}"
    print(f"peak memory, polytopic's / tomotopy's: {memory:.2f}{verdict}")


def _in_own_process(
    name: str, arguments: argparse.Namespace, seed: int, extra: list[str]
) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", name, "--corpus", arguments.corpus]
    command += ["-k", str(arguments.k), "--threads", str(arguments.threads)]
    command += ["--seed", str(seed), "--passes", str(arguments.passes)]
    command += [] if arguments.start is None else ["--start", str(arguments.start)]
    command += ["--clock", arguments.clock]
    command += ["--most", str(arguments.most), "--counts", arguments.counts, *extra]
    command += ["--check"] if arguments.check else []
    result: dict[str, Any] | None = None
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("RESULT "):
                result = json.loads(line.removeprefix("RESULT "))
            else:
                print(line, end="", flush=True)
    if result is None:
        sys.exit(f"{name}: no result")
    return result


if __name__ == "__main__":
    main()
