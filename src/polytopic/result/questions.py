"""Topics and documents that go with a query: words, or a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.counts import document_lengths
from polytopic.errors import InputError
from polytopic.result.record import Record
from polytopic.text.raw_texts import read_texts
from polytopic.text.vocabulary import Vocabulary

__all__ = ["THETA", "VECTORS", "WORDS", "Found", "find"]

THETA, VECTORS, WORDS = "theta", "vectors", "words"
"""How topics are compared with a query."""

_OWN_WORDS = 0.7
"""Weight of a document's own words beside its topics' (lambda; Wei & Croft 2006, section 5.2.2)."""

_SMOOTHING = 1_000.0
"""Pseudo-words of the corpus in each document (mu of Dirichlet smoothing, in the same place)."""

_TOPIC_TERMS = 50
"""Terms whose vectors say where a topic lies."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Found:
    """What goes with a query, best first.

    Attributes
    ----------
    query : str
    topics : list of (int, float)
        Topics with their scores: shares of the query that sum to one over all topics ("theta",
        "words"), or cosines ("vectors").
    documents : list of (int, float)
        Rows of documents with their scores: the probability of a word of the query in the document
        (geometric mean), or cosines.
    unknown : tuple of str
        Words of the query that nothing is known of; they had no part.
    by : {"theta", "vectors", "words"}
        Topics by the model's theta of the query, by word vectors, or by the mean of p(topic | word)
        over its words.
    labels : tuple of K str
        What topics are called: their names, or first words.
    """

    query: str
    topics: list[tuple[int, float]]
    documents: list[tuple[int, float]]
    unknown: tuple[str, ...]
    by: str
    labels: tuple[str, ...]

    def __repr__(self) -> str:
        topics = "; ".join(f"{k} {self.labels[k]} ({s:.2f})" for k, s in self.topics)
        rows = ", ".join(str(row) for row, _ in self.documents)
        lost = f", unknown: {', '.join(self.unknown)}" if self.unknown else ""
        return f"Found({self.query!r:.60} by {self.by}: topics {topics}; documents {rows}{lost})"


def find(
    record: Record,
    query: str,
    *,
    n_topics: int = 5,
    n_documents: int = 10,
    vectors: Any = None,
    by: str | None = None,
) -> Found:
    """The work of :meth:`TopicResult.find`."""
    _check(query, n_topics, n_documents, vectors, by)
    corpus = read_texts([query], record.vocabulary)
    counts = corpus.counts
    if vectors is not None and by in (None, VECTORS):
        return _by_vectors(record, query, vectors, n_topics, n_documents)
    unknown = tuple(word for word, _ in corpus.dropped.unseen_examples)
    if not counts.nnz:
        raise InputError(_nothing_known(unknown, record))
    theta = None if by == WORDS else _theta(record, query, counts)
    if by == THETA and theta is None:
        raise InputError(
            "by: theta of a query needs the model, which is not at hand, or reads more than words. "
            'Leave it out, or give by="words".'
        )
    scores = _topics_of_words(record, counts) if theta is None else theta
    return Found(
        query=query,
        topics=_best(scores, n_topics),
        documents=_best(_likelihoods(record, counts), n_documents, record.has_topic),
        unknown=unknown,
        by=WORDS if theta is None else THETA,
        labels=record.labels_of_topics(),
    )


