from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import optimize

from polytopic import simplex
from polytopic.errors import InputError

FINITE = st.floats(-50, 50, width=32)
MATRICES = hnp.arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 6)), elements=FINITE)


@given(MATRICES)
def test_softmax_and_projection_land_on_the_simplex(values: np.ndarray) -> None:
    for result in (simplex.softmax(values), simplex.project(values)):
        assert simplex.is_distribution(result, tolerance=1e-9)
        assert result.shape == values.shape


@given(MATRICES)
def test_normalize_lands_on_the_simplex(values: np.ndarray) -> None:
    assert simplex.is_distribution(simplex.normalize(np.abs(values)), tolerance=1e-9)


@given(MATRICES)
def test_projection_is_idempotent_and_keeps_order(values: np.ndarray) -> None:
    once = simplex.project(values)
    assert simplex.project(once) == pytest.approx(once, abs=1e-9)
    for before, after in zip(values, once, strict=True):
        order = np.argsort(before)
        assert (np.diff(after[order]) >= -1e-12).all()


def test_projection_is_the_nearest_point() -> None:
    rng = np.random.default_rng(0)
    for _ in range(5):
        point = rng.normal(size=4) * 2
        found = optimize.minimize(
            lambda x, point=point: ((x - point) ** 2).sum(),
            np.full(4, 0.25),
            bounds=[(0, 1)] * 4,
            constraints={"type": "eq", "fun": lambda x: x.sum() - 1},
        )
        assert simplex.project(point) == pytest.approx(found.x, abs=1e-4)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[0.5, 0.5], [0.7, 0.2]], r"eta: row 1 sums to 0\.9"),
        ([[1.5, -0.5]], r"eta: row 0 holds negative values \(lowest -0\.5\).*word vectors are not"),
        ([[float("nan"), 1.0]], "eta: row 0 holds NaN"),
        ([[float("inf"), 1.0]], "eta: row 0 holds NaN or infinite"),
        (np.zeros((2, 0)), "no entries along its last axis"),
    ],
)
def test_what_is_no_distribution_is_refused(rows: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        simplex.check_distribution(rows, "eta")


def test_sums_may_be_off_by_what_float32_rounds() -> None:
    """A ten-thousandth, and no more."""
    assert simplex.is_distribution([[0.5, 0.50009]]) and simplex.is_distribution([[0.5, 0.49991]])
    for last in (0.50011, 0.49989):
        with pytest.raises(InputError, match="row 0 sums to"):
            simplex.check_distribution([[0.5, last]])


def test_softmax_of_large_numbers_is_finite() -> None:
    values = np.array([[1e4, 1e4 - 1.0, -1e4], [-1e5, -1e5, -1e5]])
    expected = [[1 / (1 + np.exp(-1)), 1 / (1 + np.exp(1)), 0.0], [1 / 3] * 3]
    assert simplex.softmax(values) == pytest.approx(np.array(expected))


def test_normalize_refuses_negative_and_infinite_values() -> None:
    with pytest.raises(InputError, match="negative"):
        simplex.normalize([[1.0, -1.0]])
    with pytest.raises(InputError, match="NaN"):
        simplex.normalize([[1.0, float("nan")]])


def test_normalize_survives_sums_that_overflow() -> None:
    huge = np.full((1, 4), 1e308)
    assert simplex.normalize(huge).tolist() == [[0.25] * 4]
