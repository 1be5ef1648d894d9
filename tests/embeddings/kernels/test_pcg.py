"""Rows drawn out of their turn: the numbers of NumPy's generator, wherever a share begins."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from polytopic.embeddings.kernels.pcg import draw_rows


def state_of(rng: np.random.Generator) -> np.ndarray:
    given: Any = rng.bit_generator.state
    halves = [divmod(given["state"][name], 1 << 64) for name in ("state", "inc")]
    return np.array(halves, dtype=np.uint64).ravel()


@pytest.mark.parametrize("dim", [1, 2, 3, 8, 51])
@pytest.mark.parametrize("n", [0, 1, 40, 300])
def test_rows_are_those_of_the_generator(dim: int, n: int) -> None:
    rng = np.random.default_rng(8)
    state = state_of(rng)
    whole = (rng.random((300, dim), dtype=np.float32) - np.float32(0.5)) * np.float32(2 / dim)
    rows = np.sort(np.random.default_rng(1).choice(300, n, replace=False))
    drawn = np.zeros((n, dim), np.float32)
    cut = n // 3
    draw_rows(state, rows, 0, cut, drawn)
    draw_rows(state, rows, cut, n, drawn)
    np.testing.assert_array_equal(drawn, whole[rows])


def test_a_far_row_is_where_the_generator_would_be() -> None:
    rng = np.random.default_rng(2)
    state, far, drawn = state_of(rng), np.array([10**12 + 1]), np.zeros((1, 6), np.float32)
    bits: Any = rng.bit_generator
    bits.advance(3 * int(far[0]))
    draw_rows(state, far, 0, 1, drawn)
    wanted = (rng.random(6, dtype=np.float32) - np.float32(0.5)) * np.float32(2 / 6)
    np.testing.assert_array_equal(drawn[0], wanted)
