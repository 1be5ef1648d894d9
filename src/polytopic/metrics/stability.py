"""Stability: do other seeds, or other halves of the documents, give the same topics?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.metrics.inputs import Word, top_terms

__all__ = ["average_jaccard", "matched", "stability"]


def stability(
    runs: Sequence[Any], *, n: int = 10, vocabulary: Any = None, per_topic: bool = False
) -> Any:
    """How alike the topics of several runs are: mean agreement of all pairs of runs.

    Topics of two runs are paired one to one so that the sum of their similarities is largest
    (Hungarian assignment). Two lists of top words are as similar as their *average Jaccard*::

        AJ(S, T) = 1/n sum_{d=1..n} |S_d and T_d| / |S_d or T_d|      S_d: the first d words

    so that first words weigh more. Of runs with different numbers of topics, those without a
    partner count 0.

    Parameters
    ----------
    runs : sequence of at least two of: K lists of words, arrays (K, V), results or fitted models
        Fits of other seeds, or of random halves of the documents.
    n : int
        Top words of a topic that are used.
    vocabulary : Vocabulary or sequence of V str, optional
        Terms of arrays' columns.
    per_topic : bool
        Return one value a topic of the first run: its mean similarity with its partners.

    Returns
    -------
    float, or float64 array of shape (K,)
        In [0, 1]; 1 where all runs list the same words in the same order.

    Raises
    ------
    InputError
        If there are fewer than two runs, or a topic has fewer than n words.

    Notes
    -----
    Greene, O'Callaghan & Cunningham (ECML PKDD 2014), eq. 1 to 4.

    >>> one, other = [["cell", "gene"], ["star", "moon"]], [["moon", "star"], ["cell", "gene"]]
    >>> stability([one, other], n=2)  # the first pair: (0 + 1) / 2, the second: 1
    0.75
    """
    if isinstance(runs, str) or len(runs) < 2:
        raise InputError("runs: stability compares runs of other seeds. Pass at least two.")
    listed = [top_terms(run, n, vocabulary) for run in runs]
    if per_topic:
        found = np.zeros((len(listed) - 1, len(listed[0])))
        for place, other in enumerate(listed[1:]):
            similarity = average_jaccard(listed[0], other)
            rows, columns = matched(similarity)
            found[place, rows] = similarity[rows, columns]
        return found.mean(axis=0)
    return float(np.mean([_agreement(one, other) for one, other in combinations(listed, 2)]))


def matched(similarity: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of the one-to-one pairing whose similarities add up to most."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(-similarity)
    return np.asarray(rows, dtype=np.int64), np.asarray(columns, dtype=np.int64)


def average_jaccard(
    one: Sequence[Sequence[Word]], other: Sequence[Sequence[Word]]
) -> NDArray[np.float64]:
    """The average Jaccard of each list of ``one`` (K lists of n) and of ``other`` (L), (K, L)."""
    n = len(one[0])
    depths = np.arange(1, n + 1)
    found = np.zeros((len(one), len(other)))
    ranked = [{word: rank for rank, word in enumerate(topic)} for topic in other]
    for row, topic in enumerate(one):
        for column, ranks in enumerate(ranked):
            shared = [max(rank, ranks[word]) for rank, word in enumerate(topic) if word in ranks]
            if shared:
                both = np.cumsum(np.bincount(shared, minlength=n))
                found[row, column] = (both / (2 * depths - both)).mean()
    return found


def _agreement(one: Sequence[Sequence[Word]], other: Sequence[Sequence[Word]]) -> float:
    similarity = average_jaccard(one, other)
    return float(similarity[matched(similarity)].sum() / max(len(one), len(other)))
