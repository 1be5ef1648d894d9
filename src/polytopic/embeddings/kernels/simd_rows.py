"""Vector code for rows that are copied out and put back. Rows are given by addresses."""

from __future__ import annotations

from functools import partial
from typing import Any

from numba import types
from numba.extending import intrinsic

from polytopic.embeddings.kernels.simd import LANES
from polytopic.kernels.vector import INT64, Emitter, starts

__all__ = ["copy", "gain", "mean", "settle"]

_i = types.int64
_exact = partial(Emitter, lanes=LANES, flags=())
"""Products and sums rounded one by one, so that their order alone makes the bits."""


@intrinsic
def copy(typing: Any, source: Any, target: Any, dim: Any) -> Any:
    """Copy a row of ``dim`` float32 from one address to another."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        e = _exact(builder)

        def body(place: Any, mask: Any) -> None:
            value = e.load(builder.add(args[0], place), mask=mask)
            e.store(value, builder.add(args[1], place), mask)

        e.along(args[2], body)
        return context.get_dummy_value()

    return types.none(_i, _i, _i), emit


@intrinsic
def settle(typing: Any, row: Any, xs: Any, n_xs: Any, dim: Any, scale: Any) -> Any:
    """Add to a row ``scale`` times what each of its copies ``xs[:n_xs]`` differs from it by."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        e = _exact(builder)
        xs = starts(context, builder, signature, args, 1)[0]
        scale = e.splat(args[4])

        def body(place: Any, mask: Any) -> None:
            at = builder.add(args[0], place)
            old = e.load(at, mask=mask)
            new = e.cell(old)
            with e.loop(args[2]) as k:
                x = e.load(builder.add(e.load(e.offset(xs, k, 8), INT64), place), mask=mask)
                e.accumulate(new, e.multiply(scale, e.subtract(x, old)))
            e.store(builder.load(new), at, mask)

        e.along(args[3], body)
        return context.get_dummy_value()

    return types.none(_i, xs, _i, _i, types.float32), emit


@intrinsic
def gain(typing: Any, row: Any, xs: Any, n_xs: Any, dim: Any, scale: Any) -> Any:
    """Add to a row ``scale`` times each of the rows ``xs[:n_xs]``, one after another."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        e = _exact(builder)
        xs = starts(context, builder, signature, args, 1)[0]
        scale = e.splat(args[4])

        def body(place: Any, mask: Any) -> None:
            at = builder.add(args[0], place)
            new = e.cell(e.load(at, mask=mask))
            with e.loop(args[2]) as k:
                x = builder.add(e.load(e.offset(xs, k, 8), INT64), place)
                e.accumulate(new, e.multiply(scale, e.load(x, mask=mask)))
            e.store(builder.load(new), at, mask)

        e.along(args[3], body)
        return context.get_dummy_value()

    return types.none(_i, xs, _i, _i, types.float32), emit


@intrinsic
def mean(typing: Any, row: Any, xs: Any, n_xs: Any, dim: Any, share: Any) -> Any:
    """Write ``share`` times the sum of the rows ``xs[:n_xs]`` to a row."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        e = _exact(builder)
        xs = starts(context, builder, signature, args, 1)[0]
        share = e.splat(args[4])

        def body(place: Any, mask: Any) -> None:
            total = e.cell(e.zero)
            with e.loop(args[2]) as k:
                x = builder.add(e.load(e.offset(xs, k, 8), INT64), place)
                e.accumulate(total, e.load(x, mask=mask))
            product = e.multiply(share, builder.load(total))
            e.store(product, builder.add(args[0], place), mask)

        e.along(args[3], body)
        return context.get_dummy_value()

    return types.none(_i, xs, _i, _i, types.float32), emit
