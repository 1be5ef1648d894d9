"""Every metric that can be computed from what is at hand."""

from __future__ import annotations

import copy
import math
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic import simplex
from polytopic.counts import counts_in, holds_terms, whole_counts
from polytopic.errors import InputError, UnseenTermsWarning
from polytopic.mapped_counts import MappedCounts
from polytopic.metrics.added import added_figures
from polytopic.metrics.cluster_counting import at_desk
from polytopic.metrics.diagnosis import diagnose
from polytopic.metrics.figures import agreements, coherences, diversities, surprise
from polytopic.metrics.inputs import counts_of, terms_of
from polytopic.metrics.intervals import Sample
from polytopic.text.columns import column_names, held
from polytopic.text.values import as_column

__all__ = ["evaluate"]


def evaluate(
    fitted: Any,
    documents: Any = None,
    *,
    held_out: Any = None,
    held_out_embeddings: Any = None,
    reference: Any = None,
    labels: Any = None,
    held_out_labels: Any = None,
    stop_words: Any = None,
    vectors: Any = None,
    intervals: int = 0,
    random_state: Any = 0,
    cluster: Any = None,
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
    held_out_embeddings : array of shape (D, E), optional
        Of the documents of ``held_out``, for models fitted with embeddings. Those of a whole
        document know the half that perplexity asks for, so there is none then, nor with an encoder.
    reference : Corpus or lists of tokens, optional
        Another text to judge coherence by, such as a Wikipedia.
    labels, held_out_labels : labels of the documents, optional
        By default those of ``documents`` and ``held_out``, where they have any. Documents without
        a label (None, NaN), or without a term, which have no topic, are left out.
    stop_words, random_state
        As in :func:`collapse` and :func:`perplexity`.
    vectors : WordVectors, mapping, array of shape (V, E), or callable, optional
        Word vectors from elsewhere, as in :func:`embedding_coherence`.
    intervals : int
        Resamples of a bootstrap interval of every figure that has one, 0 for none.
    cluster : None, "processes:2", "dask://host:port", "ray://host:port", "ray" or a Client
        Where words and pairs are counted, as in :func:`npmi`, and where models that take
        ``cluster=`` find theta of 5,000 documents and more: the same figures, to the last bit.

    Returns
    -------
    dict
        JSON-ready. ``npmi``, ``c_v``, ``uci``, ``umass`` (top 10 words, training documents),
        ``npmi_held_out``, ``npmi_reference``, ``c_v_reference``, ``uci_reference``,
        ``unseen_terms_held_out`` and ``unseen_terms_reference`` (top words those texts lack);
        of the reference also ``npmi_reference_known`` (pairs of words it has),
        ``npmi_reference_seen`` (pairs it holds together) and how many are left out there,
        ``unknown_pairs_reference`` and ``unseen_pairs_reference``;
        ``diversity`` (top 25), ``diversity_once`` (top 15), ``inverted_rbo`` (top 10),
        ``embedding_coherence`` and ``embedding_diversity`` (top 10, ``vectors``); ``purity``,
        ``nmi``, ``ami``, ``v_measure``, ``fowlkes_mallows`` and the same ``_held_out``,
        ``perplexity`` (held out), and from
        :func:`collapse`: ``dead_topics``, ``duplicate_pairs``, ``share_duplicates``,
        ``stop_word_topics``, ``background_topics``, ``placeholder_topics``, ``foreign_topics``
        (numbers of topics), ``effective_topics``, ``share_uniform``, ``collapse_ok``.
        With ``intervals`` each figure that is drawn from
        topics or documents has ``_low`` and ``_high`` beside it: 95 %, of topics drawn anew
        (coherence, diversity) or documents (clusters, perplexity). Metrics of other packages
        stand at the end, by their names (:mod:`polytopic.metrics.added`).

    Raises
    ------
    InputError
        If an input that was given cannot be used.
    """
    fitted = _working_on(fitted, cluster)
    known = _known(fitted, documents)
    topic_word, theta = _topics(fitted, documents)
    vocabulary = _first(fitted, "vocabulary", "vocabulary_")
    texts = getattr(fitted, "counts", None) if documents is None else documents
    found: dict[str, Any] = {"n_topics": int(topic_word.shape[0])}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnseenTermsWarning)
        both = _read_table(texts), _read_table(held_out)
        with at_desk(cluster, *both, reference) as desk:
            found |= coherences(topic_word, vocabulary, *both, reference, known, desk)
    found |= diversities(topic_word, vectors, vocabulary)
    labels = _labels(labels, documents, fitted)
    found |= agreements(theta, labels, _with_topic(fitted, documents), "")
    beside = {} if held_out_embeddings is None else {"embeddings": held_out_embeddings}
    held_theta = _inferred(fitted, held_out, **beside) if hasattr(fitted, "transform") else None
    held_labels, held_rows = _labels(held_out_labels, held_out), _with_topic(fitted, held_out)
    found |= agreements(held_theta, held_labels, held_rows, "_held_out")
    encoded = bool(beside) or getattr(fitted, "encoder", None) is not None
    predicting = held_theta is not None and not encoded
    found["perplexity"] = surprise(fitted, held_out, random_state) if predicting else None
    found |= _collapsed(topic_word, theta, texts, vocabulary, stop_words, known)
    found |= added_figures(
        lambda: {
            "topic_word": topic_word,
            "doc_topic": theta,
            "terms": terms_of(vocabulary),
            "counts": None if texts is None else counts_of(texts),
            "held_out": None if held_out is None else counts_of(held_out),
            "reference": reference,
            "labels": labels,
            "vectors": vectors,
        },
        found,
    )
    return _plain_record(found, intervals, random_state)


def _working_on(fitted: Any, cluster: Any) -> Any:
    """The model, or one of the same topics whose documents are worked on by the cluster."""
    if cluster is None or not hasattr(fitted, "cluster"):
        return fitted
    found = copy.copy(fitted)
    found.cluster = cluster
    return found


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
    given = counts_in(documents)
    own = whole_counts(given) if isinstance(given, MappedCounts) else counts_of(documents)
    return fitted if _equal(own, fitted.counts) else None


def _is_result(fitted: Any) -> bool:
    return hasattr(fitted, "coherence") and hasattr(fitted, "diagnosis")


def _equal(one: sparse.csr_matrix, other: sparse.csr_matrix) -> bool:
    parts = ("indptr", "indices", "data")
    return one is other or (
        one.shape == other.shape
        and all(np.array_equal(getattr(one, part), getattr(other, part)) for part in parts)
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


def _inferred(model: Any, documents: Any, **beside: Any) -> NDArray[Any] | None:
    if documents is None:
        return None
    return simplex.check_distribution(model.transform(documents, **beside), "doc_topic")


def _labels(given: Any, *holders: Any) -> NDArray[Any] | None:
    """The labels given, or the first that one of ``holders`` brings."""
    every = [given, *(held(holder, "labels") for holder in holders)]
    return next((as_column(labels, "labels") for labels in every if labels is not None), None)


def _with_topic(fitted: Any, documents: Any) -> NDArray[np.bool_] | None:
    """Which documents have a topic; None if that is not known."""
    if hasattr(fitted, "has_topic"):
        return np.asarray(fitted.has_topic)
    given = None if documents is None else counts_in(documents)
    if isinstance(given, MappedCounts):
        return holds_terms(given)
    return None if documents is None else holds_terms(counts_of(documents))


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
        given = counts_in(texts)
        mapped = isinstance(given, MappedCounts)
        counts = given if mapped or texts is None else counts_of(texts)
        found = diagnose(topic_word, theta, counts, terms_of(vocabulary), stop_words=stop_words)
    return {
        "dead_topics": _size(found.dead),
        "duplicate_pairs": len(found.duplicate_pairs),
        "share_duplicates": found.share_duplicates,
        "stop_word_topics": _size(found.stop_word_topics),
        "background_topics": _size(found.background_topics),
        "placeholder_topics": _size(found.placeholder_topics),
        "foreign_topics": _size(found.foreign_topics),
        "effective_topics": found.effective_topics,
        "share_uniform": found.share_uniform,
        "collapse_ok": found.ok,
    }


def _size(topics: tuple[int, ...] | None) -> int | None:
    return None if topics is None else len(topics)


def _plain_record(
    found: dict[str, Any], intervals: int, random_state: Any
) -> dict[str, float | int | bool | None]:
    """The figures as JSON has them, each interval beside its own."""
    if isinstance(intervals, bool) or not isinstance(intervals, int) or intervals < 0:
        raise InputError(f"intervals: is {intervals!r}. Pass a number of resamples, 0 for none.")
    record: dict[str, float | int | bool | None] = {}
    for name, value in found.items():
        sample = value if isinstance(value, Sample) else Sample(value)
        record[name] = _plain(sample.figure)
        if intervals and sample.values is not None:
            edges = sample.interval(intervals, random_state)
            record[f"{name}_low"], record[f"{name}_high"] = map(_plain, edges)
    return record


def _plain(value: Any) -> float | int | bool | None:
    if value is None or isinstance(value, bool | int):
        return value
    return float(value) if math.isfinite(value) else None
