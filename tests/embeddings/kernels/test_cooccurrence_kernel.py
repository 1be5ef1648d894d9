"""Kernels of co-occurrence counting against plain Python."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from numpy.typing import NDArray

from polytopic.embeddings.kernels.cooccurrence import (
    Desk,
    compact,
    count_rows,
    index_positions,
    merge_rows,
)

RNG = np.random.default_rng(5)


def stream(n: int, n_terms: int) -> NDArray[np.int32]:
    """Words by a steep law, with ends of sentences (-1)."""
    words = (n_terms * RNG.random(n) ** 3).astype(np.int32)
    words[RNG.random(n) < 0.05] = -1
    return words


def plain_rows(
    tokens: NDArray[np.int32], fresh: int, weights: NDArray[np.int64], symmetric: bool
) -> dict[tuple[int, int], int]:
    sums: dict[tuple[int, int], int] = defaultdict(int)
    for right in range(fresh, len(tokens)):
        for distance in range(1, len(weights)):
            left = right - distance
            if left < 0 or tokens[right] < 0 or (tokens[left:right] < 0).any():
                break
            sums[int(tokens[right]), int(tokens[left])] += int(weights[distance])
            if symmetric:
                sums[int(tokens[left]), int(tokens[right])] += int(weights[distance])
    return dict(sums)


class Room:
    def __init__(self, n_terms: int, size: int) -> None:
        self.desk = Desk.of(n_terms, size)
        self.lengths = np.empty(n_terms, np.int32)
        self.columns, self.values = self.desk.columns, self.desk.values

    def pairs(self, n: int) -> dict[tuple[int, int], int]:
        rows = np.repeat(np.arange(len(self.lengths)), self.lengths)
        assert len(rows) == n
        entries = zip(rows.tolist(), self.columns[:n].tolist(), strict=True)
        return dict(zip(entries, self.values[:n].tolist(), strict=True))


def counted(
    tokens: NDArray[np.int32], fresh: int, weights: NDArray[np.int64], both: bool, n_terms: int
) -> Room:
    starts = np.empty(n_terms + 1, np.int64)
    positions = np.empty(len(tokens), np.int32)
    index_positions(tokens, len(tokens), starts, positions)
    room = Room(n_terms, 2 * len(weights) * len(tokens))
    n = count_rows(
        tokens, fresh, starts, positions, 0, n_terms, weights, both, room.desk, room.lengths
    )
    room.columns, room.values = room.columns[:n], room.values[:n]
    assert not room.desk.sums.any()
    assert not room.desk.bits.any()
    return room


@pytest.mark.parametrize("n_terms", [7, 64, 5000])  # rows read off the bit set, and sorted rows
@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("fresh", [0, 3])
def test_rows_are_the_sums_over_windows(n_terms: int, symmetric: bool, fresh: int) -> None:
    tokens = stream(3000, n_terms)
    weights = np.array([0, 12, 6, 4, 3])
    room = counted(tokens, fresh, weights, symmetric, n_terms)
    found = room.pairs(len(room.columns))
    assert found == plain_rows(tokens, fresh, weights, symmetric)
    assert list(found) == sorted(found)


def test_positions_are_listed_word_by_word() -> None:
    tokens = np.array([2, 0, -1, 2, 2, 0], dtype=np.int32)
    starts, positions = np.empty(4, np.int64), np.empty(6, np.int32)
    index_positions(tokens, 6, starts, positions)
    assert starts.tolist() == [0, 2, 2, 5]
    assert positions[:5].tolist() == [1, 5, 0, 3, 4]


def test_runs_add_up() -> None:
    weights = np.array([0, 2, 1])
    runs = [counted(stream(400, 90), 0, weights, True, 90) for _ in range(3)]
    starts = np.zeros((3, 91), np.int64)
    for run, room in enumerate(runs):
        starts[run, 1:] = np.cumsum(room.lengths)
        starts[run] += sum(len(earlier.columns) for earlier in runs[:run])
    columns = np.concatenate([room.columns for room in runs])
    values = np.concatenate([room.values for room in runs])
    merged = Room(90, len(columns))
    n = merge_rows(starts, columns, values, merged.desk, merged.lengths)
    expected: dict[tuple[int, int], int] = defaultdict(int)
    for room in runs:
        for pair, value in room.pairs(len(room.columns)).items():
            expected[pair] += value
    assert merged.pairs(n) == dict(expected)


def test_unknown_words_go_and_sentences_are_marked() -> None:
    ids = np.array([9, 4, -1, 5, 6, -2, -1, 7], dtype=np.int32)
    bounds = np.array([0, 4, 4, 6, 7, 8])
    tokens = np.full(20, 99, dtype=np.int32)
    n = compact(ids, bounds, 0, False, tokens, 0)
    assert tokens[:n].tolist() == [9, 4, 5, -1, 6, -1, 7]


@pytest.mark.parametrize(("goes_on", "expected"), [(True, [3, 4, 5]), (False, [3, -1, 4, 5])])
def test_a_slice_may_go_on_with_the_sentence_before(goes_on: bool, expected: list[int]) -> None:
    tokens = np.array([3, 0, 0, 0], dtype=np.int32)
    bounds = np.array([0, 3] if goes_on else [0, 1, 3])
    n = compact(np.array([3, 4, 5], dtype=np.int32), bounds, 1, goes_on, tokens, 1)
    assert tokens[:n].tolist() == expected
