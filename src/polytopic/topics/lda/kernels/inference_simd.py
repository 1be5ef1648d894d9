"""Vector code of inference: see :mod:`polytopic.kernels.vector`.

Rows are given by their addresses (int64), best begin at cache lines and hold vectors of ``LANES``
float32, padded with zeros. Nothing is checked against bounds.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from polytopic.kernels.vector import SINGLE, Emitter

__all__ = ["GROUP", "LANES", "distance", "share_anew", "share_first"]

LANES = 16
"""Float32 of a vector of AVX-512; narrower machines take two or four."""

GROUP = 4
"""Terms shared out at a time."""

_emitter = partial(Emitter, lanes=LANES, flags=("contract", "nsz", "reassoc"))
_FOUR = ir.VectorType(SINGLE, GROUP)
_LEAST = 2.0**-100
"""Weights that sum to less are none: their quotient would be noise, or infinite."""


def _fold(e: Emitter, left: Any, right: Any, low: list[int], high: list[int]) -> Any:
    """Two vectors as one of sums: places ``low`` and ``high`` of each four, of both vectors."""
    chosen = (
        [base + place % GROUP + LANES * (place // GROUP) for base in range(0, LANES, GROUP)
         for place in part]
        for part in (low, high)
    )  # fmt: skip
    return e.fold(left, right, *chosen)


def _sums(e: Emitter, vectors: list[Any]) -> Any:
    """The sums of four vectors, as one vector of four."""
    first = _fold(e, vectors[0], vectors[1], [0, 4, 1, 5], [2, 6, 3, 7])
    second = _fold(e, vectors[2], vectors[3], [0, 4, 1, 5], [2, 6, 3, 7])
    whole = _fold(e, first, second, [0, 1, 4, 5], [2, 3, 6, 7])
    for width in (LANES // 2, LANES // 4):
        whole = e.fold(whole, whole, range(width), range(width, 2 * width))
    return whole


def _each(e: Emitter, numbers: Any) -> list[Any]:
    """The numbers of a vector of four, each as a vector of its own."""
    return [e.splat(e.lane(numbers, i)) for i in range(GROUP)]


def _emit_shares(builder: Any, args: Any, anew: bool) -> None:
    e = _emitter(builder)
    rows, (weights, numbers, totals, alpha, n_vectors) = args[:GROUP], args[GROUP:]
    row_bytes = builder.mul(n_vectors, e.integer(e.bytes))
    at = [builder.add(weights, builder.mul(row_bytes, e.integer(i))) for i in range(GROUP)]
    scales_at = builder.add(numbers, e.integer(4 * GROUP))
    counts = e.load(numbers, _FOUR)
    old = (e.load(scales_at, _FOUR), counts, alpha) if anew else None
    sums = _weigh(e, rows, at, totals, n_vectors, old)
    enough = e.compare(">", sums, e.constant(_LEAST, _FOUR))
    scales = builder.fdiv(e.constant(1.0, _FOUR), sums)
    scales = builder.select(enough, scales, e.constant(0.0, _FOUR))
    e.store(scales, scales_at)
    gains = _each(e, builder.fmul(scales, counts))
    with e.vectors(n_vectors) as (_, place):
        total = e.load(builder.add(totals, place))
        for weights, gain in zip(at, gains, strict=True):
            total = e.add(total, e.multiply(e.load(builder.add(weights, place)), gain))
        e.store(total, builder.add(totals, place))


def _weigh(e: Emitter, rows: Any, at: Any, totals: Any, n_vectors: Any, old: Any) -> Any:
    """Write the terms' weights and give their sums; old shares are taken off the totals.

    ``old`` is the scales of the weights that are there, counts, and where alpha is.
    """
    builder = e.builder
    scales, counts = (_each(e, part) for part in old[:2]) if old else ([], [])
    cells = [e.cell(e.zero) for _ in range(GROUP)]
    with e.vectors(n_vectors) as (_, place):
        total = rest = e.load(builder.add(totals, place))
        least = e.load(builder.add(old[2], place)) if old else None
        for i in range(GROUP):
            here, others = builder.add(at[i], place), total
            if old:
                share = e.multiply(e.load(here), scales[i])
                others = e.larger(e.subtract(total, share), least)
                rest = e.subtract(rest, e.multiply(counts[i], share))
            weight = e.multiply(others, e.load(builder.add(rows[i], place)))
            e.store(weight, here)
            e.accumulate(cells[i], weight)
        if old:
            e.store(e.larger(rest, least), builder.add(totals, place))
    return _sums(e, [builder.load(cell) for cell in cells])


_SHARES = types.void(*[types.int64] * (GROUP + 5))


@intrinsic
def share_first(
    typing: Any, row0: Any, row1: Any, row2: Any, row3: Any,
    weights: Any, numbers: Any, totals: Any, alpha: Any, n_vectors: Any,
) -> Any:  # fmt: skip
    """As ``share_anew``, for terms that have no shares yet."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        _emit_shares(builder, args, anew=False)
        return context.get_dummy_value()

    return _SHARES, emit


@intrinsic
def share_anew(
    typing: Any, row0: Any, row1: Any, row2: Any, row3: Any,
    weights: Any, numbers: Any, totals: Any, alpha: Any, n_vectors: Any,
) -> Any:  # fmt: skip
    """Share out ``GROUP`` terms given the totals, then set the totals right.

    Term i's weights (K,) are max(totals - its share, alpha) times ``row``, its share is they times
    its scale. ``weights`` (GROUP, K) and the scales are read as the old ones and written;
    ``numbers`` holds counts and scales, (2, GROUP). Where no topic has weight the scale is 0.
    """

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        _emit_shares(builder, args, anew=True)
        return context.get_dummy_value()

    return _SHARES, emit


@intrinsic
def distance(typing: Any, left: Any, right: Any, n_vectors: Any) -> Any:
    """Half the sum of absolute differences of two rows; ``right`` becomes a copy of ``left``."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        left, right, n_vectors = args
        e = _emitter(builder)
        moved = e.cell(e.zero)
        with e.vectors(n_vectors) as (_, place):
            new = e.load(builder.add(left, place))
            change = builder.fsub(new, e.load(builder.add(right, place)))
            e.accumulate(moved, e.larger(change, builder.fsub(e.zero, change)))
            e.store(new, builder.add(right, place))
        sums = _sums(e, [builder.load(moved), e.zero, e.zero, e.zero])
        return builder.fmul(e.lane(sums, 0), ir.Constant(SINGLE, 0.5))

    i = types.int64
    return types.float32(i, i, i), emit
