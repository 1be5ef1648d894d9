"""Files and neighbours of 100,000 word vectors: polytopic against gensim's KeyedVectors.

    python benchmarks/vectors.py [--words 100000] [--dims 100 300] [--queries 1000] [--pairs 3]

Reading: one file of word2vec text, and the same vectors as word2vec binary; both programs must give
the same float32 to the last bit. Neighbours: the ten nearest of each query word, in gensim by one
call a word (it has no call for several), here by one call for all; both must name the same words.
Analogies: the file of --questions (word2vec's questions-words.txt), where it is there, on vectors
of its own words; both must answer alike. The two programs run in turn, each pair side by side;
printed are medians, with the lowest and highest ratio. Both may use all threads of the machine.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from gensim.models import KeyedVectors

from polytopic import WordVectors, metrics

Pair = tuple[float, float]


def main() -> None:
    arguments = read_arguments()
    print(f"{arguments.words:,} words, {arguments.pairs} pairs a line")
    print(f"{'what':44} {'gensim s':>9} {'polytopic s':>11} {'ratio':>6} {'range':>12}")
    warm_up()
    for dim in arguments.dims:
        vectors = draw_vectors(arguments.words, dim)
        with tempfile.TemporaryDirectory() as folder:
            for name in ("vectors.txt", "vectors.bin"):
                file = vectors.write(Path(folder, name))
                size = file.stat().st_size / 1e6
                pairs = [read_pair(file, vectors) for _ in range(arguments.pairs)]
                show(f"read {name[-3:]}, {dim} d, {size:,.0f} MB", pairs)
        neighbours(vectors, arguments.queries, arguments.pairs)
    if arguments.questions.exists():
        analogies(arguments.questions, min(arguments.dims))


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--words", type=int, default=100_000)
    parser.add_argument("--dims", type=int, nargs="+", default=[100, 300])
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--pairs", type=int, default=3, help="paired runs a line")
    questions = Path("../shared/data/words/questions-words.txt")
    parser.add_argument("--questions", type=Path, default=questions)
    return parser.parse_args()


def draw_vectors(n_words: int, dim: int) -> WordVectors:
    """Vectors in loose groups, so that neighbours differ from chance."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(n_words // 50 + 1, dim)).astype(np.float32)
    matrix = rng.normal(size=(n_words, dim)).astype(np.float32)
    matrix += centres[rng.integers(0, len(centres), n_words)]
    return WordVectors([f"word{place}" for place in range(n_words)], matrix * np.float32(0.1))


def warm_up() -> None:
    """Compile the kernels, or read the compiled ones."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        WordVectors.read(draw_vectors(100, 3).write(Path(folder, "v.txt")))
    print(f"first read, compiling or reading the compiled kernel: {since(started):.2f} s")


def read_pair(file: Path, wanted: WordVectors) -> Pair:
    binary = file.suffix == ".bin"
    peer, seconds = timed(lambda: KeyedVectors.load_word2vec_format(str(file), binary=binary))
    own, own_seconds = timed(lambda: WordVectors.read(file))
    assert np.array_equal(peer.vectors, own.input), "the two read different numbers"
    assert np.array_equal(own.input, wanted.input), "what was written is not what is read"
    assert peer.index_to_key == own.vocabulary.terms
    return seconds, own_seconds


def neighbours(vectors: WordVectors, n_queries: int, n_pairs: int) -> None:
    keyed = as_keyed(vectors)
    words = np.random.default_rng(1).choice(vectors.vocabulary.terms, n_queries, replace=False)
    queries = [str(word) for word in words]
    keyed.most_similar(queries[0])
    vectors.most_similar(queries[0])
    pairs = []
    for _ in range(n_pairs):
        peer, seconds = timed(lambda: [keyed.most_similar(word, topn=10) for word in queries])
        own, own_seconds = timed(lambda: vectors.most_similar(queries, 10))
        same = sum({w for w, _ in a} == {w for w, _ in b} for a, b in zip(peer, own, strict=True))
        assert same >= 0.999 * n_queries, f"only {same} of {n_queries} agree"
        pairs.append((seconds, own_seconds))
    show(f"10 neighbours of {n_queries:,} words, {vectors.dim} d", pairs)


def analogies(questions: Path, dim: int) -> None:
    """One pair only: gensim takes minutes."""
    text = questions.read_text(encoding="utf-8").split()
    words = sorted({word.lower() for word in text if word.isalpha()})
    rng = np.random.default_rng(2)
    words += [f"other{place}" for place in range(30_000 - len(words))]
    matrix = rng.normal(size=(len(words), dim)).astype(np.float32)
    vectors = WordVectors(words, matrix)
    keyed = as_keyed(vectors)
    peer, seconds = timed(lambda: keyed.evaluate_word_analogies(str(questions))[0])
    own, own_seconds = timed(lambda: metrics.word_analogies(vectors, questions))
    assert abs(own.accuracy - peer) < 1e-3, f"{own.accuracy} and {peer}"
    show(f"{own.total.n_found:,} analogies, 30,000 words, {dim} d", [(seconds, own_seconds)])


def as_keyed(vectors: WordVectors) -> Any:
    keyed = KeyedVectors(vectors.dim)
    keyed.add_vectors(vectors.vocabulary.terms, vectors.input)
    return keyed


def show(what: str, pairs: list[Pair]) -> None:
    peer, own = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratios = [a / b for a, b in pairs]
    span = f"{min(ratios):.1f}-{max(ratios):.1f}"
    print(f"{what:44} {peer:9.2f} {own:11.3f} {statistics.median(ratios):6.1f} {span:>12}")


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    result = work()
    return result, since(started)


def since(started: float) -> float:
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
