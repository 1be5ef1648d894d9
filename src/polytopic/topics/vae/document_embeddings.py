"""Autoencoder topic models that read embeddings of the documents, beside or instead of counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse

from polytopic.nets import SparseCounts
from polytopic.parameters import attribute
from polytopic.topics.encoding.own_vectors import OwnVectors, document_vectors, unit_rows
from polytopic.topics.encoding.reading import ReadsEmbeddings
from polytopic.topics.vae.initial_values import Start
from polytopic.topics.vae.model import VAETopicModel

__all__ = ["SideTopicModel"]


class SideTopicModel(ReadsEmbeddings, VAETopicModel):
    """Base of the autoencoders whose encoder reads a dense (D, M) matrix of document embeddings.

    Without given ones, and without an ``encoder``, a document's embedding is made from its counts:
    the weighted sum of the start's word vectors, of length one.
    """

    _reads_mapped = False

    _own: OwnVectors | None = attribute(default=None)

    def _fit_counts(self, counts: sparse.csr_matrix) -> None:
        self._own = None
        super()._fit_counts(counts)

    def _width(self) -> int:
        return 0 if self._own is not None else int(self._dims[1])

    def _side_start(
        self, counts: sparse.csr_matrix, rows: NDArray[np.int64], start: Start
    ) -> NDArray[np.float32]:
        own = document_vectors(counts[rows], start.vectors, start.term_weight)
        given = self._embeddings_of_fit(counts.shape[0])
        if given is None:
            self._own = OwnVectors(start.vectors.copy(), start.term_weight.copy())
            side = own
        else:
            side = given[rows]
        mean = np.zeros(side.shape[1], np.float32) if given is None else side.mean(axis=0)
        nearest = (own @ start.centers.T).argmax(axis=1)
        sums = np.zeros((self.n_topics, side.shape[1]), np.float32)
        centred = unit_rows(side - mean)
        np.add.at(sums, nearest, centred)
        return np.vstack([unit_rows(sums), mean]).astype(np.float32)

    def _documents(
        self, counts: sparse.csr_matrix, rows: NDArray[np.int64], device: torch.device
    ) -> SparseCounts:
        given = self._embeddings_now(counts.shape[0])
        if given is not None:
            side = given[rows]
        else:
            assert self._own is not None
            side = self._own.of_documents(counts[rows])
        return SparseCounts(counts[rows], device, side=side)

    def _beside_counts(self, n_documents: int) -> list[NDArray[Any]]:
        given = self._embeddings_of_fit(n_documents)
        return [] if given is None else [given]

    def _state(self) -> dict[str, NDArray[Any]]:
        arrays = super()._state()
        if self._own is not None:
            arrays |= {"own/vectors": self._own.vectors, "own/term_weight": self._own.weights}
        return arrays

    def _restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        if "own/vectors" in arrays:
            self._own = OwnVectors(arrays["own/vectors"], arrays["own/term_weight"])
        super()._restore(arrays)
