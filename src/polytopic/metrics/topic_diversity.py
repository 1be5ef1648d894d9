"""Topic diversity: how far the top words of different topics differ.

Three definitions are published under the name "topic diversity"; here each has a name of its own.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain, combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.metrics.inputs import Word, top_terms

__all__ = ["diversity", "diversity_once", "inverted_rbo", "topic_uniqueness"]


def diversity(topics: Any, *, n: int = 25, vocabulary: Any = None) -> float:
    """Share of different words among the top ``n`` of all topics: unique / (K n).

    Parameters
    ----------
    topics : K lists of words, array of shape (K, V), or TopicResult or fitted model
    n : int
        Top words of a topic that are used.
    vocabulary : Vocabulary or sequence of V str, optional
        Terms of an array's columns; the result is the same without.

    Returns
    -------
    float
        In [1 / K, 1]; 1 where no two topics share a word.

    Raises
    ------
    InputError
        If a topic has fewer than n words, or names one twice.

    Notes
    -----
    Dieng, Ruiz & Blei (TACL 2020); TopMost >= 1.0 and OCTIS call this TD.

    >>> diversity([["cell", "gene"], ["cell", "star"]], n=2)
    0.75
    """
    listed = top_terms(topics, n, vocabulary)
    return len(set(chain.from_iterable(listed))) / (len(listed) * n)


def diversity_once(
    topics: Any, *, n: int = 15, vocabulary: Any = None, per_topic: bool = False
) -> Any:
    """Share of the top ``n`` words of all topics that occur in one topic only.

    Stricter than :func:`diversity`: a word of two topics counts for neither.

    Parameters
    ----------
    topics, n, vocabulary
        As in :func:`diversity`.
    per_topic : bool
        Return one value a topic.

    Returns
    -------
    float, or float64 array of shape (K,)
        In [0, 1].

    Raises
    ------
    InputError
        As :func:`diversity`.

    Notes
    -----
    The TD of Wu et al. (ECRTM, ICML 2023) with 15 words a topic, and of TopMost before 1.0.

    >>> diversity_once([["cell", "gene"], ["cell", "star"]], n=2)
    0.5
    """
    listed = top_terms(topics, n, vocabulary)
    uses = Counter(chain.from_iterable(listed))
    if per_topic:
        return np.array([sum(uses[word] == 1 for word in topic) / n for topic in listed])
    return sum(count == 1 for count in uses.values()) / (len(listed) * n)


def topic_uniqueness(
    topics: Any, *, n: int = 25, vocabulary: Any = None, per_topic: bool = False
) -> Any:
    """Topic uniqueness, TU: the mean over a topic's top words of 1 / (topics that list the word).

    ``TU_k = 1/n sum_i 1 / count(w_ki)``, then the mean over topics. That mean equals
    :func:`diversity` of the same n (the 1/count of a word add up to one over its topics); what TU
    adds is the value of each topic.

    Parameters
    ----------
    topics, n, vocabulary
        As in :func:`diversity`.
    per_topic : bool
        Return one value a topic.

    Returns
    -------
    float, or float64 array of shape (K,)
        In [1 / K, 1].

    Raises
    ------
    InputError
        As :func:`diversity`.

    Notes
    -----
    Nan, Ding, Nallapati & Xiang (W-LDA, ACL 2019).

    >>> topic_uniqueness([["cell", "gene"], ["cell", "star"]], n=2, per_topic=True).tolist()
    [0.75, 0.75]
    """
    listed = top_terms(topics, n, vocabulary)
    uses = Counter(chain.from_iterable(listed))
    values = np.array([np.mean([1 / uses[word] for word in topic]) for topic in listed])
    return values if per_topic else float(values.mean())


def inverted_rbo(
    topics: Any, *, n: int = 10, p: float = 0.9, vocabulary: Any = None, per_topic: bool = False
) -> Any:
    """One minus the mean rank-biased overlap of all pairs of topics.

    Unlike :func:`diversity` it heeds the order: sharing first words costs more than sharing last
    ones. With X_d the words that the first d of both lists share::

        rbo(S, T) = X_n / n p^n + (1 - p) / p sum_{d=1..n} X_d / d p^d

    Parameters
    ----------
    topics, n, vocabulary
        As in :func:`diversity`; at least two topics.
    p : float
        In (0, 1): how slowly the weight falls with depth.
    per_topic : bool
        Return one value a topic: one minus its mean overlap with the others.

    Returns
    -------
    float, or float64 array of shape (K,)
        In [0, 1]; 1 where no two topics share a word.

    Raises
    ------
    InputError
        As :func:`diversity`; also if there is one topic only, or p lies outside (0, 1).

    Notes
    -----
    Bianchi, Terragni & Hovy (ACL 2021); the extrapolated overlap is eq. 32 of Webber,
    Moffat & Zobel (ACM TOIS 2010), here for lists of one length.

    >>> round(inverted_rbo([["cell", "gene"], ["gene", "cell"]], n=2), 3)
    0.1
    """
    if not 0 < p < 1:
        raise InputError(f"p: is {p!r}. Pass a number between 0 and 1, such as 0.9.")
    listed = top_terms(topics, n, vocabulary)
    if len(listed) < 2:
        raise InputError("topics: there is one only. Overlap needs at least two topics.")
    ranks = [{word: rank for rank, word in enumerate(topic)} for topic in listed]
    weights = (1 - p) * p ** np.arange(n) / np.arange(1, n + 1)
    overlaps = [_overlap(left, right, weights, p) for left, right in combinations(ranks, 2)]
    if per_topic:
        sums = np.zeros(len(ranks))
        for (one, other), overlap in zip(combinations(range(len(ranks)), 2), overlaps, strict=True):
            sums[[one, other]] += overlap
        return np.clip(1.0 - sums / (len(ranks) - 1), 0.0, 1.0)
    return float(np.clip(1.0 - np.mean(overlaps), 0.0, 1.0))


def _overlap(
    left: dict[Word, int], right: dict[Word, int], weights: NDArray[np.float64], p: float
) -> float:
    n = weights.size
    depths = [max(left[word], right[word]) for word in left.keys() & right.keys()]
    if not depths:
        return 0.0
    shared = np.cumsum(np.bincount(depths, minlength=n))
    return float(shared[-1] / n * p**n + shared @ weights)
