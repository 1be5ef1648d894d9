"""Gamma draws from counter-based streams, and the normal draws that they need.

Functions take a stream's state and return the draw with the next state, so that who draws what
depends on keys alone.
"""

from __future__ import annotations

import math

import numpy as np
from numba import uint64
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled
from polytopic.kernels.random import mix, step

__all__ = ["NEGLIGIBLE", "gamma", "normal", "small_gamma", "small_gamma_floor", "unit"]

NEGLIGIBLE = 1e-12
"""Draws of a shape below 1 that are smaller than this are given as 0."""

_LAYERS = 128
_EDGE = 3.442619855899
_AREA = 9.91256303526217e-3
"""The ziggurat of 128 layers of Marsaglia & Tsang (2000): its last edge, and the area of each
layer."""

_SHIFT, _LAYER_MASK = np.uint64(11), np.uint64(_LAYERS - 1)
"""53 random bits are left of 64; the lowest seven choose a layer."""

_TO_UNIT = 1.0 / 9007199254740992.0
"""2^-53."""


def _layers() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The ziggurat's right edges (129) and the ratio of each to the one below it (128)."""
    edges = np.zeros(_LAYERS + 1)
    height = math.exp(-0.5 * _EDGE * _EDGE)
    edges[0], edges[1] = _AREA / height, _EDGE
    for layer in range(2, _LAYERS):
        edges[layer] = math.sqrt(-2.0 * math.log(_AREA / edges[layer - 1] + height))
        height = math.exp(-0.5 * edges[layer] ** 2)
    return edges, edges[1:] / edges[:-1]


_EDGES, _RATIOS = _layers()


@compiled(inline="always")
def unit(bits: int) -> float:
    """A float64 in (0, 1) from the upper 53 of 64 random bits."""
    return (np.float64(uint64(bits) >> _SHIFT) + 0.5) * _TO_UNIT


@compiled()
def normal(state: int) -> tuple[float, int]:
    """A standard normal draw by the ziggurat in Doornik's form (2005), and the next state."""
    state = uint64(state)
    while True:
        state = step(state)
        bits = mix(state)
        u = 2.0 * unit(bits) - 1.0
        layer = np.int64(bits & _LAYER_MASK)
        if abs(u) < _RATIOS[layer]:
            return u * _EDGES[layer], state
        if layer == 0:
            x, state = _tail(state, u < 0.0)
            return x, state
        x = u * _EDGES[layer]
        upper = math.exp(-0.5 * (_EDGES[layer] ** 2 - x * x))
        lower = math.exp(-0.5 * (_EDGES[layer + 1] ** 2 - x * x))
        state = step(state)
        if lower + unit(mix(state)) * (upper - lower) < 1.0:
            return x, state


@compiled()
def _tail(state: int, negative: bool) -> tuple[float, int]:
    state = uint64(state)
    while True:
        state = step(state)
        x = -math.log(unit(mix(state))) / _EDGE
        state = step(state)
        if -2.0 * math.log(unit(mix(state))) >= x * x:
            return (-(x + _EDGE) if negative else x + _EDGE), state


@compiled()
def gamma(shape: float, state: int) -> tuple[float, int]:
    """A draw of Gamma(``shape``, 1), shape >= 1 (Marsaglia & Tsang 2000), and the next state."""
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    state = uint64(state)
    while True:
        x, state = normal(state)
        v = 1.0 + c * x
        if v <= 0.0:
            continue
        v = v * v * v
        state = step(state)
        u = unit(mix(state))
        if u < 1.0 - 0.0331 * x * x * x * x:
            return d * v, state
        if math.log(u) < 0.5 * x * x + d * (1.0 - v + math.log(v)):
            return d * v, state


@compiled(inline="always")
def small_gamma_floor(shape: float) -> float:
    """What ``small_gamma`` takes as floor to give 0 for draws below ``NEGLIGIBLE``."""
    return math.exp(math.log(NEGLIGIBLE) * shape)


@compiled()
def small_gamma(shape: float, floor: float, state: int) -> tuple[float, int]:
    """A draw of Gamma(``shape``, 1), 0 < shape < 1, and the next state.

    Algorithm GS of Ahrens & Dieter (1974). Most draws of a very small shape end at the floor.
    """
    whole = 1.0 + shape / math.e
    state = uint64(state)
    while True:
        state = step(state)
        p = whole * unit(mix(state))
        if p < floor:
            return 0.0, state
        state = step(state)
        u = unit(mix(state))
        if p <= 1.0:
            x = math.exp(math.log(p) / shape)
            if u <= 1.0 - x or u <= math.exp(-x):
                return x, state
        else:
            x = -math.log((whole - p) / shape)
            if u <= math.exp((shape - 1.0) * math.log(x)):
                return x, state
