"""Topic models that read a dense vector of each document: encoded, given, or of its own counts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from polytopic.base import Estimator
from polytopic.errors import InputError
from polytopic.io.schemas import TEXT
from polytopic.parameters import Constraint, attribute, parameter
from polytopic.result import TopicResult
from polytopic.result.explaining import Explanation
from polytopic.text.columns import as_list, held
from polytopic.text.raw_texts import are_texts
from polytopic.topics.base import TopicModel
from polytopic.topics.encoding.encoders import ENCODER, checked_embeddings, encode, name_of

__all__ = ["ReadsEmbeddings"]

_NAME = "embeddings"


class ReadsEmbeddings(TopicModel):
    """Base of the models that read a dense (D, E) matrix of document embeddings.

    They are given (``embeddings=``), or made of the texts by ``encoder``, or, without either, of
    the counts: weighted sums of the corpus's own word vectors, at length one.

    Attributes
    ----------
    encoder_name_ : str
        Of the encoder whose embeddings the model was fitted with, if it was. A saved model keeps
        this name alone; the encoder is set anew where texts are to be read.
    """

    encoder: Any = parameter(
        ENCODER,
        "Makes embeddings of texts where none are given: a function from a list of n texts to an "
        "array (n, E), a sentence-transformers or model2vec model, or the name or folder of one. "
        "By default they are made of the counts.",
        default=None,
        kind='str, callable or object with "encode", optional',
    )

    encoder_name_: str = attribute()
    _given: Any = attribute(default=None)
    _may_change: ClassVar[frozenset[str]] = Estimator._may_change | {"encoder"}
    _later_scalars: ClassVar[Mapping[str, Constraint]] = {"encoder_name_": TEXT}

    @abstractmethod
    def _width(self) -> int:
        """E of the embeddings that a fitted model reads; 0 if it makes them of the counts."""

    # ---- the public face -------------------------------------------------------------------

    def fit(
        self,
        X: Any,
        y: Any = None,
        *,
        terms: Sequence[str] | None = None,
        embeddings: Any = None,
    ) -> Self:
        """Learn topics from counts and embeddings of the same documents.

        Parameters
        ----------
        X : Corpus, sparse matrix or array of shape (D, V)
        y : ignored
        terms : sequence of V str, optional
        embeddings : array of shape (D, E), optional
            One row a document. By default ``encoder`` makes them of the corpus's texts; without one
            they are made from the counts.

        Raises
        ------
        InputError
            If a parameter, the counts or the embeddings cannot be used, or the encoder fails.
        """
        self.check_parameters()
        self.__dict__.pop("encoder_name_", None)
        self._given = self._beside(X, embeddings)
        try:
            super().fit(X, terms=terms)
        finally:
            self.__dict__.pop("_given", None)
        if self.encoder is not None:
            self.encoder_name_ = name_of(self.encoder)
        return self

    def transform(self, X: Any, *, embeddings: Any = None) -> NDArray[np.float32]:
        """Topic proportions theta, shape (D, K), rows on the simplex.

        Parameters
        ----------
        X : Corpus, raw texts, sparse matrix or array of shape (D, V)
            Texts are encoded if the model has an ``encoder``.
        embeddings : array of shape (D, E), optional
            Of the same encoder as those of the fit; needed where that had some and texts cannot be
            encoded.

        Raises
        ------
        InputError
            If the counts or the embeddings cannot be used, or there are none and the model was
            fitted with some.
        """
        self._require_fitted("topic_word_")
        return super(ReadsEmbeddings, self._reading(X, embeddings)).transform(X)

    def result(self, corpus: Any, *, embeddings: Any = None, **metrics: Any) -> TopicResult:
        """As :meth:`TopicModel.result`, with the embeddings of the corpus's documents."""
        self._require_fitted("topic_word_")
        return super(ReadsEmbeddings, self._reading(corpus, embeddings)).result(corpus, **metrics)

    def learned_from(self, X: Any, *, embeddings: Any = None, **options: Any) -> Self:
        """As :meth:`TopicModel.learned_from`, with the embeddings of the new documents."""
        self._require_fitted("topic_word_")
        reading = self._reading(X, embeddings)
        learned: Self = super(ReadsEmbeddings, reading).learned_from(X, **options)
        learned.__dict__.pop("_given", None)
        return learned

    def embeddings_of(self, X: Any) -> NDArray[np.float32]:
        """Embeddings of documents by the model's encoder, (D, E), to be kept and given again.

        Parameters
        ----------
        X : Corpus that keeps its texts, or raw texts

        Raises
        ------
        InputError
            If there is no encoder, it fails, or the documents come without texts.
        """
        if self.encoder is None:
            raise InputError("encoder: there is none. Give the model one, or embeddings=.")
        made: NDArray[np.float32] = self._beside(X, None)
        return made

    def explain(self, text: str, **beside: Any) -> Explanation:
        """As :meth:`TopicModel.explain`; the text is encoded if the model has an encoder."""
        if self.encoder is not None and _NAME not in beside and isinstance(text, str):
            beside = {_NAME: encode(self.encoder, [text]), **beside}
        return super().explain(text, **beside)

    # ---- parts -----------------------------------------------------------------------------

    def _beside(self, X: Any, embeddings: Any) -> Any:
        """The embeddings of documents, as given or by the encoder; None if counts are all."""
        if embeddings is not None or self.encoder is None:
            return embeddings
        texts = as_list(X, "texts") if are_texts(X) and not isinstance(X, str) else held(X, "texts")
        if texts is None:
            raise InputError(
                "encoder: reads texts, and these documents come without. Pass a Corpus that keeps "
                "its texts (Corpus.from_texts), raw texts to a fitted model, or embeddings=."
            )
        return encode(self.encoder, texts)

    def _reading(self, X: Any, embeddings: Any) -> Self:
        """This model as it reads one call's documents: what is given beside them is the copy's own,
        so that calls from several threads have no part of each other's."""
        reading = copy(self)
        reading._given = self._beside(X, embeddings)
        return reading

    def _reads_beside_counts(self) -> bool:
        return self._given is not None

    def _embeddings_of_fit(self, n_documents: int) -> NDArray[np.float32] | None:
        """Those that a fit was given, checked; None if they are to be made of the counts."""
        return None if self._given is None else checked_embeddings(_NAME, self._given, n_documents)

    def _embeddings_now(self, n_documents: int) -> NDArray[np.float32] | None:
        """Those of the documents of one call, held to what the model was fitted with."""
        width = self._width()
        if self._given is None:
            if width:
                self._tell_missing()
            return None
        if not width:
            raise InputError(
                "embeddings: this model was fitted without, and makes them from the counts. Leave "
                "them and the encoder out, or fit with embeddings."
            )
        rows = checked_embeddings(_NAME, self._given, n_documents)
        if rows.shape[1] != width:
            raise InputError(
                f"embeddings: have {rows.shape[1]} numbers a document, and this model was fitted "
                f"with {width}. Use the encoder of the fit."
            )
        return rows

    def _tell_missing(self) -> None:
        if name := getattr(self, "encoder_name_", ""):
            raise InputError(
                f'encoder: this model was fitted with embeddings by "{name}", which is not kept '
                "with it. Set it: model.set_params(encoder=...), or --encoder; or pass embeddings=."
            )
        raise InputError(
            "embeddings: this model was fitted with embeddings of the documents. Pass those "
            "of these documents: transform(X, embeddings=...), or infer --embeddings."
        )

    def _load_state(self, arrays: Mapping[str, NDArray[Any]], fitted: Mapping[str, Any]) -> None:
        """A name that a file holds is shown, and loads nothing by itself."""
        super()._load_state(arrays, fitted)
        self.encoder = None
