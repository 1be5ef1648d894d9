"""Small batches and decoders that the tests of this folder share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy import sparse

from polytopic.nets import DECODERS, CountsBatch, Decoder, SparseCounts

B, V, K, E = 5, 7, 3, 4

KINDS = sorted(DECODERS)


def random(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).double()


def some_counts() -> np.ndarray:
    counts = np.random.default_rng(0).poisson(0.7, (B, V))
    counts[2] = 0
    return counts


def as_batch(counts: np.ndarray, **dense: np.ndarray) -> CountsBatch:
    """All rows of ``counts`` as one batch of float64."""
    whole = SparseCounts(sparse.csr_matrix(counts), torch.device("cpu"), **dense)
    batch = whole.batch(np.arange(len(counts)))
    fields = vars(batch) | {"values": batch.values.double(), "totals": batch.totals.double()}
    fields.pop("documents", None)
    return CountsBatch(**fields)


@dataclass
class Start:
    """What a decoder is built from."""

    vectors: np.ndarray
    centers: np.ndarray
    weight: np.ndarray
    log_frequency: np.ndarray
    trust: np.ndarray


def some_start() -> Start:
    return Start(
        random(V, E, seed=5).numpy(),
        random(K, E, seed=6).numpy(),
        random(K, V, seed=2).numpy(),
        random(V, seed=3).numpy(),
        np.ones(V),
    )


def make(kind: str, **options: Any) -> Decoder:
    return DECODERS[kind].build(some_start(), **options).double()
