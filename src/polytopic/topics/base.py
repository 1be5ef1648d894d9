"""What all topic models share: checked counts in, distributions out, saving and loading."""

from __future__ import annotations

import time
import warnings
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import validate_data

from polytopic import __version__, persistence, simplex
from polytopic.base import Estimator
from polytopic.counts import as_counts, counts_in
from polytopic.errors import (
    CollapseWarning,
    InputError,
)
from polytopic.io.schemas import (
    ANYTHING,
    HISTORY,
    VOCABULARY,
    WHOLE,
    Array,
    MapOf,
    Record,
    check_arrays,
)
from polytopic.machine import one_blas_thread
from polytopic.metrics import Collapse
from polytopic.metrics.diagnosis_record import COLLAPSE_RECORD
from polytopic.parameters import Constraint, attribute
from polytopic.result import Quality, TopicResult, top_words
from polytopic.text import Vocabulary
from polytopic.topics.documents import aligned, each_part, frames_between, tell_empty, vocabulary_of
from polytopic.topics.kept_edits import KEPT_EDITS, KeptEdits
from polytopic.topics.learning_on import LearnsOn
from polytopic.topics.recording import record_of

__all__ = ["TopicModel"]


class TopicModel(
    LearnsOn, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator, Estimator
):
    """Base of the topic models: scikit-learn transformers from counts to topic proportions.

    Attributes
    ----------
    topic_word_ : float32 array of shape (K, V)
        p(term | topic), rows on the simplex.
    vocabulary_ : Vocabulary
        The V terms in column order.
    history_ : list of dict
        One record an epoch or iteration.
    n_features_in_ : int
        V.
    """

    n_topics: int
    verbose: bool

    topic_word_: NDArray[np.float32] = attribute()
    vocabulary_: Vocabulary = attribute()
    history_: list[dict[str, float]] = attribute()
    diagnosis_: Collapse = attribute()
    notes_: dict[str, Any] = attribute()
    _edits: KeptEdits | None = attribute(default=None)
    _keeps_quality: bool = attribute(default=False)
    _kept_quality: Quality = attribute()

    _saved_scalars: ClassVar[Mapping[str, Constraint]] = {
        "history_": HISTORY, "notes_": MapOf(ANYTHING), "n_features_in_": WHOLE,
    }  # fmt: skip
    _saved_arrays: ClassVar[Mapping[str, Array]] = {"topic_word": Array("K", "V", kind="float32")}
    """What a saved model holds; arrays that are not named here need only be finite."""
    _later_scalars: ClassVar[Mapping[str, Constraint]] = {}
    """What a saved model may hold besides, and earlier versions did not write."""
    _reads_mapped: ClassVar[bool] = False
    """Whether counts may stay in their files (``MappedCounts``), read some rows at a time."""
    _of_empty: ClassVar[str] = "topic proportions are the encoder's answer to no words"
    """What theta is of a document that holds no term."""

    # ---- what a model fills in -------------------------------------------------------------

    @abstractmethod
    def _fit_counts(self, counts: sparse.csr_matrix) -> None:
        """Learn from checked counts (D, V) and set ``topic_word_`` and ``history_``."""

    @abstractmethod
    def _infer(self, counts: sparse.csr_matrix) -> NDArray[np.float32]:
        """theta of checked counts, shape (D, K); changes no state."""

    @abstractmethod
    def _log_likelihood(
        self, counts: sparse.csr_matrix, theta: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """Log-likelihood of checked counts given checked theta, shape (D,), by the decoder."""

    @abstractmethod
    def _state(self) -> dict[str, NDArray[Any]]:
        """Arrays that, with the parameters, make the fitted model."""

    @abstractmethod
    def _restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take back what ``_state`` gave."""

    # ---- the public face -------------------------------------------------------------------

    def fit(self, X: Any, y: Any = None, *, terms: Sequence[str] | None = None) -> Self:
        """Learn topics from a corpus.

        Parameters
        ----------
        X : Corpus, sparse matrix or array of shape (D, V)
            Counts: non-negative whole numbers.
        y : ignored
        terms : sequence of V str, optional
            Names of the columns when ``X`` is no Corpus; by default their numbers.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If a parameter or the counts cannot be used; the message says what to do.
        """
        self.check_parameters()
        counts = self._checked(X, reset=True, mapped=self._reads_mapped)
        self.check_size(counts)
        self.vocabulary_ = vocabulary_of(X, counts, terms)
        self._tell_empty(counts)
        started = time.perf_counter()
        if self._edits:
            self.topic_names_, self._edits = list(self._edits.before), None
        with one_blas_thread():
            self._fit_counts(counts)
            quality = self._quality(counts)
            self.diagnosis_ = quality.diagnosis
        self._tell_collapse()
        self.notes_ = {
            "seconds": round(time.perf_counter() - started, 3),
            "version": __version__,
            "documents": int(counts.shape[0]),
            "tokens": int(counts.sum(dtype=np.float64)),
        }
        if self._keeps_quality:
            self._kept_quality = quality
        return self

    def check_size(self, counts: sparse.csr_matrix) -> None:
        """Refuse counts of shape (D, V) that are too few for the topics; ``fit`` does so first.

        Raises
        ------
        InputError
            If fewer than two documents hold terms, or there are fewer terms than topics.
        """
        n_documents, n_terms = counts.shape
        filled = int((np.diff(counts.indptr) > 0).sum())
        if filled == 0:
            raise InputError(
                "counts: every document is empty. Check the text column, or loosen min_df, max_df "
                "and the stop words."
            )
        if filled < 2:
            raise InputError(
                f"counts: only one document (n_samples = {n_documents}) holds terms, and topics "
                "are what documents differ in. Pass more documents; a long text can be cut into "
                "paragraphs."
            )
        if self._topics_needed() > n_terms:
            raise InputError(
                f"n_topics: {self.n_topics} topics for {n_terms} terms (n_features = {n_terms}). "
                f"Ask for at most {n_terms} topics, or keep more terms (lower min_df)."
            )

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Topic proportions theta of documents, shape (D, K), rows on the simplex.

        ``X``: a Corpus, counts of shape (D, V), or D raw texts (``["a text"]``), which are read as
        the corpus of the fit was; the words they hold beyond its vocabulary are left out.

        Deterministic, changes no state, and gives each document the same answer whatever stands
        beside it. A Corpus with another vocabulary is matched by term; terms the model never saw
        are left out, counted and told in an :class:`~polytopic.UnseenTermsWarning`. A document
        without known terms has no topic, and a row that says nothing of it; an
        :class:`~polytopic.EmptyDocumentsWarning` says how many there are.

        Raises
        ------
        InputError
            If the counts cannot be used or have another number of columns, or texts are given and
            the model was fitted on counts without terms.
        """
        self._require_fitted("topic_word_")
        counts = self._checked(X, reset=False, mapped=self._reads_parts())
        self._tell_empty(counts)
        return each_part(self._infer, counts, mapped=self._reads_mapped)

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> NDArray[np.float32]:
        """``fit(X, y, ...)``, then ``transform(X, ...)`` with what ``fit`` was given."""
        return self._fit_and_keep(X, y, fit_params).doc_topic

    def log_likelihood(self, X: Any, doc_topic: NDArray[Any]) -> NDArray[np.float64]:
        """sum_v counts_dv log p(v | theta_d) of each document in nats, shape (D,).

        ``doc_topic``: theta of the documents, shape (D, K). Computed at observed pairs only.
        """
        self._require_fitted("topic_word_")
        counts = self._checked(X, reset=False, mapped=self._reads_parts())
        theta = simplex.check_distribution(doc_topic, "doc_topic").astype(np.float32)
        if theta.shape != (counts.shape[0], len(self.topic_word_)):
            raise InputError(
                f"doc_topic: shape {theta.shape}, expected "
                f"{(counts.shape[0], len(self.topic_word_))}. Pass transform's answer."
            )
        return each_part(self._log_likelihood, counts, theta, mapped=self._reads_mapped)

    def top_words(self, n: int = 10, *, relevance: float | None = None) -> list[list[str]]:
        """The ``n`` most probable terms of each topic; see :meth:`TopicResult.top_words`."""
        self._require_fitted("topic_word_")
        return top_words(self.topic_word_, self.vocabulary_, n, relevance)

    def result(self, corpus: Any, **metrics: Any) -> TopicResult:
        """The frozen record of this model on a corpus: what the report and the metrics read.

        ``corpus`` may be raw texts, as in :meth:`transform`; ``metrics`` are added to the record's
        metrics.
        """
        self._require_fitted("topic_word_")
        corpus = self._read(corpus)
        counts = self._checked(corpus, reset=False, mapped=self._reads_mapped)
        return self._record(corpus, self._quality(counts), metrics)

    def fit_result(self, corpus: Any, **fit_params: Any) -> TopicResult:
        """``fit(corpus, ...)``, then ``result(corpus, ...)``: theta is inferred only once."""
        quality = self._fit_and_keep(corpus, None, fit_params)
        return self._record(corpus, replace(quality, known=self.diagnosis_), {})

    def _record(self, corpus: Any, quality: Quality, metrics: Mapping[str, Any]) -> TopicResult:
        return record_of(self, corpus, quality, metrics, self._edits)

    def keep_edits(self, result: TopicResult) -> Self:
        """Keep what was changed in a result of this model: names, merged topics and so on.

        From then on :meth:`result` gives new documents the same topics, ``topic_names_`` are their
        names, and :meth:`save` keeps both. ``topic_word_`` and :meth:`transform` stay the model's.

        Raises
        ------
        InputError
            If the result is of other topics.
        """
        self._require_fitted("topic_word_")
        self._edits = KeptEdits.of(result, self)
        self.topic_names_ = list(result.names)
        return self

    def save(self, path: str | Path) -> Path:
        """Write the model to a folder of safetensors and JSON; :func:`polytopic.load` reads it.

        Raises
        ------
        InputError
            If the folder holds other files or cannot be written, or ``n_topics`` was changed since
            the model was fitted.
        """
        self._require_fitted("topic_word_")
        if len(self.topic_word_) != self._topics_kept(vars(self)):
            raise InputError(
                f"n_topics: is {self.n_topics}, and this model was fitted with "
                f"{len(self.topic_word_)}. Set it back, or fit anew, before saving."
            )
        arrays = {"topic_word": self.topic_word_, **self._state()}
        fitted: dict[str, Any] = {name: getattr(self, name) for name in self._saved_scalars}
        fitted |= {name: vars(self)[name] for name in self._later_scalars if name in vars(self)}
        fitted["diagnosis"] = self.diagnosis_.to_dict()
        fitted["vocabulary"] = self.vocabulary_.to_dict()
        if self._edits:
            fitted["edits"] = self._edits.to_dict()
        return persistence.save_model(self, path, arrays, fitted)

    def _fitted_schema(self) -> Constraint:
        parts = {"diagnosis": COLLAPSE_RECORD, "vocabulary": VOCABULARY, "edits": KEPT_EDITS}
        later = frozenset({"edits", *self._later_scalars})
        return Record({**self._saved_scalars, **self._later_scalars, **parts}, later=later)

    def _load_state(self, arrays: Mapping[str, NDArray[Any]], fitted: Mapping[str, Any]) -> None:
        n_terms = len(fitted["vocabulary"]["terms"])
        check_arrays(arrays, self._saved_arrays, "arrays", K=self._topics_kept(fitted), V=n_terms)
        self.topic_word_ = arrays["topic_word"]
        simplex.check_distribution(self.topic_word_, "topic_word")
        if fitted["n_features_in_"] != n_terms:
            raise InputError(f"n_features_in_ is {fitted['n_features_in_']} for {n_terms} terms")
        for name in (*self._saved_scalars, *(fitted.keys() & self._later_scalars.keys())):
            setattr(self, name, fitted[name])
        self.diagnosis_ = Collapse.from_dict(fitted["diagnosis"])
        self.vocabulary_ = Vocabulary.from_dict(fitted["vocabulary"])
        self._restore(arrays)
        if "edits" in fitted:
            self._edits = KeptEdits.from_dict(fitted["edits"])
            self.topic_names_ = list(self._edits.names)

    # ---- parts -----------------------------------------------------------------------------

    def _topics_needed(self) -> int:
        """Topics that a fit has at least."""
        return self.n_topics

    def _topics_kept(self, fitted: Mapping[str, Any]) -> int:
        """Topics of a fitted model, of which ``fitted`` holds what is saved beside its arrays."""
        return self.n_topics

    @property
    def _n_features_out(self) -> int:
        return int(self.topic_word_.shape[0])

    def __sklearn_tags__(self) -> Tags:
        tags: Tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.positive_only = True
        tags.input_tags.categorical = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    def _checked(self, X: Any, *, reset: bool, mapped: bool = False) -> sparse.csr_matrix:
        """``X`` as checked counts; ``mapped``: those that lie in files may stay there."""
        if not reset:
            X = aligned(self._read(X), self.vocabulary_.terms)
        counts = as_counts(X, mapped=mapped)
        if not reset and counts.shape[1] != self.n_features_in_:
            raise InputError(
                f"counts: X has {counts.shape[1]} features, but {type(self).__name__} is expecting "
                f"{self.n_features_in_} features as input, one for each term it was fitted with. "
                "Count with the training vocabulary: "
                "Corpus.from_texts(texts, vocabulary=model.vocabulary_)."
            )
        validate_data(self, counts_in(X), reset=reset, skip_check_array=True)
        return counts

    def _reads_beside_counts(self) -> bool:
        """Whether theta comes from something beside counts, so that a row of none has topics."""
        return False

    def _reads_parts(self) -> bool:
        """Whether documents can be answered a part at a time: nothing stands beside them."""
        return self._reads_mapped or not self._reads_beside_counts()

    def _tell_empty(self, counts: sparse.csr_matrix) -> None:
        if not self._reads_beside_counts():
            tell_empty(counts, self._of_empty)

    def _quality(self, counts: sparse.csr_matrix) -> Quality:
        """The topics in checked counts: theta is inferred here, and both checked."""
        simplex.check_distribution(self.topic_word_, "topic_word_")
        theta = self._infer(counts)
        simplex.check_distribution(theta, "doc_topic")
        return Quality(
            topic_word=self.topic_word_, doc_topic=theta, counts=counts,
            vocabulary=self.vocabulary_, beside_counts=self._reads_beside_counts(),
            training=self._seen_in_training(),
        )  # fmt: skip

    def _seen_in_training(self) -> str | None:
        """A sentence on what the training itself saw go wrong."""
        return None

    def _tell_collapse(self) -> None:
        if not self.diagnosis_.ok:
            message = " ".join(self.diagnosis_.sentences())
            warnings.warn(
                f"{type(self).__name__}: {message}", CollapseWarning, stacklevel=frames_between()
            )

    def _fit_and_keep(self, X: Any, y: Any, fit_params: Mapping[str, Any]) -> Quality:
        """``fit``, and the topics of the documents it read, which a fitted model does not keep."""
        self._keeps_quality = True
        try:
            self.fit(X, y, **fit_params)
            return self._kept_quality
        finally:
            for name in ("_keeps_quality", "_kept_quality"):
                self.__dict__.pop(name, None)
