"""Next month's documents: a fitted model learns from them, and what changed is told."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.base import refuse_embeddings
from polytopic.counts import document_lengths
from polytopic.errors import (
    EmptyDocumentsWarning,
    InputError,
    NotFittedModelError,
    UnseenTermsWarning,
)
from polytopic.result import TopicResult
from polytopic.result.edits import replayed, unedited, with_more_terms
from polytopic.text import Corpus, Vocabulary
from polytopic.text.columns import held
from polytopic.text.raw_texts import are_texts, read_texts

__all__ = ["Update", "update"]

FEWEST_DOCUMENTS = 5
"""New documents that must hold a word for it to be told as new, and taken on."""

DEAD = 0.1
"""Share of its former size below which a topic is told as dying out."""

BURST = 3.0
"""How many times its expected tokens a known word must have to be told as one that no topic
explains."""

_BORN = 20
"""Words of births that are told at most."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Update:
    """What new documents changed.

    Attributes
    ----------
    model : topic model
        A copy that has learned from the new documents; topics have the same numbers. It keeps the
        edits of the result that was updated.
    result : TopicResult
        Of the new documents, with the names and all edits that the topics had.
    before : TopicResult or None
        The result that was updated, None where a model was.
    cosine, hellinger : float64 arrays of shape (K,)
        Of the terms of each topic of the result before and after: 1 and 0 where nothing changed.
        Over the terms that both have.
    sizes : float64 array of shape (K,)
        Share of the new documents' tokens over the share before; NaN where that is not known.
    dying : tuple of int
        Topics whose share fell below a tenth of what it was.
    new_words : list of (str, int)
        Words that were not in the vocabulary, with the new documents that hold them.
    taken_on : tuple of str
        Those of them that the model has terms for now.
    births : list of (str, float, float)
        Known words that the topics do not explain: tokens in the new documents, and tokens that the
        topics as they were expected there.
    """

    model: Any
    result: TopicResult
    before: TopicResult | None
    cosine: NDArray[np.float64]
    hellinger: NDArray[np.float64]
    sizes: NDArray[np.float64]
    dying: tuple[int, ...]
    new_words: list[tuple[str, int]]
    taken_on: tuple[str, ...]
    births: list[tuple[str, float, float]]

    @cached_property
    def moved(self) -> list[tuple[int, int, int]]:
        """Documents of the old result whose largest topic is another now: (row, before, after).

        Empty where a model was updated, which has no documents.

        Raises
        ------
        InputError
            If the model reads embeddings, and cannot make those of the old documents.
        """
        if self.before is None:
            return []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", EmptyDocumentsWarning)
            warnings.simplefilter("ignore", UnseenTermsWarning)
            after = self.model.result(_corpus_of(self.before)).top_topic
        rows = np.flatnonzero(after != self.before.top_topic)
        return [(int(row), int(self.before.top_topic[row]), int(after[row])) for row in rows]

    def sentences(self) -> list[str]:
        """What changed, in plain words."""
        called = self.result.labels_of_topics()
        least = int(self.cosine.argmin())
        told = [
            f"{self.result.n_documents:,} new documents; topics keep a cosine of "
            f"{np.median(self.cosine):.3f} (median), the least {self.cosine[least]:.3f} in topic "
            f"{least} ({called[least]})."
        ]
        if self.dying:
            listed = ", ".join(f"{k} ({called[k]})" for k in self.dying)
            told.append(f"Hardly in the new documents: topic {listed}.")
        if self.births:
            listed = ", ".join(word for word, _, _ in self.births[:10])
            told.append(f"More often than the topics explain: {listed}.")
        if self.new_words:
            listed = ", ".join(f"{word} ({n})" for word, n in self.new_words[:10])
            taken = (
                f"{len(self.taken_on):,} of them taken on as terms"
                if self.taken_on
                else ("not taken on: fit anew to have them")
            )
            told.append(f"New words, {len(self.new_words):,} in all, {taken}: {listed}.")
        return told

    def __repr__(self) -> str:
        return f"Update({' '.join(self.sentences())})"


