"""How much each word counts in a document's vector, and what all documents share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.text.vocabulary import Vocabulary

__all__ = ["WEIGHTS", "common_directions", "word_weights"]

Wide = NDArray[np.float64]

WEIGHTS = ("mean", "zipf", "sif", "usif")
"""Names of weights; ``sif`` and ``usif`` need the counts of the words."""

SMOOTHING = {"zipf": 1e-4, "sif": 1e-3}
"""a of a / (a + p): model2vec's for Zipf's law; of SIF, amid what Arora et al. found good."""

COMMON = {"mean": 0, "zipf": 0, "sif": 1, "usif": 5}
"""Directions that ``fit`` takes out (Arora et al. 2017; Ethayarajh 2018)."""


def word_weights(
    vocabulary: Vocabulary, weights: str, smoothing: float | None, length: float
) -> Wide:
    """The weight of each word, shape (V,).

    - ``mean``: 1;
    - ``zipf``: a / (a + p), p of Zipf's law by rank: p ~ 1 / (rank + 1), rank from 1 (model2vec);
    - ``sif``: a / (a + p), p by counts (Arora, Liang & Ma, ICLR 2017, eq. 3);
    - ``usif``: a / (a / 2 + p), a = (1 - s) / (s V / 2), s the share of words with p above
      1 - (1 - 1/V)^n, n the usual ``length`` of a document (Ethayarajh, RepL4NLP 2018).

    Words are ranked by count, or in row order where counts are unknown.

    Raises
    ------
    InputError
        If the weights need counts and all are zero.
    """
    n = len(vocabulary)
    if weights == "mean":
        return np.ones(n)
    if weights == "zipf":
        ranks = np.empty(n)
        ranks[np.argsort(-vocabulary.counts, kind="stable")] = np.arange(1, n + 1)
        shares = 1.0 / (ranks + 1.0)
        shares /= shares.sum()
    else:
        if not vocabulary.counts.any():
            raise InputError(
                f'weights: "{weights}" goes by how often words occur, and these vectors do not '
                'know. Give a Vocabulary with counts, or use weights="zipf".'
            )
        shares = vocabulary.counts / vocabulary.counts.sum()
    if weights != "usif":
        a = SMOOTHING[weights] if smoothing is None else smoothing
        return np.asarray(a / (a + shares))
    often = np.count_nonzero(shares > 1.0 - (1.0 - 1.0 / n) ** length) / n
    if often == 0.0:
        return np.ones(n)
    a = (1.0 - often) / (often * 0.5 * n)
    return np.asarray(a / (0.5 * a + shares)) if a > 0.0 else np.ones(n)


def common_directions(documents: NDArray[np.float32], n: int) -> tuple[Wide, Wide]:
    """The first ``n`` right singular vectors of documents, shape (n, E), and their shares.

    A share is a squared singular value over the sum of those of the ``n``. Nothing is centred
    (Arora et al. 2017, algorithm 1).
    """
    wide = documents.astype(np.float64)
    values, columns = np.linalg.eigh(wide.T @ wide)
    values, columns = np.maximum(values[::-1][:n], 0.0), columns[:, ::-1].T[:n]
    total = values.sum()
    return columns, values / total if total > 0.0 else values
