"""What a fitted model says of raw texts: they are read as its own were, and explained."""

from __future__ import annotations

import warnings
from contextlib import suppress
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.base import Estimator
from polytopic.errors import InputError
from polytopic.metrics import Collapse
from polytopic.result import TopicResult
from polytopic.result.edited_words import shares_after
from polytopic.result.explaining import (
    LEAVE_ONE_OUT,
    MIXTURE,
    Explanation,
    explanation,
    influence,
    shares_of_words,
)
from polytopic.text import Vocabulary
from polytopic.text.raw_texts import are_texts, are_token_lists, read_texts

__all__ = ["Asking"]

_WARMING = 20
"""Words of the text that a model is warmed up with."""


class Asking(Estimator):
    """What topic models are asked beside :meth:`TopicModel.transform`."""

    vocabulary_: Vocabulary
    topic_word_: NDArray[np.float32]
    diagnosis_: Collapse

    def explain(self, text: str, **beside: Any) -> Explanation:
        """Which topic each word of a text speaks for; see :meth:`TopicResult.explain`.

        Parameters
        ----------
        text : str
        **beside
            What :meth:`transform` needs beside a text, such as ``covariates=``; words are then
            judged by theta and the topics' words.

        Raises
        ------
        InputError
            If the text is no str or has no word of the vocabulary, or the model knows no words.
        """
        self._require_fitted("topic_word_")
        return explain_text(self, text, beside)

    def word_shares(
        self, counts: sparse.csr_matrix, theta: NDArray[np.float32]
    ) -> tuple[NDArray[np.float64], str]:
        """The topics of the T terms of one document, (T, K), and by which method they were found.

        ``counts``: checked counts of shape (1, V); ``theta``: the document's topics, (K,).
        """
        return word_shares(self, counts, theta)

    def warm_up(self) -> Self:
        """Do once what the first answer would wait for: compile, load, lay out; the model itself.

        A text is read and inferred, as :meth:`transform` does; nothing is learned. Call it before
        answers are to be quick, when a server starts.
        """
        self._require_fitted("topic_word_")
        terms = self.vocabulary_.terms
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for asked in ([" ".join(terms[:_WARMING])], sparse.csr_matrix([[1] * len(terms)])):
                with suppress(InputError):  # of bare counts, or in need of embeddings
                    self.transform(asked)
        return self

    def diagnose(self, X: Any = None, **beside: Any) -> Collapse:
        """Dead, duplicate and stop-word topics, as seen on the training documents.

        Parameters
        ----------
        X : Corpus, counts or raw texts, optional
            Documents by which every topic gets a verdict too, best those of the fit: a fitted model
            keeps none.
        **beside
            ``held_out``, ``reference``, ``vectors`` and ``sources`` of
            :meth:`TopicResult.diagnose`.

        Returns
        -------
        Collapse
            Its ``sentences()`` say it in plain words; see :func:`polytopic.metrics.collapse`.

        Raises
        ------
        InputError
            If something is given beside documents and they are not, and as
            :meth:`TopicResult.diagnose`.
        """
        self._require_fitted("topic_word_")
        if X is not None:
            return self.result(X).diagnose(**beside)
        if any(given is not None for given in beside.values()):
            raise InputError(
                "X: a verdict on topics is by documents, of which a fitted model keeps none. Pass "
                "them first: model.diagnose(corpus, reference=...)."
            )
        return self.diagnosis_

    def mixture_prior(self) -> NDArray[np.float64] | None:
        """alpha (K,) where ``transform`` is CVB0 of the counts under p(w) = theta phi; else None.

        Counts are first multiplied by :meth:`weights_of_terms`, if there are any.

        What can fold a document in with phi and alpha alone, such as the report's page, asks it.
        """
        return None

    def weights_of_terms(self) -> NDArray[np.float32] | None:
        """What ``transform`` multiplies counts by before it reads them, (V,); None for nothing."""
        return None

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Topic proportions of documents."""
        raise NotImplementedError

    def result(self, corpus: Any, **metrics: Any) -> TopicResult:
        """The record of the model on a corpus."""
        raise NotImplementedError

    # ---- parts -----------------------------------------------------------------------------

    def _read(self, X: Any) -> Any:
        """Raw texts as a Corpus of the model's vocabulary; anything else as it is."""
        if are_texts(X) or are_token_lists(X):
            return read_texts(X, self.vocabulary_)
        return X

    def _components(self) -> NDArray[np.float32] | None:
        """What mixes into p(term | document), (K, V), or a multiple of it a term; None for models
        whose documents are no mixtures."""
        return None


def explain_text(model: Any, text: Any, beside: dict[str, Any]) -> Explanation:
    """The work of :meth:`TopicModel.explain`."""
    if not isinstance(text, str):
        raise InputError(f"text: is of type {type(text).__name__}. Pass one text, a str.")
    counts = model._checked([text], reset=False)
    if not counts.nnz:
        raise InputError(
            "text: holds no word of the vocabulary, so it has no topic and nothing to explain."
        )
    theta = model.transform(counts, **beside)[0]
    if beside:
        found = shares_of_words(theta, model.topic_word_[:, counts.indices]), MIXTURE
    else:
        found = word_shares(model, counts, theta)
    names, topics = getattr(model, "topic_names_", ()), model.topic_word_
    if model._edits is None:
        return explanation(model.vocabulary_, counts, theta, *found, text, names, topics)
    plain = TopicResult(
        topic_word=topics, doc_topic=theta[None], vocabulary=model.vocabulary_,
        counts=counts.astype(np.int32), names=model._edits.before,
    )  # fmt: skip
    made: TopicResult = model._edits.applied(plain)
    shares, method = found
    shares = shares_after(made.edits, shares, counts.indices, topics, model.vocabulary_)
    return explanation(
        made.vocabulary, counts, made.doc_topic[0], shares, method, text, made.names,
        made.topic_word, made.hidden,
    )  # fmt: skip


def word_shares(
    model: Any, counts: sparse.csr_matrix, theta: NDArray[np.float32]
) -> tuple[NDArray[np.float64], str]:
    """The topics of the terms of one document (1, V), a row each, and by which method.

    A model that needs more than counts to read a document is judged by its topics' words.
    """
    components = model._components()
    if components is None:
        without = sparse.vstack([counts] * counts.nnz, format="csr", dtype=np.float32)
        without.data[:: counts.nnz + 1] = 0.0
        without.eliminate_zeros()
        try:
            return influence(theta, model._infer(without)), LEAVE_ONE_OUT
        except InputError:
            components = model.topic_word_
    return shares_of_words(theta, components[:, counts.indices]), MIXTURE
