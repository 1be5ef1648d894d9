"""wiki100m as both programs read it, and the quality of vectors: similarity and analogies."""

from __future__ import annotations

import gzip
import time
from pathlib import Path
from typing import Any

from _corpora import corpus_file

__all__ = ["QUALITY", "peak_megabytes", "product_speed", "quality", "sentence_file"]

QUALITY = ("WS-353", "SimLex-999", "analogies")

_LINE = 1_000


def sentence_file(data: Path, folder: Path, words: int | None = None) -> Path:
    """Write the corpus to ``folder``, 1,000 words a line: all of it, or its first words."""
    target = folder / f"wiki-{words or 'all'}.txt"
    if target.exists():
        return target
    with gzip.open(corpus_file(data, "wiki", "wiki100m.txt.gz"), "rt", encoding="utf-8") as file:
        listed = file.read().split()[:words]
    with target.open("w", encoding="utf-8") as out:
        for start in range(0, len(listed), _LINE):
            out.write(" ".join(listed[start : start + _LINE]) + "\n")
    return target


def quality(vectors: Any, data: Path, which: str = "input") -> dict[str, float]:
    """Spearman's rho of two lists of word pairs, and the share of analogies answered right."""
    from polytopic import metrics

    words = corpus_file(data, "words")
    return {
        "WS-353": similarity(vectors, words / "EN-WS-353-ALL.txt", which),
        "SimLex-999": similarity(vectors, words / "EN-SIMLEX-999.txt", which),
        "analogies": metrics.word_analogies(
            vectors, words / "questions-words.txt", which=which
        ).accuracy,
    }


def similarity(vectors: Any, path: Path, which: str) -> float:
    """Spearman's rho; NaN if too few pairs have vectors."""
    from polytopic import metrics

    found = metrics.word_similarity(vectors, path, which=which).spearman
    return float("nan") if found is None else found


def peak_megabytes() -> float:
    """Peak memory of this process. ``ru_maxrss`` would count the process that started it too."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return float("nan")


def product_speed(size: int = 1500, runs: int = 5) -> float:
    """Floating-point operations a processor second of the machine's own matrix product.

    The best of some products of two float32 matrices: 2 n^3 operations each. It stands for the
    peak, whose clock and units a program cannot ask for.
    """
    import numpy as np

    matrix = np.ones((size, size), dtype=np.float32)
    best = 0.0
    for _ in range(runs):
        started = time.process_time()
        matrix @ matrix
        best = max(best, 2.0 * size**3 / (time.process_time() - started))
    return best
