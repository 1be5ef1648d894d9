"""Random numbers by counter: what is drawn depends on a key and a position, on nothing else.

A stream is a 64-bit state stepped by an odd constant and mixed (SplitMix64: Steele, Lea & Flood,
OOPSLA 2014). Streams of different keys or positions start at mixed, unrelated states, so work may
be divided among threads in any way and still draws the same numbers.
"""

from __future__ import annotations

import numpy as np
from numba import uint64

from polytopic.kernels.compiling import compiled

__all__ = ["below", "mix", "step", "stream", "uniform"]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
"""SplitMix64 (Steele, Lea & Flood, OOPSLA 2014): 2^64 over the golden ratio, and the two
multipliers of its mixer."""

_30, _27, _31, _32, _11 = (np.uint64(bits) for bits in (30, 27, 31, 32, 11))


@compiled(inline="always")
def mix(value: int) -> int:
    """The 64 bits of ``value`` mixed so that each of them changes half of the answer's."""
    z = uint64(value)
    z = (z ^ (z >> _30)) * _FIRST
    z = (z ^ (z >> _27)) * _SECOND
    return z ^ (z >> _31)


@compiled(inline="always")
def stream(key: int, position: int) -> int:
    """The state of the stream of ``key`` at ``position`` (any 64-bit integers)."""
    return mix(uint64(key) ^ mix(uint64(position) * _GOLDEN + _GOLDEN))


@compiled(inline="always")
def step(state: int) -> int:
    """The next state; ``mix`` of it is the next 64 random bits."""
    return uint64(state) + _GOLDEN


@compiled(inline="always")
def below(bits: int, bound: int) -> int:
    """A number in [0, bound) from the upper 32 of 64 random bits, for bounds up to 2^32.

    Lemire's multiply-shift (2019); its bias is at most bound / 2^32.
    """
    return ((uint64(bits) >> _32) * uint64(bound)) >> _32


@compiled(inline="always")
def uniform(state: int) -> float:
    """A number in [0, 1) from the upper 53 bits that a state mixes to; the next is of its step."""
    return np.float64(mix(uint64(state)) >> _11) * 2.0**-53
