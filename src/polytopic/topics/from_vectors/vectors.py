"""From word vectors to topics that are distributions: p(topic | word), weighted by p(word)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polytopic.base import seed_from
from polytopic.errors import InputError
from polytopic.machine import one_blas_thread
from polytopic.topics.from_vectors.aligning import Words, align
from polytopic.topics.from_vectors.clustering import spherical_k_means, unit_rows
from polytopic.topics.from_vectors.information import most_informative

if TYPE_CHECKING:
    from polytopic.embeddings import WordVectors

__all__ = ["from_vectors"]

Floats = NDArray[np.floating[Any]]

SPREAD = 0.25
"""Mean entropy of p(topic | word) that the temperature is set for, as a share of log K."""

_LEARN_FROM = 20_000
"""The commonest words, from which directions are learnt: they hold nearly all tokens, and rarer
ones' vectors are noise."""

_COLDEST, _HOTTEST = 1e-3, 1e2
"""Bounds of the temperature that is searched: below, every word has one topic; above, all alike."""


@one_blas_thread()
def from_vectors(
    vectors: WordVectors | ArrayLike,
    n_topics: int,
    method: Literal["cluster", "projection"] = "cluster",
    *,
    vocabulary: Any = None,
    missing: Literal["error", "uniform"] = "error",
    counts: Any = None,
    which: str = "input",
    temperature: float | None = None,
    random_state: Any = 0,
) -> NDArray[np.float64]:
    """Topics as distributions over terms, from word vectors.

    With u_w a word's vector, less the mean of all, at length one, and a direction a_k a topic::

        p(k | w) = softmax_k(u_w . a_k / temperature)             a distribution over topics
        p(w | k) = p(k | w) p(w) / sum_v p(k | v) p(v)            Bayes: over words, a topic

    The first line alone, which is what a softmax over topics gives, is no topic: it sums to one
    over the K topics of a word. The second makes it one.

    Parameters
    ----------
    vectors : WordVectors, or array of shape (V, E)
        An array has a row a term, in the order of the vocabulary.
    n_topics : int
        K, at most the number of words that have a vector.
    method : {"cluster", "projection"}
        ``"cluster"``: a_k are the centres of spherical k-means, weighted by p(w) (Dhillon & Modha
        2001; for topics Sia, Dalmia & Mielke, EMNLP 2020).
        ``"projection"``: the E x K matrix of all a_k, and a bias a topic, are learned from those
        centres on so as to maximise the mutual information I(w; k) = H(k) - H(k | w) (Krause,
        Perona & Gomes, NeurIPS 2010), which is large where a word leaves little doubt about its
        topic and no topic stays empty.
    vocabulary : Vocabulary, Corpus, or sequence of V str, optional
        The terms of the columns wanted. Words of ``vectors`` are matched to them by name. By
        default the words of ``vectors``, in their order.
    missing : {"error", "uniform"}
        What to do with terms that have no vector: refuse, or give every topic the same share of
        them, p(k | w) = 1 / K.
    counts : array of shape (V,), or counts of shape (D, V), optional
        How often each term occurs, for p(w). By default the vocabulary's counts where it has any,
        else those of ``vectors``, else p(w) = 1 / V.
    which : str
        Of a WordVectors, the vectors to use: a name of its ``combine``.
    temperature : float, optional
        Small: a word belongs to one topic; large: to all alike. By default the one at which the
        entropy of p(k | w), averaged over p(w) and the centres of k-means, is a quarter of log K.
    random_state : int, RandomState, Generator or None
        Seed of k-means.

    Returns
    -------
    float64 array of shape (K, V)
        Rows on the simplex. As the mean of a prior: :func:`prior`.

    Raises
    ------
    InputError
        If vectors are not finite, belong to another vocabulary (the message counts the missing
        words), are fewer than the topics, or a parameter is out of range.

    >>> vectors = [[1.0, 0.1], [1.0, -0.1], [-1.0, 0.1], [-1.0, -0.1]]
    >>> topics = from_vectors(vectors, 2, counts=[30, 10, 5, 5], temperature=0.1)
    >>> sorted(row.round(2).tolist() for row in topics)
    [[0.0, 0.0, 0.5, 0.5], [0.75, 0.25, 0.0, 0.0]]
    """
    _check_parameters(n_topics, method, missing, temperature)
    words = align(vectors, vocabulary, counts, which, missing)
    if n_topics > len(words.vectors):
        raise InputError(
            f"n_topics: {n_topics} topics from the vectors of {len(words.vectors)} words. "
            "Ask for fewer topics than words."
        )
    if n_topics == 1:
        return words.share[None, :].copy()
    share = words.share[words.found]
    weight = share / share.sum() if share.sum() > 0 else np.full(len(share), 1 / len(share))
    unit = unit_rows(words.vectors - weight @ words.vectors)
    learned = _learning_rows(weight)
    rng = np.random.default_rng([seed_from(random_state), 3])
    centers = spherical_k_means(unit[learned], weight[learned], n_topics, rng)
    if temperature is None:
        temperature = _temperature(unit[learned] @ centers.T, weight[learned])
    bias: Floats = np.zeros(n_topics)
    if method == "projection":
        centers, bias = most_informative(unit[learned], weight[learned], centers, temperature)
    return _topics(words, unit @ centers.T / temperature + bias)


