"""Vector code of the sweep by words: draws from a document's list of topics, by addresses.

Nothing is checked against bounds.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic

from polytopic.kernels.vector import INT32, Emitter
from polytopic.topics.lda.kernels.gibbs_simd import LANES, draw_lane, emitter

__all__ = ["move_and_gather", "place_of"]


def _note(e: Emitter, cell: Any, mask: Any, number: Any) -> None:
    """Put the first set lane of vector ``number`` into ``cell``, if there is one."""
    lane, met = e.first_set(mask)
    place = e.builder.add(e.builder.mul(number, e.integer(LANES)), lane)
    e.builder.store(e.builder.select(met, place, e.builder.load(cell)), cell)


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
        e = emitter(builder)
        sums, met = e.cell(e.zero), e.cell(e.integer(-1))
        olds, keeps = e.splat(builder.trunc(old, INT32)), e.splat(keep)
        with e.vectors(n_vectors) as (index, offset):
            places = e.load(builder.add(listed, offset), e.integers)
            number_at = builder.add(numbers, offset)
            number = e.load(number_at)
            mask = e.compare(">", number, e.zero)
            same = e.compare("==", places, olds)
            number = e.subtract(number, builder.select(same, e.one, e.zero))
            e.store(number, number_at)
            _note(e, met, same, index)
            factor = e.multiply(number, builder.select(same, keeps, e.one))
            total = e.accumulate(sums, e.multiply(e.gather(row, places, mask), factor))
            e.store(total, builder.add(scratch, offset))
        place = draw_lane(e, builder.load(sums), scratch, n_vectors, uniform, rest)
        return context.make_tuple(builder, signature.return_type, [place, builder.load(met)])

    i, f = types.int64, types.float32
    return types.UniTuple(i, 2)(i, i, i, i, i, i, f, f, f), emit


@intrinsic
def place_of(typing: Any, listed: Any, n_vectors: Any, topic: Any) -> Any:
    """Where ``topic`` is in a document's list; -1 if it is not."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        listed, n_vectors, topic = args
        e = emitter(builder)
        met = e.cell(e.integer(-1))
        sought = e.splat(builder.trunc(topic, INT32))
        with e.vectors(n_vectors) as (index, offset):
            places = e.load(builder.add(listed, offset), e.integers)
            _note(e, met, e.compare("==", places, sought), index)
        return builder.load(met)

    i = types.int64
    return i(i, i, i), emit
