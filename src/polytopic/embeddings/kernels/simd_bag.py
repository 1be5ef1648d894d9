"""Vector code for CBOW: the contexts of a centre as one vector. Rows are given by addresses."""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic

from polytopic.embeddings.kernels.simd import emitter
from polytopic.kernels.vector import INT64, SINGLE, starts

__all__ = ["bag", "pull", "push", "spread"]

_i = types.int64


@intrinsic
def bag(typing: Any, xs: Any, n_xs: Any, dim: Any, share: Any, vector: Any) -> Any:
    """Write ``share`` times the sum of rows ``xs[:n_xs]`` to ``vector``."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        rows, vector = starts(context, builder, signature, args, 0, 4)
        e = emitter(builder)
        share = e.splat(args[3])

        def body(place: Any, mask: Any) -> None:
            total = e.cell(e.zero)
            with e.loop(args[1]) as k:
                row = builder.add(e.load(e.offset(rows, k, 8), INT64), place)
                e.accumulate(total, e.load(row, mask=mask))
            mean = e.multiply(share, builder.load(total))
            e.store(mean, builder.add(vector, place), mask)

        e.along(args[2], body)
        return context.get_dummy_value()

    return types.none(xs, _i, _i, types.float32, vector), emit


@intrinsic
def spread(typing: Any, xs: Any, n_xs: Any, dim: Any, share: Any, vector: Any) -> Any:
    """Add ``share`` times ``vector`` to each of the rows ``xs[:n_xs]``, one after another."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        rows, vector = starts(context, builder, signature, args, 0, 4)
        e = emitter(builder)
        share = e.splat(args[3])

        def body(place: Any, mask: Any) -> None:
            part = e.multiply(share, e.load(builder.add(vector, place), mask=mask))
            with e.loop(args[1]) as k:
                row = builder.add(e.load(e.offset(rows, k, 8), INT64), place)
                e.store(e.add(e.load(row, mask=mask), part), row, mask)

        e.along(args[2], body)
        return context.get_dummy_value()

    return types.none(xs, _i, _i, types.float32, vector), emit


@intrinsic(prefer_literal=True)
def pull(
    typing: Any, os: Any, at: Any, dim: Any, steps: Any, o: Any, vector: Any, n_os: Any
) -> Any:
    """Add to ``vector`` the rows ``os[at:at + n_os]`` times ``steps[o:o + n_os]``, n_os literal."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        e, rows, steps, vector = _opened(context, builder, signature, args)

        def body(place: Any, mask: Any) -> None:
            at = builder.add(vector, place)
            new = e.load(at, mask=mask)
            for row, step in zip(rows, steps, strict=True):
                new = e.fma(step, e.load(builder.add(row, place), mask=mask), new)
            e.store(new, at, mask)

        e.along(args[2], body)
        return context.get_dummy_value()

    return types.none(os, _i, _i, steps, _i, vector, n_os), emit


@intrinsic(prefer_literal=True)
def push(
    typing: Any, os: Any, at: Any, dim: Any, steps: Any, o: Any, vector: Any, n_os: Any
) -> Any:
    """Add ``vector`` times ``steps[o:o + n_os]`` to rows ``os[at:at + n_os]``, n_os literal."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        e, rows, steps, vector = _opened(context, builder, signature, args)

        def body(place: Any, mask: Any) -> None:
            x = e.load(builder.add(vector, place), mask=mask)
            for row, step in zip(rows, steps, strict=True):
                at = builder.add(row, place)
                e.store(e.fma(step, x, e.load(at, mask=mask)), at, mask)

        e.along(args[2], body)
        return context.get_dummy_value()

    return types.none(os, _i, _i, steps, _i, vector, n_os), emit


def _opened(context: Any, builder: Any, signature: Any, args: Any) -> tuple[Any, ...]:
    """Emitter, row addresses, steps in all lanes, and address of the vector."""
    e = emitter(builder)
    os, steps, vector = starts(context, builder, signature, args, 0, 3, 5)
    n = signature.args[6].literal_value
    rows = e.addresses(e.offset(os, args[1], 8), n)
    first = e.offset(steps, args[4], 4)
    each = [e.splat(e.load(e.offset(first, e.integer(r), 4), SINGLE)) for r in range(n)]
    return e, rows, each, vector
