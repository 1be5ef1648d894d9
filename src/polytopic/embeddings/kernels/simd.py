"""Vector code for the inner loops of negative sampling, as LLVM IR: portable, no CPU named.

Rows are given by their addresses (int64), so that they may lie in several matrices. Vectors of
``LANES`` floats are cut by LLVM to what the CPU has. Rows may have any length; the last, partial
vector is masked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["CONTEXTS", "LANES", "OUTPUTS", "prefetch", "products", "row", "slopes", "update"]

WIDE = bool(binding.get_host_cpu_features().get("avx512f"))
LANES = 16 if WIDE else 8
CONTEXTS = 3 if WIDE else 1
OUTPUTS = 6

_FAST = ("contract", "reassoc", "nsz", "arcp")
_I1, _I8, _I32, _I64 = ir.IntType(1), ir.IntType(8), ir.IntType(32), ir.IntType(64)
_FLOAT, _DOUBLE = ir.FloatType(), ir.DoubleType()
_SINGLES, _DOUBLES = ir.VectorType(_FLOAT, LANES), ir.VectorType(_DOUBLE, LANES)
_INTEGERS, _MASK = ir.VectorType(_I32, LANES), ir.VectorType(_I1, LANES)
_BYTES = 4 * LANES


class _Emitter:
    """Short names over an IR builder."""

    def __init__(self, builder: Any) -> None:
        self.builder = builder

    def at(self, address: Any, kind: Any) -> Any:
        return self.builder.inttoptr(address, kind.as_pointer())

    def integer(self, value: int) -> Any:
        return ir.Constant(_I64, value)

    def addresses(self, table: Any, n: int) -> list[Any]:
        """The ``n`` addresses in the array at ``table``."""
        return [self.load(self.offset(table, self.integer(k), 8), _I64) for k in range(n)]

    def offset(self, base: Any, index: Any, size: int) -> Any:
        return self.builder.add(base, self.builder.mul(index, self.integer(size)))

    def load(self, address: Any, kind: Any = _SINGLES, mask: Any = None) -> Any:
        if mask is None:
            return self.builder.load(self.at(address, kind), align=4)
        name = f"llvm.masked.load.v{LANES}f32.p0"
        pointer = self.at(address, kind)
        signature = ir.FunctionType(kind, [pointer.type, _I32, _MASK, kind])
        function = cgutils.get_or_insert_function(self.builder.module, signature, name)
        nothing = ir.Constant(kind, [0.0] * LANES)
        return self.builder.call(function, [pointer, ir.Constant(_I32, 4), mask, nothing])

    def store(self, value: Any, address: Any, mask: Any = None) -> None:
        pointer = self.at(address, value.type)
        if mask is None:
            self.builder.store(value, pointer, align=4)
            return
        name = f"llvm.masked.store.v{LANES}f32.p0"
        signature = ir.FunctionType(ir.VoidType(), [value.type, pointer.type, _I32, _MASK])
        function = cgutils.get_or_insert_function(self.builder.module, signature, name)
        self.builder.call(function, [value, pointer, ir.Constant(_I32, 4), mask])

    def splat(self, value: Any) -> Any:
        kind = ir.VectorType(value.type, LANES)
        empty = ir.Constant(kind, ir.Undefined)
        single = self.builder.insert_element(empty, value, ir.Constant(_I32, 0))
        zeros = ir.Constant(_INTEGERS, [0] * LANES)
        return self.builder.shuffle_vector(single, empty, zeros)

    def constant(self, value: float, kind: Any = _SINGLES) -> Any:
        return ir.Constant(kind, [value] * LANES)

    def add(self, a: Any, b: Any) -> Any:
        return self.builder.fadd(a, b, flags=_FAST)

    def multiply(self, a: Any, b: Any) -> Any:
        return self.builder.fmul(a, b, flags=_FAST)

    def fma(self, a: Any, b: Any, c: Any) -> Any:
        return self.add(self.multiply(a, b), c)

    def first_lanes(self, n: Any) -> Any:
        """A mask of the lanes below ``n`` (int64)."""
        lane = ir.Constant(_INTEGERS, list(range(LANES)))
        return self.builder.icmp_signed("<", lane, self.splat(self.builder.trunc(n, _I32)))

    @contextmanager
    def loop(self, stop: Any, stride: int = 1, start: Any = None) -> Iterator[Any]:
        step = self.integer(stride)
        start = self.integer(0) if start is None else start
        with cgutils.for_range_slice(self.builder, start, stop, step, _I64) as (i, _):
            yield i

    def along(self, dim: Any, body: Callable[[Any, Any], None]) -> None:
        """``body(byte offset, mask)`` for each vector of a row of ``dim`` floats."""
        rest = self.builder.and_(dim, self.integer(LANES - 1))
        whole = self.builder.sub(dim, rest)
        with self.loop(whole, LANES) as place:
            body(self.builder.shl(place, self.integer(2)), None)
        partial = self.builder.icmp_signed("!=", rest, self.integer(0))
        with self.builder.if_then(partial, likely=False):
            body(self.builder.shl(whole, self.integer(2)), self.first_lanes(rest))


def _start(context: Any, builder: Any, kind: Any, array: Any) -> Any:
    """The address of an array's first element."""
    return builder.ptrtoint(context.make_array(kind)(context, builder, value=array).data, _I64)


