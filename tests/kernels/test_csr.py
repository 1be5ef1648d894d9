"""Sparse matrices of every format and type come through the gate whole, or are refused there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from malformed import MALFORMED, Spoil
from polytopic.counts import LARGEST_COUNT, as_counts, whole_counts
from polytopic.errors import InputError
from polytopic.kernels.arrays import check_ids, check_offsets
from polytopic.kernels.csr import as_csr, csr_of

DENSE = np.array([[0, 1, 2], [3, 0, 0], [0, 0, 0], [0, 5, 6]])
FORMATS = ["csr", "csc", "coo", "bsr", "lil", "dok", "dia"]
TYPES = ["?", "i1", "u1", "i2", "u4", "i8", "f4", "f8", "g", ">i4", ">i8", ">f8", "f2", ">f2"]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("container", ["matrix", "array"])
@pytest.mark.parametrize("dtype", TYPES)
def test_what_is_sound_comes_through(kind: str, container: str, dtype: str) -> None:
    made = getattr(sparse, f"{kind}_{container}")(DENSE)
    wanted = DENSE
    if kind not in ("lil", "dok"):
        made.data = made.data.astype(dtype)
        wanted = DENSE.astype(dtype).astype(int)
    matrix = as_csr(made, "counts")
    assert type(matrix) is sparse.csr_matrix
    assert matrix.dtype.isnative
    assert matrix.has_canonical_format
    assert matrix.toarray().astype(int).tolist() == wanted.tolist()
    assert as_counts(made).toarray().astype(int).tolist() == wanted.tolist()


@pytest.mark.parametrize("spoil", MALFORMED.values(), ids=MALFORMED)
def test_what_is_malformed_is_refused(spoil: Spoil, corpus_counts: sparse.csr_matrix) -> None:
    made = spoil(corpus_counts)
    with pytest.raises(InputError, match=r"^counts: is (no sound sparse|a masked array)") as found:
        as_csr(made, "counts")
    assert "\n" not in str(found.value)


def test_lists_of_unequal_length_are_refused() -> None:
    lists = sparse.lil_matrix(DENSE)
    lists.data[0] = [1, 2, 3, 4]
    with pytest.raises(InputError, match="more columns than entries"):
        as_csr(lists, "counts")
    lists = sparse.lil_matrix(DENSE)
    lists.rows[0] = [0, 10**8]
    with pytest.raises(InputError, match="outside 0 to 2"):
        as_csr(lists, "counts")


def test_flags_that_an_edit_made_untrue_are_not_believed() -> None:
    made = sparse.csr_matrix(DENSE)
    assert made.has_sorted_indices
    made.indices[:2] = [2, 1]
    assert as_csr(made, "counts").indices[:2].tolist() == [1, 2]
    assert made.indices[:2].tolist() == [2, 1], "the caller's own was changed"


def test_sound_arrays_are_shared_and_spare_ones_cut() -> None:
    made = sparse.csr_matrix(DENSE)
    assert np.shares_memory(as_csr(made, "counts").data, made.data)
    longer = sparse.csr_matrix(DENSE)
    longer.data, longer.indices = np.append(made.data, 99), np.append(made.indices, 0)
    cut = as_csr(longer, "counts")
    assert (len(cut.data), len(cut.indices)) == (made.nnz, made.nnz)
    assert len(longer.data) == made.nnz + 1


def test_duplicates_of_small_types_add_up_without_overflow() -> None:
    pairs = sparse.csr_matrix(
        (np.array([100, 100], np.int8), np.array([0, 0]), np.array([0, 2])), shape=(1, 1)
    )
    assert as_csr(pairs, "counts").toarray().tolist() == [[200]]
    assert as_counts(pairs).toarray().tolist() == [[200]]
    assert len(pairs.data) == 2


def test_whole_counts_are_integers_without_stored_zeros() -> None:
    made = sparse.csr_matrix((np.array([0.0, 2.0]), np.array([0, 1]), np.array([0, 2])))
    counts = whole_counts(made)
    assert (counts.dtype, counts.nnz, made.nnz) == (np.int32, 1, 2)


@pytest.mark.parametrize("value", [LARGEST_COUNT + 1.0, 1e30, 2**63])
def test_counts_beyond_32_bits_are_refused(value: Any) -> None:
    with pytest.raises(InputError, match="row 0, column 0 is .* counts go up to"):
        as_counts(np.array([[value, 1]]))
    most = np.array([[LARGEST_COUNT, 1]])
    assert as_counts(most).data[0] == whole_counts(most).data[0] == LARGEST_COUNT


def test_masked_arrays_are_refused() -> None:
    with pytest.raises(InputError, match=r"masked array.*filled"):
        as_counts(np.ma.masked_equal(DENSE, 5))


@pytest.mark.parametrize(
    "shape", [(3,), (2, -1), (4, 2**40), ("4", 3), [4, 3, 1], None, (4.0, 3), (True, 3), (9, 3)]
)
def test_shapes_that_a_file_may_hold_are_checked(shape: Any) -> None:
    made = sparse.csr_matrix(DENSE)
    with pytest.raises(InputError, match=r"^counts: "):
        csr_of(made.data, made.indices, made.indptr, shape, "counts")
    assert csr_of(made.data, made.indices, made.indptr, [4, 3], "counts").nnz == made.nnz


@pytest.mark.parametrize(
    "offsets", [[0, 5, 3, 10], [1, 10], [0, 9], [0, 11], [], [[0, 10]], [0.0, 10.0], [0, -1, 10]]
)
def test_offsets_that_are_none_are_refused(offsets: Any) -> None:
    with pytest.raises(InputError, match=r"^offsets: "):
        check_offsets(np.array(offsets), 10, "offsets")


def test_offsets_and_ids_come_through_in_the_machine_s_order() -> None:
    assert check_offsets(np.array([0, 3, 3, 10], ">u4"), 10, "offsets").tolist() == [0, 3, 3, 10]
    assert check_ids(np.array([2, 0], ">i8")[::-1], 3, "ids").tolist() == [0, 2]


@pytest.mark.parametrize("ids", [[3], [-1], [[0]], [0.0], ["0"]])
def test_ids_out_of_bounds_are_refused(ids: Any) -> None:
    with pytest.raises(InputError, match=r"^ids: "):
        check_ids(np.array(ids), 3, "ids")
