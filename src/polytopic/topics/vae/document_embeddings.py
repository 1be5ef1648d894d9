"""Autoencoder topic models that read embeddings of the documents, beside or instead of counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse

from polytopic.errors import InputError
from polytopic.nets import SparseCounts, checked_rows
from polytopic.parameters import attribute
from polytopic.result import TopicResult
from polytopic.topics.vae.initial_values import Start, document_vectors, unit_rows
from polytopic.topics.vae.model import VAETopicModel

__all__ = ["SideTopicModel"]

_NAME = "embeddings"


class SideTopicModel(VAETopicModel):
    """Base of the models whose encoder reads a dense (D, M) matrix of document embeddings.

    The embeddings come from any text encoder (sentence-transformers, say), which the package itself
    does not load. Without given ones a document's embedding is made from its counts: the weighted
    sum of the start's word vectors, of length one.
    """

    _given: Any = attribute(default=None)
    _own: tuple[NDArray[np.float32], NDArray[np.float32]] | None = attribute(default=None)

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
        embeddings : array of shape (D, M), optional
            One row a document. By default they are made from the counts.

        Raises
        ------
        InputError
            If a parameter, the counts or the embeddings cannot be used.
        """
        self._own, self._given = None, embeddings
        try:
            return super().fit(X, terms=terms)
        finally:
            del self._given

    def transform(self, X: Any, *, embeddings: Any = None) -> NDArray[np.float32]:
        """Topic proportions theta, shape (D, K), rows on the simplex.

        Parameters
        ----------
        X : Corpus, sparse matrix or array of shape (D, V)
        embeddings : array of shape (D, M), optional
            Needed if, and only if, the model was fitted with some.

        Raises
        ------
        InputError
            If the counts or the embeddings cannot be used.
        """
        return super(SideTopicModel, self._reading(embeddings)).transform(X)

    def result(self, corpus: Any, *, embeddings: Any = None, **metrics: Any) -> TopicResult:
        """As :meth:`TopicModel.result`, with the embeddings of the corpus's documents."""
        return super(SideTopicModel, self._reading(embeddings)).result(corpus, **metrics)

    def _reading(self, embeddings: Any) -> Self:
        """This model as it reads one call's documents: what is given beside them is the copy's own,
        so that calls from several threads have no part of each other's."""
        reading = copy(self)
        reading._given = embeddings
        return reading

    def _reads_beside_counts(self) -> bool:
        return self._given is not None

    def _side_start(
        self, counts: sparse.csr_matrix, rows: NDArray[np.int64], start: Start
    ) -> NDArray[np.float32]:
        own = document_vectors(counts[rows], start.vectors, start.term_weight)
        if self._given is None:
            self._own = start.vectors.copy(), start.term_weight.copy()
            side = own
        else:
            side = checked_rows(_NAME, self._given, counts.shape[0])[rows]
        mean = np.zeros(side.shape[1], np.float32) if self._given is None else side.mean(axis=0)
        nearest = (own @ start.centers.T).argmax(axis=1)
        sums = np.zeros((self.n_topics, side.shape[1]), np.float32)
        centred = unit_rows(side - mean)
        np.add.at(sums, nearest, centred)
        return np.vstack([unit_rows(sums), mean]).astype(np.float32)

    def _documents(
        self, counts: sparse.csr_matrix, rows: NDArray[np.int64], device: torch.device
    ) -> SparseCounts:
        if self._given is not None:
            if self._own is not None:
                raise InputError(
                    "embeddings: this model was fitted without, and makes them from the counts. "
                    "Leave them out, or fit with embeddings."
                )
            side = checked_rows(_NAME, self._given, counts.shape[0])[rows]
        elif self._own is not None:
            side = document_vectors(counts[rows], *self._own)
        else:
            raise InputError(
                "embeddings: this model was fitted with embeddings of the documents. Pass those "
                "of these documents: transform(X, embeddings=...), or infer --embeddings."
            )
        return SparseCounts(counts[rows], device, side=side)

    def _beside_counts(self, n_documents: int) -> list[NDArray[Any]]:
        return [] if self._given is None else [checked_rows(_NAME, self._given, n_documents)]

    def _state(self) -> dict[str, NDArray[Any]]:
        arrays = super()._state()
        if self._own is not None:
            arrays |= {"own/vectors": self._own[0], "own/term_weight": self._own[1]}
        return arrays

    def _restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        if "own/vectors" in arrays:
            self._own = arrays["own/vectors"], arrays["own/term_weight"]
        super()._restore(arrays)
