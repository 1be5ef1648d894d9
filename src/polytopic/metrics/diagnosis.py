"""Collapse: topics that are dead, duplicates of each other, or say nothing of the documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from polytopic import simplex
from polytopic.counts import document_lengths
from polytopic.errors import InputError
from polytopic.metrics.diagnosis_record import Collapse
from polytopic.metrics.inputs import counts_of, terms_of, top_columns
from polytopic.metrics.stop_words import everywhere, in_list
from polytopic.metrics.strange_words import foreign_topics, placeholder_topics
from polytopic.text.columns import held

__all__ = ["Limits", "collapse", "diagnose"]

BLOCK = 8192
"""Documents read at once."""

_MOST_PAIRS = 10_000
"""Pairs of near-duplicates that are listed; a collapse of thousands of topics has millions."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What topics are judged by; :func:`collapse` says what each means.

    Raises
    ------
    InputError
        If a share lies outside [0, 1], or ``lift`` below 1.
    """

    # Conventions of this package; :func:`collapse` says what each means.
    n: int = 10
    dead_share: float = 0.0
    overlap: float = 0.7
    cosine: float = 0.9
    stop_share: float = 0.5
    frequent: float = 0.2
    background: float = 0.1
    uniform_entropy: float = 0.98
    uniform_documents: float = 0.5
    lift: float = 1.5

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if name not in ("n", "lift") and not 0 <= value <= 1:
                raise InputError(f"{name}: is {value!r}. Pass a share between 0 and 1.")
        if not (np.isfinite(self.lift) and self.lift >= 1):
            raise InputError(f"lift: is {self.lift!r}. Pass a number of at least 1.")


def collapse(
    topic_word: Any,
    doc_topic: ArrayLike | None = None,
    *,
    counts: Any = None,
    vocabulary: Any = None,
    stop_words: str | Iterable[str] | None = None,
    n: int = Limits.n,
    dead_share: float = Limits.dead_share,
    overlap: float = Limits.overlap,
    cosine: float = Limits.cosine,
    stop_share: float = Limits.stop_share,
    frequent: float = Limits.frequent,
    lift: float = Limits.lift,
    background: float = Limits.background,
    uniform_entropy: float = Limits.uniform_entropy,
    uniform_documents: float = Limits.uniform_documents,
) -> Collapse:
    """Find what has gone wrong with a topic model's topics.

    Parameters
    ----------
    topic_word : TopicResult, or array of shape (K, V)
        p(term | topic), rows on the simplex. A TopicResult brings doc_topic, counts and vocabulary.
    doc_topic : array of shape (D, K), optional
        Topic proportions, rows on the simplex. Without it dead topics, sizes and uniform documents
        are not known (None).
    counts : Corpus, or counts of shape (D, V), optional
        Weighs topic sizes by tokens, leaves documents without words aside, and gives the corpus's
        own term frequencies. A Corpus brings its vocabulary.
    vocabulary : Vocabulary or sequence of V str, optional
    stop_words : iterable of str, or name of a language ("en", "english"), optional
        Without it, terms take their place that stand in at least ``frequent`` of the documents,
        and in the topic's documents hardly more often than in all (see ``lift``), as long as
        frequent ones are at most 5 % of the vocabulary (else stop-word topics are not known).
    n : int
        Top words compared; at most half of the vocabulary, since the rest is shared by necessity.
    dead_share : float
        A topic is dead if it is the largest of no document, or its size is below this share.
    overlap, cosine : float
        Two topics are near-duplicates if they share at least ``overlap`` of their top words, or
        the cosine of their rows exceeds ``cosine``. (A convention of this package.)
    stop_share : float
        A stop-word topic has at least this share of stop words among its top words; so has one of
        placeholders (``[UNK]``, ``__num__``; or this share of the words' probability) and one of
        another language.
    frequent : float
        Share of documents, see ``stop_words``.
    lift : float
        A frequent word is a topic's own if it makes up at least so many times as much of the
        topic's documents (theta as weights) as of all; at least 1. (A convention of this package:
        on texts with their stop words these stay below 1.5, subjects above.)
    background : float
        A background topic lies closer than this to the corpus's term frequencies, in
        Jensen-Shannon divergence (bits, 0 to 1).
    uniform_entropy : float
        A document is uniform if the entropy of its theta exceeds this share of ln K.
    uniform_documents : float
        Largest share of uniform documents that counts as healthy.

    Returns
    -------
    Collapse
        Topics are numbered from 0, as the rows of topic_word.

    Raises
    ------
    InputError
        If topic_word or doc_topic leave the simplex, shapes disagree, a threshold lies outside
        [0, 1], or stop_words are given and no vocabulary.

    Notes
    -----
    The effective number of topics is the exponential of the entropy of their sizes (the Hill
    number of order 1; Jost, Oikos 2006).

    >>> found = collapse(np.array([[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.0, 0.1, 0.9]]))
    >>> found.duplicate_groups, found.ok
    (((0, 1),), False)
    """
    if hasattr(topic_word, "topic_word"):
        result = topic_word
        topic_word = result.topic_word
        doc_topic = result.doc_topic if doc_topic is None else doc_topic
        counts = result.counts if counts is None else counts
        vocabulary = result.vocabulary if vocabulary is None else vocabulary
    limits = Limits(
        n=n,
        dead_share=dead_share,
        overlap=overlap,
        cosine=cosine,
        stop_share=stop_share,
        frequent=frequent,
        background=background,
        uniform_entropy=uniform_entropy,
        uniform_documents=uniform_documents,
        lift=lift,
    )
    beta = simplex.check_distribution(topic_word, "topic_word")
    terms = terms_of(held(counts, "vocabulary") if vocabulary is None else vocabulary)
    matrix = None if counts is None else counts_of(counts)
    theta = None if doc_topic is None else simplex.check_distribution(doc_topic, "doc_topic")
    return diagnose(beta, theta, matrix, terms, limits, stop_words)


def diagnose(
    beta: NDArray[Any],
    theta: NDArray[Any] | None,
    counts: sparse.csr_matrix | None,
    terms: Sequence[str] | None,
    limits: Limits | None = None,
    stop_words: str | Iterable[str] | None = None,
) -> Collapse:
    """:func:`collapse` of distributions that are checked already, beta (K, V) and theta (D, K).

    Raises
    ------
    InputError
        If shapes disagree, or stop_words are given and no terms.
    """
    limits = limits or Limits()
    _refuse_misfits(beta, theta, counts, terms)
    top = _top(beta, limits.n)
    seen = None if theta is None else _read_documents(theta, counts, limits.uniform_entropy)
    dead = None if seen is None else (seen.mains == 0) | (seen.shares < limits.dead_share)
    pairs, groups = _duplicates(beta, top, limits.overlap, limits.cosine)
    stops = None if stop_words is None else in_list(terms, stop_words)
    strange = _strange_topics(beta, counts, terms, top, limits)
    return Collapse(
        n_topics=beta.shape[0],
        n_documents=None if theta is None else theta.shape[0],
        dead=None if dead is None else _indices(dead),
        duplicate_pairs=pairs,
        duplicate_groups=groups,
        duplicate_words=_shared_words(top, groups, terms),
        effective_topics=None if seen is None else _effective(seen.shares),
        stop_word_topics=_stop_word_topics(beta, theta, counts, top, stops, limits),
        background_topics=_background_topics(beta, counts, limits.background),
        share_uniform=None if seen is None else seen.share_uniform,
        **strange,
        thresholds=asdict(limits) | {"n": top.shape[1]},
    )


def _refuse_misfits(
    beta: NDArray[Any],
    theta: NDArray[Any] | None,
    counts: sparse.csr_matrix | None,
    terms: Sequence[str] | None,
) -> None:
    if beta.ndim != 2:
        raise InputError(f"topic_word: shape {beta.shape}. Pass shape (n_topics, n_terms).")
    if terms is not None and len(terms) != beta.shape[1]:
        raise InputError(
            f"vocabulary: has {len(terms)} terms, topic_word has {beta.shape[1]} columns. "
            "Pass the vocabulary the model was fitted with."
        )
    if counts is not None and counts.shape[1] != beta.shape[1]:
        raise InputError(
            f"counts: have {counts.shape[1]} columns, topic_word has {beta.shape[1]}. "
            "Pass the counts the model was fitted on."
        )
    if theta is None:
        return
    documents = theta.shape[0] if counts is None else counts.shape[0]
    if theta.shape != (documents, beta.shape[0]) or documents == 0:
        raise InputError(
            f"doc_topic: shape {theta.shape}, expected {(documents, beta.shape[0])}. "
            "Pass what transform(counts) returned."
        )


def _top(beta: NDArray[Any], n: int) -> NDArray[np.int64]:
    if n < 1:
        raise InputError(f"n: is {n!r}. Compare at least the first word of each topic.")
    return np.array(top_columns(beta, max(1, min(n, beta.shape[1] // 2))), dtype=np.int64)


@dataclass(frozen=True)
class _Documents:
    """What theta says: ``mains`` and ``shares``, one entry a topic: in how many documents it is the
    largest, and its size; and the share of documents that are uniform."""

    mains: NDArray[np.int64]
    shares: NDArray[np.float64]
    share_uniform: float


def _read_documents(
    theta: NDArray[np.floating[Any]], counts: sparse.csr_matrix | None, uniform_entropy: float
) -> _Documents:
    n_documents, n_topics = theta.shape
    weights = np.ones(n_documents)  # tokens of each document, where they are known
    if counts is not None and counts.sum() > 0:
        weights = document_lengths(counts)
    mains, sizes = np.zeros(n_topics, dtype=np.int64), np.zeros(n_topics)
    uniform = 0
    for start in range(0, n_documents, BLOCK):
        weight = weights[start : start + BLOCK]
        rows = theta[start : start + BLOCK][weight > 0].astype(np.float64)
        mains += np.bincount(rows.argmax(axis=1), minlength=n_topics)
        sizes += weight[weight > 0] @ rows
        entropy = -(rows * np.log(np.where(rows > 0, rows, 1.0))).sum(axis=1)
        uniform += int((entropy > uniform_entropy * np.log(n_topics)).sum())
    share_uniform = uniform / int((weights > 0).sum()) if n_topics > 1 else 0.0
    return _Documents(mains, sizes / sizes.sum(), share_uniform)


def _effective(shares: NDArray[np.float64]) -> float:
    positive = shares[shares > 0]
    return float(np.exp(-(positive * np.log(positive)).sum()))


def _duplicates(
    beta: NDArray[Any], top: NDArray[Any], overlap: float, cosine: float
) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, ...], ...]]:
    n_topics, n = top.shape
    rows = np.repeat(np.arange(n_topics), n)
    listed = sparse.csr_matrix((np.ones(top.size), (rows, top.ravel())), shape=beta.shape)
    shared = (listed @ listed.T).toarray()
    unit = beta / np.linalg.norm(beta, axis=1, keepdims=True)
    alike = np.triu((shared >= overlap * n - 1e-9) | (unit @ unit.T > cosine), 1)
    _, labels = connected_components(sparse.csr_matrix(alike), directed=False)
    sizes = np.bincount(labels)
    groups = tuple(_indices(labels == label) for label in np.flatnonzero(sizes > 1))
    pairs = np.argwhere(alike)[:_MOST_PAIRS].tolist()
    return tuple((a, b) for a, b in pairs), groups


def _shared_words(
    top: NDArray[Any], groups: tuple[tuple[int, ...], ...], terms: Sequence[str] | None
) -> tuple[tuple[str, ...], ...]:
    """The words that most of a group's topics list, commonest first, at most five."""
    if terms is None:
        return ()
    found = []
    for group in groups:
        uses = Counter(top[list(group)].ravel().tolist())
        common = [column for column, count in uses.most_common(5) if count > 1]
        found.append(tuple(str(terms[column]) for column in common))
    return tuple(found)


