"""Vector code of the samplers, as LLVM IR: portable, no CPU named.

Rows are given by their addresses (int64) and hold vectors of ``LANES`` float32, padded with zeros.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["LANES", "address", "draw_lane", "load_vector", "move_and_pick", "pick", "splat"]

LANES = 16
_SHIFT = 4

_FAST = ("contract", "nsz")
_I1, _I16, _I32, _I64 = ir.IntType(1), ir.IntType(16), ir.IntType(32), ir.IntType(64)
_FLOAT = ir.FloatType()
_SINGLES, _INTEGERS = ir.VectorType(_FLOAT, LANES), ir.VectorType(_I32, LANES)
_BYTES = 4 * LANES


@intrinsic
def address(typing: Any, array: Any) -> Any:
    """The address of an array's first element."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        view = context.make_array(signature.args[0])(context, builder, value=args[0])
        return builder.ptrtoint(view.data, _I64)

    return types.int64(array), emit


def _integer(value: int) -> Any:
    return ir.Constant(_I64, value)


def _at(builder: Any, place: Any, kind: Any) -> Any:
    return builder.inttoptr(place, kind.as_pointer())


def splat(builder: Any, value: Any) -> Any:
    kind = ir.VectorType(value.type, LANES)
    single = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.Constant(_I32, 0))
    return builder.shuffle_vector(single, single, ir.Constant(_INTEGERS, [0] * LANES))


def _running_sums(builder: Any, vector: Any) -> Any:
    """Lane k of the answer is the sum of lanes 0 to k."""
    zero = ir.Constant(_SINGLES, [0.0] * LANES)
    stride = 1
    while stride < LANES:
        places = [LANES + lane - stride if lane >= stride else lane for lane in range(LANES)]
        moved = builder.shuffle_vector(zero, vector, ir.Constant(_INTEGERS, places))
        vector = builder.fadd(vector, moved, flags=_FAST)
        stride *= 2
    return vector


@intrinsic
def pick(typing: Any, row: Any, weights: Any, scratch: Any, n_vectors: Any, uniform: Any) -> Any:
    """A place drawn with probability in proportion to ``row`` times ``weights``; -1 if all are 0.

    ``uniform`` is a float32 in [0, 1). ``scratch`` has room for n_vectors + 1 vectors. Lanes are
    drawn first, then the vector within the lane; a place of weight 0 is never drawn. -1 may, very
    rarely, also come of rounding.
    """

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        row, weights, scratch, n_vectors, uniform = args

        def weight(place: Any, number: Any) -> Any:
            return load_vector(builder, builder.add(weights, place))

        lanes = _accumulate(builder, row, scratch, n_vectors, weight)
        return draw_lane(builder, lanes, scratch, n_vectors, uniform)

    i = types.int64
    return i(i, i, i, i, types.float32), emit


@intrinsic
def move_and_pick(
    typing: Any, row: Any, numbers: Any, alpha: Any, scratch: Any, n_vectors: Any, uniform: Any,
    added: Any, removed: Any, keep: Any,
) -> Any:  # fmt: skip
    """Add 1 to ``numbers[added]``, take 1 from ``numbers[removed]``, then ``pick`` of row times
    (numbers + alpha), at ``removed`` also times ``keep``. Places of -1 change nothing.

    All numbers are written, whatever changes: an address that is known late would make the
    processor wait with the loads that follow.
    """

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        row, numbers, alpha, scratch, n_vectors, uniform, added, removed, keep = args
        number_at = _moving(builder, numbers, added, removed)
        keeps, one = splat(builder, keep), ir.Constant(_SINGLES, [1.0] * LANES)

        def weight(place: Any, number: Any) -> Any:
            value, left = number_at(place, number)
            prior = load_vector(builder, builder.add(alpha, place))
            value = builder.fadd(value, prior, flags=_FAST)
            return builder.fmul(value, builder.select(left, keeps, one), flags=_FAST)

        lanes = _accumulate(builder, row, scratch, n_vectors, weight)
        return draw_lane(builder, lanes, scratch, n_vectors, uniform)

    i = types.int64
    return i(i, i, i, i, i, types.float32, i, i, types.float32), emit


def _moving(
    builder: Any, numbers: Any, added: Any, removed: Any
) -> Callable[[Any, Any], tuple[Any, Any]]:
    """Reads a vector of ``numbers``, with 1 added and removed at two places, and writes it.

    The answer is the vector and where 1 was removed.
    """
    plus, minus = (splat(builder, builder.trunc(place, _I32)) for place in (added, removed))
    one, zero = (ir.Constant(_SINGLES, [value] * LANES) for value in (1.0, 0.0))
    order = ir.Constant(_INTEGERS, list(range(LANES)))

    def weight(place: Any, number: Any) -> Any:
        at = builder.add(numbers, place)
        first = builder.trunc(builder.shl(number, _integer(_SHIFT)), _I32)
        lanes = builder.add(order, splat(builder, first))
        value = load_vector(builder, at)
        gain = builder.select(builder.icmp_signed("==", lanes, plus), one, zero)
        left = builder.icmp_signed("==", lanes, minus)
        loss = builder.select(left, one, zero)
        value = builder.fsub(builder.fadd(value, gain, flags=_FAST), loss, flags=_FAST)
        builder.store(value, _at(builder, at, _SINGLES), align=4)
        return value, left

    return weight


