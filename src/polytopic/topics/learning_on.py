"""Fitted topic models that learn from more documents: topics keep their numbers."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.errors import InputError
from polytopic.text import Vocabulary
from polytopic.topics.asking import Asking

__all__ = [
    "LearnsOn",
    "add_counts",
    "expected_tokens",
    "refuse_nothing_known",
    "shares_of_frequencies",
]

_PASSES = 2
"""Of inference and counting: topics of one pass are what the next infers by."""

_EM_PASSES = 50
_PAIRS = 1 << 18
"""Observed pairs that are looked at together."""


class LearnsOn(Asking):
    """What lets a fitted model learn from more documents."""

    history_: list[dict[str, float]]
    notes_: dict[str, Any]
    diagnosis_: Any
    n_features_in_: int

    def learned_from(
        self,
        X: Any,
        *,
        topic_tokens: NDArray[Any] | None = None,
        memory: float = 1.0,
        words: tuple[list[str], sparse.csr_matrix] | None = None,
    ) -> Self:
        """A copy that has learned from more documents; topics keep their numbers and names.

        Models with ``partial_fit`` go on by it. Of the others, and of NTM besides, the old topics
        are the prior of the new ones, as in streaming variational Bayes (Broderick et al., NeurIPS
        2013):

            phi_kv  proportional to  memory N_k phi_kv + n_kv

        with N_k the tokens that the topic had, and n_kv those it has in the new documents, two
        passes of inference and counting. :func:`polytopic.update` calls it and tells what changed.

        Parameters
        ----------
        X : Corpus, counts of shape (D, V), or raw texts
        topic_tokens : array of shape (K,), optional
            N; by default what the vocabulary's frequencies say.
        memory : float
            Weight of the old documents' tokens.
        words : (list of n str, CSR counts of shape (D, n)), optional
            New terms and their counts, which models that can take on.

        Raises
        ------
        InputError
            If the documents cannot be used, or ``memory`` is no positive number.
        """
        self._require_fitted("topic_word_")
        if isinstance(memory, bool) or not isinstance(memory, int | float) or not memory > 0:
            raise InputError(f"memory: is {memory!r:.40}. It must be a number above 0.")
        model: Any = deepcopy(self)
        counts = model._checked(X, reset=False)
        refuse_nothing_known(counts)
        model._learn_from(counts, topic_tokens, memory, words)
        return model  # type: ignore[no-any-return]

    def _learn_from(
        self,
        counts: sparse.csr_matrix,
        topic_tokens: NDArray[Any] | None,
        memory: float,
        words: tuple[list[str], sparse.csr_matrix] | None,
    ) -> None:
        """The work of :meth:`learned_from` on checked counts; the model itself changes."""
        going_on = getattr(self, "partial_fit", None)
        if going_on is None:
            add_counts(self, counts, topic_tokens, memory, words)
        else:
            going_on(counts)

    def count_on(self, counts: sparse.csr_matrix) -> None:
        """Add documents to the frequencies and notes, and look for collapse on them."""
        old, tokens = self.vocabulary_, np.asarray(counts.sum(axis=0, dtype=np.float64)).ravel()
        documents = np.bincount(counts.indices, minlength=counts.shape[1])
        self.vocabulary_ = Vocabulary(
            old.terms,
            old.counts + tokens.astype(np.int64),
            old.document_counts + documents,
            old.rules,
        )
        seen = {"documents": counts.shape[0], "tokens": int(tokens.sum())}
        self.notes_ = {
            **self.notes_,
            **{n: int(self.notes_.get(n, 0)) + v for n, v in seen.items()},
        }
        self.diagnosis_ = self._quality(counts).diagnosis

    def _quality(self, counts: sparse.csr_matrix) -> Any:
        """What is known of the topics in documents."""
        raise NotImplementedError

    def _takes_on_words(self) -> bool:
        """Whether terms can be added to the fitted model."""
        return False

    def _evidence(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        """What topics are made of, as much a document in all as its counts: these themselves, or
        what a model weighs them by."""
        return counts

    def _take_on_weights(self, n_terms: int) -> None:
        """Weigh so many new terms, in models that weigh terms."""

    def _everyones(self) -> tuple[float, NDArray[Any] | None]:
        """Weight and rates, (V,), of the background beside the topics; (0, None) for none."""
        return 0.0, None

    def _held_topics(self) -> int:
        """How many of the first topics stay as they are."""
        return 0


def refuse_nothing_known(counts: sparse.csr_matrix) -> None:
    """Raise InputError if no document holds a term."""
    if not counts.nnz:
        raise InputError("corpus: no document holds a known term; there is nothing to learn.")


def add_counts(
    model: Any,
    counts: sparse.csr_matrix,
    topic_tokens: NDArray[Any] | None = None,
    memory: float = 1.0,
    words: tuple[list[str], sparse.csr_matrix] | None = None,
) -> None:
    """Set in a model the topics of the old and the new documents; arguments as learned_from's."""
    before = model.topic_word_
    if topic_tokens is None:
        shares = shares_of_frequencies(before, model.vocabulary_.counts)
        topic_tokens = shares * model.vocabulary_.counts.sum()
    tokens = memory * np.asarray(topic_tokens, dtype=np.float64)
    prior = tokens[:, None] * before.astype(np.float64)
    held, evidence = model._held_topics(), model._evidence(counts)
    for _ in range(_PASSES):
        theta = model._infer(counts)
        found = expected_tokens(evidence, theta, model.topic_word_, *model._everyones())
        topics = found + prior * (found.sum() / counts.sum())
        topics /= topics.sum(axis=1, keepdims=True)
        topics[held:] = np.where(np.isfinite(topics[held:]), topics[held:], before[held:])
        topics[:held] = before[:held]
        model.topic_word_ = topics.astype(np.float32)
    if words is not None and words[0] and model._takes_on_words():
        totals = tokens + theta.T.astype(np.float64) @ np.asarray(counts.sum(axis=1)).ravel()
        _take_on(model, theta, totals, *words)
        counts = sparse.hstack([counts, words[1]], format="csr").astype(np.float32)
    model.count_on(counts)


