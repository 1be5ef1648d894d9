"""Vector code for the inner loops of negative sampling: see :mod:`polytopic.kernels.vector`.

Rows are given by their addresses (int64), so that they may lie in several matrices, and may have
any length; the last, partial vector is masked. Nothing is checked against bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from llvmlite import binding, ir
from numba import types
from numba.extending import intrinsic

from polytopic.kernels.vector import INT64, SINGLE, Emitter, prefetch, row, starts

__all__ = [
    "CONTEXTS", "LANES", "OUTPUTS", "approach", "emitter", "prefetch", "products", "row", "slopes",
    "update",
]  # fmt: skip

WIDE = bool(binding.get_host_cpu_features().get("avx512f"))
LANES = 16 if WIDE else 8
"""Float32 of a vector register."""

CONTEXTS = 3 if WIDE else 1
"""Context rows a product; see OUTPUTS."""

OUTPUTS = 6
"""Output rows a product: one centre and the default's five negatives; with three contexts 18 sums
fill the 32 registers of AVX-512 beside what is loaded."""

emitter = partial(Emitter, lanes=LANES, flags=("contract", "reassoc", "nsz", "arcp"))
_DOUBLES = ir.VectorType(ir.DoubleType(), LANES)


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
        e = emitter(builder)
        xs, os, sums = starts(context, builder, signature, args, 0, 2, 5)
        x_at = e.addresses(e.offset(xs, args[1], 8), shape[0])
        o_at = e.addresses(e.offset(os, args[3], 8), shape[1])
        cells = [[e.cell(e.zero) for _ in o_at] for _ in x_at]

        def body(place: Any, mask: Any) -> None:
            o = [e.load(builder.add(at, place), mask=mask) for at in o_at]
            for at, line in zip(x_at, cells, strict=True):
                x = e.load(builder.add(at, place), mask=mask)
                for r, cell in enumerate(line):
                    builder.store(e.fma(x, o[r], builder.load(cell)), cell)

        e.along(args[4], body)
        for k, line in enumerate(cells):
            number = builder.add(args[6], builder.mul(args[7], e.integer(k)))
            start = e.offset(sums, number, e.bytes)
            for r, cell in enumerate(line):
                e.store(builder.load(cell), e.offset(start, e.integer(r), e.bytes))
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
    i = types.int64
    return types.none(xs, i, os, i, i, steps, i, i, n_os), partial(_emit_update, both=True)


@intrinsic(prefer_literal=True)
def approach(
    typing: Any, xs: Any, n_xs: Any, os: Any, o: Any, dim: Any, steps: Any, pair: Any, pitch: Any,
    n_os: Any,
) -> Any:  # fmt: skip
    """What :func:`update` does to the x rows; the o rows stay."""
    i = types.int64
    return types.none(xs, i, os, i, i, steps, i, i, n_os), partial(_emit_update, both=False)


def _emit_update(context: Any, builder: Any, signature: Any, args: Any, *, both: bool) -> Any:
    """Code of :func:`update`, or without ``both`` of :func:`approach`."""
    e = emitter(builder)
    xs, os, steps = starts(context, builder, signature, args, 0, 2, 5)
    o_at = e.addresses(e.offset(os, args[3], 8), signature.args[8].literal_value)
    steps_at = e.offset(steps, args[6], 4)

    def body(place: Any, mask: Any) -> None:
        o = [e.load(builder.add(at, place), mask=mask) for at in o_at]
        cells = [e.cell(e.zero) for _ in o_at] if both else []
        with e.loop(args[1]) as k:
            at = builder.add(e.load(e.offset(xs, k, 8), INT64), place)
            x = e.load(at, mask=mask)
            first = e.offset(steps_at, builder.mul(k, args[7]), 4)
            new = x
            for r, row_of in enumerate(o):
                step = e.splat(e.load(e.offset(first, e.integer(r), 4), SINGLE))
                new = e.fma(step, row_of, new)
                if both:
                    builder.store(e.fma(step, x, builder.load(cells[r])), cells[r])
            e.store(new, at, mask)
        for start, cell in zip(o_at, cells, strict=False):
            at = builder.add(start, place)
            e.store(e.add(e.load(at, mask=mask), builder.load(cell)), at, mask)

    e.along(args[4], body)
    return context.get_dummy_value()


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
        e = emitter(builder)
        sums, signs, steps, losses = starts(context, builder, signature, args, 0, 1, 5, 6)
        rate = e.splat(args[4])
        with e.loop(args[3], LANES, args[2]) as pair:
            valid = e.first_lanes(builder.sub(args[3], pair))
            start = e.offset(sums, pair, e.bytes)
            z = _fold(e, [e.load(e.offset(start, e.integer(k), e.bytes)) for k in range(LANES)])
            sign = e.load(e.offset(signs, pair, 4))
            sign = builder.select(valid, sign, e.zero)
            t = e.multiply(sign, z)
            size = _absolute(e, t)
            small = _exponential(e, builder.fneg(size))
            whole = e.add(small, e.one)
            top = builder.select(e.compare(">", t, e.zero), e.one, small)
            step = builder.fdiv(e.multiply(e.multiply(sign, rate), top), whole)
            e.store(builder.fneg(step), e.offset(steps, pair, 4))
            linear = e.multiply(e.add(t, size), e.constant(0.5))
            factor = builder.select(valid, whole, e.one)
            _tally(e, losses, linear, e.add)
            second = builder.add(losses, e.integer(8 * LANES))
            _tally(e, second, factor, e.multiply)
        return context.get_dummy_value()

    kinds = sums, signs, types.int64, types.int64, types.float32, steps, losses
    return types.none(*kinds), emit


def _fold(e: Emitter, vectors: list[Any]) -> Any:
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
            e.fold(a, b, low, high) for a, b in zip(vectors[:count], vectors[count:], strict=True)
        ]
        group = half
    return vectors[0]


def _absolute(e: Emitter, value: Any) -> Any:
    bits = e.builder.bitcast(value, e.integers)
    return e.builder.bitcast(e.builder.and_(bits, e.constant(0x7FFFFFFF, e.integers)), e.singles)


def _exponential(e: Emitter, x: Any) -> Any:
    """exp(x) of x <= 0, relative error below 2e-7; x below -87 counts as -87."""
    builder = e.builder
    x = e.larger(e.constant(-87.0), x)
    power = e.fma(x, e.constant(float(np.float32(1.44269504))), e.constant(-0.5))
    whole = builder.fptosi(power, e.integers)
    count = builder.sitofp(whole, e.singles)
    rest = e.fma(count, e.constant(-0.693359375), x)
    rest = e.fma(count, e.constant(float(np.float32(2.12194440e-4))), rest)
    series = e.constant(float(np.float32(1.9875691500e-4)))
    for term in (1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 0.5):
        series = e.fma(series, rest, e.constant(float(np.float32(term))))
    series = e.fma(series, e.multiply(rest, rest), e.add(rest, e.one))
    bits = builder.shl(builder.add(whole, e.constant(127, e.integers)), e.constant(23, e.integers))
    return e.multiply(series, builder.bitcast(bits, e.singles))


def _tally(e: Emitter, address: Any, value: Any, join: Callable[[Any, Any], Any]) -> None:
    pointer = e.at(address, _DOUBLES)
    old = e.builder.load(pointer, align=8)
    e.builder.store(join(old, e.builder.fpext(value, _DOUBLES)), pointer, align=8)
