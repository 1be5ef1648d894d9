"""Which words tell a topic from the others: relevance (Sievert & Shirley 2014), and labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["BALANCED", "candidates", "distinct_labels", "relevance"]

Floats = NDArray[Any]

BALANCED = 0.6
"""Lambda at which people told topics best (Sievert & Shirley 2014, section 3.3)."""

LAMBDAS = tuple(step / 10 for step in range(11))
"""Where the slider of the page may stand."""

RANKED = 25
"""Words the page lists at each of them."""

_LEADS_TRIED = 12
"""Words that a topic may be called by, so that two topics are not called by the same one."""

_STEM = 5
"""Words that begin with the same letters, so many, say the same in a label: star, stars."""


def relevance(row: Floats, corpus: Floats, weight: float) -> NDArray[np.float64]:
    """weight log p(w | t) + (1 - weight) log(p(w | t) / p(w)), shape (V,); -inf where either is 0.

    ``row``: p(w | t); ``corpus``: p(w), both of shape (V,). Sievert & Shirley, ILLVI 2014, eq. 1.

    >>> relevance(np.array([0.5, 0.5]), np.array([0.5, 0.25]), 0.0).round(3).tolist()
    [0.0, 0.693]
    """
    p, base = np.asarray(row, dtype=np.float64), np.asarray(corpus, dtype=np.float64)
    known = (p > 0) & (base > 0)
    scores = np.full(p.shape, -np.inf)
    logs = np.log(p[known])
    scores[known] = logs - (1.0 - weight) * np.log(base[known])
    return scores


def candidates(row: Floats, corpus: Floats, n_probable: int) -> NDArray[np.int64]:
    """Terms that the page must hold of a topic: the ``n_probable`` most probable, most probable
    first, then those that are among the most relevant for some place of the slider."""
    probable = _largest(np.asarray(row, dtype=np.float64), n_probable)
    probable = probable[np.asarray(row)[probable] > 0]
    relevant = [_largest(relevance(row, corpus, weight), RANKED) for weight in LAMBDAS]
    found = np.unique(np.concatenate(relevant))
    others = np.setdiff1d(found[(row[found] > 0) & (corpus[found] > 0)], probable)
    return np.concatenate([probable, others[np.argsort(-row[others], kind="stable")]])


def distinct_labels(
    topic_word: Floats, corpus: Floats, terms: Sequence[str], sizes: Floats, n: int = 3
) -> list[list[str]]:
    """``n`` words of each topic that tell it from the others, the most telling first.

    By relevance at :data:`BALANCED`. No two topics are led by the same word as far as their first
    dozen words allow; larger topics choose first. Words of one stem stand once in a label.

    Parameters
    ----------
    topic_word : array of shape (K, V)
    corpus : array of shape (V,)
    terms : sequence of V str
    sizes : array of shape (K,)
    """
    labels: list[list[str]] = [[] for _ in range(len(topic_word))]
    taken: set[str] = set()
    for topic in np.argsort(-np.asarray(sizes), kind="stable"):
        scores = relevance(topic_word[topic], corpus, BALANCED)
        order = _largest(scores, max(_LEADS_TRIED, 4 * n))
        words = [terms[v] for v in order if scores[v] > -np.inf]
        if not words:
            order = _largest(np.asarray(topic_word[topic], dtype=np.float64), 4 * n)
            words = [terms[v] for v in order if topic_word[topic, v] > 0]
        free = [word for word in words[:_LEADS_TRIED] if _stem(word) not in taken]
        lead = (free or words or [""])[0]
        taken.add(_stem(lead))
        labels[topic] = _different([lead, *words], n)
    return labels


def _largest(scores: NDArray[np.float64], n: int) -> NDArray[np.int64]:
    """Places of the ``n`` largest, largest first, the first of equals first."""
    n = min(n, scores.size)
    best = np.argpartition(-scores, n - 1)[:n]
    return np.asarray(best[np.lexsort((best, -scores[best]))], dtype=np.int64)


def _stem(word: str) -> str:
    return word[:_STEM] if len(word) > _STEM else word.rstrip("s") or word


def _different(words: Sequence[str], n: int) -> list[str]:
    """The first ``n`` words of different stems."""
    kept: dict[str, str] = {}
    for word in words:
        kept.setdefault(_stem(word), word)
    return list(kept.values())[:n]
