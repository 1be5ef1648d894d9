"""Guided topics of autoencoders: where seeded topics begin, and the prior that holds them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from polytopic.nets import Decoder
from polytopic.topics.encoding.own_vectors import document_vectors, unit_rows
from polytopic.topics.seed_words import Seeds
from polytopic.topics.vae.initial_values import Start

__all__ = ["SeedPrior", "seeded_start"]

_TINY = 1e-12
"""Probabilities are taken for at least this, so that a logarithm stays finite."""


@dataclass(frozen=True)
class SeedPrior:
    """A Dirichlet prior on topics: log p(topics) = sum_k sum_v m_kv log p(v | k) + const.

    m_kv are pseudo-counts, ``strength`` times a seed's own count in the corpus, as LDA's
    ``seed_strength`` has them (Jagarlamudi, Daumé & Udupa, EACL 2012, guide topics by seeds). The
    loss is a mean over documents, so the prior's part is divided by their number D.

    Attributes
    ----------
    topics, columns : int64 tensors of shape (N,)
        A pair a seed.
    weights : float32 tensor of shape (N,)
        m_kv / D.
    """

    topics: Tensor
    columns: Tensor
    weights: Tensor

    @classmethod
    def of(cls, seeds: Seeds, counts: sparse.csr_matrix, strength: float) -> Self:
        """The prior of seeds in a corpus of counts (D, V)."""
        totals = np.asarray(counts.sum(axis=0, dtype=np.float64)).ravel()
        columns = np.concatenate([own for _, own in seeds])
        topics = np.repeat(np.arange(len(seeds)), [len(own) for _, own in seeds])
        weights = strength * np.maximum(totals[columns], 1.0) / counts.shape[0]
        return cls(
            torch.from_numpy(topics),
            torch.from_numpy(columns),
            torch.from_numpy(weights.astype(np.float32)),
        )

    def __call__(self, decoder: Decoder) -> Tensor:
        """-log p(topics) / D up to a constant, a scalar."""
        words = decoder.topic_word()
        held = words[self.topics.to(words.device), self.columns.to(words.device)]
        return -(self.weights.to(words.device) * held.clamp_min(_TINY).log()).sum()


def seeded_start(start: Start, counts: sparse.csr_matrix, seeds: Seeds) -> Start:
    """The start with a topic a seed first: where the documents that hold the seeds lie.

    A document counts by the share of its tokens that are seeds. Of the start's centres each seed
    takes the place of the one nearest to it, so that no part of the corpus is left twice; the
    decoder's row is the cosines with that place, and the seeds lead it.
    """
    documents = document_vectors(counts, start.vectors, start.term_weight)
    lengths = np.maximum(np.asarray(counts.sum(axis=1, dtype=np.float64)).ravel(), 1.0)
    places = np.stack(
        [_place(counts, lengths, documents, start.vectors, columns) for _, columns in seeds]
    )
    _, nearest = linear_sum_assignment(-(places @ start.centers.T))
    order = [*nearest, *(k for k in range(len(start.centers)) if k not in set(nearest.tolist()))]
    centers, weight = start.centers[order], start.weight[order]
    centers[: len(seeds)] = places
    cosines = places @ start.vectors.T - (centers @ start.vectors.T).mean(axis=0)
    rows = cosines / max(float(cosines.std()), 1e-6)
    for row, (_, columns) in zip(rows, seeds, strict=True):
        row[columns] = row.max()
    weight[: len(seeds)] = rows
    return replace(start, centers=centers, weight=weight.astype(np.float32))


def _place(
    counts: sparse.csr_matrix,
    lengths: NDArray[np.float64],
    documents: NDArray[np.float32],
    vectors: NDArray[np.float32],
    columns: NDArray[np.int64],
) -> NDArray[np.float32]:
    """Direction of the documents that hold the seeds, and of the seeds, of length one."""
    held = np.asarray(counts[:, columns].sum(axis=1, dtype=np.float64)).ravel() / lengths
    around = unit_rows((held @ documents)[None].astype(np.float32))
    both = around + unit_rows(vectors[columns].sum(axis=0, keepdims=True))
    return np.asarray(unit_rows(both)[0])
