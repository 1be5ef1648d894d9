"""GloVe on wiki100m: polytopic against Stanford's programs, speed, memory and quality.

    python benchmarks/glove.py --stanford ../GloVe/build [--dim 100] [--epochs 10] [--x-max 100]
        [--pairs 3] [--threads 2] [--words N] [--only count|train]

Stanford's programs (github.com/stanfordnlp/GloVe, built with ``make``) are named by ``--stanford``
or the variable STANFORD_GLOVE. Both sides read the same file: one line, window 10, harmonic
weights, min_count 5, memory 4 GB.

Counting: from text to the matrix. Stanford: ``cooccur`` (one thread) and ``shuffle``, after
``vocab_count``, which is shown apart; polytopic: ``Cooccurrence.count``, which reads the words,
numbers and counts them. The number of records and the sum of the matrix are compared.

Training: both on the same counts, from a file of counts to vectors (ours maps it). Records/s:
records times epochs over the seconds of the process (Stanford) or of ``fit`` (polytopic, with the
dealing into tiles). Without Stanford's programs the peer is a plain loop of the paper's AdaGrad in
double precision, compiled by numba, over records in shuffled order, without locks.

Every run is a process of its own; runs alternate; printed are medians, and medians of the ratios of
pairs. Memory is the process's peak. Quality: of the sum of both matrices, and of ``input``.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from _corpora import DATA, corpus_file
from _wiki import QUALITY, peak_megabytes, quality

WINDOW, MIN_COUNT, MEMORY = 10, 5, 4.0
ALPHA, RATE = 0.75, 0.05


def main() -> None:
    arguments = read_arguments()
    if arguments.worker:
        print(json.dumps(WORKERS[arguments.worker](arguments)))
        return
    with tempfile.TemporaryDirectory() as name:
        arguments.folder = Path(name)
        worker("text", arguments, 0, 1.0)
        if arguments.only != "train":
            compare_counting(arguments)
        if arguments.only != "count":
            prepare_training(arguments)
            for x_max in arguments.x_max:
                compare_training(arguments, x_max)


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    given = os.environ.get("STANFORD_GLOVE")
    parser.add_argument("--stanford", type=Path, default=Path(given) if given else None)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--x-max", type=float, nargs="+", default=[100.0])
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--words", type=int, default=None, help="first words only")
    parser.add_argument("--only", choices=("count", "train"))
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=1, help=argparse.SUPPRESS)
    return parser.parse_args()


def write_text(arguments: argparse.Namespace) -> dict[str, float]:
    """The corpus as one line."""
    source = corpus_file(arguments.data, "wiki", "wiki100m.txt.gz")
    with gzip.open(source, "rt", encoding="utf-8") as file:
        text = file.read()
    if arguments.words is not None:
        text = " ".join(text.split()[: arguments.words])
    (arguments.folder / "text.txt").write_text(text, encoding="utf-8")
    return {}


# ---- processes -----------------------------------------------------------------------------


def worker(name: str, arguments: argparse.Namespace, seed: int, x_max: float) -> dict[str, Any]:
    """One run of this script in a process of its own."""
    command = [
        sys.executable, __file__, "--worker", name, "--folder", str(arguments.folder),
        "--dim", str(arguments.dim), "--epochs", str(arguments.epochs), "--x-max", str(x_max),
        "--threads", str(arguments.threads), "--seed", str(seed), "--data", str(arguments.data),
        *(["--words", str(arguments.words)] if arguments.words else []),
    ]  # fmt: skip
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def program(arguments: argparse.Namespace, name: str, options: str, given: str, out: str) -> Any:
    """Seconds and peak memory of one of Stanford's programs."""
    command = [str(arguments.stanford.resolve() / name), *options.split(), "-verbose", "0"]
    source, target = arguments.folder / given, arguments.folder / out
    told = arguments.folder / "told.txt"
    with source.open("rb") as stdin, target.open("wb") as stdout, told.open("wb") as stderr:
        started = time.perf_counter()
        child = subprocess.Popen(
            command, stdin=stdin, stdout=stdout, stderr=stderr, cwd=arguments.folder
        )
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{name}: ended with {child.returncode}")
    return {
        "seconds": seconds,
        "processor": usage.ru_utime + usage.ru_stime,
        "megabytes": usage.ru_maxrss / 1024,
    }


def median(runs: list[dict[str, float]], key: str) -> float:
    return statistics.median(run[key] for run in runs)


def ratio(peer: list[dict[str, float]], own: list[dict[str, float]], key: str) -> float:
    """The median of the ratios of pairs."""
    return statistics.median(a[key] / b[key] for a, b in zip(peer, own, strict=True))


# ---- counting ------------------------------------------------------------------------------