def _stop_word_topics(
    beta: NDArray[Any],
    theta: NDArray[Any] | None,
    counts: sparse.csr_matrix | None,
    top: NDArray[np.int64],
    stops: NDArray[np.bool_] | None,
    limits: Limits,
) -> tuple[int, ...] | None:
    """``stops``: which terms are stop words; else the documents tell."""
    found = None if stops is None else stops[top]
    if found is None and counts is not None:
        found = everywhere(beta, theta, counts, top, frequent=limits.frequent, lift=limits.lift)
    if found is None:
        return None
    return _indices(found.mean(axis=1) >= max(limits.stop_share, 1e-9))


def _strange_topics(
    beta: NDArray[Any],
    counts: sparse.csr_matrix | None,
    terms: Sequence[str] | None,
    top: NDArray[np.int64],
    limits: Limits,
) -> dict[str, Any]:
    """What the spelling of the terms tells, by name of the entry of the record."""
    if terms is None:
        return {}
    share = max(limits.stop_share, 1e-9)
    topics, words = placeholder_topics(beta, terms, top, share)
    found: dict[str, Any] = {"placeholder_topics": topics, "placeholders": words}
    if counts is not None and counts.sum() > 0:
        foreign, languages = foreign_topics(terms, counts, top, share)
        found |= {"foreign_topics": foreign, "foreign_languages": languages}
    return found


def _background_topics(
    beta: NDArray[Any], counts: sparse.csr_matrix | None, threshold: float
) -> tuple[int, ...] | None:
    if counts is None or counts.sum() == 0 or beta.shape[0] == 1:
        return None
    totals = np.asarray(counts.sum(axis=0, dtype=np.float64)).ravel()
    corpus = totals / totals.sum()
    distances = [_jensen_shannon(row.astype(np.float64), corpus) for row in beta]
    return _indices(np.array(distances) < threshold)


def _jensen_shannon(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    """Jensen-Shannon divergence in bits, between 0 and 1."""
    middle = (p + q) / 2
    halves = (side[side > 0] @ np.log2(side[side > 0] / middle[side > 0]) for side in (p, q))
    return float(sum(halves) / 2)


def _indices(mask: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(int(index) for index in np.flatnonzero(mask))