def load_vector(builder: Any, place: Any) -> Any:
    return builder.load(_at(builder, place, _SINGLES), align=4)


def _accumulate(
    builder: Any, row: Any, scratch: Any, n_vectors: Any, weight: Callable[[Any, Any], Any]
) -> Any:
    """Running sums by lane of ``row`` times ``weight(byte offset, number)``.

    They are written to ``scratch``; the last are given.
    """
    cell = cgutils.alloca_once(builder, _SINGLES)
    builder.store(ir.Constant(_SINGLES, [0.0] * LANES), cell)
    with cgutils.for_range(builder, n_vectors, intp=_I64) as loop:
        place = builder.mul(loop.index, _integer(_BYTES))
        value = load_vector(builder, builder.add(row, place))
        product = builder.fmul(value, weight(place, loop.index), flags=_FAST)
        total = builder.fadd(builder.load(cell), product, flags=_FAST)
        builder.store(total, cell)
        builder.store(total, _at(builder, builder.add(scratch, place), _SINGLES), align=4)
    return builder.load(cell)


def draw_lane(
    builder: Any, lanes: Any, scratch: Any, n_vectors: Any, uniform: Any, rest: Any = None
) -> Any:
    """The place that ``uniform`` falls on, in order of lanes, vectors within them.

    -2 if it falls on ``rest``, a weight after all others.
    """
    zero = ir.Constant(_SINGLES, [0.0] * LANES)
    sums = _running_sums(builder, lanes)
    whole = builder.extract_element(sums, ir.Constant(_I32, LANES - 1))
    every = whole if rest is None else builder.fadd(whole, rest)
    aim = builder.fmul(uniform, every)
    count = _ones(builder, builder.fcmp_ordered("<=", sums, splat(builder, aim)))
    inside = builder.icmp_unsigned("<", count, _integer(LANES))
    lane = builder.select(inside, count, _integer(LANES - 1))
    places = [LANES - 1, *range(LANES, 2 * LANES - 1)]
    earlier = builder.shuffle_vector(zero, sums, ir.Constant(_INTEGERS, places))
    board = builder.add(scratch, builder.mul(n_vectors, _integer(_BYTES)))
    builder.store(earlier, _at(builder, board, _SINGLES), align=4)
    lane_bytes = builder.shl(lane, _integer(2))
    before = builder.load(_at(builder, builder.add(board, lane_bytes), _FLOAT))
    left = builder.fsub(aim, before)
    column = builder.add(scratch, lane_bytes)
    ending = builder.add(board, builder.sub(lane_bytes, _integer(_BYTES)))
    last = builder.load(_at(builder, ending, _FLOAT))
    # The greatest number below the lane's sum: rounding must not pass its last weight.
    bits = builder.sub(builder.bitcast(last, _I32), ir.Constant(_I32, 1))
    most = builder.bitcast(bits, _FLOAT)
    left = builder.select(builder.fcmp_ordered("<", left, most), left, most)
    found = _first_above(builder, column, n_vectors, left)
    place = builder.add(builder.shl(found, _integer(_SHIFT)), lane)
    good = builder.fcmp_ordered(">", last, ir.Constant(_FLOAT, 0.0))
    answer = builder.select(good, place, _integer(-1))
    return answer if rest is None else builder.select(inside, answer, _integer(-2))


def _first_above(builder: Any, column: Any, n: Any, bound: Any) -> Any:
    """The first of ``n`` rising numbers, a vector apart, above ``bound``.

    Counted, not searched by halves: a search becomes branches, foretold wrongly half of the time.
    """
    found = cgutils.alloca_once(builder, _I64)
    builder.store(_integer(0), found)
    with cgutils.for_range(builder, n, intp=_I64) as loop:
        place = builder.add(column, builder.mul(loop.index, _integer(_BYTES)))
        value = builder.load(_at(builder, place, _FLOAT))
        passed = builder.zext(builder.fcmp_ordered("<=", value, bound), _I64)
        builder.store(builder.add(builder.load(found), passed), found)
    return builder.load(found)


def _ones(builder: Any, mask: Any) -> Any:
    """The number of set lanes of a mask, as int64."""
    bits = builder.bitcast(mask, _I16)
    kind = ir.FunctionType(_I16, [_I16])
    function = cgutils.get_or_insert_function(builder.module, kind, "llvm.ctpop.i16")
    return builder.zext(builder.call(function, [bits]), _I64)
