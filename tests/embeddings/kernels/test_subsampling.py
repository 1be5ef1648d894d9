"""Subsampling: against plain Python, at far positions, and cut into blocks anywhere."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from polytopic.embeddings.kernels.subsampling import keep_thresholds, select

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def mix(z: int) -> int:
    z &= MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def stream(key: int, position: int) -> int:
    return mix(key ^ mix(position * GOLDEN + GOLDEN))


class Kept:
    """What :func:`select` wrote and returned, cut to its length."""

    def __init__(
        self,
        tokens: NDArray[np.int32],
        bounds: list[int],
        keep: NDArray[np.uint64],
        *,
        first: int = 0,
        last: int | None = None,
        position: int = 0,
        key: int = 1,
    ) -> None:
        n = len(tokens)
        ids, where = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int64)
        sentences = np.empty(len(bounds), dtype=np.int64)
        kept, n_sentences, self.low, self.high = select(
            tokens,
            np.array(bounds, dtype=np.int64),
            first,
            n if last is None else last,
            position,
            keep,
            np.uint64(key),
            ids,
            where,
            sentences,
        )
        self.ids, self.where = ids[:kept].tolist(), where[:kept].tolist()
        self.sentences = sentences[: n_sentences + 1].tolist()
        self.centres = list(zip(self.ids, self.where, strict=True))[self.low : self.high]


def test_thresholds_are_the_formula_of_word2vec() -> None:
    counts = np.array([900_000, 90_000, 9_000, 999, 1])
    share = counts / counts.sum()
    chance = np.minimum((np.sqrt(share / 1e-3) + 1) * 1e-3 / share, 1.0)
    got = keep_thresholds(counts, 1e-3).astype(np.float64) / 2.0**32
    np.testing.assert_allclose(got, chance, rtol=1e-9, atol=2.0**-32)
    assert (got[3:] == 1.0).all() and got[0] < got[1] < got[2]


def test_sample_zero_keeps_everything() -> None:
    keep = keep_thresholds(np.array([10**9, 1]), 0.0)
    assert keep.tolist() == [1 << 32, 1 << 32]
    kept = Kept(np.zeros(50, dtype=np.int32), [0, 50], keep)
    assert kept.where == list(range(50))


@pytest.mark.parametrize("position", [0, (1 << 31) - 20, (1 << 31) + 7, (1 << 40) + 11])
def test_equals_plain_python(position: int) -> None:
    rng = np.random.default_rng(0)
    tokens = rng.integers(-1, 6, 400).astype(np.int32)
    keep = np.array([0, 1 << 30, 1 << 31, 3 << 30, (1 << 32) - 1, 1 << 32], dtype=np.uint64)
    bounds = [0, 1, 100, 100, 399, 400]
    kept = Kept(tokens, bounds, keep, first=37, last=250, position=position, key=9)
    chosen = [
        k
        for k, token in enumerate(tokens.tolist())
        if token >= 0 and (stream(9, position + k) >> 32) < int(keep[token])
    ]
    assert kept.ids == tokens[chosen].tolist()
    assert kept.where == [position + k for k in chosen]
    assert kept.sentences == [sum(k < bound for k in chosen) for bound in bounds]
    assert kept.low == sum(k < 37 for k in chosen)
    assert kept.high == sum(k < 250 for k in chosen)


def test_words_are_kept_as_often_as_they_should() -> None:
    keep = np.array([1 << 30, 1 << 31], dtype=np.uint64)
    for word, chance in ((0, 0.25), (1, 0.5)):
        n = 200_000
        kept = Kept(np.full(n, word, dtype=np.int32), [0, n], keep, position=1 << 33)
        error = np.sqrt(chance * (1 - chance) * n)
        assert abs(len(kept.ids) - chance * n) < 5 * error


@given(
    cuts=st.lists(st.integers(1, 299), unique=True, max_size=6).map(sorted),
    ends=st.lists(st.integers(1, 299), unique=True, max_size=6).map(sorted),
    margin=st.integers(0, 20),
)
@settings(max_examples=60, deadline=None)
def test_blocks_may_be_cut_anywhere(cuts: list[int], ends: list[int], margin: int) -> None:
    """The centres of the blocks are the centres of the whole, whatever neighbours they bring."""
    tokens = np.random.default_rng(1).integers(-1, 3, 300).astype(np.int32)
    keep = np.array([1 << 30, 1 << 31, 1 << 32], dtype=np.uint64)
    whole = Kept(tokens, [0, *ends, 300], keep, position=1 << 40)
    parts: list[tuple[int, int]] = []
    for start, stop in zip([0, *cuts], [*cuts, 300], strict=True):
        begin, end = max(start - margin, 0), min(stop + margin, 300)
        bounds = [0, *(e - begin for e in ends if begin < e < end), end - begin]
        block = Kept(
            tokens[begin:end],
            bounds,
            keep,
            first=start - begin,
            last=stop - begin,
            position=(1 << 40) + begin,
        )
        parts += block.centres
    assert parts == whole.centres


def test_nothing_to_keep() -> None:
    keep = np.array([0], dtype=np.uint64)
    for tokens, bounds in (([], [0]), ([], [0, 0]), ([-1, -1], [0, 2]), ([0, 0], [0, 1, 2])):
        kept = Kept(np.array(tokens, dtype=np.int32), bounds, keep)
        assert kept.ids == kept.centres == []
        assert set(kept.sentences) == {0}
