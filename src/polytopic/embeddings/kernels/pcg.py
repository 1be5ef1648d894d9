"""Numbers of NumPy's PCG64 at any place of its stream: rows that are drawn where they are needed.

PCG64 (O'Neill 2014, XSL-RR 128/64) steps 128 bits of state by s <- a s + c; n steps at once are
another such step, found by squaring (Brown 1994). States are pairs, the upper 64 bits first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import uint64
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled

__all__ = ["draw_rows"]

Halves = tuple[Any, Any]
"""128 bits: the upper 64, the lower."""

_FACTOR = (np.uint64(0x2360ED051FC65DA4), np.uint64(0x4385DF649FCCF645))
"""a, PCG_DEFAULT_MULTIPLIER_128 of numpy/random/src/pcg64/pcg64.h."""

_ZERO, _ONE = (np.uint64(0), np.uint64(0)), (np.uint64(0), np.uint64(1))
"""As pairs of halves."""

_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
"""Bits of half a word, and a mask of them."""

_TURN, _WORD = np.uint64(58), np.uint64(63)
"""The upper 6 bits of a state say by how many places, modulo 64, its output is turned."""

_SPARE, _UNIT = np.uint64(8), np.float32(2.0**-24)
"""A float32 in [0, 1) is the upper 24 of 32 bits."""

_MIDDLE = np.float32(0.5)
"""Of [0, 1): what is drawn lies evenly about zero."""


@compiled()
def draw_rows(
    state: NDArray[np.uint64],
    rows: NDArray[np.int64],
    first: int,
    last: int,
    matrix: NDArray[np.float32],
) -> None:
    """Write rows ``rows[first:last]`` of what ``Generator.random`` would draw, on +-1/E.

    Parameters
    ----------
    state : uint64 array of shape (4,)
        The generator's state, then its increment, upper half first; no odd float32 is due.
    rows : int64 array of shape (n,), rising
    first, last : int
    matrix : float32 array of shape (n, E), written
        Row i is row ``rows[i]`` of a matrix of any number of rows drawn whole.
    """
    dim = matrix.shape[1]
    now, added = (state[0], state[1]), (state[2], state[3])
    done = np.int64(0)
    scale = np.float32(2.0 / dim)
    for i in range(first, last):
        place = rows[i] * dim
        now = _after(now, added, place // 2 - done)
        done = place // 2
        e, due = 0, place % 2 == 0
        while e < dim:
            following = _plus(_times(now, _FACTOR), added)
            bits = _output(following)
            if due:
                matrix[i, e] = (np.float32((bits & _LOW) >> _SPARE) * _UNIT - _MIDDLE) * scale
                e += 1
            due = True
            if e < dim:  # else the other half is the next row's
                matrix[i, e] = (np.float32(bits >> (_HALF + _SPARE)) * _UNIT - _MIDDLE) * scale
                e += 1
                now = following
                done += 1


@compiled(inline="always")
def _output(state: Halves) -> int:
    """The 64 bits of a state: both halves crossed, turned to the right."""
    crossed, turn = state[0] ^ state[1], state[0] >> _TURN
    return (crossed >> turn) | (crossed << ((uint64(64) - turn) & _WORD))


@compiled()
def _after(state: Halves, added: Halves, steps: int) -> Halves:
    """The state ``steps`` steps later."""
    factor, more = _FACTOR, added
    all_factor, all_more = _ONE, _ZERO
    while steps > 0:
        if steps & 1:
            all_factor = _times(all_factor, factor)
            all_more = _plus(_times(all_more, factor), more)
        more = _times(_plus(factor, _ONE), more)
        factor = _times(factor, factor)
        steps >>= 1
    return _plus(_times(all_factor, state), all_more)


@compiled(inline="always")
def _plus(a: Halves, b: Halves) -> Halves:
    """The sum modulo 2^128."""
    low = uint64(a[1] + b[1])
    return uint64(a[0] + b[0] + uint64(low < b[1])), low


@compiled(inline="always")
def _times(a: Halves, b: Halves) -> Halves:
    """The product modulo 2^128."""
    a1, a0, b1, b0 = a[1] >> _HALF, a[1] & _LOW, b[1] >> _HALF, b[1] & _LOW
    cross = a1 * b0 + ((a0 * b0) >> _HALF)
    other = a0 * b1 + (cross & _LOW)
    upper = a1 * b1 + (cross >> _HALF) + (other >> _HALF)
    return upper + a[0] * b[1] + a[1] * b[0], a[1] * b[1]
