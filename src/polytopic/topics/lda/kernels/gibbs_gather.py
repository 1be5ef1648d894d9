"""Vector code of the sweep by words, as LLVM IR: draws from a document's list of topics."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from polytopic.topics.lda.kernels.gibbs_simd import LANES, draw_lane, load_vector, splat

__all__ = ["move_and_gather", "place_of"]

_FAST = ("contract", "nsz")
_I1, _I16, _I32, _I64 = ir.IntType(1), ir.IntType(16), ir.IntType(32), ir.IntType(64)
_FLOAT, _POINTER = ir.FloatType(), ir.PointerType()
_SINGLES, _INTEGERS = ir.VectorType(_FLOAT, LANES), ir.VectorType(_I32, LANES)
_LONGS, _MASK = ir.VectorType(_I64, LANES), ir.VectorType(_I1, LANES)
_POINTERS = ir.VectorType(_POINTER, LANES)
_BYTES = 4 * LANES


def _integer(value: int) -> Any:
    return ir.Constant(_I64, value)


def _gather(builder: Any, row: Any, places: Any, mask: Any) -> Any:
    """The float32 at ``places`` of ``row`` where ``mask`` is set, else 0."""
    two = ir.Constant(_LONGS, [2] * LANES)
    offsets = builder.shl(builder.zext(places, _LONGS), two)
    pointers = builder.inttoptr(builder.add(offsets, splat(builder, row)), _POINTERS)
    kind = ir.FunctionType(_SINGLES, [_POINTERS, _I32, _MASK, _SINGLES])
    name = f"llvm.masked.gather.v{LANES}f32.v{LANES}p0"
    function = cgutils.get_or_insert_function(builder.module, kind, name)
    nothing = ir.Constant(_SINGLES, [0.0] * LANES)
    return builder.call(function, [pointers, ir.Constant(_I32, 4), mask, nothing])


def _load_places(builder: Any, place: Any) -> Any:
    return builder.load(builder.inttoptr(place, _INTEGERS.as_pointer()), align=4)


def _note(builder: Any, cell: Any, mask: Any, number: Any) -> None:
    """Put the first set lane of vector ``number`` into ``cell``, if there is one."""
    bits = builder.zext(builder.bitcast(mask, _I16), _I64)
    kind = ir.FunctionType(_I64, [_I64, _I1])
    function = cgutils.get_or_insert_function(builder.module, kind, "llvm.cttz.i64")
    lane = builder.call(function, [bits, ir.Constant(_I1, 0)])
    place = builder.add(builder.mul(number, _integer(LANES)), lane)
    met = builder.icmp_unsigned("!=", bits, _integer(0))
    builder.store(builder.select(met, place, builder.load(cell)), cell)


@intrinsic
def move_and_gather(
    typing: Any, row: Any, listed: Any, numbers: Any, scratch: Any, n_vectors: Any, old: Any,
    keep: Any, rest: Any, uniform: Any,
) -> Any:  # fmt: skip
    """Take 1 from the number of topic ``old`` in a document's list, then draw a place of the list.

    Weights are ``row[listed]`` times ``numbers``, that of ``old`` also times ``keep``; ``rest`` is
    the weight of what is not in the list. The answer is (place, place of old): place is -2 for the
    rest and -1 where rounding spoils the draw. ``listed`` is int32, -1 where ``numbers`` is 0.
    """

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        row, listed, numbers, scratch, n_vectors, old, keep, rest, uniform = args
        sums = cgutils.alloca_once(builder, _SINGLES)
        met = cgutils.alloca_once(builder, _I64)
        zero, one = (ir.Constant(_SINGLES, [value] * LANES) for value in (0.0, 1.0))
        builder.store(zero, sums)
        builder.store(_integer(-1), met)
        olds, keeps = splat(builder, builder.trunc(old, _I32)), splat(builder, keep)
        with cgutils.for_range(builder, n_vectors, intp=_I64) as loop:
            offset = builder.mul(loop.index, _integer(_BYTES))
            places = _load_places(builder, builder.add(listed, offset))
            number_at = builder.add(numbers, offset)
            number = load_vector(builder, number_at)
            mask = builder.fcmp_ordered(">", number, zero)
            same = builder.icmp_signed("==", places, olds)
            number = builder.fsub(number, builder.select(same, one, zero), flags=_FAST)
            builder.store(number, builder.inttoptr(number_at, _SINGLES.as_pointer()), align=4)
            _note(builder, met, same, loop.index)
            factor = builder.fmul(number, builder.select(same, keeps, one), flags=_FAST)
            weight = builder.fmul(_gather(builder, row, places, mask), factor, flags=_FAST)
            total = builder.fadd(builder.load(sums), weight, flags=_FAST)
            builder.store(total, sums)
            at = builder.inttoptr(builder.add(scratch, offset), _SINGLES.as_pointer())
            builder.store(total, at, align=4)
        place = draw_lane(builder, builder.load(sums), scratch, n_vectors, uniform, rest)
        return context.make_tuple(builder, signature.return_type, [place, builder.load(met)])

    i, f = types.int64, types.float32
    return types.UniTuple(i, 2)(i, i, i, i, i, i, f, f, f), emit


@intrinsic
def place_of(typing: Any, listed: Any, n_vectors: Any, topic: Any) -> Any:
    """Where ``topic`` is in a document's list; -1 if it is not."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        listed, n_vectors, topic = args
        met = cgutils.alloca_once(builder, _I64)
        builder.store(_integer(-1), met)
        sought = splat(builder, builder.trunc(topic, _I32))
        with cgutils.for_range(builder, n_vectors, intp=_I64) as loop:
            offset = builder.mul(loop.index, _integer(_BYTES))
            places = _load_places(builder, builder.add(listed, offset))
            _note(builder, met, builder.icmp_signed("==", places, sought), loop.index)
        return builder.load(met)

    i = types.int64
    return i(i, i, i), emit
