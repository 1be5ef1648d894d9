"""Minka's fixed point against direct maximisation of the likelihood."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize, sparse, stats
from scipy.special import psi

from polytopic.errors import InputError
from polytopic.topics.lda import concentrations as fit
from polytopic.topics.lda.concentrations import CountHistogram


def table(rows: int = 300, seed: int = 0) -> NDArray[np.int64]:
    rng = np.random.default_rng(seed)
    theta = rng.dirichlet([0.3, 1.0, 2.5, 0.7], size=rows)
    return rng.multinomial(rng.integers(0, 60, rows), theta)


def test_likelihood_is_the_dirichlet_multinomial() -> None:
    counts, a = table(40), np.array([0.2, 0.9, 3.0, 1.1])
    wanted = 0.0
    for row in counts:
        # the mass function of counts holds the number of their orders, which sequences lack
        orders = stats.multinomial.logpmf(row, row.sum(), np.full(4, 0.25)) + row.sum() * np.log(4)
        wanted += stats.dirichlet_multinomial.logpmf(row, a, row.sum()) - orders
    assert fit.log_likelihood(CountHistogram.of(counts), a) == pytest.approx(wanted, rel=1e-10)


def test_asymmetric_is_the_maximum() -> None:
    histogram = CountHistogram.of(table())
    fitted = fit.asymmetric(histogram, np.ones(4), iterations=20_000, tolerance=1e-10)
    best = optimize.minimize(
        lambda logs: -fit.log_likelihood(histogram, np.exp(logs)), np.zeros(4), tol=1e-10
    )
    np.testing.assert_allclose(fitted, np.exp(best.x), rtol=1e-4)
    assert fit.log_likelihood(histogram, fitted) >= -best.fun - 1e-7


def test_symmetric_is_the_maximum() -> None:
    histogram = CountHistogram.of(table())
    fitted = fit.symmetric(histogram, 3.0, iterations=20_000, tolerance=1e-12)
    best = optimize.minimize_scalar(
        lambda log: -fit.log_likelihood(histogram, float(np.exp(log))), bounds=(-5, 5),
        options={"xatol": 1e-9},
    )  # fmt: skip
    assert fitted == pytest.approx(float(np.exp(best.x)), rel=1e-5)


def test_every_step_raises_the_likelihood() -> None:
    histogram = CountHistogram.of(table())
    a, scores = np.array([5.0, 0.01, 1.0, 30.0]), []
    for _ in range(30):
        scores.append(fit.log_likelihood(histogram, a))
        a = fit.asymmetric(histogram, a, iterations=1)
    assert np.all(np.diff(scores) > 0.0)


def test_recovers_the_concentrations_counts_came_from() -> None:
    rng = np.random.default_rng(5)
    truth = rng.gamma(1.0, 0.5, 20) + 0.02
    theta = rng.dirichlet(truth, size=20_000)
    counts = rng.multinomial(80, theta)
    fitted = fit.asymmetric(CountHistogram.of(counts), np.full(20, 0.5))
    np.testing.assert_allclose(fitted, truth, rtol=0.06)


def test_eta_over_terms_is_the_same_fit_on_topics_by_terms() -> None:
    rng = np.random.default_rng(6)
    counts = rng.multinomial(400, rng.dirichlet(np.full(30, 0.05), size=200))
    assert fit.symmetric(CountHistogram.of(counts), 1.0) == pytest.approx(0.05, rel=0.1)


def test_sparse_and_dense_tables_and_joined_halves_agree() -> None:
    counts = table()
    whole = CountHistogram.of(counts)
    joined = CountHistogram.of(sparse.csr_matrix(counts[:100])).join(
        CountHistogram.of(counts[100:])
    )
    for name in ("categories", "values", "times", "lengths", "rows"):
        np.testing.assert_array_equal(getattr(joined, name), getattr(whole, name))


def test_categories_without_counts_stop_at_the_floor() -> None:
    counts = np.hstack([table(), np.zeros((300, 1), dtype=np.int64)])
    fitted = fit.asymmetric(CountHistogram.of(counts), np.ones(5))
    assert fitted[4] == fit.FLOOR
    assert np.all(fitted[:4] > 0.01)


def test_rows_of_equal_shares_stop_at_the_ceiling() -> None:
    counts = np.full((50, 3), 40)
    histogram = CountHistogram.of(counts)
    fitted = fit.symmetric(histogram, 1.0, iterations=100_000, tolerance=0.0)
    assert 100.0 < fitted <= fit.CEILING
    assert np.all(fit.asymmetric(histogram, np.ones(3)) <= fit.CEILING)


def test_no_counts_leave_the_start() -> None:
    empty = CountHistogram.of(np.zeros((4, 3), dtype=np.int64))
    np.testing.assert_array_equal(
        fit.asymmetric(empty, np.array([0.1, 2.0, 0.0])), [0.1, 2.0, 1e-6]
    )
    assert fit.symmetric(empty, 0.3) == 0.3


def test_one_token_a_row_stays_finite_and_positive() -> None:
    fitted = fit.asymmetric(CountHistogram.of(np.eye(4, dtype=np.int64)), np.ones(4))
    assert np.all(np.isfinite(fitted)) and np.all(fitted >= fit.FLOOR)


@pytest.mark.parametrize("bad", [[[0.5, 1.0]], [[-1, 2]]])
def test_fractions_and_negative_counts_are_refused(bad: list[list[float]]) -> None:
    with pytest.raises(InputError, match="counts: hold negative numbers or fractions"):
        CountHistogram.of(np.array(bad))


def test_histograms_of_other_categories_do_not_join() -> None:
    with pytest.raises(InputError, match="has 2 categories, this one 4"):
        CountHistogram.of(table()).join(CountHistogram.of(np.ones((3, 2), dtype=np.int64)))


def test_symmetric_expected_logs_give_the_maximum() -> None:
    for truth in (0.003, 0.4, 30.0):
        logs = float(psi(truth) - psi(50 * truth))
        for start in (1e-4, 1.0, 100.0):
            found = fit.symmetric_from_expected_logs(logs, 50, start)
            assert found == pytest.approx(truth, rel=1e-6)


def test_expected_logs_give_the_maximum() -> None:
    rng = np.random.default_rng(8)
    truth = np.array([0.2, 1.5, 4.0])
    logs = np.log(rng.dirichlet(truth, size=50_000)).mean(axis=0)
    fitted = fit.from_expected_logs(logs, np.full(3, 20.0))
    np.testing.assert_allclose(fitted, truth, rtol=0.03)
    np.testing.assert_allclose(psi(fitted) - psi(fitted.sum()), logs, rtol=1e-7)