def compare_counting(arguments: argparse.Namespace) -> None:
    own, peer = [], []
    for seed in range(1, arguments.pairs + 1):
        if arguments.stanford is not None:
            peer.append(count_stanford(arguments, seed))
        own.append(worker("count", arguments, seed, 1.0))
        if peer:
            check_counts(own[-1], peer[-1])
    print(f"\ncounting, {arguments.threads} threads, median of {arguments.pairs}")
    seconds = {key: median(own, key) for key in ("reading", "pairs", "seconds")}
    print(
        f"polytopic  {seconds['seconds']:6.1f} s (words {seconds['reading']:.1f}, pairs "
        f"{seconds['pairs']:.1f})  {median(own, 'processor'):6.1f} s of processor  "
        f"{median(own, 'megabytes'):6.0f} MB  {own[0]['records']:,} records"
    )
    if not peer:
        print("Stanford's programs were not named (--stanford): no ratio")
        return
    print(
        f"Stanford   {median(peer, 'seconds'):6.1f} s (cooccur {median(peer, 'cooccur'):.1f}, "
        f"shuffle {median(peer, 'shuffle'):.1f}; vocab_count {median(peer, 'vocabulary'):.1f} "
        f"apart)  {median(peer, 'processor'):6.1f} s of processor  "
        f"{median(peer, 'megabytes'):6.0f} MB"
    )
    print(
        f"ratio of seconds {ratio(peer, own, 'seconds'):.2f}, of processor seconds "
        f"{ratio(peer, own, 'processor'):.2f}, memory {1 / ratio(peer, own, 'megabytes'):.2f}",
        flush=True,
    )


def count_stanford(arguments: argparse.Namespace, seed: int) -> dict[str, float]:
    """``vocab_count``, then ``cooccur`` and ``shuffle``, which leave ``shuffled.bin``."""
    common = f"-memory {MEMORY}"
    words = program(arguments, "vocab_count", f"-min-count {MIN_COUNT}", "text.txt", "vocab.txt")
    counted = program(
        arguments, "cooccur", f"{common} -vocab-file vocab.txt -window-size {WINDOW}",
        "text.txt", "pairs.bin",
    )  # fmt: skip
    shuffled = program(arguments, "shuffle", f"{common} -seed {seed}", "pairs.bin", "shuffled.bin")
    return {
        "vocabulary": words["seconds"],
        "cooccur": counted["seconds"],
        "shuffle": shuffled["seconds"],
        "seconds": counted["seconds"] + shuffled["seconds"],
        "processor": counted["processor"] + shuffled["processor"],
        "megabytes": max(counted["megabytes"], shuffled["megabytes"]),
        **worker("sums", arguments, seed, 1.0),
    }


def sums_of_stanford(arguments: argparse.Namespace) -> dict[str, float]:
    """Records and their sum in Stanford's file: int, int, double."""
    import numpy as np

    kind = np.dtype([("row", "<i4"), ("column", "<i4"), ("value", "<f8")])
    records = np.memmap(arguments.folder / "pairs.bin", kind, "r")
    return {"records": len(records), "sum": float(records["value"].sum())}


def check_counts(own: dict[str, float], peer: dict[str, float]) -> None:
    if own["records"] != peer["records"] or abs(own["sum"] / peer["sum"] - 1) > 1e-6:
        sys.exit(f"the counts differ: {own} and {peer}")


def count_own(arguments: argparse.Namespace) -> dict[str, float]:
    from polytopic.embeddings.cooccurrence import Cooccurrence
    from polytopic.embeddings.tokens import open_tokens

    Cooccurrence.count([["a", "b"]] * 20, n_threads=1)  # compiled before the clock starts
    started, processor = time.perf_counter(), time.process_time()
    store = open_tokens(arguments.folder / "text.txt", min_count=MIN_COUNT)
    between = time.perf_counter()
    pairs = Cooccurrence.count(store, window=WINDOW, memory=MEMORY, n_threads=arguments.threads)
    ended = time.perf_counter()
    figures = {
        "reading": between - started,
        "pairs": ended - between,
        "seconds": ended - started,
        "processor": time.process_time() - processor,
        "megabytes": peak_megabytes(),
        "records": pairs.matrix.nnz,
        "sum": float(pairs.matrix.data.sum(dtype="float64")),
    }
    pairs.save(arguments.folder / "pairs")
    return figures


# ---- training ------------------------------------------------------------------------------


def prepare_training(arguments: argparse.Namespace) -> None:
    if not (arguments.folder / "pairs").exists():
        worker("count", arguments, 0, 1.0)
    if arguments.stanford is not None and not (arguments.folder / "shuffled.bin").exists():
        count_stanford(arguments, 1)


