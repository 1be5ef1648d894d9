"""FastText skip-gram: words/s and quality beside fastText's own program and gensim's FastText.

    python benchmarks/fasttext.py --program PATH/TO/fasttext [--words N] [--epochs 1] [--pairs 2]
        [--threads 2] [--without-gensim]

All read the same text (1,000 words a line), 100 dimensions, window 5, 5 negatives, n-grams of 3 to
6 characters in 2,000,000 rows, sample 1e-4, min_count 5, rate .05. Words/s are words of the text
times epochs over the seconds of the whole call, from reading to vectors; runs alternate, and the
ratio is the median of those of the pairs. "Of a processor" divides by the processor seconds that
all threads used instead: what a machine shared with others still tells. Quality: WordSim-353,
SimLex-999, analogies, and "rare": the pairs of both lists with a word that occurs fewer than 100
times, or never, whose vectors come from n-grams.

Floating point: a pair of a centre and a neighbour takes 6 E operations (a dot product and two
updates) for each of the 1 + 5 output rows: 36 E. What n-grams cost beside that, about 18 rows of E
additions to compose a word and as many to change it, once a block, is not in it. The share of the
peak: 36 E pairs over the processor seconds of the whole call, over the same of a product of two
large matrices (``_wiki.product_speed``).
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, corpus_file
from _wiki import QUALITY, product_speed, quality, sentence_file

RARE = 100
"""Occurrences below which a word counts as rare here."""


def main() -> None:
    arguments = read_arguments()
    with tempfile.TemporaryDirectory() as name:
        text = sentence_file(arguments.data, Path(name), arguments.words)
        n_words = len(text.read_text(encoding="utf-8").split())
        runs: dict[str, list[tuple[float, dict[str, float]]]] = {}
        ways = {"polytopic": own, "fastText": original}
        if not arguments.without_gensim:
            ways["gensim"] = gensims
        warm_up(arguments)
        for seed in range(arguments.pairs):
            for way, run in ways.items():
                before = processor_seconds()
                seconds, vectors = run(arguments, text, Path(name), seed)
                used = processor_seconds() - before
                work = n_words * arguments.epochs
                figures = judged(vectors, arguments.data) | {"per processor": work / used}
                runs.setdefault(way, []).append((work / seconds, figures))
                print(f"  {way}: {seconds:.1f} s, {used:.1f} s of processors", flush=True)
    print(f"\n{n_words:,} words, {arguments.epochs} epochs, {arguments.threads} threads")
    print("| | words/s | ours over it | of a processor | " + " | ".join((*QUALITY, "rare")) + " |")
    for way, found in runs.items():
        pairs = zip(runs["polytopic"], found, strict=True)
        ratio = statistics.median(ours / theirs for (ours, _), (theirs, _) in pairs)
        figures = [statistics.median(f[n] for _, f in found) for n in (*QUALITY, "rare")]
        speed = statistics.median(speed for speed, _ in found)
        busy = statistics.median(f["per processor"] for _, f in found)
        row = f"| {way} | {speed:,.0f} | {ratio:.1f} | {busy:,.0f} | "
        print(row + " | ".join(f"{v:.3f}" for v in figures))


def processor_seconds() -> float:
    """Of this process and of those it waited for."""
    return time.process_time() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--program", type=Path, required=True, help="fastText's own program")
    parser.add_argument("--words", type=int, default=None, help="first words only")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--pairs", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--without-gensim", action="store_true")
    return parser.parse_args()


def warm_up(arguments: argparse.Namespace) -> None:
    """Compiled code is loaded, or made, before the clock runs."""
    import polytopic as pt

    pt.FastText(dim=100, bucket=1000, epochs=1, sample=0).fit([["one", "two", "three"]] * 50)


def own(arguments: argparse.Namespace, text: Path, folder: Path, seed: int) -> tuple[float, Any]:
    import polytopic as pt

    started = time.perf_counter()
    model = pt.FastText(
        dim=100, epochs=arguments.epochs, n_threads=arguments.threads, random_state=seed
    )
    busy = time.process_time()
    vectors = model.fit(text).vectors_
    seconds, busy = time.perf_counter() - started, time.process_time() - busy
    speed = 36.0 * 100 * sum(record["pairs"] for record in model.history_) / busy
    print(
        f"  36 E pairs: {speed / 1e9:.1f} Gflop a processor second, "
        f"{speed / product_speed():.1%} of a matrix product's"
    )
    return seconds, vectors


def original(
    arguments: argparse.Namespace, text: Path, folder: Path, seed: int
) -> tuple[float, Any]:
    import polytopic as pt

    started = time.perf_counter()
    options = {
        "input": text, "output": folder / "model", "dim": 100, "epoch": arguments.epochs,
        "thread": arguments.threads, "minCount": 5, "seed": seed,
    }  # fmt: skip
    words = [word for name, value in options.items() for word in (f"-{name}", str(value))]
    subprocess.run([arguments.program, "skipgram", *words], capture_output=True, check=True)
    seconds = time.perf_counter() - started
    return seconds, pt.SubwordVectors.read_binary(folder / "model.bin")


def gensims(
    arguments: argparse.Namespace, text: Path, folder: Path, seed: int
) -> tuple[float, Any]:
    from gensim.models import FastText

    import polytopic as pt

    started = time.perf_counter()
    model = FastText(
        corpus_file=str(text), vector_size=100, sg=1, epochs=arguments.epochs, alpha=0.05,
        workers=arguments.threads, min_count=5, sample=1e-4, bucket=2_000_000, seed=seed,
    )  # fmt: skip
    seconds = time.perf_counter() - started
    words = model.wv
    every = list(words.index_to_key)
    known = pt.WordVectors(pt.Vocabulary(every, counts(words, every)), words[every])
    return seconds, (known, lambda word: words[word])


def counts(words: Any, every: list[str]) -> np.ndarray:
    return np.array([words.get_vecattr(word, "count") for word in every])


def judged(found: Any, data: Path) -> dict[str, float]:
    vectors, vector_of = found if isinstance(found, tuple) else (found, found.__getitem__)
    return quality(vectors, data) | {"rare": rare(vectors, vector_of, data)}


def rare(vectors: Any, vector_of: Any, data: Path) -> float:
    """Spearman's rho over the pairs with a rare or unseen word."""
    from scipy.stats import spearmanr

    cosines, ratings = [], []
    for name in ("EN-WS-353-ALL.txt", "EN-SIMLEX-999.txt"):
        for line in corpus_file(data, "words", name).read_text(encoding="utf-8").splitlines():
            first, second, rating = line.lower().split()[:3]
            occurrences = [
                vectors.vocabulary.counts[vectors.index(w)] if w in vectors else 0
                for w in (first, second)
            ]
            if min(occurrences) < RARE:
                a, b = vector_of(first), vector_of(second)
                cosines.append(float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b) + 1e-12)))
                ratings.append(float(rating))
    return float(spearmanr(cosines, ratings).statistic)


if __name__ == "__main__":
    main()