def _take_on(
    model: Any,
    theta: NDArray[np.float32],
    totals: NDArray[np.float64],
    terms: list[str],
    counts: sparse.csr_matrix,
) -> None:
    """Columns for new terms: their tokens go to the topics of the documents they stand in."""
    own = (counts.T @ theta).T.astype(np.float64) + float(model.eta_)
    topics = np.hstack([model.topic_word_ * totals[:, None], own])
    topics /= topics.sum(axis=1, keepdims=True)
    old = model.vocabulary_
    nothing = np.zeros(len(terms), dtype=np.int64)
    model.vocabulary_ = Vocabulary(
        [*old.terms, *terms],
        np.concatenate([old.counts, nothing]),
        np.concatenate([old.document_counts, nothing]),
        old.rules,
    )
    model.topic_word_ = topics.astype(np.float32)
    model._take_on_weights(len(terms))
    model.n_features_in_ = topics.shape[1]


def expected_tokens(
    counts: sparse.csr_matrix,
    theta: NDArray[Any],
    topic_word: NDArray[Any],
    weight: float = 0.0,
    rates: NDArray[Any] | None = None,
) -> NDArray[np.float64]:
    """n_kv = sum_d c_dv theta_dk phi_kv / sum_j theta_dj phi_jv, shape (K, V).

    How many tokens of each term each topic accounts for; nothing of size D x V is made. With a
    background of a ``weight`` w and ``rates`` p, (V,), it has its part of them: w p_v stands beside
    (1 - w) sum_j theta_dj phi_jv.

    >>> counts = sparse.csr_matrix([[4, 2]])
    >>> expected_tokens(counts, np.array([[0.5, 0.5]]), np.array([[1.0, 0.0], [0.0, 1.0]])).tolist()
    [[4.0, 0.0], [0.0, 2.0]]
    """
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    by_term = np.ascontiguousarray(topic_word.T)
    weights = np.empty(counts.nnz, dtype=np.float32)
    for start in range(0, counts.nnz, _PAIRS):
        block = slice(start, start + _PAIRS)
        p = np.einsum("ik,ik->i", theta[rows[block]], by_term[counts.indices[block]])
        if rates is not None:
            p = p + weight / (1.0 - weight) * rates[counts.indices[block]]
        weights[block] = counts.data[block] / np.maximum(p, 1e-30)
    pairs = sparse.csr_matrix((weights, counts.indices, counts.indptr), shape=counts.shape)
    found = (pairs.T @ np.asarray(theta, dtype=np.float32)).T
    return np.asarray(found * topic_word, dtype=np.float64)


def shares_of_frequencies(
    topic_word: NDArray[Any], frequencies: NDArray[Any]
) -> NDArray[np.float64]:
    """The mixture of topics that makes the terms' frequencies likeliest, shape (K,), by EM.

    >>> shares_of_frequencies(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([3, 1])).tolist()
    [0.75, 0.25]
    """
    n_topics = len(topic_word)
    shares = np.full(n_topics, 1.0 / n_topics)
    total = float(frequencies.sum())
    if total == 0:
        return shares
    topics = topic_word.astype(np.float64)
    for _ in range(_EM_PASSES):
        mixed = np.maximum(shares @ topics, 1e-30)
        shares = shares * (topics @ (frequencies / mixed)) / total
    return np.asarray(shares / shares.sum())
