"""Random numbers by counter and the noise table: exact probabilities, evenness, references."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit
from numpy.typing import NDArray
from scipy import stats

from polytopic.embeddings.kernels.arguments import Table
from polytopic.embeddings.kernels.negatives import alias_table, draw, powers
from polytopic.kernels.random import below, mix, step, stream

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


@njit
def numbers(key: int, start: int, n_streams: int, n_each: int) -> NDArray[np.uint64]:
    out = np.empty((n_streams, n_each), np.uint64)
    for k in range(n_streams):
        state = stream(key, start + k)
        for j in range(n_each):
            state = step(state)
            out[k, j] = mix(state)
    return out


@njit
def bounded(bits: NDArray[np.uint64], bound: int) -> NDArray[np.int64]:
    out = np.empty(len(bits), np.int64)
    for k in range(len(bits)):
        out[k] = below(bits[k], bound)
    return out


@njit
def words(bits: NDArray[np.uint64], table: Table) -> NDArray[np.int64]:
    out = np.empty(len(bits), np.int64)
    for k in range(len(bits)):
        out[k] = draw(bits[k], table)
    return out


def plain_mix(z: int) -> int:
    z &= MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def probabilities(table: Table) -> NDArray[np.float64]:
    """What each word's columns give it, exactly."""
    first, second, threshold = table
    chance = threshold.astype(np.float64) / 2.0**32 / len(first)
    out = np.bincount(first, weights=chance, minlength=len(first))
    return out + np.bincount(second, weights=1 / len(first) - chance, minlength=len(first))


def test_splitmix_gives_the_published_numbers() -> None:
    """The first outputs of SplitMix64 from state 1234567 (Rosetta Code)."""
    state, got = 1234567, []
    for _ in range(5):
        state = int(step(np.uint64(state)))
        got.append(int(mix(np.uint64(state))))
    assert got == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


@pytest.mark.parametrize("position", [0, (1 << 31) + 5, (1 << 40) + 3, (1 << 63) - 10])
def test_stream_equals_plain_integers_at_any_position(position: int) -> None:
    key = 0xFEDCBA9876543210
    got = numbers(np.uint64(key), position, 3, 2)
    for k in range(3):
        state = plain_mix(key ^ plain_mix((position + k) * GOLDEN + GOLDEN))
        expected = [plain_mix(state + (j + 1) * GOLDEN) for j in range(2)]
        assert got[k].tolist() == expected


def test_streams_of_other_positions_and_keys_differ() -> None:
    far = numbers(np.uint64(1), 1 << 32, 1000, 1)
    near = numbers(np.uint64(1), 0, 1000, 1)
    other = numbers(np.uint64(2), 0, 1000, 1)
    assert len(np.unique(np.concatenate([far, near, other]))) == 3000


@pytest.mark.parametrize("bound", [1, 5, 7, 1000])
@pytest.mark.parametrize("nth", [0, 1, 5])
def test_numbers_are_even_over_streams(bound: int, nth: int) -> None:
    """Number ``nth`` of neighbouring positions; a chi-square below 1e-6 would be no accident."""
    bits = numbers(np.uint64(3), 1 << 40, 200_000, 6)[:, nth]
    counts = np.bincount(bounded(bits, bound), minlength=bound)
    assert len(counts) == bound
    if bound > 1:
        assert stats.chisquare(counts).pvalue > 1e-6


def test_numbers_of_a_stream_and_of_neighbours_are_independent() -> None:
    bits = numbers(np.uint64(4), 0, 200_000, 2)
    cells = bounded(bits.ravel(), 10).reshape(-1, 2)
    for a, b in ((cells[:, 0], cells[:, 1]), (cells[:-1, 0], cells[1:, 0])):
        counts = np.bincount(10 * a + b, minlength=100)
        assert stats.chisquare(counts).pvalue > 1e-6


def test_windows_of_kept_tokens_are_even() -> None:
    """The state itself decides whether a token is kept; the next number must not know it."""
    states = np.array([plain_mix(9 ^ plain_mix(k * GOLDEN + GOLDEN)) for k in range(100_000)])
    kept = states.astype(np.uint64) >> np.uint64(32) < 1 << 29
    bits = numbers(np.uint64(9), 0, len(states), 1)[kept, 0]
    assert stats.chisquare(np.bincount(bounded(bits, 5), minlength=5)).pvalue > 1e-6
    assert 0 < len(bits) < len(states) / 6


@pytest.mark.parametrize("exponent", [0.0, 0.5, 0.75, 1.0, -0.5])
@pytest.mark.parametrize("n_words", [1, 2, 3, 1000])
def test_table_holds_the_noise_distribution(exponent: float, n_words: int) -> None:
    counts = np.random.default_rng(n_words).zipf(1.3, n_words).clip(1, 10**7).astype(np.int64)
    weights = counts.astype(np.float64) ** exponent
    got = probabilities(alias_table(counts, exponent))
    np.testing.assert_allclose(got, weights / weights.sum(), rtol=1e-9, atol=2.0**-32)
    assert got.sum() == pytest.approx(1.0, abs=1e-12)


def test_words_never_counted_can_still_be_drawn() -> None:
    """Counts of zero count as one: a word added later is a negative like others."""
    got = probabilities(alias_table(np.array([0, 1, 16]), 0.75))
    np.testing.assert_allclose(got, [0.1, 0.1, 0.8], atol=2.0**-31)


def test_table_is_small() -> None:
    table = alias_table(np.ones(1000, dtype=np.int64), 0.75)
    assert sum(array.nbytes for array in table) == 16 * 1000


def test_draws_follow_the_table() -> None:
    counts = np.array([1, 10, 100, 1000, 3, 7, 50_000])
    table = alias_table(counts, 0.75)
    bits = numbers(np.uint64(5), 0, 300_000, 1)[:, 0]
    drawn = np.bincount(words(bits, table), minlength=len(counts))
    assert stats.chisquare(drawn, probabilities(table) * len(bits)).pvalue > 1e-6


def test_the_threshold_is_exact_at_its_ends() -> None:
    first, second = np.array([0], dtype=np.int32), np.array([1], dtype=np.int32)
    bits = np.array([0, 6, 7, 0xFFFFFFFF], dtype=np.uint64)
    for threshold, expected in ((0, [1, 1, 1, 1]), (7, [0, 0, 1, 1]), (1 << 32, [0, 0, 0, 0])):
        table = Table(first, second, np.array([threshold], dtype=np.uint64))
        assert words(bits, table).tolist() == expected


@pytest.mark.parametrize("exponent", [0.75, 15.0, -15.0])
def test_powers_keep_their_ratios_where_float64_ends(exponent: float) -> None:
    weights = np.array([1.0, 2.0, 8.0])
    np.testing.assert_array_equal(powers(weights, exponent), weights**exponent)
    for factor in (1e100, 1e-100):
        found = powers(weights * factor, exponent)
        assert 0.0 < found.sum() < np.inf
        np.testing.assert_allclose(found / found[0], weights**exponent, rtol=1e-11)
