"""Coherence and diversity by vectors of words: how alike the top words of one topic are, and how
unlike those of different ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.metrics.inputs import distinct, top_terms
from polytopic.metrics.word_space import unit_vectors

__all__ = ["embedding_coherence", "embedding_diversity"]


def embedding_coherence(
    topics: Any, vectors: Any, *, n: int = 10, vocabulary: Any = None, per_topic: bool = False
) -> Any:
    """Mean cosine of the vectors of a topic's top words, over pairs, then over topics.

    Parameters
    ----------
    topics : K lists of words, array of shape (K, V), or TopicResult or fitted model
    vectors : WordVectors, mapping, array of shape (V, E), or callable from words to vectors
        Best from outside the corpus. An array has a row a term of ``vocabulary``; a callable takes
        a list of words and returns a row for each.
    n : int
        Top words of a topic that are used.
    vocabulary : Vocabulary or sequence of V str, optional
        Terms in column order, of an array of topics or of vectors.
    per_topic : bool
        Return one value a topic; NaN where fewer than two of its words have a vector.

    Returns
    -------
    float, or float64 array of shape (K,)
        In [-1, 1]. Words without a vector are left out.

    Raises
    ------
    InputError
        If no topic has two words with vectors, vectors hold NaN, or have not a row a word.

    Notes
    -----
    Ding, Nallapati & Xiang (EMNLP 2018), who take word2vec and GloVe.

    >>> vectors = {"cell": [1.0, 0.0], "gene": [1.0, 0.0], "star": [0.0, 1.0]}
    >>> round(embedding_coherence([["cell", "gene"], ["cell", "star"]], vectors, n=2), 6)
    0.5
    """
    units = _of_topics(topics, vectors, n, vocabulary)
    known = np.linalg.norm(units, axis=2) > 0
    sizes = known.sum(axis=1)
    sums = (np.square(units.sum(axis=1)).sum(axis=1) - sizes) / 2
    pairs = sizes * (sizes - 1) / 2
    values = np.divide(sums, pairs, out=np.full(len(sums), np.nan), where=pairs > 0)
    if np.isnan(values).all():
        raise InputError(
            "vectors: no topic has two words with vectors. Pass vectors of more words, spelt as "
            "the topics' are."
        )
    values = np.clip(values, -1.0, 1.0)
    return values if per_topic else float(np.nanmean(values))


def embedding_diversity(
    topics: Any, vectors: Any, *, n: int = 10, vocabulary: Any = None, per_topic: bool = False
) -> Any:
    """One minus the mean cosine between the centroids of different topics' top words.

    Unlike :func:`diversity` it sees that "car" and "automobile" are no two subjects. The measures
    of words are to be read beside it: vectors of one language are all somewhat alike, so that its
    height depends on the vectors.

    Parameters
    ----------
    topics, vectors, n, vocabulary
        As in :func:`embedding_coherence`; at least two topics.
    per_topic : bool
        Return one value a topic: one minus its mean cosine with the others.

    Returns
    -------
    float, or float64 array of shape (K,)
        In [0, 2]; 1 where topics are at right angles.

    Raises
    ------
    InputError
        As :func:`embedding_coherence`; also if fewer than two topics have words with vectors.

    Notes
    -----
    Terragni, Fersini & Messina (NLDB 2021), "word embedding-based centroid similarity".

    >>> vectors = {"cell": [1.0, 0.0], "gene": [1.0, 0.0], "star": [0.0, 1.0], "moon": [0.0, 1.0]}
    >>> round(embedding_diversity([["cell", "gene"], ["star", "moon"]], vectors, n=2), 6)
    1.0
    """
    centres = _of_topics(topics, vectors, n, vocabulary).sum(axis=1)
    lengths = np.linalg.norm(centres, axis=1)
    placed = lengths > 0
    if placed.sum() < 2:
        raise InputError(
            "vectors: fewer than two topics have words with vectors. Diversity needs two of them."
        )
    units = centres[placed] / lengths[placed, None]
    cosines = units @ (units.sum(axis=0) - units).T
    values = np.full(len(centres), np.nan)
    values[placed] = np.clip(1.0 - np.diagonal(cosines) / (placed.sum() - 1), 0.0, 2.0)
    return values if per_topic else float(np.nanmean(values))


def _of_topics(topics: Any, vectors: Any, n: int, vocabulary: Any) -> NDArray[np.float64]:
    """The unit vectors of the top words, shape (K, n, E)."""
    if vocabulary is None:
        vocabulary = getattr(topics, "vocabulary", None)
    listed = top_terms(topics, n, vocabulary)
    words = distinct(listed)
    units = unit_vectors(words, vectors, vocabulary=vocabulary)
    place = {word: index for index, word in enumerate(words)}
    places = np.array([[place[word] for word in topic] for topic in listed])
    return np.asarray(units[places])