def _check(query: Any, n_topics: Any, n_documents: Any, vectors: Any, by: Any) -> None:
    if not isinstance(query, str):
        raise InputError(f"query: is of type {type(query).__name__}. Give words or a text, a str.")
    if not query.strip():
        raise InputError("query: is empty. Give a word or more.")
    for name, value in (("n_topics", n_topics), ("n_documents", n_documents)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
            raise InputError(f"{name}: is {value!r:.40}. Give a whole number, 0 or more.")
    if by not in (None, THETA, VECTORS, WORDS):
        raise InputError(f'by: is {by!r:.40}. Give "theta", "vectors" or "words", or leave it out.')
    if by == VECTORS and vectors is None:
        raise InputError("vectors: are missing. Give WordVectors, or leave by out.")
    if vectors is not None and not (hasattr(vectors, "vocabulary") and hasattr(vectors, "input")):
        raise InputError(
            f"vectors: are of type {type(vectors).__name__}. Give WordVectors, such as "
            "SkipGram().fit(corpus).vectors_ or WordVectors.load(path)."
        )


def _nothing_known(unknown: Sequence[str], record: Record) -> str:
    import difflib

    if not unknown:
        return "query: holds stop words or no words only. Give a word that says what it is about."
    near = [difflib.get_close_matches(word, record.vocabulary.terms, n=2) for word in unknown]
    close = ", ".join(dict.fromkeys(word for words in near for word in words))
    return (
        f"query: none of its words is in the vocabulary: {', '.join(unknown)}. "
        + (f"Close to them: {close}. " if close else "")
        + "Ask with other words, or give word vectors that know them (vectors=)."
    )


def _theta(record: Record, query: str, counts: sparse.csr_matrix) -> NDArray[np.float32] | None:
    """By the model at hand; one that reads more than words needs its encoder for that."""
    model = record.model_at_hand()
    if model is None:
        return None
    if record.beside_counts:
        encoded = getattr(model, "encoder", None) is not None
        return np.asarray(model.transform([query])[0]) if encoded else None
    try:
        theta: NDArray[np.float32] = model.transform(counts)[0]
    except InputError:  # it reads something beside counts
        return None
    return theta


def _topics_of_words(record: Record, counts: sparse.csr_matrix) -> NDArray[np.float64]:
    """Mean of p(topic | word) over the words of (1, V) counts, shape (K,)."""
    joint = record.topic_word[:, counts.indices] * record.topic_sizes[:, None]
    totals = joint.sum(axis=0)
    shares = np.where(totals > 0, joint / np.where(totals > 0, totals, 1.0), 0.0)
    found = shares @ (counts.data / counts.data.sum())
    return np.asarray(found / max(found.sum(), 1e-300))


def _likelihoods(record: Record, counts: sparse.csr_matrix) -> NDArray[np.float64]:
    """p(word | document) of a query's words, their geometric mean, shape (D,).

    The document model of Wei & Croft (SIGIR 2006, eq. 6): words by topics, sum_k theta_k phi_kw,
    beside the document's own words smoothed by the corpus's, (n_dw + mu p_w) / (n_d + mu).
    """
    terms, weights = counts.indices, counts.data / counts.data.sum()
    totals = np.asarray(record.counts.sum(axis=0), dtype=np.float64).ravel()
    base = (totals[terms] + 1.0) / (totals.sum() + len(totals))
    lengths = document_lengths(record.counts)
    logs = np.zeros(record.n_documents)
    columns = record.counts[:, terms].tocsc()
    for place, (weight, rate) in enumerate(zip(weights, base, strict=True)):
        own = np.full(record.n_documents, _SMOOTHING * rate)
        held = slice(columns.indptr[place], columns.indptr[place + 1])
        own[columns.indices[held]] += columns.data[held]
        own /= lengths + _SMOOTHING
        by_topics = record.doc_topic @ record.topic_word[:, terms[place]]
        logs += weight * np.log(_OWN_WORDS * own + (1.0 - _OWN_WORDS) * by_topics)
    return np.exp(logs)


# ---- by word vectors -----------------------------------------------------------------------------


def _by_vectors(record: Record, query: str, vectors: Any, n_topics: int, n_documents: int) -> Found:
    """Cosines of the query's mean vector with those of topics and documents."""
    known: Vocabulary = vectors.vocabulary
    rules = record.vocabulary.rules
    corpus = read_texts([query], Vocabulary(known.terms, rules=rules))
    counts = corpus.counts
    unknown = tuple(word for word, _ in corpus.dropped.unseen_examples)
    if not counts.nnz:
        named = f": {', '.join(unknown)}" if unknown else ""
        raise InputError(
            f"query: none of its words has a vector{named}. Ask with other words, or give vectors "
            "that know them."
        )
    asked = _unit(counts.data @ vectors.input[counts.indices])
    columns = known.columns(record.vocabulary.terms)
    held = np.where((columns >= 0)[:, None], vectors.input[np.maximum(columns, 0)], 0.0)
    unit = _unit(held).astype(np.float32)
    topics = _unit(_leading(record.topic_word) @ unit) @ asked
    documents = _unit(_rare_first(record.counts) @ unit) @ asked
    return Found(
        query=query,
        topics=_best(topics, n_topics),
        documents=_best(documents, n_documents, record.has_topic),
        unknown=unknown,
        by=VECTORS,
        labels=record.labels_of_topics(),
    )


def _leading(topic_word: NDArray[Any]) -> NDArray[Any]:
    """p(term | topic) with all but the most probable terms of each topic at zero, (K, V)."""
    n = min(_TOPIC_TERMS, topic_word.shape[1])
    least = np.sort(topic_word, axis=1)[:, -n][:, None]
    return np.where(topic_word >= least, topic_word, 0.0)


def _rare_first(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """ln(1 + count) times the terms' inverse document frequencies."""
    documents = np.bincount(counts.indices, minlength=counts.shape[1])
    weights = np.log((1.0 + counts.shape[0]) / (1.0 + documents)).astype(np.float32)
    data = np.log1p(counts.data).astype(np.float32) * weights[counts.indices]
    return sparse.csr_matrix((data, counts.indices, counts.indptr), shape=counts.shape)


def _unit(rows: NDArray[Any]) -> NDArray[np.float64]:
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), dtype=np.float64)


# ---- both ----------------------------------------------------------------------------------------


def _best(
    scores: NDArray[Any], n: int, among: NDArray[np.bool_] | None = None
) -> list[tuple[int, float]]:
    """The ``n`` largest, the first of equals; ``among`` those of a mask."""
    rows = np.arange(len(scores)) if among is None else np.flatnonzero(among)
    values = np.asarray(scores)[rows]
    if 0 < n < len(rows):
        cut = np.partition(values, len(values) - n)[len(values) - n]
        rows, values = rows[values >= cut], values[values >= cut]
    order = np.argsort(-values, kind="stable")[:n]
    return [(int(rows[place]), float(values[place])) for place in order]
