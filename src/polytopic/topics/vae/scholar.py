"""Scholar: topics of documents that have covariates and labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils import ClassifierTags, Tags
from torch import Tensor

from polytopic.errors import InputError, NotFittedModelError
from polytopic.latent import LaplaceDirichlet, LogisticNormal, Prior
from polytopic.nets import (
    CountsBatch,
    Decoder,
    Encoder,
    MetadataEncoder,
    MetadataProduct,
    SparseCounts,
    given_out,
)
from polytopic.parameters import FLAG, Real, attribute, parameter
from polytopic.result import TopicResult
from polytopic.topics.labels import NotFittedPredictorError
from polytopic.topics.vae.model import VAETopicModel
from polytopic.topics.vae.parts import on_simplex
from polytopic.topics.vae.scholar_metadata import METADATA, Columns, read_labels

__all__ = ["Scholar"]


class Scholar(VAETopicModel):
    """Topics of documents with metadata (Card, Tan & Smith, ACL 2018, arXiv:1705.09296).

        h ~ N(mu_0, diag(sigma2_0))       Laplace approximation of Dirichlet(concentration)
        theta = softmax(h)                                       (D, K)
        w_d ~ Multinomial(softmax(b + BN(theta W) + c B))        W: (K, V), c: (D, C), B: (C, V)
        y_d ~ Categorical(softmax(MLP([theta, c])))              L classes
        q(h | d) = N(mu(w, c, y), diag(sigma2(w, c, y)))

    Covariates c are what is known of every document and shifts its words, labels y what is to be
    foretold. Each may be left out; without both this is ProdLDA.

    Attributes
    ----------
    classes_ : array of shape (L,)
        Where labels were given.
    covariate_names_ : list of C str
        Where covariates were given, as is ``covariate_word_``.

    Raises
    ------
    InputError
        By ``fit`` and ``transform``: parameters, counts, covariates or labels that cannot be used.

    >>> import numpy as np
    >>> counts = np.kron(np.eye(2, dtype=int), np.full((10, 4), 2))
    >>> model = Scholar(n_topics=2, random_state=0)
    >>> model = model.fit(counts, labels=["ab"] * 10 + ["yz"] * 10, terms=list("abcdwxyz"))
    >>> sorted("".join(sorted(words)) for words in model.top_words(4))
    ['abcd', 'wxyz']
    >>> model.predict(counts[[0, 19]]).tolist()
    ['ab', 'yz']
    """

    interactions: bool = parameter(
        FLAG,
        "Whether covariates also shift each topic in its own way: (c x theta) I, I: (C K, V).",
        default=False,
    )
    label_weight: float = parameter(
        Real(0),
        "Weight of log p(y | theta, c) in the bound; at 1, the model's own, a label counts as"
        " a word.",
        default=20.0,
    )
    label_dropout: float = parameter(
        Real(0, 1),
        "Share of the labels the encoder does not see in training; 1 shows it none.",
        default=0.5,
    )

    posterior = LogisticNormal
    prior: ClassVar[Callable[..., Prior]] = LaplaceDirichlet
    # By the figures of benchmarks/topics.py, on 20ng-5k; see VAETopicModel for what each is.
    _concentration = 0.2
    _offsets = (-1.0,)

    classes_: NDArray[Any] = attribute()
    covariate_names_: list[str] = attribute()
    _columns: Columns | None = attribute(default=None)
    _metadata: dict[str, Any] = attribute()
    _given: Any = attribute(default=None)
    _labels: Any = attribute(default=None)
    _codes: NDArray[np.int64] | None = attribute(default=None)

    _saved_scalars: ClassVar = {**VAETopicModel._saved_scalars, "_metadata": METADATA}

    # ---- the public face -------------------------------------------------------------------

    def fit(
        self,
        X: Any,
        y: Any = None,
        *,
        terms: Sequence[str] | None = None,
        covariates: Any = None,
        labels: Any = None,
    ) -> Self:
        """Learn topics from counts, covariates and labels of the same documents.

        Parameters
        ----------
        X : Corpus, sparse matrix or array of shape (D, V)
        y : sequence of D labels, optional
            The same as ``labels``.
        terms : sequence of V str, optional
        covariates : array or sparse matrix of shape (D, C), or D category names, optional
            Columns are centred, and those that hold other numbers than 0 and 1 are divided by their
            deviation. Names become a column a category.
        labels : sequence of D labels, optional
            Names or whole numbers; None or NaN where the class is not known.

        Raises
        ------
        InputError
            If a parameter, the counts, the covariates or the labels cannot be used.
        """
        if y is not None and labels is not None:
            raise InputError("labels: given twice, as y and as labels. Pass one of them.")
        self._given, self._labels = covariates, y if labels is None else labels
        try:
            return super().fit(X, terms=terms)
        finally:
            self._forget("_given", "_codes", "_labels")

    def transform(self, X: Any, *, covariates: Any = None) -> NDArray[np.float32]:
        """Topic proportions theta, shape (D, K), rows on the simplex.

        Parameters
        ----------
        X : Corpus, sparse matrix or array of shape (D, V)
        covariates : as in ``fit``
            Needed if, and only if, the model was fitted with some.

        Raises
        ------
        InputError
            If the counts or the covariates cannot be used.
        """
        return super(Scholar, self._reading(covariates)).transform(X)

    def predict_proba(self, X: Any, *, covariates: Any = None) -> NDArray[np.float32]:
        """p(y | theta, c) at the posterior mean of theta, shape (D, L), rows on the simplex.

        Columns in the order of ``classes_``.

        Raises
        ------
        InputError
            If the model was fitted without labels, or as by ``transform``.
        """
        self._require_fitted("topic_word_")
        if not hasattr(self, "classes_"):
            raise InputError(
                "labels: this model was fitted without, and foretells none. Fit with labels."
            )
        counts = self._checked(X, reset=False)
        reading = self._reading(covariates)
        return on_simplex(reading._answers(counts, len(self.classes_), self._foretold))

    def predict(self, X: Any, *, covariates: Any = None) -> NDArray[Any]:
        """The most probable of ``classes_`` for each document, shape (D,)."""
        chosen = self.predict_proba(X, covariates=covariates).argmax(axis=1)
        return np.asarray(self.classes_[chosen])

    def log_likelihood(
        self, X: Any, doc_topic: NDArray[Any], *, covariates: Any = None
    ) -> NDArray[np.float64]:
        """As :meth:`TopicModel.log_likelihood`, of the words alone, given the covariates too."""
        return super(Scholar, self._reading(covariates)).log_likelihood(X, doc_topic)

    def result(self, corpus: Any, *, covariates: Any = None, **metrics: Any) -> TopicResult:
        """As :meth:`TopicModel.result`, with the covariates of the corpus's documents."""
        return super(Scholar, self._reading(covariates)).result(corpus, **metrics)

    @property
    def covariate_word_(self) -> NDArray[np.float32]:
        """What each covariate adds to the terms' log odds, shape (C, V): no distribution.

        Signed deviations from the document of average covariates, a unit of the covariate (or a
        document of the category) each; centred over terms, since a softmax knows no more.
        """
        if self._columns is None:
            raise AttributeError("covariate_word_: the model was fitted without covariates")
        weights = self._own_decoder().deviations.detach().numpy()
        weights = weights / self._columns.scale[:, None]
        if self._columns.categories:
            weights = weights - self._columns.mean @ weights
        return np.asarray(weights - weights.mean(axis=1, keepdims=True), dtype=np.float32)

    # ---- parts -----------------------------------------------------------------------------

    def _require_fitted(self, attribute: str) -> None:
        try:
            super()._require_fitted(attribute)
        except NotFittedModelError as error:
            raise NotFittedPredictorError(str(error)) from None

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags = ClassifierTags()
        return tags

    def _reading(self, covariates: Any) -> Self:
        """This model as it reads one call's documents: what is given beside them is the copy's own,
        so that calls from several threads have no part of each other's."""
        reading = copy(self)
        reading._given = covariates
        return reading

    def _forget(self, *names: str) -> None:
        for name in names:
            self.__dict__.pop(name, None)

    def _fit_counts(self, counts: sparse.csr_matrix) -> None:
        n_documents = counts.shape[0]
        self._forget("classes_", "covariate_names_")
        self._columns = None if self._given is None else Columns.learn(self._given, n_documents)
        if self._columns is not None:
            self.covariate_names_ = self._columns.names
        if self._labels is not None:
            self.classes_, self._codes = read_labels(self._labels, n_documents)
        self._metadata = {
            "classes": self.classes_.tolist() if self._labels is not None else None,
            "covariates": None if self._columns is None else self._columns.about(),
        }
        self._own_penalties = {} if self._columns is None else {"shrinkage": 1.0 / n_documents}
        super()._fit_counts(counts)

    def _check_choices(self) -> None:
        if self.decoder not in (None, "product"):
            raise InputError(
                f"decoder: {self.decoder!r} has no place for covariates. Scholar's is "
                '"product": leave it out.'
            )
        super()._check_choices()

    def _documents(
        self, counts: sparse.csr_matrix, rows: NDArray[np.int64], device: torch.device
    ) -> SparseCounts:
        covariates = self._covariates(counts.shape[0])
        return given_out(
            counts,
            rows,
            device,
            covariates=None if covariates is None else covariates[rows],
            labels=None if self._codes is None else self._codes[rows],
        )

    def _judged(self, counts: sparse.csr_matrix) -> SparseCounts:
        return self._documents(counts, np.arange(counts.shape[0]), torch.device("cpu"))

    def _covariates(self, n_documents: int) -> NDArray[np.float32] | sparse.csr_matrix | None:
        if self._columns is None:
            if self._given is not None:
                raise InputError("covariates: this model was fitted without. Leave them out.")
            return None
        if self._given is None:
            raise InputError(
                "covariates: this model was fitted with some. Pass those of these documents: "
                "transform(X, covariates=...)."
            )
        return self._columns.rows(self._given, n_documents)

    def _beside_counts(self, n_documents: int) -> list[NDArray[Any]]:
        labels = [] if self._codes is None else [self._codes]
        columns = self._columns
        return labels + ([] if columns is None else columns.csr_arrays(self._given, n_documents))

    def _widths(self) -> dict[str, Any]:
        """What encoder and decoder are built for."""
        columns = self._columns
        nothing = np.zeros(0, np.float32)
        return {
            "mean": torch.from_numpy(nothing if columns is None else columns.mean),
            "spread": torch.from_numpy(nothing if columns is None else columns.scale),
            "n_classes": len(self.classes_) if hasattr(self, "classes_") else 0,
        }

    def _counts_encoder(self, **parts: Any) -> Encoder:
        return MetadataEncoder(label_dropout=self.label_dropout, **self._widths(), **parts)

    def _decoder_class(self, name: str) -> type[Decoder]:
        return MetadataProduct

    def _options_of(self, decoder: str) -> Mapping[str, Any]:
        own = {"interactions": self.interactions, "label_weight": self.label_weight}
        return {**self._widths(), **own, "hidden": self.hidden}

    def _own_decoder(self) -> MetadataProduct:
        decoder = self.module_.decoder
        assert isinstance(decoder, MetadataProduct)
        return decoder

    def _foretold(self, batch: CountsBatch) -> Tensor:
        logits = self._own_decoder().label_logits(self.module_.theta(batch), batch)
        return torch.softmax(logits, dim=1)

    def _state(self) -> dict[str, NDArray[Any]]:
        arrays = {} if self._columns is None else self._columns.arrays()
        return super()._state() | arrays

    def _restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        classes, about = self._metadata["classes"], self._metadata["covariates"]
        if classes is not None:
            self.classes_ = np.array(classes)
        if about is not None:
            self._columns = Columns.restore(about, arrays)
            self.covariate_names_ = self._columns.names
        super()._restore(arrays)