def _topics(words: Words, logits: Floats) -> NDArray[np.float64]:
    """Bayes: p(w | k) from the logits of p(k | w) of the words that were found."""
    log_joint = np.full((logits.shape[1], len(words.share)), -np.log(logits.shape[1]))
    log_joint[:, words.found] = _log_softmax(logits.astype(np.float64)).T
    with np.errstate(divide="ignore"):
        log_joint += np.log(words.share)
    topics = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))
    return np.asarray(topics / topics.sum(axis=1, keepdims=True))


def _temperature(cosines: Floats, weight: Floats) -> float:
    """Where the weighted mean entropy of softmax(cosines / temperature) is SPREAD log K."""
    n_topics = cosines.shape[1]
    low, high = np.log(_COLDEST), np.log(_HOTTEST)
    for _ in range(30):
        middle = (low + high) / 2
        logs = _log_softmax(cosines.astype(np.float64) / np.exp(middle))
        entropy = -float(weight @ (np.exp(logs) * logs).sum(axis=1)) / float(weight.sum())
        low, high = (middle, high) if entropy < SPREAD * np.log(n_topics) else (low, middle)
    return float(np.exp((low + high) / 2))


def _log_softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = logits - logits.max(axis=1, keepdims=True)
    result: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result


def _learning_rows(weight: Floats) -> NDArray[np.int64]:
    """The most frequent words; the rest is placed by what is learned from them."""
    if len(weight) <= _LEARN_FROM:
        return np.arange(len(weight))
    return np.sort(np.argsort(-weight, kind="stable")[:_LEARN_FROM])


def _check_parameters(n_topics: Any, method: Any, missing: Any, temperature: Any) -> None:
    whole = isinstance(n_topics, int | np.integer) and not isinstance(n_topics, bool)
    if not whole or n_topics < 1:
        raise InputError(f"n_topics: {n_topics!r}. Give a whole number of at least 1.")
    if method not in ("cluster", "projection"):
        raise InputError(f'method: {method!r} is unknown. Pick "cluster" or "projection".')
    if missing not in ("error", "uniform"):
        raise InputError(f'missing: {missing!r} is unknown. Pick "error" or "uniform".')
    number = isinstance(temperature, int | float | np.number) and not isinstance(temperature, bool)
    if temperature is not None and not (number and 0 < temperature < np.inf):
        raise InputError(
            f"temperature: {temperature!r}. Give a positive number, such as 0.1, or None."
        )