def update(
    fitted: Any,
    corpus: Any,
    *,
    memory: float = 1.0,
    take_on: bool = True,
    embeddings: Any = None,
) -> Update:
    """Let a fitted model learn from new documents, and tell what changed.

    Parameters
    ----------
    fitted : TopicResult or topic model
        It stays as it is. A result gives the sizes of topics and which old documents changed topic.
    corpus : Corpus, raw texts, or counts of shape (D, V)
        The new documents. Raw texts are read as the model's own were; a Corpus with another
        vocabulary is matched by term.
    memory : float
        Weight of a token of the old documents, for models without ``partial_fit``.
    take_on : bool
        Whether words that stand in five new documents and more become terms, in models that can
        take on terms (LDA by sampling, without priors of their own a term).
    embeddings : array of shape (D, E), optional
        Of the new documents, for models that were fitted with embeddings.

    Returns
    -------
    Update

    Raises
    ------
    InputError
        If the result has no model at hand, or the documents or their embeddings cannot be used.

    Notes
    -----
    LDA by sampling and NTM add the new documents' counts to their topics (see
    :meth:`TopicModel.learned_from`); online LDA and the autoencoders go on by ``partial_fit``.
    """
    model, before = _model_of(fitted)
    _refuse_nothing(corpus)
    beside = {} if embeddings is None else {"embeddings": embeddings}
    if beside:
        refuse_embeddings(model, "embeddings")
    plain = None if before is None else unedited(before)
    known, new_words, words = _read(model, corpus)
    sizes = None if plain is None else plain.topic_sizes * plain.counts.sum()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnseenTermsWarning)  # told as new words
        learned = model.learned_from(
            known, topic_tokens=sizes, memory=memory, words=words if take_on else None, **beside
        )
        asked = model.result(known, **beside)
    expected = unedited(asked)
    n_terms = len(model.vocabulary_)
    taken = tuple(learned.vocabulary_.terms[n_terms:])
    if taken and words is not None:
        known = _with_words(known, expected, learned.vocabulary_, words)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmptyDocumentsWarning)
        result = unedited(learned.result(known, **beside))
    edits = asked.edits if before is None else before.edits
    if plain is not None:
        result = replace(result, names=plain.names, remarks=plain.remarks, hidden=plain.hidden)
    result = replayed(result, with_more_terms(edits, len(learned.vocabulary_)))
    if edits:
        learned.keep_edits(result)
    was = asked.topic_word if before is None else before.topic_word
    ratio = np.full(result.n_topics, np.nan)
    if before is not None:
        ratio = result.topic_sizes / np.maximum(before.topic_sizes, 1e-12)
    cosine, hellinger = _drift(was, result.topic_word[:, :n_terms])
    return Update(
        model=learned,
        result=result,
        before=before,
        cosine=cosine,
        hellinger=hellinger,
        sizes=ratio,
        dying=tuple(np.flatnonzero(ratio < DEAD).tolist()),
        new_words=new_words,
        taken_on=taken,
        births=_births(model, expected, plain),
    )


def _model_of(fitted: Any) -> tuple[Any, TopicResult | None]:
    if isinstance(fitted, TopicResult):
        model = unedited(fitted).model_at_hand()
        if model is None:
            raise InputError("result: its model is not at hand. Pass the model, or fit anew.")
        return model, fitted
    if not hasattr(fitted, "learned_from"):
        raise InputError(
            f"fitted: is of type {type(fitted).__name__}. Pass a TopicResult or a topic model."
        )
    if not hasattr(fitted, "vocabulary_"):
        raise NotFittedModelError(
            f"{type(fitted).__name__}: this model is not fitted yet. Call fit(corpus) first."
        )
    return fitted, None


def _refuse_nothing(corpus: Any) -> None:
    if corpus is None or (isinstance(corpus, list | tuple) and not corpus):
        raise InputError("corpus: holds no documents. Pass a Corpus, raw texts or counts.")


def _read(
    model: Any, corpus: Any
) -> tuple[Any, list[tuple[str, int]], tuple[list[str], sparse.csr_matrix] | None]:
    """The new documents over the model's terms, words it lacks, and their counts."""
    terms = model.vocabulary_
    if are_texts(corpus):
        known = read_texts(corpus, terms)
        other = _openly(known.texts, terms)
    else:
        vocabulary = held(corpus, "vocabulary")
        if vocabulary is None:
            return corpus, [], None
        alike = vocabulary.terms == terms.terms
        known, other = corpus, _openly(held(corpus, "texts"), terms) if alike else corpus
    if other is None:
        return known, [], None
    pieces = {piece for ngram in terms.ngrams for piece in ngram}
    strange = [
        column
        for column, term in enumerate(other.vocabulary.terms)
        if term not in terms and term not in pieces
    ]
    counts = sparse.csr_matrix(other.counts[:, strange])
    documents = np.bincount(counts.indices, minlength=len(strange))
    often = np.flatnonzero(documents >= FEWEST_DOCUMENTS)
    order = often[np.argsort(-documents[often], kind="stable")]
    listed = [other.vocabulary.terms[strange[place]] for place in order.tolist()]
    told = list(zip(listed, documents[order].tolist(), strict=True))
    return known, told, (listed, sparse.csr_matrix(counts[:, order]))


