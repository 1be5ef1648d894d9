"""The real corpora that several benchmarks read, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def corpus_file(data: Path, *parts: str) -> Path:
    """A file or folder of a corpus below ``data``; where it is not, a line says how to fetch it.

    The first part, up to a slash, is the corpus's name (``benchmarks/data.md``).
    """
    path = data.joinpath(*parts)
    if not path.exists():
        name = parts[0].partition("/")[0]
        out = "" if data == DATA else f" -o {data}"
        raise SystemExit(f"{path} is not there: python benchmarks/fetch.py {name}{out} fetches it")
    return path


@dataclass(frozen=True)
class Split:
    """Counts and labels of training and test documents over one vocabulary."""

    train: sparse.csr_matrix
    test: sparse.csr_matrix
    train_labels: NDArray[np.int64]
    test_labels: NDArray[np.int64]
    terms: list[str]


def load_split(name: str, data: Path = DATA) -> Split:
    """``20ng-5k`` or ``nyt-10k``: CSR counts with labels, as the papers use them."""
    folder = corpus_file(data, name)
    counts = {
        part: sparse.csr_matrix(sparse.load_npz(folder / f"{part}_bow.npz")).astype(np.int32)
        for part in ("train", "test")
    }
    labels = {
        part: np.loadtxt(folder / f"{part}_labels.txt").astype(np.int64)
        for part in ("train", "test")
    }
    terms = (folder / "vocab.txt").read_text(encoding="utf-8").split("\n")
    return Split(
        counts["train"],
        counts["test"],
        labels["train"],
        labels["test"],
        terms[: counts["train"].shape[1]],
    )
