"""Skip-gram and CBOW on wiki100m: polytopic against gensim, speed, memory and quality.

    python benchmarks/word_vectors.py [--model skipgram|cbow] [--dim 100 300] [--epochs 3]
        [--pairs 3] [--threads 2] [--words N] [--free]

Each run is a process of its own that reads the same text file (1,000 words a line; gensim through
``corpus_file``), trains with window 5, 5 negatives, sample 1e-3, min_count 5 for the same epochs,
and writes its vectors. Learning rates: .025 for skip-gram; for CBOW .05 in gensim (better there
than its default of .025), the default of .075 here. Words/s: words of the vocabulary times epochs
over the seconds of training alone, without the reading of the vocabulary; "whole" is all of the
process, from reading to vectors written; words a processor second count reading and training.
Memory is the process's peak. Runs alternate; printed are medians and the median of the ratios of
each pair. Quality: one evaluation for both, of the input vectors.

The floor: a centre with c contexts and 5 negatives takes 3 products of (c, E) and (6, E) matrices,
36 c E flops; c is about 4.5 here after subsampling and shrinking, so E = 100 costs 16,000 flops a
kept centre, and about 2.4 KB of output rows come from beyond the cache. Printed for skip-gram is
36 E pairs over the processor seconds of ``fit``, and its share of what the machine's own product of
two large matrices does (``_wiki.product_speed``).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from _corpora import DATA
from _wiki import QUALITY, peak_megabytes, product_speed, quality, sentence_file

SETTINGS = {"window": 5, "negative": 5, "sample": 1e-3, "min_count": 5}
RATES = {"skipgram": 0.025, "cbow": 0.05}  # gensim's; ours are its defaults, .025 and .075


def main() -> None:
    arguments = read_arguments()
    if arguments.worker:
        print(json.dumps(WORKERS[arguments.worker](arguments)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = sentence_file(arguments.data, folder, arguments.words)
        for dim in arguments.dim:
            compare(arguments, dim, text, folder)


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--model", choices=("skipgram", "cbow"), default="skipgram")
    parser.add_argument("--dim", type=int, nargs="+", default=[100, 300])
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--words", type=int, default=None, help="first words only")
    parser.add_argument("--free", action="store_true", help="ours with deterministic=False")
    parser.add_argument("--own-only", action="store_true")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--text", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--output", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=1, help="of the first pair")
    return parser.parse_args()


def compare(arguments: argparse.Namespace, dim: int, text: Path, folder: Path) -> None:
    """Alternating runs of both, and their table."""
    names = ["polytopic"] if arguments.own_only else ["gensim", "polytopic"]
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    run("polytopic", arguments, dim, text, folder, 0, warm_up=True)
    for seed in range(arguments.seed, arguments.seed + arguments.pairs):
        for name in names:
            runs[name].append(run(name, arguments, dim, text, folder, seed))
        if len(names) == 2:
            print("RESULT " + json.dumps(pair_of(*(runs[name][-1] for name in names))), flush=True)
    mode = ", deterministic=False" if arguments.free else ""
    print(
        f"\n{arguments.model}, {dim} d, {arguments.epochs} epochs, {arguments.threads} threads"
        f"{mode}, median of {arguments.pairs}"
    )
    print(f"{'':10} {'words/s':>11} {'train s':>8} {'whole s':>8} {'MB':>6} {'loss':>7}", end="")
    print("".join(f" {name:>10}" for name in QUALITY))
    for name in names:
        row = {key: statistics.median(r[key] for r in runs[name]) for key in runs[name][0]}
        print(
            f"{name:10} {row['words_per_second']:11,.0f} {row['train']:8.1f} {row['whole']:8.1f} "
            f"{row['megabytes']:6.0f} {row['loss']:7.4f}",
            end="",
        )
        print("".join(f" {row[key]:10.3f}" for key in QUALITY), flush=True)
    if len(names) == 2:
        pairs = [pair_of(*both) for both in zip(runs["gensim"], runs["polytopic"], strict=True)]
        ratio, busy, whole, memory = (
            statistics.median(pair[name] for pair in pairs)
            for name in ("ratio", "busy_ratio", "whole_ratio", "memory_ratio")
        )
        print(
            f"ratio of words/s {ratio:.2f}, of words a processor second {busy:.2f}, "
            f"whole {whole:.2f}, memory {memory:.2f}",
            flush=True,
        )


def pair_of(peer: dict[str, float], own: dict[str, float]) -> dict[str, Any]:
    """Figures of both, and by how much ours is the faster and the larger."""
    return {
        "ours": own,
        "peer": peer,
        "ratio": own["words_per_second"] / peer["words_per_second"],
        "busy_ratio": own["words_per_processor_second"] / peer["words_per_processor_second"],
        "whole_ratio": peer["whole"] / own["whole"],
        "memory_ratio": own["megabytes"] / peer["megabytes"],
    }


def run(
    name: str, arguments: argparse.Namespace, dim: int, text: Path, folder: Path, seed: int,
    *, warm_up: bool = False,
) -> dict[str, float]:  # fmt: skip
    """One process; its figures and the quality of its vectors."""
    output = folder / f"{name}.bin"
    if warm_up:
        text = folder / "warm-up.txt"
        text.write_text(" ".join(f"w{i % 50}" for i in range(20_000)), encoding="utf-8")
    command = [
        sys.executable, __file__, "--worker", name, "--model", arguments.model,
        "--dim", str(dim), "--epochs", str(arguments.epochs), "--threads", str(arguments.threads),
        "--text", str(text), "--output", str(output), "--seed", str(seed),
        *(["--free"] if arguments.free else []),
    ]  # fmt: skip
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures = json.loads(done.stdout.splitlines()[-1])
    if not warm_up:
        from polytopic import WordVectors

        figures |= quality(WordVectors.read(output), arguments.data)
    return dict(figures)


def train_polytopic(arguments: argparse.Namespace) -> dict[str, float]:
    started = time.perf_counter()
    import polytopic as pt

    cls = pt.SkipGram if arguments.model == "skipgram" else pt.CBOW
    model = cls(
        dim=arguments.dim[0], epochs=arguments.epochs, n_threads=arguments.threads,
        random_state=arguments.seed, deterministic=not arguments.free,
        **SETTINGS,
    )  # fmt: skip
    busy = time.process_time()
    model.fit(arguments.text)
    busy = time.process_time() - busy
    if arguments.model == "skipgram":
        pairs = sum(record["pairs"] for record in model.history_)
        speed = 36.0 * arguments.dim[0] * pairs / busy
        print(
            f"36 E pairs: {speed / 1e9:.1f} Gflop a processor second, "
            f"{speed / product_speed():.1%} of a matrix product's",
            file=sys.stderr,
        )
    model.vectors_.write(arguments.output)
    seconds = sum(record["seconds"] for record in model.history_)
    words = model.vocabulary_.counts.sum() * arguments.epochs
    return figures(words, seconds, started, model.history_[-1]["loss"], busy)


def train_gensim(arguments: argparse.Namespace) -> dict[str, float]:
    started = time.perf_counter()
    from gensim.models import Word2Vec

    model = Word2Vec(
        vector_size=arguments.dim[0], workers=arguments.threads, seed=arguments.seed,
        sg=int(arguments.model == "skipgram"), epochs=arguments.epochs,
        alpha=RATES[arguments.model], **SETTINGS,
    )  # fmt: skip
    file = str(arguments.text)
    busy = time.process_time()
    model.build_vocab(corpus_file=file)
    training = time.perf_counter()
    model.train(
        corpus_file=file, total_words=model.corpus_total_words,
        total_examples=model.corpus_count, epochs=arguments.epochs,
    )  # fmt: skip
    seconds, busy = time.perf_counter() - training, time.process_time() - busy
    model.wv.save_word2vec_format(str(arguments.output), binary=True)
    words = sum(model.wv.get_vecattr(word, "count") for word in model.wv.index_to_key)
    return figures(words * arguments.epochs, seconds, started, float("nan"), busy)


def figures(
    words: float, seconds: float, started: float, loss: float, busy: float
) -> dict[str, Any]:
    return {
        "words_per_second": float(words / seconds),
        "words_per_processor_second": float(words / busy),
        "train": float(seconds),
        "whole": time.perf_counter() - started,
        "megabytes": peak_megabytes(),
        "loss": loss,
    }


WORKERS = {"polytopic": train_polytopic, "gensim": train_gensim}

if __name__ == "__main__":
    main()
