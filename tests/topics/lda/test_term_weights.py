"""Weights of terms, and the whole tokens that weighed counts become."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

from polytopic.errors import InputError
from polytopic.mapped_counts import MappedCounts
from polytopic.topics.lda.kernels import gibbs
from polytopic.topics.lda.term_weights import (
    KINDS,
    ONE,
    fixed_point,
    tokens_of,
    weighed,
    weights_of,
    whole,
)


def counts_of(n_documents: int = 60, n_terms: int = 20) -> sparse.csr_matrix:
    counts = sparse.csr_matrix(np.random.default_rng(0).poisson(0.4, (n_documents, n_terms)))
    return sparse.vstack([counts[:0], counts, counts[:2] * 0, counts[:1]], format="csr").astype(
        np.int32
    )


def weights(n_terms: int = 20) -> NDArray[np.float64]:
    return np.random.default_rng(1).gamma(1.0, 1.0, n_terms) + 0.01


def one_by_one(counts: sparse.csr_matrix, given: NDArray[np.float64]) -> NDArray[np.int64]:
    """The tokens of each pair, with a document's sum so far kept in a plain number."""
    units, found = fixed_point(given), np.zeros(counts.shape, np.int64)
    for d in range(counts.shape[0]):
        held, before = ONE // 2, 0
        for v in range(counts.shape[1]):
            held += int(counts[d, v]) * int(units[v])
            found[d, v], before = held // ONE - before, held // ONE
    return found


def test_kinds_are_what_they_say() -> None:
    counts = sparse.csr_matrix([[2, 1, 0], [1, 0, 0], [1, 0, 3], [0, 0, 0]])
    for kind, values in (
        ("idf", np.log1p(4 / np.array([3.0, 1.0, 1.0]))),
        ("information", np.log1p(8 / np.array([4.0, 1.0, 3.0]))),
        ("tempered", np.sqrt(np.log1p(8 / np.array([4.0, 1.0, 3.0])))),
        ([3.0, 1.5, 6.0], np.array([3.0, 1.5, 6.0])),
    ):
        found = weights_of(kind, counts)
        assert found is not None and found.dtype == np.float32
        np.testing.assert_allclose(found / found[0], values / values[0], rtol=1e-6)
        assert np.array([4, 1, 3]) @ found == pytest.approx(8.0, rel=1e-6)
    assert weights_of(None, counts) is None


def test_a_term_that_never_occurs_has_a_weight() -> None:
    for kind in KINDS:
        found = weights_of(kind, sparse.csr_matrix([[1, 0], [2, 0]]))
        assert found is not None and np.isfinite(found).all() and found[1] > found[0]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([1.0, 2.0], r"shape \(2,\) for 3 terms"),
        ([1.0, 0.0, 2.0], "not above zero"),
        ([1.0, np.nan, 2.0], "not above zero"),
        ([1.0, np.inf, 2.0], "not above zero"),
        ([[1.0], [2.0], [3.0]], r"shape \(3, 1\)"),
        (["a", "b", "c"], r"shape \(0,\)"),
    ],
)
def test_numbers_that_weigh_nothing_are_refused(given: object, said: str) -> None:
    with pytest.raises(InputError, match=said):
        weights_of(given, sparse.csr_matrix([[1, 2, 3]]))


def test_whole_tokens_are_those_of_a_sum_so_far() -> None:
    counts, given = counts_of(), weights()
    expected = one_by_one(counts, given)
    np.testing.assert_array_equal(whole(counts, given).toarray(), expected)
    assert tokens_of(counts, given) == expected.sum()
    exact = weighed(counts, given).sum(axis=1)
    assert np.abs(expected.sum(axis=1) - np.asarray(exact).ravel()).max() <= 0.51


@pytest.mark.parametrize("block", [1, 2, 7, 1 << 15])
def test_words_are_the_same_in_whatever_blocks_and_pieces(block: int) -> None:
    counts, given = counts_of(), weights()
    expected = one_by_one(counts, given)
    for held in (counts, MappedCounts([counts[:9], counts[9:9], counts[9:]], counts.shape[1])):
        words, offsets = gibbs.expand(held, block, given)
        found = np.zeros(counts.shape, np.int64)
        for d, (first, last) in enumerate(pairwise(offsets)):
            np.add.at(found[d], words[first:last], 1)
        np.testing.assert_array_equal(found, expected)


def test_weights_of_one_change_nothing() -> None:
    counts = counts_of()
    assert (whole(counts, np.ones(20)) != counts).nnz == 0
    for plain, weighed_ in zip(
        gibbs.expand(counts), gibbs.expand(counts, weights=np.ones(20)), strict=True
    ):
        np.testing.assert_array_equal(plain, weighed_)
