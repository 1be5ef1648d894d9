"""The Huffman tree: optimal, a tree, and a distribution over words for any vector."""

from __future__ import annotations

import heapq
import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from polytopic.embeddings.kernels.huffman import huffman_paths


def optimal_cost(counts: NDArray[np.int64]) -> int:
    """Sum of count times code length of the best prefix code (Huffman 1952), by a heap."""
    heap = [int(count) for count in counts]
    heapq.heapify(heap)
    cost = 0
    while len(heap) > 1:
        joined = heapq.heappop(heap) + heapq.heappop(heap)
        cost += joined
        heapq.heappush(heap, joined)
    return cost


CASES = {
    "even": np.full(37, 5, np.int64),
    "zipf": (1e6 / np.arange(1, 3001)).astype(np.int64),
    "shuffled": np.random.default_rng(0).integers(1, 10_000, 1000),
    "fibonacci": np.array([1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144], np.int64),
    "two": np.array([3, 9], np.int64),
    "three": np.array([1, 1, 1], np.int64),
}


@pytest.mark.parametrize("counts", CASES.values(), ids=CASES.keys())
def test_code_lengths_are_optimal(counts: NDArray[np.int64]) -> None:
    starts, _, _ = huffman_paths(counts)
    assert int((np.diff(starts) * counts).sum()) == optimal_cost(counts)


@pytest.mark.parametrize("counts", CASES.values(), ids=CASES.keys())
def test_no_code_is_the_beginning_of_another(counts: NDArray[np.int64]) -> None:
    starts, _, codes = huffman_paths(counts)
    words = sorted(bytes(codes[a:b]) for a, b in itertools.pairwise(starts))
    assert len(set(words)) == len(counts)
    assert not any(b.startswith(a) for a, b in itertools.pairwise(words))


@pytest.mark.parametrize("counts", CASES.values(), ids=CASES.keys())
def test_probabilities_of_all_words_sum_to_one(counts: NDArray[np.int64]) -> None:
    starts, points, codes = huffman_paths(counts)
    assert set(points) == set(range(len(counts) - 1))
    assert np.all(points[starts[:-1]] == len(counts) - 2)
    generator = np.random.default_rng(1)
    scores = generator.normal(size=(len(counts) - 1, 8)) @ generator.normal(size=8)
    right = 1.0 / (1.0 + np.exp(-(1.0 - 2.0 * codes) * scores[points]))
    logs = np.add.reduceat(np.log(right), starts[:-1])
    assert np.exp(logs).sum() == pytest.approx(1.0, abs=1e-12)


def test_one_word_has_an_empty_path() -> None:
    starts, points, codes = huffman_paths(np.array([7]))
    assert starts.tolist() == [0, 0]
    assert len(points) == len(codes) == 0
    assert (starts.dtype, points.dtype, codes.dtype) == (np.int64, np.int32, np.uint8)


def test_equal_counts_give_the_flattest_tree() -> None:
    starts, _, _ = huffman_paths(np.full(64, 3, np.int64))
    assert np.all(np.diff(starts) == 6)
    starts, _, _ = huffman_paths(np.zeros(64, np.int64))
    assert np.all(np.diff(starts) == 6)


def test_order_of_the_counts_changes_no_length() -> None:
    counts = np.random.default_rng(2).permutation(np.arange(1, 500))
    lengths = np.diff(huffman_paths(counts)[0])
    ordered = np.diff(huffman_paths(np.arange(1, 500))[0])
    assert np.array_equal(lengths, ordered[counts - 1])
