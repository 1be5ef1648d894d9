"""Every metric that can be computed from what is at hand."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic import simplex
from polytopic.counts import holds_terms
from polytopic.errors import InputError, UnseenTermsWarning
from polytopic.metrics.clusters import nmi, purity
from polytopic.metrics.coherence import c_v, npmi, uci, umass
from polytopic.metrics.completion import perplexity
from polytopic.metrics.diagnosis import diagnose
from polytopic.metrics.inputs import counts_of, has_order, terms_of
from polytopic.metrics.probabilities import unseen_words
from polytopic.metrics.topic_diversity import diversity, diversity_once, inverted_rbo
from polytopic.text.columns import column_names, each_list, held
from polytopic.text.values import as_column, missing

__all__ = ["evaluate"]


def evaluate(
    fitted: Any,
    documents: Any = None,
    *,
    held_out: Any = None,
    reference: Any = None,
    labels: Any = None,
    held_out_labels: Any = None,
    stop_words: Any = None,
    random_state: Any = 0,
) -> dict[str, float | int | bool | None]:
    """Every metric that can be computed, by name; what cannot is None.

    Parameters
    ----------
    fitted : TopicResult or fitted model
        A TopicResult brings its documents, doc_topic and labels; it cannot infer, so perplexity
        and the held-out clusters need the model.
    documents : Corpus or counts of shape (D, V), optional
        The training documents. C_V and UCI need a Corpus, which has the order of the words.
    held_out : Corpus or counts, optional
        Documents the model was not trained on, in columns of the same vocabulary.
    reference : Corpus or lists of tokens, optional
        Another text to judge coherence by, such as a Wikipedia.
    labels, held_out_labels : labels of the documents, optional
        By default those of ``documents`` and ``held_out``, where they have any. Documents without
        a label (None, NaN), or without a term, which have no topic, are left out.
    stop_words, random_state
        As in :func:`collapse` and :func:`perplexity`.

    Returns
    -------
    dict
        JSON-ready. ``npmi``, ``c_v``, ``uci``, ``umass`` (top 10 words, training documents),
        ``npmi_held_out``, ``npmi_reference``, ``c_v_reference``, ``uci_reference``,
        ``unseen_terms_held_out`` and ``unseen_terms_reference`` (top words those texts lack),
        ``diversity`` (top 25), ``diversity_once`` (top 15), ``inverted_rbo`` (top 10), ``purity``,
        ``nmi``, ``purity_held_out``, ``nmi_held_out``, ``perplexity`` (held out), and from
        :func:`collapse`: ``dead_topics``, ``duplicate_pairs``, ``share_duplicates``,
        ``stop_word_topics``, ``background_topics`` (numbers of topics), ``effective_topics``,
        ``share_uniform``, ``collapse_ok``.

    Raises
    ------
    InputError
        If an input that was given cannot be used.
    """
    known = _known(fitted, documents)
    topic_word, theta = _topics(fitted, documents)
    vocabulary = _first(fitted, "vocabulary", "vocabulary_")
    texts = getattr(fitted, "counts", None) if documents is None else documents
    found: dict[str, Any] = {"n_topics": int(topic_word.shape[0])}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnseenTermsWarning)
        both = _read_table(texts), _read_table(held_out)
        found |= _coherences(topic_word, vocabulary, *both, reference, known)
    found |= _diversities(topic_word)
    labels = _labels(labels, documents, fitted)
    found |= _clusters(theta, labels, _with_topic(fitted, documents), "")
    held_theta = _inferred(fitted, held_out) if hasattr(fitted, "transform") else None
    held_labels, held_rows = _labels(held_out_labels, held_out), _with_topic(fitted, held_out)
    found |= _clusters(held_theta, held_labels, held_rows, "_held_out")
    found["perplexity"] = (
        perplexity(fitted, held_out, random_state=random_state) if held_theta is not None else None
    )
    found |= _collapsed(topic_word, theta, texts, vocabulary, stop_words, known)
    return {name: _plain(value) for name, value in found.items()}


def _read_table(documents: Any) -> Any:
    """A table of counts as CSR; anything else as it is."""
    return documents if column_names(documents) is None else counts_of(documents)


def _first(fitted: Any, *names: str) -> Any:
    for name in names:
        if hasattr(fitted, name):
            return getattr(fitted, name)
    raise InputError(f"fitted: has no {names[0]}. Pass a TopicResult or a fitted topic model.")


def _known(fitted: Any, documents: Any) -> Any:
    """The result that is judged, where the documents are its own: what it knows of them holds."""
    if not _is_result(fitted):
        return None
    if documents is None:
        return fitted
    terms = held(documents, "vocabulary")
    if terms is not None and terms_of(terms) != terms_of(fitted.vocabulary):
        return None
    return fitted if _equal(counts_of(documents), fitted.counts) else None


def _is_result(fitted: Any) -> bool:
    return hasattr(fitted, "coherence") and hasattr(fitted, "diagnosis")


def _equal(one: sparse.csr_matrix, other: sparse.csr_matrix) -> bool:
    parts = ("indptr", "indices", "data")
    return one.shape == other.shape and all(
        np.array_equal(getattr(one, part), getattr(other, part)) for part in parts
    )


def _topics(fitted: Any, documents: Any) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Topics and theta, on the simplex: a result has checked them, those of a model are here."""
    topic_word = np.asarray(_first(fitted, "topic_word", "topic_word_"))
    if _is_result(fitted):
        return topic_word, fitted.doc_topic
    simplex.check_distribution(topic_word, "topic_word")
    if hasattr(fitted, "doc_topic"):
        return topic_word, simplex.check_distribution(fitted.doc_topic, "doc_topic")
    return topic_word, _inferred(fitted, documents)