@intrinsic(prefer_literal=True)
def products(
    typing: Any, xs: Any, x: Any, os: Any, o: Any, dim: Any, sums: Any, pair: Any, pitch: Any,
    n_xs: Any, n_os: Any,
) -> Any:  # fmt: skip
    """Unfolded dot products of rows ``xs[x:x + n_xs]`` by rows ``os[o:o + n_os]``, both n literal.

    Those of row k by row r go to the LANES floats number pair + k pitch + r of ``sums``; the dot
    product is their sum.
    """
    shape = n_xs.literal_value, n_os.literal_value

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        e = _Emitter(builder)
        starts = [_start(context, builder, signature.args[k], args[k]) for k in (0, 2, 5)]
        x_at = e.addresses(e.offset(starts[0], args[1], 8), shape[0])
        o_at = e.addresses(e.offset(starts[1], args[3], 8), shape[1])
        zero = e.constant(0.0)
        cells = [[cgutils.alloca_once(builder, _SINGLES) for _ in o_at] for _ in x_at]
        for cell in (cell for line in cells for cell in line):
            builder.store(zero, cell)

        def body(place: Any, mask: Any) -> None:
            o = [e.load(builder.add(row, place), mask=mask) for row in o_at]
            for row, line in zip(x_at, cells, strict=True):
                x = e.load(builder.add(row, place), mask=mask)
                for r, cell in enumerate(line):
                    builder.store(e.fma(x, o[r], builder.load(cell)), cell)

        e.along(args[4], body)
        for k, line in enumerate(cells):
            number = builder.add(args[6], builder.mul(args[7], e.integer(k)))
            start = e.offset(starts[2], number, _BYTES)
            for r, cell in enumerate(line):
                e.store(builder.load(cell), e.offset(start, e.integer(r), _BYTES))
        return context.get_dummy_value()

    i = types.int64
    return types.none(xs, i, os, i, i, sums, i, i, n_xs, n_os), emit


@intrinsic(prefer_literal=True)
def update(
    typing: Any, xs: Any, n_xs: Any, os: Any, o: Any, dim: Any, steps: Any, pair: Any, pitch: Any,
    n_os: Any,
) -> Any:  # fmt: skip
    """Move rows ``xs[:n_xs]`` and rows ``os[o:o + n_os]`` (n_os literal) towards each other.

    x row k gets the sum of ``steps[pair + k pitch + r]`` times the o row r as it was before, and
    o row r that of the steps times the x rows. x rows are taken in their order, then o rows.
    """
    n_rows = n_os.literal_value

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        starts = [_start(context, builder, signature.args[k], args[k]) for k in (0, 2, 5)]
        e = _Emitter(builder)
        o_at = e.addresses(e.offset(starts[1], args[3], 8), n_rows)
        cells = [cgutils.alloca_once(builder, _SINGLES) for _ in range(n_rows)]
        steps_at = e.offset(starts[2], args[6], 4)

        def body(place: Any, mask: Any) -> None:
            o = [e.load(builder.add(row, place), mask=mask) for row in o_at]
            for cell in cells:
                builder.store(e.constant(0.0), cell)
            with e.loop(args[1]) as k:
                at = builder.add(e.load(e.offset(starts[0], k, 8), _I64), place)
                x = e.load(at, mask=mask)
                first = e.offset(steps_at, builder.mul(k, args[7]), 4)
                new = x
                for r, cell in enumerate(cells):
                    step = e.splat(e.load(e.offset(first, e.integer(r), 4), _FLOAT))
                    new = e.fma(step, o[r], new)
                    builder.store(e.fma(step, x, builder.load(cell)), cell)
                e.store(new, at, mask)
            for row, cell in zip(o_at, cells, strict=True):
                at = builder.add(row, place)
                e.store(e.add(e.load(at, mask=mask), builder.load(cell)), at, mask)

        e.along(args[4], body)
        return context.get_dummy_value()

    i = types.int64
    return types.none(xs, i, os, i, i, steps, i, i, n_os), emit


