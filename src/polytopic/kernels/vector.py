"""The one emitter of vector code, as LLVM IR: portable, no CPU named, cut by LLVM to what it has.

Memory is given by addresses (int64). Nothing here knows how long an array is, so nothing can be
checked against its bounds: who emits a load, a store or a gather, and who passes the addresses,
answers for every lane that no mask hides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["INT32", "INT64", "SINGLE", "Emitter", "address", "call", "prefetch", "row", "starts"]

INT32, INT64, SINGLE = ir.IntType(32), ir.IntType(64), ir.FloatType()
_BIT, _BYTE = ir.IntType(1), ir.IntType(8)
_ALIGNED = 4
"""Bytes that all addresses are multiples of: rows begin at any float32."""


class Emitter:
    """Vectors of ``lanes`` float32 over an IR builder, all sums and products with ``flags``.

    ``flags`` are LLVM's fast-math flags. Each method emits code and gives the IR value of its
    answer. What needs no vector of this width is emitted by the ``builder`` itself.
    """

    def __init__(self, builder: Any, lanes: int, flags: Sequence[str]) -> None:
        self.builder, self.lanes, self.flags = builder, lanes, flags
        self.bytes = 4 * lanes
        self.singles, self.integers = ir.VectorType(SINGLE, lanes), ir.VectorType(INT32, lanes)
        self.zero, self.one = self.constant(0.0), self.constant(1.0)

    def integer(self, value: int) -> Any:
        return ir.Constant(INT64, value)

    def constant(self, value: float, kind: Any = None) -> Any:
        """The number in all lanes of a vector, of float32 if no type is given."""
        kind = kind or self.singles
        return ir.Constant(kind, [value] * kind.count)

    def splat(self, value: Any) -> Any:
        """A scalar in all lanes."""
        empty = ir.Constant(ir.VectorType(value.type, self.lanes), ir.Undefined)
        single = self.builder.insert_element(empty, value, ir.Constant(INT32, 0))
        return self.shuffle(single, empty, [0] * self.lanes)

    def lane(self, vector: Any, place: int) -> Any:
        return self.builder.extract_element(vector, ir.Constant(INT32, place))

    def at(self, address: Any, kind: Any) -> Any:
        """The address as a pointer."""
        return self.builder.inttoptr(address, kind.as_pointer())

    def offset(self, base: Any, index: Any, size: int) -> Any:
        """The address of item ``index`` of an array at ``base``, of items of ``size`` bytes."""
        return self.builder.add(base, self.builder.mul(index, self.integer(size)))

    def load(self, address: Any, kind: Any = None, mask: Any = None) -> Any:
        """What is at the address, float32 if no type is given.

        With a mask, for float32 alone, the other lanes are not read; they are 0.
        """
        kind = kind or self.singles
        pointer = self.at(address, kind)
        if mask is None:
            return self.builder.load(pointer, align=_ALIGNED)
        name = f"llvm.masked.load.v{self.lanes}f32.p0"
        return call(
            self.builder, name, kind, pointer, ir.Constant(INT32, _ALIGNED), mask, self.zero
        )

    def store(self, value: Any, address: Any, mask: Any = None) -> None:
        """Write to the address; with a mask, for float32 alone, only the lanes in it."""
        pointer = self.at(address, value.type)
        if mask is None:
            self.builder.store(value, pointer, align=_ALIGNED)
            return
        name = f"llvm.masked.store.v{self.lanes}f32.p0"
        call(self.builder, name, ir.VoidType(), value, pointer, ir.Constant(INT32, _ALIGNED), mask)

    def gather(self, row: Any, places: Any, mask: Any) -> Any:
        """The float32 at ``places`` (int32) of ``row`` where the mask is set, else 0."""
        longs = ir.VectorType(INT64, self.lanes)
        offsets = self.builder.shl(self.builder.zext(places, longs), self.constant(2, longs))
        pointers = self.builder.inttoptr(
            self.builder.add(offsets, self.splat(row)), ir.VectorType(ir.PointerType(), self.lanes)
        )
        name = f"llvm.masked.gather.v{self.lanes}f32.v{self.lanes}p0"
        return call(
            self.builder,
            name,
            self.singles,
            pointers,
            ir.Constant(INT32, _ALIGNED),
            mask,
            self.zero,
        )

    def addresses(self, table: Any, n: int) -> list[Any]:
        """The ``n`` addresses in the array at ``table``."""
        return [self.load(self.offset(table, self.integer(k), 8), INT64) for k in range(n)]

    def cell(self, value: Any) -> Any:
        """A place for what a loop carries, beginning with ``value``; read by ``builder.load``."""
        place = cgutils.alloca_once(self.builder, value.type)
        self.builder.store(value, place)
        return place

    def accumulate(self, cell: Any, value: Any) -> Any:
        """Add to a cell; the new sum."""
        total = self.add(self.builder.load(cell), value)
        self.builder.store(total, cell)
        return total

    def add(self, a: Any, b: Any) -> Any:
        return self.builder.fadd(a, b, flags=self.flags)

    def subtract(self, a: Any, b: Any) -> Any:
        return self.builder.fsub(a, b, flags=self.flags)

    def multiply(self, a: Any, b: Any) -> Any:
        return self.builder.fmul(a, b, flags=self.flags)

    def fma(self, a: Any, b: Any, c: Any) -> Any:
        """a b + c, in one rounding where the flags and the CPU allow it."""
        return self.add(self.multiply(a, b), c)

    def compare(self, sign: str, a: Any, b: Any) -> Any:
        """A mask, or a bit for scalars; integers are signed, comparing with NaN is false."""
        kind = a.type.element if isinstance(a.type, ir.VectorType) else a.type
        whole = isinstance(kind, ir.IntType)
        return (self.builder.icmp_signed if whole else self.builder.fcmp_ordered)(sign, a, b)

    def smaller(self, a: Any, b: Any) -> Any:
        return self.builder.select(self.compare("<", a, b), a, b)

    def larger(self, a: Any, b: Any) -> Any:
        return self.builder.select(self.compare(">", a, b), a, b)

    def shuffle(self, a: Any, b: Any, places: Sequence[int]) -> Any:
        """The lanes at ``places`` of a followed by b."""
        mask = ir.Constant(ir.VectorType(INT32, len(places)), list(places))
        return self.builder.shuffle_vector(a, b, mask)

    def fold(self, a: Any, b: Any, low: Sequence[int], high: Sequence[int]) -> Any:
        """The sums of the lanes at ``low`` and those at ``high`` of a followed by b."""
        return self.add(self.shuffle(a, b, low), self.shuffle(a, b, high))

    def order(self) -> Any:
        """The numbers of the lanes, int32."""
        return ir.Constant(self.integers, list(range(self.lanes)))

    def first_lanes(self, n: Any) -> Any:
        """A mask of the lanes below ``n`` (int64)."""
        return self.compare("<", self.order(), self.splat(self.builder.trunc(n, INT32)))

    def count(self, mask: Any) -> Any:
        """How many lanes are set, int64."""
        bits = self.builder.bitcast(mask, ir.IntType(self.lanes))
        return self.builder.zext(
            call(self.builder, f"llvm.ctpop.i{self.lanes}", bits.type, bits), INT64
        )

    def first_set(self, mask: Any) -> tuple[Any, Any]:
        """The first lane that is set, int64, and whether one is."""
        bits = self.builder.bitcast(mask, ir.IntType(self.lanes))
        bits = self.builder.zext(bits, INT64)
        lane = call(self.builder, "llvm.cttz.i64", INT64, bits, ir.Constant(_BIT, 0))
        return lane, self.builder.icmp_unsigned("!=", bits, self.integer(0))

    @contextmanager
    def loop(self, stop: Any, stride: int = 1, start: Any = None) -> Iterator[Any]:
        """A loop of int64 from ``start``, or 0, to below ``stop``."""
        start = self.integer(0) if start is None else start
        step = self.integer(stride)
        with cgutils.for_range_slice(self.builder, start, stop, step, INT64) as (i, _):
            yield i

    @contextmanager
    def vectors(self, n: Any) -> Iterator[tuple[Any, Any]]:
        """A loop over the number and the byte offset of each of ``n`` whole vectors."""
        with self.loop(n) as number:
            yield number, self.builder.mul(number, self.integer(self.bytes))

    def along(self, dim: Any, body: Callable[[Any, Any], None]) -> None:
        """``body(byte offset, mask)`` for each vector of a row of ``dim`` float32.

        The mask is None but for a last, partial vector.
        """
        rest = self.builder.and_(dim, self.integer(self.lanes - 1))
        whole = self.builder.sub(dim, rest)
        with self.loop(whole, self.lanes) as place:
            body(self.builder.shl(place, self.integer(2)), None)
        partial = self.compare("!=", rest, self.integer(0))
        with self.builder.if_then(partial, likely=False):
            body(self.builder.shl(whole, self.integer(2)), self.first_lanes(rest))


def call(builder: Any, name: str, kind: Any, *arguments: Any) -> Any:
    """Call a function of LLVM's own; ``kind`` is the type of its answer."""
    signature = ir.FunctionType(kind, [argument.type for argument in arguments])
    function = cgutils.get_or_insert_function(builder.module, signature, name)
    return builder.call(function, arguments)


