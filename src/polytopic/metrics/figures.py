"""The figures of :func:`evaluate` by kind, each with what its interval is drawn from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.metrics.clusters import ami, fowlkes_mallows, nmi, paired, purity, v_measure
from polytopic.metrics.coherence import c_v, npmi, uci, umass, unseen_pairs
from polytopic.metrics.completion import completion_scores, perplexity_of
from polytopic.metrics.embedding import embedding_coherence, embedding_diversity
from polytopic.metrics.inputs import has_order
from polytopic.metrics.intervals import Sample
from polytopic.metrics.probabilities import unseen_words
from polytopic.metrics.topic_diversity import (
    diversity,
    diversity_once,
    inverted_rbo,
    topic_uniqueness,
)
from polytopic.text.columns import each_list
from polytopic.text.values import missing

__all__ = ["agreements", "coherences", "diversities", "surprise"]

Figures = dict[str, Sample | float | int | None]

AGREEMENTS: dict[str, Callable[[Any, Any], float]] = {
    "purity": purity,
    "nmi": nmi,
    "ami": ami,
    "v_measure": v_measure,
    "fowlkes_mallows": fowlkes_mallows,
}
"""Of clusters and labels."""


def coherences(
    topics: NDArray[Any],
    vocabulary: Any,
    texts: Any,
    held_out: Any,
    reference: Any,
    known: Any,
    cluster: Any = None,
) -> Figures:
    """Coherence in the training texts, those held out, and the reference; None where there is none.

    ``known``: a result of those texts, whose own coherence is not counted again; ``cluster``: where
    they are counted.
    """
    n = min(10, topics.shape[1])
    if reference is not None and not hasattr(reference, "counts") and has_order(reference):
        reference = list(each_list(reference, "reference"))
    own = None if known is None else known.coherence
    words: dict[str, Any] = {"n": n, "vocabulary": vocabulary, "cluster": cluster}

    def over(
        measure: Callable[..., Any], text: Any, needs_order: bool = False, **options: Any
    ) -> Sample | None:
        if text is None or n < 2 or (needs_order and not has_order(text)):
            return None
        try:
            found = measure(topics, text, per_topic=True, **words, **options)
        except InputError as error:  # measures call any text a reference
            name = "held_out" if text is held_out else "documents" if text is texts else "reference"
            raise InputError(str(error).replace("reference:", f"{name}:", 1)) from None
        return Sample.mean(found)

    def unseen(text: Any) -> int | None:
        usable = text is not None and n >= 2
        return len(unseen_words(topics, text, **words)) if usable else None

    found: Figures = {
        "npmi": over(npmi, texts) if own is None else Sample.mean(own),
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
    pairs = None
    if reference is not None and n >= 2:
        pairs = unseen_pairs(topics, reference, **words)
    left_out = 0
    for name, kind in (("known", "unknown"), ("seen", "never_together")):
        left_out += 0 if pairs is None else pairs[kind]
        judged = pairs is not None and left_out < pairs["pairs"]
        found[f"npmi_reference_{name}"] = over(npmi, reference, pairs=name) if judged else None
        column = "unknown_pairs_reference" if name == "known" else "unseen_pairs_reference"
        found[column] = None if pairs is None else left_out
    return found


def diversities(topic_word: NDArray[Any], vectors: Any, vocabulary: Any) -> Figures:
    """How far topics differ, by words and, where there are vectors, by those."""
    n_topics, n_terms = topic_word.shape
    names = ("diversity", "diversity_once", "inverted_rbo", "embedding_coherence")
    found: Figures = dict.fromkeys((*names, "embedding_diversity"))
    if n_terms < 2:
        return found
    wide, narrow, few = min(25, n_terms), min(15, n_terms), min(10, n_terms)
    uniqueness = topic_uniqueness(topic_word, n=wide, per_topic=True)
    once = diversity_once(topic_word, n=narrow, per_topic=True)
    found["diversity"] = Sample(diversity(topic_word, n=wide), uniqueness)
    found["diversity_once"] = Sample(diversity_once(topic_word, n=narrow), once)
    if n_topics > 1:
        apart = inverted_rbo(topic_word, n=few, per_topic=True)
        found["inverted_rbo"] = Sample(inverted_rbo(topic_word, n=few), apart)
    if vectors is not None:
        options = {"n": few, "vocabulary": vocabulary, "per_topic": True}
        alike = embedding_coherence(topic_word, vectors, **options)
        found["embedding_coherence"] = Sample.mean(alike)
        if n_topics > 1:
            unlike = embedding_diversity(topic_word, vectors, **options)
            found["embedding_diversity"] = Sample.mean(unlike)
    return found


def agreements(
    theta: NDArray[Any] | None,
    labels: NDArray[Any] | None,
    with_topic: NDArray[np.bool_] | None,
    suffix: str,
) -> Figures:
    """How well the largest topics agree with labels, of the documents that have both.

    Raises
    ------
    InputError
        If there is not one label a document.
    """
    names = tuple(f"{name}{suffix}" for name in AGREEMENTS)
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
    rows = np.stack(paired(theta[known].argmax(axis=1), labels[known]), axis=1)
    return {
        name: Sample(measure(rows[:, 0], rows[:, 1]), rows, _of_columns(measure))
        for name, measure in zip(names, AGREEMENTS.values(), strict=True)
    }


def _of_columns(measure: Callable[[Any, Any], float]) -> Callable[[NDArray[Any]], float]:
    return lambda rows: measure(rows[:, 0], rows[:, 1])


def surprise(model: Any, held_out: Any, random_state: Any) -> Sample:
    """The perplexity of held-out halves; documents are what its interval draws.

    Raises
    ------
    InputError
        As :func:`perplexity`.
    """
    log_likelihood, tokens = completion_scores(model, held_out, random_state=random_state)
    figure = perplexity_of(log_likelihood.sum(), tokens.sum())
    return Sample(figure, np.stack([log_likelihood, tokens], axis=1), _perplexity)


def _perplexity(scores: NDArray[np.float64]) -> float:
    log_likelihood, tokens = scores.sum(axis=0)
    return perplexity_of(log_likelihood, tokens) if tokens > 0 else float("nan")
