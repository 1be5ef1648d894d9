"""Random numbers by counter: SplitMix64's published values, and plain twins."""

from __future__ import annotations

import numpy as np
import pytest

from polytopic.kernels.random import below, mix, step, stream, uniform

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
POSITIONS = (0, 1, 2**31, 2**63, MASK)


def plain_mix(z: int) -> int:
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
    return z ^ (z >> 31)


def plain_stream(key: int, position: int) -> int:
    return plain_mix(key ^ plain_mix((position + 1) * GOLDEN & MASK))


def test_the_numbers_are_those_of_splitmix64() -> None:
    """What the authors' program prints for the seed 1234567."""
    state, found = np.uint64(1234567), []
    for _ in range(3):
        state = np.uint64(step(state))
        found.append(int(mix(state)))
    assert found == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@pytest.mark.parametrize("key", POSITIONS)
@pytest.mark.parametrize("position", POSITIONS)
def test_a_stream_is_its_plain_twin(key: int, position: int) -> None:
    found = stream(np.uint64(key), np.uint64(position))
    assert int(found) == plain_stream(key, position)


def test_streams_of_neighbours_have_nothing_in_common() -> None:
    starts = {int(stream(key, position)) for key in range(100) for position in range(100)}
    assert len(starts) == 10_000
    first = np.array([int(stream(0, p)) for p in range(4000)], dtype=np.uint64)
    bits = np.unpackbits(first.view(np.uint8)).reshape(4000, 64)
    assert np.abs(bits.mean(axis=0) - 0.5).max() < 0.05  # six deviations of 1 / sqrt(16000)
    assert abs((bits[1:] == bits[:-1]).mean() - 0.5) < 0.01


def test_below_reaches_every_number_and_no_more() -> None:
    assert [int(below(np.uint64(b << 62), 4)) for b in range(4)] == [0, 1, 2, 3]
    assert int(below(np.uint64(MASK), 2**32)) == 2**32 - 1
    drawn = [int(below(np.uint64(mix(np.uint64(n))), 7)) for n in range(700)]
    assert set(drawn) == set(range(7))


def test_uniform_is_the_upper_bits_and_never_one() -> None:
    for state in (0, 1, GOLDEN, MASK):
        expected = (plain_mix(state) >> 11) / 2**53
        assert uniform(np.uint64(state)) == expected < 1
    values = np.array([uniform(np.uint64(n)) for n in range(4000)])
    assert abs(values.mean() - 0.5) < 0.03
    assert abs(values.std() - 12**-0.5) < 0.02
