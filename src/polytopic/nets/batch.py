"""Counts on the device: a CSR matrix as tensors, and batches gathered from it without a loop."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from polytopic.counts import as_matrix, documents_of
from polytopic.kernels.arrays import checked_rows, refuse_hole, refuse_other_rows
from polytopic.mapped_counts import MappedCounts

__all__ = [
    "UNKNOWN",
    "CountsBatch",
    "MappedDocuments",
    "SparseCounts",
    "checked_csr",
    "checked_rows",
    "given_out",
]

UNKNOWN = -1
"""The label of a document whose class is not known."""


@dataclass(frozen=True)
class CountsBatch:
    """B documents as observed (document, term) pairs, P in all.

    Attributes
    ----------
    terms : int64 Tensor of shape (P,)
        Column of each pair, document after document.
    values : float32 Tensor of shape (P,)
        Count of each pair.
    offsets : int64 Tensor of shape (B,)
        Where each document begins.
    lengths : int64 Tensor of shape (B,)
        Distinct terms of each document.
    totals : float32 Tensor of shape (B,)
        Tokens of each document.
    side : float32 Tensor of shape (B, M), optional
        What else is known of each document's content, such as an embedding of its text.
    covariates : float32 Tensor of shape (B, C), optional
        Circumstances of each document, as numbers: one column a value.
    labels : int64 Tensor of shape (B,), optional
        Number of each document's class, ``UNKNOWN`` where it is not known.
    """

    terms: Tensor
    values: Tensor
    offsets: Tensor
    lengths: Tensor
    totals: Tensor
    side: Tensor | None = None
    covariates: Tensor | None = None
    labels: Tensor | None = None

    @property
    def n_documents(self) -> int:
        """B."""
        return int(self.offsets.shape[0])

    @cached_property
    def documents(self) -> Tensor:
        """Row of each pair within the batch, int64, shape (P,)."""
        rows = torch.arange(self.n_documents, device=self.terms.device)
        return torch.repeat_interleave(rows, self.lengths, output_size=self.terms.shape[0])

    def sum_pairs(self, pairs: Tensor) -> Tensor:
        """Sum a value of each pair over its document: (P,) to (B,)."""
        sums = torch.zeros(self.n_documents, dtype=pairs.dtype, device=pairs.device)
        return sums.index_add(0, self.documents, pairs)


class SparseCounts:
    """A (D, V) count matrix held as CSR tensors on one device; ``batch`` gathers rows of it.

    The row lengths are kept on the host as well, so that gathering a batch on an accelerator
    never waits for it.

    Parameters
    ----------
    counts : CSR matrix of shape (D, V)
    device : torch.device
    side : array of shape (D, M), optional
        Given out as ``batch.side``.
    covariates : array or CSR matrix of shape (D, C), optional
        Given out as ``batch.covariates``; a CSR matrix is made dense a batch at a time.
    labels : int array of shape (D,), optional
        Given out as ``batch.labels``.

    Raises
    ------
    InputError
        If ``side`` or ``covariates`` is not a finite matrix of D rows.
    """

    def __init__(
        self,
        counts: sparse.csr_matrix,
        device: torch.device,
        *,
        side: NDArray[Any] | None = None,
        covariates: NDArray[Any] | sparse.csr_matrix | None = None,
        labels: NDArray[np.int64] | None = None,
    ) -> None:
        self.device = device
        self.n_documents = int(counts.shape[0])
        indptr = np.asarray(counts.indptr, dtype=np.int64)
        self._host_lengths = np.diff(indptr)
        self._starts = torch.from_numpy(indptr[:-1].copy()).to(device)
        self._lengths = torch.from_numpy(self._host_lengths).to(device)
        self._terms = torch.from_numpy(np.asarray(counts.indices, dtype=np.int32)).to(device)
        self._values = torch.from_numpy(np.asarray(counts.data, dtype=np.float32)).to(device)
        totals = np.asarray(counts.sum(axis=1), dtype=np.float32).ravel()
        self._totals = torch.from_numpy(totals).to(device)
        self.n_tokens = float(totals.sum(dtype=np.float64))
        self._side = self._beside("side", side)
        self._covariates = self._beside("covariates", covariates)
        self._labels = None if labels is None else torch.tensor(labels, device=device)

    def __len__(self) -> int:
        return self.n_documents

    def batch(self, rows: NDArray[np.int64] | Tensor) -> CountsBatch:
        """The documents ``rows`` (B row numbers, on the host) as one batch."""
        host_rows: NDArray[Any] = np.asarray(rows)
        n_pairs = int(self._host_lengths[host_rows].sum())
        index = torch.from_numpy(host_rows).to(self.device)
        lengths = self._lengths[index]
        offsets = torch.cumsum(lengths, 0) - lengths
        shifts = torch.repeat_interleave(
            self._starts[index] - offsets, lengths, output_size=n_pairs
        )
        positions = shifts + torch.arange(n_pairs, device=self.device)
        return CountsBatch(
            terms=self._terms[positions].long(),
            values=self._values[positions],
            offsets=offsets,
            lengths=lengths,
            totals=self._totals[index],
            side=self._rows(self._side, index, host_rows),
            covariates=self._rows(self._covariates, index, host_rows),
            labels=None if self._labels is None else self._labels[index],
        )

    def _beside(self, name: str, rows: Any) -> Tensor | sparse.csr_matrix | None:
        if rows is None:
            return None
        if sparse.issparse(rows):
            return checked_csr(name, rows, self.n_documents)
        return torch.tensor(checked_rows(name, rows, self.n_documents), device=self.device)

    def _rows(
        self, beside: Tensor | sparse.csr_matrix | None, index: Tensor, host_rows: NDArray[Any]
    ) -> Tensor | None:
        if beside is None or isinstance(beside, Tensor):
            return None if beside is None else beside[index]
        return torch.from_numpy(beside[host_rows].toarray()).to(self.device)


class MappedDocuments(SparseCounts):
    """Counts that lie in files: of a batch its own documents are read, to the same tensors.

    Parameters
    ----------
    counts : MappedCounts of shape (D, V)
    device, covariates, labels
        As in :class:`SparseCounts`.
    """

    def __init__(
        self,
        counts: MappedCounts,
        device: torch.device,
        *,
        covariates: NDArray[Any] | sparse.csr_matrix | None = None,
        labels: NDArray[np.int64] | None = None,
    ) -> None:
        self.device, self.counts = device, counts
        self.n_documents = int(counts.shape[0])
        self.n_tokens = float(counts.sum(dtype=np.float64))
        self._covariates = self._beside("covariates", covariates)
        self._labels = None if labels is None else torch.tensor(labels, device=device)

    def batch(self, rows: NDArray[np.int64] | Tensor) -> CountsBatch:
        host_rows: NDArray[Any] = np.asarray(rows)
        index = torch.from_numpy(host_rows).to(self.device)
        found = SparseCounts(self.counts[host_rows], self.device).batch(np.arange(len(host_rows)))
        return replace(
            found,
            covariates=self._rows(self._covariates, index, host_rows),
            labels=None if self._labels is None else self._labels[index],
        )


def given_out(
    counts: Any,
    rows: NDArray[np.int64],
    device: torch.device,
    *,
    covariates: NDArray[Any] | sparse.csr_matrix | None = None,
    labels: NDArray[np.int64] | None = None,
) -> SparseCounts:
    """The documents ``rows`` of counts (D, V) as batches are taken of them, from memory or files.

    ``covariates`` and ``labels``: of these documents alone.
    """
    kind: Any = MappedDocuments if isinstance(counts, MappedCounts) else SparseCounts
    made: SparseCounts = kind(
        documents_of(counts, rows), device, covariates=covariates, labels=labels
    )
    return made


def checked_csr(name: str, rows: Any, n_documents: int) -> sparse.csr_matrix:
    """:func:`checked_rows` of a sparse matrix, which stays one."""
    matrix = as_matrix(rows, name).astype(np.float32, copy=False)
    refuse_other_rows(name, matrix.shape, n_documents)
    if not np.isfinite(matrix.data).all():
        place = int((~np.isfinite(matrix.data)).argmax())
        refuse_hole(name, int(np.searchsorted(matrix.indptr, place, side="right")) - 1)
    return matrix
