"""Counts on the device: a CSR matrix as tensors, and batches gathered from it without a loop."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from polytopic.errors import InputError

__all__ = ["CountsBatch", "SparseCounts"]


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
        Labels or circumstances of each document, as numbers: one column a value.
    """

    terms: Tensor
    values: Tensor
    offsets: Tensor
    lengths: Tensor
    totals: Tensor
    side: Tensor | None = None
    covariates: Tensor | None = None

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
    covariates : array of shape (D, C), optional
        Given out as ``batch.covariates``.

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
        covariates: NDArray[Any] | None = None,
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
        self._side = _dense("side", side, self.n_documents, device)
        self._covariates = _dense("covariates", covariates, self.n_documents, device)

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
            side=None if self._side is None else self._side[index],
            covariates=None if self._covariates is None else self._covariates[index],
        )


def _dense(
    name: str, rows: NDArray[Any] | None, n_documents: int, device: torch.device
) -> Tensor | None:
    if rows is None:
        return None
    array = np.asarray(rows, dtype=np.float32)
    if array.ndim != 2 or len(array) != n_documents:
        raise InputError(
            f"{name}: an array of shape {array.shape} beside {n_documents} documents. Pass a "
            "matrix with one row a document, in their order."
        )
    if not np.isfinite(array).all():
        row = int((~np.isfinite(array).all(axis=1)).argmax())
        raise InputError(f"{name}: row {row} holds NaN or infinity. Fill or drop that document.")
    return torch.tensor(array, device=device)