def _openly(texts: Sequence[str] | None, terms: Vocabulary) -> Corpus | None:
    """The texts over words of their own, read by a vocabulary's rules; None if there are none."""
    if texts is None or not len(texts):
        return None
    rules = terms.rules
    options: dict[str, Any] = {}
    if rules is not None:
        options = {"language": rules.language, "lowercase": rules.lowercase, "clean": rules.clean}
        options["token_pattern"] = rules.token_pattern or None
    try:
        return Corpus.from_texts(
            texts, min_df=FEWEST_DOCUMENTS, max_df=1.0, max_terms=None, keep_texts=False,
            **options,
        )  # fmt: skip
    except InputError:  # no word stands in so many documents
        return None


def _with_words(
    known: Any,
    expected: TopicResult,
    vocabulary: Vocabulary,
    words: tuple[list[str], sparse.csr_matrix],
) -> Corpus:
    """The new documents over the terms of the updated model."""
    counts = sparse.hstack([expected.counts, words[1]], format="csr").astype(np.int32)
    columns = {name: held(known, name) for name in ("labels", "ids", "dates", "texts")}
    return Corpus(counts, vocabulary, metadata=held(known, "metadata"), **columns)


def _corpus_of(result: TopicResult) -> Corpus:
    return Corpus(result.counts, result.vocabulary, texts=result.texts)


def _drift(
    before: NDArray[np.float32], after: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cosines and Hellinger distances of topics over the same terms, (K,) each."""
    old, new = before.astype(np.float64), after.astype(np.float64)
    new = new / np.maximum(new.sum(axis=1, keepdims=True), 1e-300)
    lengths = np.linalg.norm(old, axis=1) * np.linalg.norm(new, axis=1)
    cosine = (old * new).sum(axis=1) / np.maximum(lengths, 1e-300)
    common = np.sqrt(old * new).sum(axis=1)
    return np.minimum(cosine, 1.0), np.sqrt(np.maximum(1.0 - common, 0.0))


def _births(
    model: Any, expected: TopicResult, before: TopicResult | None
) -> list[tuple[str, float, float]]:
    """Words with more tokens in the new documents than the old topics expect, strongest first.

    By Dunning's log-likelihood ratio of a Poisson count (Computational Linguistics 19, 1993).
    """
    counts = sparse.csr_matrix(expected.counts)
    tokens = np.asarray(counts.sum(axis=0), dtype=np.float64).ravel()
    lengths = document_lengths(counts)
    foreseen = _foreseen(lengths @ expected.doc_topic.astype(np.float64), model, before)
    documents = np.bincount(counts.indices, minlength=counts.shape[1])
    more = (tokens > BURST * foreseen) & (documents >= FEWEST_DOCUMENTS)
    floor = np.maximum(foreseen, 1e-9)
    with np.errstate(divide="ignore", invalid="ignore"):
        strength = np.where(more, tokens * np.log(tokens / floor) - (tokens - foreseen), 0.0)
    best = [v for v in np.argsort(-strength, kind="stable")[:_BORN].tolist() if more[v]]
    terms = expected.vocabulary.terms
    return [(terms[v], float(tokens[v]), float(foreseen[v])) for v in best]


def _foreseen(
    sizes: NDArray[np.float64], model: Any, before: TopicResult | None
) -> NDArray[np.float64]:
    """Tokens of each term, (V,), in documents whose topics have these tokens, (K,).

    By the terms of the old documents' topics; without old documents by the topics' own, and at
    least by the terms' frequencies: topics of an autoencoder leave most of these out.
    """
    if before is not None:
        shared = (sparse.csr_matrix(before.counts).T @ before.doc_topic).T.astype(np.float64)
        return np.asarray(sizes @ (shared / np.maximum(shared.sum(axis=1, keepdims=True), 1e-12)))
    rates = model.vocabulary_.counts / max(1, int(model.vocabulary_.counts.sum()))
    by_topics = sizes @ model.topic_word_.astype(np.float64)
    return np.asarray(np.maximum(by_topics, sizes.sum() * rates))