def _inferred(model: Any, documents: Any) -> NDArray[Any] | None:
    if documents is None:
        return None
    return simplex.check_distribution(model.transform(documents), "doc_topic")


def _coherences(
    topics: NDArray[Any], vocabulary: Any, texts: Any, held_out: Any, reference: Any, known: Any
) -> dict[str, Any]:
    n = min(10, topics.shape[1])
    if reference is not None and not hasattr(reference, "counts") and has_order(reference):
        reference = list(each_list(reference, "reference"))
    own = None if known is None else known.coherence

    def over(measure: Callable[..., float], text: Any, needs_order: bool = False) -> float | None:
        if text is None or n < 2 or (needs_order and not has_order(text)):
            return None
        return measure(topics, text, n=n, vocabulary=vocabulary)

    def unseen(text: Any) -> int | None:
        usable = text is not None and n >= 2
        return len(unseen_words(topics, text, n=n, vocabulary=vocabulary)) if usable else None

    return {
        "npmi": over(npmi, texts) if own is None else float(own.mean()),
        "npmi_held_out": over(npmi, held_out),
        "npmi_reference": over(npmi, reference),
        "c_v": over(c_v, texts, needs_order=True),
        "c_v_reference": over(c_v, reference, needs_order=True),
        "uci": over(uci, texts, needs_order=True),
        "uci_reference": over(uci, reference, needs_order=True),
        "umass": over(umass, texts),
        "unseen_terms_held_out": unseen(held_out),
        "unseen_terms_reference": unseen(reference),
    }


def _diversities(topic_word: NDArray[Any]) -> dict[str, Any]:
    n_topics, n_terms = topic_word.shape
    if n_terms < 2:
        return {"diversity": None, "diversity_once": None, "inverted_rbo": None}
    return {
        "diversity": diversity(topic_word, n=min(25, n_terms)),
        "diversity_once": diversity_once(topic_word, n=min(15, n_terms)),
        "inverted_rbo": inverted_rbo(topic_word, n=min(10, n_terms)) if n_topics > 1 else None,
    }


def _labels(given: Any, *holders: Any) -> NDArray[Any] | None:
    """The labels given, or the first that one of ``holders`` brings."""
    every = [given, *(held(holder, "labels") for holder in holders)]
    return next((as_column(labels, "labels") for labels in every if labels is not None), None)


def _with_topic(fitted: Any, documents: Any) -> NDArray[np.bool_] | None:
    """Which documents have a topic; None if that is not known."""
    if hasattr(fitted, "has_topic"):
        return np.asarray(fitted.has_topic)
    return None if documents is None else holds_terms(counts_of(documents))


def _clusters(
    theta: NDArray[Any] | None,
    labels: NDArray[Any] | None,
    with_topic: NDArray[np.bool_] | None,
    suffix: str,
) -> dict[str, Any]:
    names = (f"purity{suffix}", f"nmi{suffix}")
    if theta is None or labels is None:
        return dict.fromkeys(names)
    if labels.shape != (theta.shape[0],):
        raise InputError(
            f"labels: there are {labels.size} for {theta.shape[0]} documents. "
            "Pass one label a document, in the same order."
        )
    known = ~missing(labels)
    if with_topic is not None:
        known &= with_topic
    if not known.any():
        return dict.fromkeys(names)
    largest, labels = theta[known].argmax(axis=1), labels[known]
    return dict(zip(names, (purity(largest, labels), nmi(largest, labels)), strict=True))


def _collapsed(
    topic_word: NDArray[Any],
    theta: NDArray[Any] | None,
    texts: Any,
    vocabulary: Any,
    stop_words: Any,
    known: Any,
) -> dict[str, Any]:
    if known is not None and stop_words is None:
        found = known.diagnosis
    else:
        counts = None if texts is None else counts_of(texts)
        found = diagnose(topic_word, theta, counts, terms_of(vocabulary), stop_words=stop_words)
    return {
        "dead_topics": _size(found.dead),
        "duplicate_pairs": len(found.duplicate_pairs),
        "share_duplicates": found.share_duplicates,
        "stop_word_topics": _size(found.stop_word_topics),
        "background_topics": _size(found.background_topics),
        "effective_topics": found.effective_topics,
        "share_uniform": found.share_uniform,
        "collapse_ok": found.ok,
    }


def _size(topics: tuple[int, ...] | None) -> int | None:
    return None if topics is None else len(topics)


def _plain(value: Any) -> float | int | bool | None:
    if value is None or isinstance(value, bool | int):
        return value
    return float(value) if math.isfinite(value) else None