def compare_training(arguments: argparse.Namespace, x_max: float) -> None:
    name = "plain" if arguments.stanford is None else "Stanford"
    own, peer = [], []
    for seed in range(1, arguments.pairs + 1):
        if arguments.stanford is None:
            peer.append(worker("plain", arguments, seed, x_max))
        else:
            peer.append(train_stanford(arguments, seed, x_max))
        own.append(worker("train", arguments, seed, x_max))
    print(
        f"\ntraining, {arguments.dim} d, {arguments.epochs} epochs, x_max {x_max:g}, "
        f"{arguments.threads} threads, median of {arguments.pairs}"
    )
    if name == "plain":
        print(
            "Stanford's programs were not named (--stanford): the peer is a plain loop of AdaGrad"
        )
    print(
        f"{'':10} {'records/s':>12} {'seconds':>8} {'processor':>10} {'MB':>6} {'loss':>8}", end=""
    )
    print("".join(f" {kind:>10}" for kind in QUALITY), " (of input: ", ", ".join(QUALITY), ")")
    for label, runs in ((name, peer), ("polytopic", own)):
        print(
            f"{label:10} {median(runs, 'records_per_second'):12,.0f} "
            f"{median(runs, 'seconds'):8.1f} {median(runs, 'processor'):10.1f} "
            f"{median(runs, 'megabytes'):6.0f} {median(runs, 'loss'):8.5f}",
            *(f"{median(runs, f'sum {kind}'):10.3f}" for kind in QUALITY),
            " (", *(f"{median(runs, f'input {kind}'):.3f}" for kind in QUALITY), ")",
        )  # fmt: skip
    print(
        f"ratio of records/s {1 / ratio(peer, own, 'records_per_second'):.2f}, of processor "
        f"seconds {ratio(peer, own, 'processor'):.2f}, memory "
        f"{1 / ratio(peer, own, 'megabytes'):.2f}",
        flush=True,
    )


def train_stanford(arguments: argparse.Namespace, seed: int, x_max: float) -> dict[str, float]:
    options = (
        f"-save-file vectors -input-file shuffled.bin -vocab-file vocab.txt -binary 1 -seed {seed} "
        f"-threads {arguments.threads} -iter {arguments.epochs} -vector-size {arguments.dim} "
        f"-x-max {x_max} -alpha {ALPHA} -eta {RATE}"
    )
    figures = program(arguments, "glove", options, "vocab.txt", "log.txt")
    records = (arguments.folder / "shuffled.bin").stat().st_size // 16
    figures["records_per_second"] = records * arguments.epochs / figures["seconds"]
    return figures | worker("judge", arguments, seed, x_max)


def train_own(arguments: argparse.Namespace) -> dict[str, float]:
    from polytopic.embeddings.cooccurrence import Cooccurrence
    from polytopic.embeddings.glove import GloVe

    settings: dict[str, Any] = {
        "dim": arguments.dim,
        "learning_rate": RATE,
        "x_max": arguments.x_max[0],
        "alpha": ALPHA,
        "memory": MEMORY,
        "n_threads": arguments.threads,
        "random_state": arguments.seed,
    }
    GloVe(epochs=1, **settings).fit([["a", "b"]] * 20)  # compiled before the clock starts
    pairs = Cooccurrence.load(arguments.folder / "pairs", mapped=True)
    started, processor = time.perf_counter(), time.process_time()
    model = GloVe(epochs=arguments.epochs, **settings).fit(pairs)
    figures = {
        "seconds": time.perf_counter() - started,
        "processor": time.process_time() - processor,
        "megabytes": peak_megabytes(),
        "loss": model.history_[-1]["loss"],
    }
    figures["records_per_second"] = pairs.matrix.nnz * arguments.epochs / figures["seconds"]
    return figures | judged(model.vectors_, arguments)


def judge(arguments: argparse.Namespace) -> dict[str, float]:
    """Quality and final loss of what Stanford's program wrote."""
    import numpy as np

    from polytopic.embeddings.vectors import WordVectors
    from polytopic.text import Vocabulary

    rows = (arguments.folder / "vocab.txt").read_text(encoding="utf-8").split()
    words = Vocabulary(rows[::2], [int(count) for count in rows[1::2]])
    numbers = np.fromfile(arguments.folder / "vectors.bin").reshape(2, len(words), -1)
    vectors = numbers[:, :, :-1].astype(np.float32)
    told = (arguments.folder / "told.txt").read_text(encoding="utf-8")
    loss = float(re.findall(r"cost: (\S+)", told)[-1])
    return {"loss": loss} | judged(WordVectors(words, vectors[0], vectors[1]), arguments)


def judged(vectors: Any, arguments: argparse.Namespace) -> dict[str, float]:
    return {
        f"{which} {name}": value
        for which in ("sum", "input")
        for name, value in quality(vectors, arguments.data, which).items()
    }


def train_plain(arguments: argparse.Namespace) -> dict[str, float]:
    """The peer where Stanford's programs are not at hand."""
    from _plain_glove import train

    from polytopic.embeddings.cooccurrence import Cooccurrence
    from polytopic.embeddings.vectors import WordVectors

    pairs = Cooccurrence.load(arguments.folder / "pairs")
    figures, w, c = train(
        pairs.matrix.tocoo(),
        dim=arguments.dim,
        epochs=arguments.epochs,
        rate=RATE,
        x_max=arguments.x_max[0],
        alpha=ALPHA,
        n_threads=arguments.threads,
        seed=arguments.seed,
    )
    figures["megabytes"] = peak_megabytes()
    figures["records_per_second"] = pairs.matrix.nnz * arguments.epochs / figures["seconds"]
    return figures | judged(WordVectors(pairs.vocabulary, w, c), arguments)


WORKERS = {
    "text": write_text,
    "sums": sums_of_stanford,
    "count": count_own,
    "train": train_own,
    "judge": judge,
    "plain": train_plain,
}


if __name__ == "__main__":
    main()
