"""Exponentials of rows of logits and their sums, in one visit of each row; one thread, float32.

A logit that is no number makes its row's sum none: training notices.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled
from polytopic.kernels.vector import Emitter, address

__all__ = ["exponentials_of_rows"]

Singles = NDArray[np.float32]

_LOWEST = np.float32(-87.0)
"""exp of less is no normal float32; it counts for nothing beside a row's largest, which is 1."""

_LOG2_E = np.float32(1.4426950408889634)
_LN_2 = np.float32(0.693359375), np.float32(-2.12194440e-4)
"""ln 2 in two parts, the first of so few bits that its multiples are exact (Cody & Waite 1980)."""

_POLYNOMIAL = tuple(
    np.float32(c) for c in (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2,
                            1.6666665459e-1, 5.0000001201e-1)
)  # fmt: skip
"""(exp(r) - 1 - r) / r^2 for |r| below ln(2) / 2, highest power first (Cephes, expf)."""

_LANES = 16
"""Float32 of a vector of AVX-512; narrower machines take two or four."""

_HALF, _ONE = np.float32(0.5), np.float32(1.0)
_BIAS, _MANTISSA = 127, 23
"""Of the exponent in a float32, and the bits below it."""


@intrinsic
def _largest(typing: Any, row: Any, bias: Any, n: Any) -> Any:
    """The largest of row + bias, ``n`` numbers each, by addresses: LLVM itself sees no vectors."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        row, bias, n = args
        e = Emitter(builder, _LANES, ("contract", "nsz"))
        least = e.constant(-np.inf)
        tops = e.cell(least)

        def visit(place: Any, mask: Any) -> None:
            value = e.add(*(e.load(builder.add(start, place), mask=mask) for start in (row, bias)))
            value = value if mask is None else builder.select(mask, value, least)
            builder.store(e.larger(value, builder.load(tops)), tops)

        e.along(n, visit)
        vector, width = builder.load(tops), _LANES // 2
        while width:
            halves = [[(lane + shift) % _LANES for lane in range(_LANES)] for shift in (0, width)]
            vector = e.larger(*(e.shuffle(vector, vector, half) for half in halves))
            width //= 2
        return e.lane(vector, 0)

    i = types.int64
    return types.float32(i, i, i), emit


@compiled(fastmath={"contract", "nsz"})
def _exponentials(row: Singles, bias: Singles, top: np.float32) -> None:
    """exp(row + bias - top) over the row, to about 2e-7 of itself."""
    for v in range(len(row)):
        z = max(row[v] + bias[v] - top, _LOWEST)
        n = np.floor(z * _LOG2_E + _HALF)
        r = z - n * _LN_2[0] - n * _LN_2[1]
        p = _POLYNOMIAL[0]
        p = p * r + _POLYNOMIAL[1]
        p = p * r + _POLYNOMIAL[2]
        p = p * r + _POLYNOMIAL[3]
        p = p * r + _POLYNOMIAL[4]
        p = p * r + _POLYNOMIAL[5]
        power = np.int32((np.int32(n) + _BIAS) << _MANTISSA).view(np.float32)
        row[v] = (p * r * r + r + _ONE) * power


@compiled(fastmath={"contract", "nsz", "reassoc"})
def _sum(row: Singles) -> np.float32:
    total = np.float32(0.0)
    for v in range(len(row)):
        total += row[v]
    return total


@compiled()
def exponentials_of_rows(scores: Singles, bias: Singles, tops: Singles, sums: Singles) -> None:
    """``scores`` (B, V) become exp(scores + bias - top); ``tops`` and ``sums`` (B,) of each row."""
    for d in range(len(scores)):
        tops[d] = _largest(address(scores[d]), address(bias), len(bias))
        _exponentials(scores[d], bias, tops[d])
        sums[d] = _sum(scores[d])
