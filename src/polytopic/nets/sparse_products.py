"""Products that need only a batch's observed pairs, as tensors in and out, without gradients.

On a processor compiled loops do them; on other devices torch's gathers and sparse products. A
batch stands in them as three tensors: ``documents`` and ``terms``, the row and the column of each
pair, shape (P,), and ``ends``, where each document's pairs end, shape (B,).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from numpy.typing import NDArray
from torch import Tensor

from polytopic.nets import sparse_product_loops as loops
from polytopic.nets.batch import CountsBatch

__all__ = [
    "Pairs", "array_of", "column_max", "outer_sums", "pair_dots", "pairs_of", "weighted_sums",
]  # fmt: skip


class Pairs(NamedTuple):
    """Where the observed pairs of a batch stand."""

    documents: Tensor
    terms: Tensor
    ends: Tensor


def pairs_of(batch: CountsBatch) -> Pairs:
    """The places of a batch's pairs."""
    return Pairs(batch.documents, batch.terms, batch.offsets + batch.lengths)


def pair_dots(rows: Tensor, documents: Tensor, pairs: Pairs) -> Tensor:
    """rows_t . documents_d of each pair, shape (P,), of rows (V, K) and documents (B, K)."""
    if rows.device.type != "cpu":
        return (rows[pairs.terms] * documents[pairs.documents]).sum(1)
    out = rows.new_empty(len(pairs.terms))
    loops.pair_dots(
        array_of(rows),
        array_of(documents),
        array_of(pairs.terms),
        array_of(pairs.ends),
        array_of(out),
    )
    return out


def weighted_sums(rows: Tensor, weights: Tensor, pairs: Pairs) -> Tensor:
    """sum of w_i rows_t over each document's pairs, shape (B, K), of rows (V, K), weights (P,)."""
    if rows.device.type != "cpu":
        product: Tensor = torch.sparse.mm(_matrix(weights, pairs, len(rows)), rows)
        return product
    out = rows.new_empty(len(pairs.ends), rows.shape[1])
    loops.weighted_sums(
        array_of(rows),
        array_of(weights),
        array_of(pairs.terms),
        array_of(pairs.ends),
        array_of(out),
    )
    return out


def outer_sums(documents: Tensor, weights: Tensor, pairs: Pairs, n_rows: int) -> Tensor:
    """sum of w_i documents_d over each term's pairs, (n_rows, K); of (B, K) and (P,)."""
    if documents.device.type != "cpu":
        product: Tensor = torch.sparse.mm(_matrix(weights, pairs, n_rows).t(), documents)
        return product
    out = documents.new_empty(n_rows, documents.shape[1])
    loops.outer_sums(
        array_of(documents), array_of(weights), array_of(pairs.terms), array_of(pairs.ends),
        array_of(out),
    )  # fmt: skip
    return out


def column_max(rows: Tensor) -> Tensor:
    """Largest of each column, shape (K,), of rows (V, K)."""
    if rows.device.type != "cpu":
        return rows.amax(0)
    out = rows.new_empty(rows.shape[1])
    loops.column_max(array_of(rows), array_of(out))
    return out


def array_of(tensor: Tensor) -> NDArray[Any]:
    """A tensor's numbers, without a copy where they lie one after the other."""
    array: NDArray[Any] = tensor.detach().contiguous().numpy()
    return array


def _matrix(weights: Tensor, pairs: Pairs, n_terms: int) -> Tensor:
    return torch.sparse_coo_tensor(
        torch.stack([pairs.documents, pairs.terms]),
        weights,
        (len(pairs.ends), n_terms),
        is_coalesced=True,
        check_invariants=False,
    )