def starts(context: Any, builder: Any, signature: Any, args: Any, *places: int) -> list[Any]:
    """The addresses of the first elements of the arrays among ``args`` at ``places``."""
    views = [context.make_array(signature.args[k])(context, builder, value=args[k]) for k in places]
    return [builder.ptrtoint(view.data, INT64) for view in views]


@intrinsic
def address(typing: Any, array: Any) -> Any:
    """The address of an array's first element."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return starts(context, builder, signature, args, 0)[0]

    return types.int64(array), emit


@intrinsic
def row(typing: Any, matrix: Any, number: Any) -> Any:
    """The address of a row of a matrix."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        view = context.make_array(signature.args[0])(context, builder, value=args[0])
        stride = builder.extract_value(view.strides, 0)
        start = builder.ptrtoint(view.data, INT64)
        return builder.add(start, builder.mul(stride, args[1]))

    return types.int64(matrix, types.int64), emit


@intrinsic
def prefetch(typing: Any, address: Any) -> Any:
    """Ask for the cache line at ``address``; any number does no harm."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = builder.inttoptr(args[0], _BYTE.as_pointer())
        read_soon_data = (ir.Constant(INT32, number) for number in (0, 3, 1))
        call(builder, "llvm.prefetch.p0", ir.VoidType(), pointer, *read_soon_data)
        return context.get_dummy_value()

    return types.none(types.int64), emit
