"""Each piece of the emitter of vector code against NumPy, for both numbers of lanes in use."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from polytopic.kernels import vector
from polytopic.kernels.vector import INT32, INT64, SINGLE, Emitter

Array = NDArray[Any]
FLAGS = ("contract", "nsz")
GUARD = 77.0


@pytest.fixture(params=[4, 8, 16])
def lanes(request: pytest.FixtureRequest) -> int:
    count: int = request.param
    return count


def compiled(
    lanes: int, body: Callable[[SimpleNamespace, Emitter], None], flags: tuple[str, ...] = FLAGS
) -> Callable[..., None]:
    """``body(addresses, emitter)`` as a function of the arrays a and b, the answers c, and n."""

    @intrinsic
    def code(typing: Any, a: Any, b: Any, c: Any, n: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            a, b, c = vector.starts(context, builder, signature, args, 0, 1, 2)
            body(SimpleNamespace(a=a, b=b, c=c, n=args[3]), Emitter(builder, lanes, flags))
            return context.get_dummy_value()

        return types.none(a, b, c, types.int64), emit

    @njit
    def function(a: Array, b: Array, c: Array, n: int) -> None:
        code(a, b, c, n)

    run: Callable[..., None] = function
    return run


def singles(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def answer(
    lanes: int, body: Callable[[SimpleNamespace, Emitter], Any], *inputs: Array, n: int = 0
) -> Array:
    """One vector: what ``body`` gives, of the type of the second input."""
    a, b = inputs
    c = np.zeros(lanes, b.dtype)
    compiled(lanes, lambda at, e: e.store(body(at, e), at.c))(a, b, c, n)
    return c


OPERATIONS: dict[str, Callable[[Array, Array], Array]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "larger": np.maximum,
    "smaller": np.minimum,
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_arithmetic(lanes: int, name: str) -> None:
    a, b = singles(lanes), singles(lanes, seed=1)
    found = answer(lanes, lambda at, e: getattr(e, name)(e.load(at.a), e.load(at.b)), a, b)
    np.testing.assert_array_equal(found, OPERATIONS[name](a, b))


def test_fma_adds_the_third_to_the_product_of_two(lanes: int) -> None:
    a, b = singles(lanes), singles(lanes, seed=1)
    found = answer(lanes, lambda at, e: e.fma(e.load(at.a), e.load(at.b), e.constant(2.5)), a, b)
    exact = a.astype(np.float64) * b + 2.5
    np.testing.assert_allclose(found, exact, rtol=3e-7, atol=3e-7)


def test_operations_carry_the_flags_and_no_others() -> None:
    function = ir.Function(ir.Module(), ir.FunctionType(SINGLE, [SINGLE, SINGLE]), "f")
    e = Emitter(ir.IRBuilder(function.append_basic_block()), 8, ("nsz", "arcp"))
    for operation in (e.add, e.subtract, e.multiply):
        assert tuple(operation(*function.args).flags) == ("nsz", "arcp")


def test_constants_splats_and_lanes(lanes: int) -> None:
    a = singles(lanes)
    last = answer(lanes, lambda at, e: e.splat(e.lane(e.load(at.a), lanes - 1)), a, a)
    np.testing.assert_array_equal(last, np.full(lanes, a[-1]))
    np.testing.assert_array_equal(
        answer(lanes, lambda at, e: e.constant(-1.5), a, a), [-1.5] * lanes
    )
    numbers = np.zeros(lanes, np.int32)
    assert answer(lanes, lambda at, e: e.order(), a, numbers).tolist() == list(range(lanes))
    sevens = answer(lanes, lambda at, e: e.constant(7, e.integers), a, numbers)
    assert sevens.tolist() == [7] * lanes
    places = answer(lanes, lambda at, e: e.splat(e.builder.trunc(at.n, INT32)), a, numbers, n=-3)
    assert places.tolist() == [-3] * lanes


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">=", "==", "!="])
def test_comparing(lanes: int, sign: str) -> None:
    compare = {
        "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
        "==": np.equal, "!=": np.not_equal,
    }[sign]  # fmt: skip

    def body(at: SimpleNamespace, e: Emitter) -> Any:
        kind = e.singles if whole is np.float32 else e.integers
        mask = e.compare(sign, e.load(at.a, kind), e.load(at.b, kind))
        return e.builder.select(mask, e.constant(1, kind), e.constant(0, kind))

    for whole in (np.float32, np.int32):
        a = np.resize(np.array([-2, -1, 0, 1, 2], whole), lanes)
        b = np.resize(np.array([1, -1, -3], whole), lanes)
        np.testing.assert_array_equal(answer(lanes, body, a, b), compare(a, b))


def test_nothing_compares_with_nan(lanes: int) -> None:
    a, b = np.full(lanes, np.nan, np.float32), singles(lanes)
    for sign in ("<", ">", "==", "!="):

        def body(at: SimpleNamespace, e: Emitter, sign: str = sign) -> Any:
            mask = e.compare(sign, e.load(at.a), e.load(at.b))
            return e.builder.select(mask, e.one, e.zero)

        assert not answer(lanes, body, a, b).any()


def test_shuffle_and_fold(lanes: int) -> None:
    a, b = singles(lanes), singles(lanes, seed=1)
    both, rng = np.concatenate([a, b]), np.random.default_rng(2)
    low, high = rng.integers(0, 2 * lanes, (2, lanes)).tolist()
    moved = answer(lanes, lambda at, e: e.shuffle(e.load(at.a), e.load(at.b), low), a, b)
    np.testing.assert_array_equal(moved, both[low])
    folded = answer(lanes, lambda at, e: e.fold(e.load(at.a), e.load(at.b), low, high), a, b)
    np.testing.assert_array_equal(folded, both[low] + both[high])


def test_a_narrow_shuffle_gives_a_narrow_vector() -> None:
    a, c = singles(16), np.full(16, GUARD, np.float32)

    def body(at: SimpleNamespace, e: Emitter) -> None:
        e.store(e.shuffle(e.load(at.a), e.zero, [3, 1, 0, 20]), at.c)

    compiled(16, body)(a, a, c, 0)
    assert c.tolist() == [*a[[3, 1, 0]], 0.0, *[GUARD] * 12]


def test_masks_hide_what_lies_behind_the_array(lanes: int) -> None:
    a = np.concatenate([singles(lanes), [np.nan]]).astype(np.float32)

    def body(at: SimpleNamespace, e: Emitter) -> None:
        mask = e.first_lanes(at.n)
        e.store(e.load(at.a, mask=mask), at.b)
        e.store(e.one, at.c, mask)

    run = compiled(lanes, body)
    for n in (-1, 0, 1, lanes - 1, lanes, lanes + 3):
        b, c = np.full((2, lanes), GUARD, np.float32)
        run(a, b, c, n)
        inside = np.arange(lanes) < n
        np.testing.assert_array_equal(b, np.where(inside, a[:lanes], 0))
        np.testing.assert_array_equal(c, np.where(inside, 1, GUARD))


def test_gather(lanes: int) -> None:
    row, rng = singles(200), np.random.default_rng(3)
    places = rng.integers(0, 200, lanes).astype(np.int32)
    places[0] = -1  # hidden by the mask: never read
    c = np.full(lanes, GUARD, np.float32)

    def body(at: SimpleNamespace, e: Emitter) -> None:
        places = e.load(at.b, e.integers)
        mask = e.compare(">=", places, e.constant(0, e.integers))
        e.store(e.gather(at.a, places, mask), at.c)

    compiled(lanes, body)(row, places, c, 0)
    np.testing.assert_array_equal(c, np.where(places < 0, 0, row[places]))


@pytest.mark.parametrize("chosen", [[], [0], [3], [1, 2], "all"])
def test_count_and_first_of_a_mask(lanes: int, chosen: list[int] | str) -> None:
    a, c = np.zeros(lanes, np.float32), np.full(3, -9, np.int64)
    a[list(range(lanes)) if chosen == "all" else chosen] = 1.0

    def body(at: SimpleNamespace, e: Emitter) -> None:
        mask = e.compare(">", e.load(at.a), e.zero)
        lane, met = e.first_set(mask)
        for k, number in enumerate((e.count(mask), lane, e.builder.zext(met, INT64))):
            e.store(number, e.offset(at.c, e.integer(k), 8))

    compiled(lanes, body)(a, a, c, 0)
    places = np.flatnonzero(a)
    assert c[[0, 2]].tolist() == [len(places), len(places) > 0]
    if len(places):
        assert c[1] == places[0]


@pytest.mark.parametrize("stride", [1, 3])
def test_loops_visit_each_number_below_the_end(lanes: int, stride: int) -> None:
    c = np.zeros(20, np.int64)

    def body(at: SimpleNamespace, e: Emitter) -> None:
        with e.loop(at.n, stride, e.integer(2)) as i:
            place = e.offset(at.c, i, 8)
            e.store(e.builder.add(e.load(place, INT64), e.integer(1)), place)

    run = compiled(lanes, body)
    for stop in (-4, 0, 2, 3, 17):
        c[:] = 0
        run(c, c, c, stop)
        assert np.flatnonzero(c).tolist() == list(range(2, stop, stride))
        assert c.max() <= 1


def test_vectors_and_cells_sum_up(lanes: int) -> None:
    a, b = singles(5 * lanes), np.full(6 * lanes, GUARD, np.float32)
    c = np.zeros(lanes, np.float32)

    def body(at: SimpleNamespace, e: Emitter) -> None:
        total = e.cell(e.one)
        with e.vectors(at.n) as (_, place):
            now = e.accumulate(total, e.load(e.builder.add(at.a, place)))
            e.store(now, e.builder.add(at.b, place))
        e.store(e.builder.load(total), at.c)

    run = compiled(lanes, body)
    for n in (5, 0):
        run(a, b, c, n)
        rows = np.concatenate([np.ones((1, lanes), np.float32), a.reshape(5, lanes)[:n]])
        sums = np.cumsum(rows, axis=0, dtype=np.float32)
        np.testing.assert_array_equal(c, sums[-1])
        np.testing.assert_array_equal(b[: n * lanes], sums[1:].ravel())
    np.testing.assert_array_equal(b[5 * lanes :], GUARD)


def test_along_a_row_of_any_length(lanes: int) -> None:
    def body(at: SimpleNamespace, e: Emitter) -> None:
        def double(place: Any, mask: Any) -> None:
            value = e.load(e.builder.add(at.a, place), mask=mask)
            e.store(e.add(value, value), e.builder.add(at.c, place), mask)

        e.along(at.n, double)

    run = compiled(lanes, body)
    for dim in range(3 * lanes + 2):
        a, c = singles(dim), np.full(dim + lanes, GUARD, np.float32)
        run(a, a, c, dim)
        np.testing.assert_array_equal(c, [*(2 * a), *[GUARD] * lanes])


def test_tables_of_addresses_and_rows_of_matrices() -> None:
    matrix = singles(7, 12)[::2, :8]  # rows a stride apart

    @njit
    def places(matrix: Array, rows: Array) -> int:
        for k in range(len(rows)):
            vector.prefetch(vector.row(matrix, k))
            rows[k] = vector.row(matrix, k)
        vector.prefetch(0)
        return int(vector.address(matrix))

    rows = np.empty(4, np.int64)
    assert places(matrix, rows) == matrix.ctypes.data
    assert rows.tolist() == [matrix[k].ctypes.data for k in range(4)]

    def body(at: SimpleNamespace, e: Emitter) -> None:
        for k, row in enumerate(e.addresses(e.offset(at.b, e.integer(1), 8), 3)):
            e.store(e.load(row), e.offset(at.c, e.integer(k), e.bytes))

    c = np.zeros((3, 8), np.float32)
    compiled(8, body)(matrix, rows, c, 0)
    np.testing.assert_array_equal(c, matrix[1:])
