"""Counts in pieces answer as the whole matrix does."""

from __future__ import annotations

import itertools
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from polytopic import mapped_counts, scratch
from polytopic.counts import (
    LARGEST_COUNT,
    as_counts,
    document_lengths,
    holds_terms,
    in_memory,
    term_totals,
    total_tokens,
    whole_counts,
)
from polytopic.mapped_counts import MappedCounts, documents_left, row_blocks, rows_taken
from polytopic.topics.documents import vocabulary_of

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


def test_blocks_of_rows_are_the_same_in_memory_and_in_pieces() -> None:
    rng = np.random.default_rng(3)
    whole = sparse.csr_matrix(rng.poisson(0.4, (53, 11)).astype(np.int32))
    pieces = [whole[a:b] for a, b in ((0, 20), (20, 21), (21, 53))]
    mapped = MappedCounts(pieces, 11)
    for size in (1, 7, 20, 100):
        found = list(row_blocks(mapped, size))
        for (rows, block), (other, expected) in zip(found, row_blocks(whole, size), strict=True):
            assert rows == other
            assert (block != expected).nnz == 0 and block.shape == expected.shape
        assert sum(block.shape[0] for _, block in found) == 53
    assert (mapped[5:2] != whole[5:2]).nnz == 0 and mapped[5:2].shape == (0, 11)
    assert (mapped[-4:] != whole[-4:]).nnz == 0
    assert (mapped[::3] != whole[::3]).nnz == 0


@pytest.mark.parametrize("bounded", [False, True])
def test_all_of_it_is_one_matrix(bounded: bool, tmp_path: Path) -> None:
    whole = sparse.csr_matrix(np.eye(5, 4, dtype=np.int32) * 3)
    mapped = MappedCounts([whole[:2], whole[2:2], whole[2:]], 4)
    with scratch.bounded(tmp_path) if bounded else nullcontext():
        found = mapped.tocsr()
        assert (found != whole).nnz == 0 and found.dtype == np.int32
        assert (mapped.tocsr() is found) == bounded, "made once where it lies in files"


def test_some_documents_are_left_where_they_are() -> None:
    whole = sparse.csr_matrix(np.arange(24, dtype=np.int32).reshape(6, 4))
    rows = np.array([5, 0, 3])
    for given in (whole, MappedCounts([whole[:4], whole[4:]], 4)):
        left = documents_left(given, rows)
        assert isinstance(left, MappedCounts) and left.shape == (3, 4)
        assert (left.tocsr() != whole[rows]).nnz == 0


def test_one_term_may_occur_more_often_than_32_bits_hold() -> None:
    """Three times 2^30 of one term, in pieces, in memory and in all that reads them."""
    each = sparse.csr_matrix(np.array([[LARGEST_COUNT, 1]], dtype=np.int32))
    mapped = MappedCounts([each] * 3, 2)
    total = 3 * LARGEST_COUNT
    assert total > 2**31
    for counts in (mapped, mapped.tocsr(), in_memory(mapped)):
        assert term_totals(counts).tolist() == [total, 3]
        assert total_tokens(counts) == total + 3
        assert document_lengths(counts).tolist() == [LARGEST_COUNT + 1] * 3
    vocabulary = vocabulary_of(mapped, mapped, ["often", "once"])  # type: ignore[arg-type]
    assert vocabulary.counts.tolist() == [total, 3]
    assert mapped.sum(axis=0).tolist() == [total, 3]


def test_more_pairs_than_32_bits_number_keep_their_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is mocked: places are numbered by 64 bits from there on."""
    bounds = PIECES.indptr
    assert bounds.dtype == np.int64
    monkeypatch.setattr("polytopic.mapped_counts._MOST_NARROW", PIECES.nnz - 1)
    given: list[np.dtype] = []
    made = sparse.csr_matrix

    def watched(parts: Any, **options: Any) -> Any:
        given.extend(part.dtype for part in parts[1:])
        return made(parts, **options)

    monkeypatch.setattr("polytopic.mapped_counts.sparse.csr_matrix", watched)
    assert (PIECES.tocsr() != WHOLE).nnz == 0
    assert given == [np.dtype(np.int64)] * 2


@pytest.mark.parametrize("bounded", [False, True])
@pytest.mark.parametrize("pieces", [1, 3])
def test_rows_from_all_over_are_those_of_scipy(
    bounded: bool, pieces: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapped_counts, "_SCATTERED", 4)
    looks: list[int] = []
    monkeypatch.setattr(mapped_counts, "look", lambda: looks.append(1))
    whole = sparse.random(60, 9, 0.4, "csr", random_state=0)
    whole.data = np.arange(1, whole.nnz + 1)
    whole = whole.astype(np.int32)
    rows = np.random.default_rng(1).integers(0, 60, 33)
    bounds = np.linspace(0, 60, pieces + 1).astype(int)
    parts = [whole[a:b] for a, b in itertools.pairwise(bounds)]
    given = whole if pieces == 1 else MappedCounts(parts, 9)
    with scratch.bounded(tmp_path) if bounded else nullcontext():
        found = rows_taken(given, rows)
        single = rows_taken(whole.astype(np.float32), rows)
    assert (found != whole[rows]).nnz == 0 and single.dtype == np.float32
    assert bool(looks) == (bounded or pieces > 1)
    if looks:
        assert len(looks) >= 33 // 4
