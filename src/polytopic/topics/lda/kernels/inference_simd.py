"""Vector code of inference, as LLVM IR: portable, no CPU named.

Rows are given by their addresses (int64), best begin at cache lines and hold vectors of ``LANES``
float32, padded with zeros.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["GROUP", "LANES", "distance", "share_anew", "share_first"]

LANES = 16
GROUP = 4
"""Terms shared out at a time."""

_FAST = ("contract", "nsz", "reassoc")
_I32, _I64, _FLOAT = ir.IntType(32), ir.IntType(64), ir.FloatType()
_SINGLES, _FOUR = ir.VectorType(_FLOAT, LANES), ir.VectorType(_FLOAT, GROUP)
_BYTES = 4 * LANES
_LEAST = 2.0**-100


def _integer(value: int) -> Any:
    return ir.Constant(_I64, value)


def _load(builder: Any, place: Any, kind: Any = _SINGLES) -> Any:
    return builder.load(builder.inttoptr(place, kind.as_pointer()), align=4)


def _store(builder: Any, value: Any, place: Any) -> None:
    builder.store(value, builder.inttoptr(place, value.type.as_pointer()), align=4)


def _shuffle(builder: Any, left: Any, right: Any, places: list[int]) -> Any:
    mask = ir.Constant(ir.VectorType(_I32, len(places)), places)
    return builder.shuffle_vector(left, right, mask)


def _splat(builder: Any, value: Any) -> Any:
    empty = ir.Constant(_SINGLES, ir.Undefined)
    single = builder.insert_element(empty, value, ir.Constant(_I32, 0))
    return _shuffle(builder, single, empty, [0] * LANES)


def _fold(builder: Any, left: Any, right: Any, low: list[int], high: list[int]) -> Any:
    """Two vectors as one of sums: places ``low`` and ``high`` of each four, of both vectors."""
    chosen = [
        [base + place % GROUP + LANES * (place // GROUP) for base in range(0, LANES, GROUP)
         for place in part]
        for part in (low, high)
    ]  # fmt: skip
    return builder.fadd(
        _shuffle(builder, left, right, chosen[0]),
        _shuffle(builder, left, right, chosen[1]),
        flags=_FAST,
    )


def _sums(builder: Any, vectors: list[Any]) -> Any:
    """The sums of four vectors, as one vector of four."""
    first = _fold(builder, vectors[0], vectors[1], [0, 4, 1, 5], [2, 6, 3, 7])
    second = _fold(builder, vectors[2], vectors[3], [0, 4, 1, 5], [2, 6, 3, 7])
    whole = _fold(builder, first, second, [0, 1, 4, 5], [2, 3, 6, 7])
    for width in (LANES // 2, LANES // 4):
        low, high = list(range(width)), list(range(width, 2 * width))
        whole = builder.fadd(
            _shuffle(builder, whole, whole, low), _shuffle(builder, whole, whole, high), flags=_FAST
        )
    return whole


def _each(builder: Any, numbers: Any) -> list[Any]:
    """The numbers of a vector of four, each as a vector of its own."""
    return [
        _splat(builder, builder.extract_element(numbers, ir.Constant(_I32, i)))
        for i in range(GROUP)
    ]


def _emit_shares(builder: Any, args: Any, anew: bool) -> None:
    rows, (weights, numbers, totals, alpha, n_vectors) = args[:GROUP], args[GROUP:]
    row_bytes = builder.mul(n_vectors, _integer(_BYTES))
    at = [builder.add(weights, builder.mul(row_bytes, _integer(i))) for i in range(GROUP)]
    scales_at = builder.add(numbers, _integer(4 * GROUP))
    counts = _load(builder, numbers, _FOUR)
    old = (_load(builder, scales_at, _FOUR), counts, alpha) if anew else None
    sums = _weigh(builder, rows, at, totals, n_vectors, old)
    ones, zeros = (ir.Constant(_FOUR, [value] * GROUP) for value in (1.0, 0.0))
    enough = builder.fcmp_ordered(">", sums, ir.Constant(_FOUR, [_LEAST] * GROUP))
    scales = builder.select(enough, builder.fdiv(ones, sums), zeros)
    _store(builder, scales, scales_at)
    gains = _each(builder, builder.fmul(scales, counts))
    with cgutils.for_range(builder, n_vectors, intp=_I64) as loop:
        place = builder.mul(loop.index, _integer(_BYTES))
        total = _load(builder, builder.add(totals, place))
        for weights, gain in zip(at, gains, strict=True):
            gained = builder.fmul(_load(builder, builder.add(weights, place)), gain, flags=_FAST)
            total = builder.fadd(total, gained, flags=_FAST)
        _store(builder, total, builder.add(totals, place))


def _weigh(builder: Any, rows: Any, at: Any, totals: Any, n_vectors: Any, old: Any) -> Any:
    """Write the terms' weights and give their sums; old shares are taken off the totals.

    ``old`` is the scales of the weights that are there, counts, and where alpha is.
    """
    scales, counts = (_each(builder, part) for part in old[:2]) if old else ([], [])
    cells = [cgutils.alloca_once(builder, _SINGLES) for _ in range(GROUP)]
    for cell in cells:
        builder.store(ir.Constant(_SINGLES, [0.0] * LANES), cell)
    with cgutils.for_range(builder, n_vectors, intp=_I64) as loop:
        place = builder.mul(loop.index, _integer(_BYTES))
        total = rest = _load(builder, builder.add(totals, place))
        least = _load(builder, builder.add(old[2], place)) if old else None
        for i in range(GROUP):
            here, others = builder.add(at[i], place), total
            if old:
                share = builder.fmul(_load(builder, here), scales[i], flags=_FAST)
                others = _larger(builder, builder.fsub(total, share, flags=_FAST), least)
                lost = builder.fmul(counts[i], share, flags=_FAST)
                rest = builder.fsub(rest, lost, flags=_FAST)
            row = _load(builder, builder.add(rows[i], place))
            weight = builder.fmul(others, row, flags=_FAST)
            _store(builder, weight, here)
            builder.store(builder.fadd(builder.load(cells[i]), weight, flags=_FAST), cells[i])
        if old:
            _store(builder, _larger(builder, rest, least), builder.add(totals, place))
    return _sums(builder, [builder.load(cell) for cell in cells])


def _larger(builder: Any, left: Any, right: Any) -> Any:
    return builder.select(builder.fcmp_ordered(">", left, right), left, right)


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
        cell = cgutils.alloca_once(builder, _SINGLES)
        zero = ir.Constant(_SINGLES, [0.0] * LANES)
        builder.store(zero, cell)
        with cgutils.for_range(builder, n_vectors, intp=_I64) as loop:
            place = builder.mul(loop.index, _integer(_BYTES))
            new = _load(builder, builder.add(left, place))
            change = builder.fsub(new, _load(builder, builder.add(right, place)))
            size = _larger(builder, change, builder.fsub(zero, change))
            builder.store(builder.fadd(builder.load(cell), size, flags=_FAST), cell)
            _store(builder, new, builder.add(right, place))
        total = builder.load(cell)
        sums = _sums(builder, [total, zero, zero, zero])
        whole = builder.extract_element(sums, ir.Constant(_I32, 0))
        return builder.fmul(whole, ir.Constant(_FLOAT, 0.5))

    i = types.int64
    return types.float32(i, i, i), emit