@intrinsic
def slopes(
    typing: Any, sums: Any, signs: Any, begin: Any, end: Any, rate: Any, steps: Any, losses: Any
) -> Any:
    """Steps and losses of the pairs ``begin`` to ``end``, whose dot products z are in ``sums``.

    A pair of sign s has the loss log(1 + exp(s z)) and the step -rate s sigmoid(s z), with an
    error below 2e-7 of the sigmoid. ``losses`` are 2 x LANES float64: what is added to the
    first half and multiplied into the second; a loss is the first plus the log of the second.
    ``begin`` is a multiple of LANES, and the arrays have room for a multiple of LANES pairs.
    """

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        e = _Emitter(builder)
        sums, signs, steps, losses = (
            _start(context, builder, signature.args[k], args[k]) for k in (0, 1, 5, 6)
        )
        rate = e.splat(args[4])
        with e.loop(args[3], LANES, args[2]) as pair:
            valid = e.first_lanes(builder.sub(args[3], pair))
            start = e.offset(sums, pair, _BYTES)
            z = _fold(e, [e.load(e.offset(start, e.integer(k), _BYTES)) for k in range(LANES)])
            sign = e.load(e.offset(signs, pair, 4))
            sign = builder.select(valid, sign, e.constant(0.0))
            t = e.multiply(sign, z)
            size = _absolute(e, t)
            small = _exponential(e, builder.fneg(size))
            whole = e.add(small, e.constant(1.0))
            top = builder.select(
                builder.fcmp_ordered(">", t, e.constant(0.0)), e.constant(1.0), small
            )
            step = builder.fdiv(e.multiply(e.multiply(sign, rate), top), whole)
            e.store(builder.fneg(step), e.offset(steps, pair, 4))
            linear = e.multiply(e.add(t, size), e.constant(0.5))
            factor = builder.select(valid, whole, e.constant(1.0))
            _tally(e, losses, linear, e.add)
            second = builder.add(losses, e.integer(8 * LANES))
            _tally(e, second, factor, e.multiply)
        return context.get_dummy_value()

    kinds = sums, signs, types.int64, types.int64, types.float32, steps, losses
    return types.none(*kinds), emit


def _fold(e: _Emitter, vectors: list[Any]) -> Any:
    """One vector whose lane k is the sum of vector k, by halving: 3 (LANES - 1) instructions."""
    group = LANES
    while len(vectors) > 1:
        half, count = group // 2, len(vectors) // 2
        low = [
            g * group + s + j
            for g in range(LANES // group)
            for s in (0, LANES)
            for j in range(half)
        ]
        high = [place + half for place in low]
        vectors = [
            e.add(_shuffle(e, a, b, low), _shuffle(e, a, b, high))
            for a, b in zip(vectors[:count], vectors[count:], strict=True)
        ]
        group = half
    return vectors[0]


def _shuffle(e: _Emitter, a: Any, b: Any, places: list[int]) -> Any:
    return e.builder.shuffle_vector(a, b, ir.Constant(_INTEGERS, places))


def _absolute(e: _Emitter, value: Any) -> Any:
    bits = e.builder.bitcast(value, _INTEGERS)
    return e.builder.bitcast(e.builder.and_(bits, e.constant(0x7FFFFFFF, _INTEGERS)), _SINGLES)


def _exponential(e: _Emitter, x: Any) -> Any:
    """exp(x) of x <= 0, relative error below 2e-7; x below -87 counts as -87."""
    builder = e.builder
    floor = e.constant(-87.0)
    x = builder.select(builder.fcmp_ordered("<", x, floor), floor, x)
    power = e.fma(x, e.constant(float(np.float32(1.44269504))), e.constant(-0.5))
    whole = builder.fptosi(power, _INTEGERS)
    count = builder.sitofp(whole, _SINGLES)
    rest = e.fma(count, e.constant(-0.693359375), x)
    rest = e.fma(count, e.constant(float(np.float32(2.12194440e-4))), rest)
    series = e.constant(float(np.float32(1.9875691500e-4)))
    for term in (1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 0.5):
        series = e.fma(series, rest, e.constant(float(np.float32(term))))
    series = e.fma(series, e.multiply(rest, rest), e.add(rest, e.constant(1.0)))
    bits = builder.shl(builder.add(whole, e.constant(127, _INTEGERS)), e.constant(23, _INTEGERS))
    return e.multiply(series, builder.bitcast(bits, _SINGLES))


def _tally(e: _Emitter, address: Any, value: Any, join: Callable[[Any, Any], Any]) -> None:
    pointer = e.at(address, _DOUBLES)
    old = e.builder.load(pointer, align=8)
    e.builder.store(join(old, e.builder.fpext(value, _DOUBLES)), pointer, align=8)


@intrinsic
def row(typing: Any, matrix: Any, number: Any) -> Any:
    """The address of a row of a matrix."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        view = context.make_array(signature.args[0])(context, builder, value=args[0])
        stride = builder.extract_value(view.strides, 0)
        start = builder.ptrtoint(view.data, _I64)
        return builder.add(start, builder.mul(stride, args[1]))

    return types.int64(matrix, types.int64), emit


@intrinsic
def prefetch(typing: Any, address: Any) -> Any:
    """Ask for the cache line at ``address``."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = _Emitter(builder).at(args[0], _I8)
        kind = ir.FunctionType(ir.VoidType(), [pointer.type, _I32, _I32, _I32])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(function, [pointer, *(ir.Constant(_I32, v) for v in (0, 3, 1))])
        return context.get_dummy_value()

    return types.none(types.int64), emit
