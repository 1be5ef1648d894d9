"""Counts in pieces answer as the whole matrix does."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import sparse

from polytopic.counts import as_counts, document_lengths, holds_terms, total_tokens, whole_counts
from polytopic.mapped_counts import MappedCounts

WHOLE = sparse.random(37, 11, 0.2, "csr", random_state=np.random.default_rng(0))
WHOLE.data = (WHOLE.data * 9).astype(np.int32) + 1
WHOLE = WHOLE.astype(np.int32)
EDGES = (0, 5, 5, 20, 36, 37)
PIECES = MappedCounts([WHOLE[a:b] for a, b in itertools.pairwise(EDGES)], 11)


@pytest.mark.parametrize(
    "rows",
    [slice(3, 30), slice(None, None, -2), [36, 0, 7, 7, 19], [], np.arange(37) % 3 == 0,
     np.random.default_rng(1).permutation(37)],
    ids=["slice", "backwards", "any", "none", "mask", "all in disorder"],
)  # fmt: skip
def test_rows_are_those_of_the_whole(rows: object) -> None:
    found = PIECES[rows]
    assert found.shape == WHOLE[rows].shape
    assert np.array_equal(found.toarray(), WHOLE[rows].toarray())


def test_sums_and_bounds_are_those_of_the_whole() -> None:
    for axis in (None, 0, 1):
        assert np.array_equal(np.ravel(PIECES.sum(axis=axis)), np.ravel(WHOLE.sum(axis=axis)))
    assert PIECES.shape == WHOLE.shape and PIECES.nnz == WHOLE.nnz
    assert np.array_equal(PIECES.indptr, WHOLE.indptr)
    assert np.array_equal(document_lengths(PIECES), document_lengths(WHOLE))
    assert np.array_equal(holds_terms(PIECES), holds_terms(WHOLE))  # type: ignore[arg-type]
    assert total_tokens(PIECES) == total_tokens(WHOLE)


def test_terms_are_those_of_the_whole() -> None:
    columns = np.array([7, 0, 3])
    assert np.array_equal(PIECES.columns(columns).toarray(), WHOLE[:, columns].toarray())
    assert np.array_equal(PIECES.holding(), (WHOLE.toarray() > 0).sum(axis=0))
    assert MappedCounts([], 4).columns(columns % 4).shape == (0, 3)


def test_all_of_it_is_the_whole() -> None:
    for made in (PIECES.tocsr(), as_counts(PIECES), whole_counts(PIECES)):
        assert (made != WHOLE).nnz == 0 and made.has_canonical_format
    assert MappedCounts([], 4).tocsr().shape == (0, 4)
    assert MappedCounts([], 4)[[]].shape == (0, 4)
    assert MappedCounts([], 4).sum(axis=0).tolist() == [0, 0, 0, 0]


def test_sums_beyond_32_bits_are_right() -> None:
    large = sparse.csr_matrix(np.full((2, 3), 2**30, np.int32))
    counts = MappedCounts([large, large], 3)
    assert counts.sum() == 12 * 2**30
    assert counts.sum(axis=0).tolist() == [2**32] * 3


CHOSEN = {
    "in order": np.arange(3, 30, 2), "backwards": np.arange(37)[::-1],
    "twice": np.array([5, 5, 36, 0]), "one": np.array([20]),
}  # fmt: skip


@pytest.mark.parametrize("name", CHOSEN)
def test_some_documents_left_in_their_files(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They answer as those documents do, a block of them gathered at a time."""
    monkeypatch.setattr("polytopic.mapped_counts._BLOCK", 4)
    rows, plain = CHOSEN[name], WHOLE[CHOSEN[name]]
    view = PIECES.chosen(rows)
    assert (view.shape, view.nnz) == (plain.shape, plain.nnz)
    assert max(piece.shape[0] for piece in view.pieces) <= 4
    assert np.array_equal(view.indptr, plain.indptr)
    for axis in (0, 1):
        assert np.array_equal(view.sum(axis=axis), np.ravel(plain.sum(axis=axis)))
    assert np.array_equal(view.holding(), np.bincount(plain.indices, minlength=11))
    assert np.array_equal(view.columns(np.array([4, 2])).toarray(), plain[:, [4, 2]].toarray())
    assert np.array_equal(view[1:].toarray(), plain[1:].toarray())
    assert np.array_equal(view.tocsr().toarray(), plain.toarray())
