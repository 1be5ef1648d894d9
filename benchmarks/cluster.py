"""LDA and word vectors on several processes and clusters: bits, the time of a pass, quality.

    python benchmarks/cluster.py bits
    python benchmarks/cluster.py bits --kill
    python benchmarks/cluster.py time
    python benchmarks/cluster.py vectors [--model SkipGram|CBOW|FastText] [--words N] [--seeds 1 2]
        [--slices 8] [--positions 65536] [--own-only]

``bits``: topics of one thread, two threads, two processes, a Dask cluster of two workers and a Ray
cluster of two nodes, with 50 and with 300 topics, learned priors and locked topics, by digest: all
of a row must be equal. With ``--kill`` one worker of each cluster is ended by SIGKILL in the
middle of every fit, and how many were is told. ``time``: seconds of a pass of two processes in
terms of those of one, one thread each, in pairs, on abstracts of arxiv200k; the driver, which works
while they wait, has as many threads as there are processes. The load of the machine is told: beside
other work a ratio tells more of that work. ``vectors``: similarity and analogies of
vectors of wiki100m's first words, of one machine and of two processes, whose slices a round and
positions a slice may be given; processor seconds are those of the whole fit, workers included.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import itertools
import json
import os
import resource
import signal
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, corpus_file
from _wiki import quality, sentence_file

CASES: dict[str, dict[str, Any]] = {
    "50, learned priors": {"n_topics": 50, "alpha": "asymmetric", "eta": "symmetric"},
    "50, locked": {"n_topics": 50, "locked": 5},
    "300, learned priors": {"n_topics": 300, "alpha": "asymmetric", "eta": "symmetric"},
    "300, locked": {"n_topics": 300, "locked": 5},
}


MIDDLE = 30
"""Tasks given out before a worker is ended: some passes of a dozen."""


def counts_of(n_documents: int, data: Path) -> Any:
    """Counts of the first abstracts, V = 10,000."""
    import polytopic as pt

    with gzip.open(
        corpus_file(data, "arxiv", "arxiv200k.jsonl.gz"), "rt", encoding="utf-8"
    ) as file:
        texts = [json.loads(line)["abstract"] for line in islice(file, n_documents)]
    return pt.Corpus.from_texts(texts, max_terms=10_000, keep_texts=False)


def fitted(corpus: Any, case: dict[str, Any], iterations: int, **where: Any) -> Any:
    import polytopic as pt

    settings = dict(case)
    if locked := settings.pop("locked", 0):
        rows = np.random.default_rng(0).dirichlet(np.full(corpus.shape[1], 0.05), locked)
        settings["locked_topics"] = rows.astype(np.float32)
    model = pt.LDA(iterations=iterations, random_state=0, **settings, **where)
    return model.fit(corpus)


def digest(model: Any) -> str:
    return hashlib.sha256(model.topic_word_.tobytes()).hexdigest()[:12]


def local_clusters(ending: ExitStack) -> dict[str, dict[str, Any]]:
    """Where each row is fitted; clusters that are not installed are left out, and told."""
    places: dict[str, dict[str, Any]] = {
        "one thread": {"n_threads": 1},
        "two threads": {"n_threads": 2},
        "two processes": {"n_threads": 1, "cluster": "processes:2"},
    }
    try:
        from distributed import Client, LocalCluster

        cluster = ending.enter_context(
            LocalCluster(
                n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
            )
        )
        client = ending.enter_context(Client(cluster))
        places["Dask, two workers"] = {"n_threads": 1, "cluster": client}
    except ImportError:
        print("Dask is not installed")
    try:
        os.environ.update(RAY_worker_niceness="0", RAY_USAGE_STATS_ENABLED="0")
        import ray
        from ray.cluster_utils import Cluster

        nodes = Cluster(
            initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False}
        )
        nodes.add_node(num_cpus=1)
        ending.callback(nodes.shutdown)
        ray.init(address=nodes.address, log_to_driver=False, logging_level="ERROR")
        ending.callback(ray.shutdown)
        places["Ray, two nodes"] = {"n_threads": 1, "cluster": "ray"}
    except ImportError:
        print("Ray is not installed")
    return places


@contextmanager
def killing(where: dict[str, Any]) -> Iterator[list[int]]:
    """One worker is ended once ``MIDDLE`` tasks were given out; the list of those that were."""
    from polytopic.cluster import Crew

    submit, killed, calls = Crew._submit, [], [0]

    def counted(self: Any, function: Any, task: Any) -> Any:
        future = submit(self, function, task)
        calls[0] += 1
        if calls[0] >= MIDDLE and not killed:
            pids = _pids(where["cluster"], self)
            if pids:
                killed.append(pids[0])
                os.kill(pids[0], signal.SIGKILL)
        return future

    Crew._submit = counted
    try:
        yield killed
    finally:
        Crew._submit = submit


def _pids(cluster: Any, crew: Any) -> list[int]:
    """Processes that work on tasks of a crew now."""
    import psutil

    if cluster == "ray":
        below = psutil.Process().children(recursive=True)
        return [one.pid for one in below if one.name().startswith(("ray::draw_part", "ray::IDLE"))]
    if isinstance(cluster, str):
        return list(crew.engine._pool._processes)
    return list(cluster.run(os.getpid).values())


def bits(n_documents: int, iterations: int, data: Path, *, kill: bool) -> None:
    corpus = counts_of(n_documents, data)
    with ExitStack() as ending:
        places = local_clusters(ending)
        print("| topics | " + " | ".join(places) + " | equal" + (", killed |" if kill else " |"))
        print("|---" * (len(places) + 2) + "|")
        for name, case in CASES.items():
            found, killed = [], 0
            for where in places.values():
                harm = killing(where) if kill and "cluster" in where else nullcontext([])
                with harm as ended:
                    found.append(digest(fitted(corpus, case, iterations, **where)))
                killed += len(ended)
            told = ("yes" if len(set(found)) == 1 else "no") + (f", {killed}" if kill else "")
            print(f"| {name} | " + " | ".join(found) + f" | {told} |", flush=True)


def spent(pids: list[int]) -> dict[int, float]:
    """Seconds of processor that processes have taken."""
    found = {}
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        found[pid] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return found


def seconds_of_a_pass(
    corpus: Any, n_topics: int, passes: int, processes: int
) -> tuple[float, float]:
    """Medians over the passes: seconds, and seconds of processor along the longest way.

    That way is the driver's own work and, of each round of tasks, that of the worker with most:
    what a pass takes where each process has a processor to itself.
    """
    from polytopic.cluster import Crew
    from polytopic.topics.lda.cluster_run import ClusterChain
    from polytopic.topics.lda.prior_rules import alpha_rule, eta_rule

    walls, ways, longest = [], [], [0.0]
    each, draw = Crew.each, ClusterChain._pass

    def counted(self: Any, function: Any, tasks: Any) -> Any:
        pids = list(self.engine._pool._processes)
        before = spent(pids)
        answers = list(each(self, function, tasks))
        longest[0] += max(now - before[pid] for pid, now in spent(pids).items())
        return iter(answers)

    def timed(self: Any) -> None:
        longest[0] = 0.0
        wall, own = time.perf_counter(), time.process_time()
        draw(self)
        walls.append(time.perf_counter() - wall)
        ways.append(time.process_time() - own + longest[0])

    Crew.each, ClusterChain._pass = counted, timed
    try:
        ClusterChain(
            corpus.counts, n_topics, alpha_rule(0.1, n_topics),
            eta_rule(0.01, n_topics, corpus.shape[1]), passes, start_passes=0, samples=1, seed=0,
            n_threads=processes, cluster=f"processes:{processes}",
        ).run()  # fmt: skip
    finally:
        Crew.each, ClusterChain._pass = each, draw
    return statistics.median(walls), statistics.median(ways)


def times(n_documents: int, n_topics: int, iterations: int, pairs: int, data: Path) -> None:
    corpus = counts_of(n_documents, data)
    tokens = int(corpus.counts.sum())
    print(f"{len(corpus):,} documents, {tokens:,} tokens, K = {n_topics}")
    print("| pair | load | by the clock: one, two, ratio | of processor: one, two, ratio |")
    print("| --- | --- | --- | --- |")
    ratios = []
    for pair in range(1, pairs + 1):
        load = os.getloadavg()[0]
        each = zip(
            *(seconds_of_a_pass(corpus, n_topics, iterations, n) for n in (1, 2)), strict=True
        )
        cells = []
        for one, two in each:
            ratios.append(two / one)
            cells.append(f"{one:.2f} s, {two:.2f} s, {two / one:.2f}")
        print(f"| {pair} | {load:.1f} | {' | '.join(cells)} |", flush=True)
    told = [f"{statistics.median(ratios[column::2]):.2f}" for column in (0, 1)]
    print(f"| median | | {told[0]} | {told[1]} |")


def spent_here() -> float:
    """Seconds of processor of this process and of those that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def vectors(asked: argparse.Namespace) -> None:
    import polytopic as pt
    from polytopic.embeddings import cluster_passes

    if asked.slices and asked.positions:
        cluster_passes.cut = lambda n_tokens: (asked.slices, asked.positions)
    with tempfile.TemporaryDirectory() as name:
        text = sentence_file(asked.data, Path(name), asked.words)
        places = {"two processes": {"cluster": "processes:2"}}
        if not asked.own_only:
            places = {"one machine": {}, **places}
        for seed, (place, where) in itertools.product(asked.seeds, places.items()):
            before = spent_here()
            model = getattr(pt, asked.model)(
                dim=100, epochs=asked.epochs, min_count=5, random_state=seed, n_threads=1, **where
            ).fit(text)
            found = {**quality(model.vectors_, asked.data), "loss": model.history_[-1]["loss"]}
            told = " | ".join(f"{value:.3f}" for value in found.values())
            used = spent_here() - before
            print(f"| {asked.model}, seed {seed} | {place} | {told} | {used:.0f} s |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("what", choices=("bits", "time", "vectors"))
    parser.add_argument("--documents", type=int)
    parser.add_argument("--topics", type=int, default=200)
    parser.add_argument("--iterations", type=int)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--kill", action="store_true", help="bits: end a worker in every fit")
    parser.add_argument("--model", default="SkipGram")
    parser.add_argument("--words", type=int, default=4_000_000)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--slices", type=int)
    parser.add_argument("--positions", type=int)
    parser.add_argument("--own-only", action="store_true", help="not one machine")
    parser.add_argument("--data", type=Path, default=DATA)
    asked = parser.parse_args()
    if asked.what == "vectors":
        vectors(asked)
    elif asked.what == "bits":
        bits(asked.documents or 20_000, asked.iterations or 20, asked.data, kill=asked.kill)
    else:
        iterations = asked.iterations or 3
        times(asked.documents or 200_000, asked.topics, iterations, asked.pairs, asked.data)


if __name__ == "__main__":
    main()
