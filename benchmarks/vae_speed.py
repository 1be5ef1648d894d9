"""Seconds an epoch and peak memory of the autoencoder topic models against TopMost's.

    python benchmarks/vae_speed.py                                  # 20ng-5k, V = 5,000
    python benchmarks/vae_speed.py --corpus arxiv --documents 20000 # V = 30,000
    python benchmarks/vae_speed.py --corpus arxiv --documents 100000 --steps 20 --models prodlda
    python benchmarks/vae_speed.py --threads 1 --clock processor    # on a machine with other work

Batches of 200, K = 50, encoders of 200 units, word vectors of 200 numbers where there are any.
Each program runs in a process of its own, taking turns (--pairs). TopMost's model classes
are trained in its own trainer's loop (dense batches of a DataLoader, Adam), its corpus dense as it
holds it. ``--steps`` ends an epoch early and scales it up: both are then timed on as many steps.
Peak memory is that of the whole process. The floor of our epoch with a product decoder is three
matrix products of B x K x V a step.

Peer: pip install --no-deps topmost (its model classes need torch alone).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import resource
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, corpus_file, load_split
from scipy import sparse

BATCH, TOPICS, WIDTH = 200, 50, 200
Clock = Callable[[], float]
CLOCKS: dict[str, Clock] = {"wall": time.perf_counter, "processor": time.process_time}
PEERS: dict[str, tuple[str, dict[str, Any]]] = {
    "prodlda": ("ProdLDA", {"en_units": WIDTH}),
    "etm": ("ETM", {"en_units": WIDTH, "embed_size": WIDTH}),
}


def load(corpus: str, documents: int | None, data: Path) -> sparse.csr_matrix:
    if corpus == "arxiv":
        import polytopic as pt

        file = corpus_file(data, "arxiv", "arxiv200k.jsonl.gz")
        counts = pt.read(file, text=["title", "abstract"], max_terms=30_000).counts
    else:
        counts = load_split(corpus, data).train
    return sparse.csr_matrix(counts[:documents]).astype(np.int32)


def run_polytopic(
    name: str,
    counts: sparse.csr_matrix,
    steps: int | None,
    threads: int,
    seed: int,
    clock: Clock,
) -> float:
    """Median seconds of an epoch after the first."""
    from polytopic import registry

    class Ends:
        """Told of an epoch when it ends."""

        def log(self, values: dict[str, float], step: int) -> None:
            if "epoch" in values:
                moments.append(clock())

    moments: list[float] = []

    kept = counts[: steps * BATCH] if steps else counts
    kind = registry.load_class(registry.find(name))
    model = kind(
        n_topics=TOPICS, dim=WIDTH, hidden=WIDTH, batch_size=BATCH, epochs=4, random_state=seed,
        n_threads=threads, trackers=[Ends()],
        **({"vectors": "random"} if name == "etm" else {"start": "random"}),
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(kept)
    seconds = statistics.median(last - first for first, last in pairwise(moments))
    return seconds * counts.shape[0] / kept.shape[0]


def run_topmost(
    name: str,
    counts: sparse.csr_matrix,
    steps: int | None,
    threads: int,
    seed: int,
    clock: Clock,
) -> float:
    import torch

    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    class_name, options = PEERS[name]
    spec = importlib.util.find_spec("topmost")
    assert spec is not None and spec.submodule_search_locations
    file = Path(spec.submodule_search_locations[0]) / "models" / "basic" / f"{class_name}.py"
    found = importlib.util.spec_from_file_location(class_name, file)
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    dense = torch.empty(counts.shape, dtype=torch.float32)
    for first in range(0, counts.shape[0], 1000):
        block = counts[first : first + 1000].toarray()
        dense[first : first + 1000] = torch.from_numpy(block)
    loader = torch.utils.data.DataLoader(dense, batch_size=BATCH, shuffle=True)
    model = getattr(module, class_name)(vocab_size=counts.shape[1], num_topics=TOPICS, **options)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
    whole = len(loader)
    times = []
    for _ in range(3):
        started, done = clock(), 0
        for batch in loader:
            loss = model(batch)["loss"]
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            done += 1
            if done == steps:
                break
        times.append((clock() - started) * whole / done)
    return statistics.median(times[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--models", nargs="+", default=["prodlda", "etm"], choices=list(PEERS))
    parser.add_argument("--corpus", default="20ng-5k", help="20ng-5k, nyt-10k or arxiv")
    parser.add_argument("--documents", type=int)
    parser.add_argument("--steps", type=int, help="steps of an epoch that are run")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--clock", choices=CLOCKS, default="wall", help="what seconds are")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        counts = load(arguments.corpus, arguments.documents, arguments.data)
        run = run_topmost if arguments.one == "topmost" else run_polytopic
        clock = CLOCKS[arguments.clock]
        seconds = run(arguments.models[0], counts, arguments.steps, arguments.threads,
                      arguments.seed, clock)  # fmt: skip
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        shape = list(counts.shape)
        print("RESULT " + json.dumps({"seconds": seconds, "peak_mb": peak, "shape": shape}))
        return
    for name in arguments.models:
        ratios, memory = [], []
        for _ in range(arguments.pairs):
            theirs = _in_own_process("topmost", name, arguments)
            ours = _in_own_process("polytopic", name, arguments)
            ratios.append(theirs["seconds"] / ours["seconds"])
            memory.append(ours["peak_mb"] / theirs["peak_mb"])
            pair = {"ours": ours, "peer": theirs, "ratio": ratios[-1], "memory_ratio": memory[-1]}
            print("RESULT " + json.dumps(pair), flush=True)
            print(
                f"{name} {ours['shape']}: TopMost {theirs['seconds']:.2f} s an epoch "
                f"{theirs['peak_mb']:.0f} MB, polytopic {ours['seconds']:.2f} s "
                f"{ours['peak_mb']:.0f} MB",
                flush=True,
            )
        print(
            f"{name}: an epoch {statistics.median(ratios):.2f} times as fast "
            f"({min(ratios):.2f} to {max(ratios):.2f}), memory {statistics.median(memory):.2f}"
        )


def _in_own_process(program: str, name: str, arguments: argparse.Namespace) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", program, "--models", name]
    command += ["--corpus", arguments.corpus, "--data", str(arguments.data)]
    command += ["--seed", str(arguments.seed)]
    for option in ("documents", "steps", "threads", "clock"):
        value = getattr(arguments, option)
        command += [f"--{option}", str(value)] if value else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            result: dict[str, Any] = json.loads(line.removeprefix("RESULT "))
            return result
    sys.exit(f"{program}: no result\n{done.stderr[-2000:]}")


if __name__ == "__main__":
    main()
