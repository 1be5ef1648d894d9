"""Vector code of the samplers: see :mod:`polytopic.kernels.vector`.

Rows are given by their addresses (int64) and hold vectors of ``LANES`` float32, padded with zeros.
Nothing is checked against bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from polytopic.kernels.vector import INT32, INT64, SINGLE, Emitter, address

__all__ = ["LANES", "address", "draw_lane", "emitter", "move_and_pick", "pick"]

LANES = 16
"""Float32 of a vector of AVX-512; narrower machines take two or four."""

_SHIFT = 4
"""log2 of LANES."""

emitter = partial(Emitter, lanes=LANES, flags=("contract", "nsz"))


@intrinsic
def pick(typing: Any, row: Any, weights: Any, scratch: Any, n_vectors: Any, uniform: Any) -> Any:
    """A place drawn with probability in proportion to ``row`` times ``weights``; -1 if all are 0.

    ``uniform`` is a float32 in [0, 1). ``scratch`` has room for n_vectors + 1 vectors. Lanes are
    drawn first, then the vector within the lane; a place of weight 0 is never drawn. -1 may, very
    rarely, also come of rounding.
    """

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        row, weights, scratch, n_vectors, uniform = args
        e = emitter(builder)

        def weight(number: Any, place: Any) -> Any:
            return e.load(builder.add(weights, place))

        lanes = _accumulate(e, row, scratch, n_vectors, weight)
        return draw_lane(e, lanes, scratch, n_vectors, uniform)

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
        e = emitter(builder)
        plus, minus = (e.splat(builder.trunc(place, INT32)) for place in (added, removed))
        keeps = e.splat(keep)

        def weight(number: Any, place: Any) -> Any:
            value, left = _move(e, builder.add(numbers, place), number, plus, minus)
            value = e.add(value, e.load(builder.add(alpha, place)))
            return e.multiply(value, builder.select(left, keeps, e.one))

        lanes = _accumulate(e, row, scratch, n_vectors, weight)
        return draw_lane(e, lanes, scratch, n_vectors, uniform)

    i = types.int64
    return i(i, i, i, i, i, types.float32, i, i, types.float32), emit


def _move(e: Emitter, at: Any, number: Any, plus: Any, minus: Any) -> tuple[Any, Any]:
    """Add 1 at place ``plus`` and take 1 at ``minus`` of vector ``number``, which lies ``at``.

    The answer is the vector and where 1 was taken.
    """
    builder = e.builder
    first = builder.trunc(builder.shl(number, e.integer(_SHIFT)), INT32)
    lanes = builder.add(e.order(), e.splat(first))
    value = e.load(at)
    gain = builder.select(e.compare("==", lanes, plus), e.one, e.zero)
    left = e.compare("==", lanes, minus)
    loss = builder.select(left, e.one, e.zero)
    value = e.subtract(e.add(value, gain), loss)
    e.store(value, at)
    return value, left


def _accumulate(
    e: Emitter, row: Any, scratch: Any, n_vectors: Any, weight: Callable[[Any, Any], Any]
) -> Any:
    """Running sums by lane of ``row`` times ``weight(number, byte offset)``.

    They are written to ``scratch``; the last are given.
    """
    sums = e.cell(e.zero)
    with e.vectors(n_vectors) as (number, place):
        value = e.load(e.builder.add(row, place))
        total = e.accumulate(sums, e.multiply(value, weight(number, place)))
        e.store(total, e.builder.add(scratch, place))
    return e.builder.load(sums)


def draw_lane(
    e: Emitter, lanes: Any, scratch: Any, n_vectors: Any, uniform: Any, rest: Any = None
) -> Any:
    """The place that ``uniform`` falls on, in order of lanes, vectors within them.

    -2 if it falls on ``rest``, a weight after all others.
    """
    builder = e.builder
    sums = _running_sums(e, lanes)
    whole = e.lane(sums, LANES - 1)
    every = whole if rest is None else builder.fadd(whole, rest)
    aim = builder.fmul(uniform, every)
    count = e.count(e.compare("<=", sums, e.splat(aim)))
    inside = builder.icmp_unsigned("<", count, e.integer(LANES))
    lane = builder.select(inside, count, e.integer(LANES - 1))
    board = e.offset(scratch, n_vectors, e.bytes)
    e.store(e.shuffle(e.zero, sums, [LANES - 1, *range(LANES, 2 * LANES - 1)]), board)
    lane_bytes = builder.shl(lane, e.integer(2))
    left = builder.fsub(aim, e.load(builder.add(board, lane_bytes), SINGLE))
    column = builder.add(scratch, lane_bytes)
    ending = builder.add(board, builder.sub(lane_bytes, e.integer(e.bytes)))
    last = e.load(ending, SINGLE)
    # The greatest number below the lane's sum: rounding must not pass its last weight.
    bits = builder.sub(builder.bitcast(last, INT32), ir.Constant(INT32, 1))
    left = e.smaller(left, builder.bitcast(bits, SINGLE))
    found = _first_above(e, column, n_vectors, left)
    place = builder.add(builder.shl(found, e.integer(_SHIFT)), lane)
    good = e.compare(">", last, ir.Constant(SINGLE, 0.0))
    answer = builder.select(good, place, e.integer(-1))
    return answer if rest is None else builder.select(inside, answer, e.integer(-2))


def _running_sums(e: Emitter, vector: Any) -> Any:
    """Lane k of the answer is the sum of lanes 0 to k."""
    for stride in (1 << k for k in range(_SHIFT)):
        places = [LANES + lane - stride if lane >= stride else lane for lane in range(LANES)]
        vector = e.add(vector, e.shuffle(e.zero, vector, places))
    return vector


def _first_above(e: Emitter, column: Any, n: Any, bound: Any) -> Any:
    """The first of ``n`` rising numbers, a vector apart, above ``bound``.

    Counted, not searched by halves: a search becomes branches, foretold wrongly half of the time.
    """
    builder = e.builder
    found = e.cell(e.integer(0))
    with e.vectors(n) as (_, place):
        value = e.load(builder.add(column, place), SINGLE)
        passed = builder.zext(e.compare("<=", value, bound), INT64)
        builder.store(builder.add(builder.load(found), passed), found)
    return builder.load(found)
