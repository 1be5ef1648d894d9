"""The variational autoencoder against closed forms and Monte Carlo."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse, stats

import polytopic as pt
from polytopic import latent
from polytopic.autoencoders.rows.reading import Rows
from polytopic.errors import InputError, NotFittedModelError

QUICK: dict[str, Any] = {"hidden": 8, "batch_size": 50, "n_threads": 1, "random_state": 0}


def rows_of_two(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    mean = np.array([3.0, -1.0, 0.0, 20.0, 5.0, 1.0])
    return mean + rng.normal(size=(400, 2)) @ rng.normal(size=(2, 6)) + rng.normal(size=(400, 6))


@pytest.fixture(scope="module")
def linear() -> Any:
    """Probabilistic PCA: its marginal likelihood is a Gaussian's."""
    return pt.VAE(
        dim=2, likelihood="gaussian", dropout=0.0, epochs=100, learning_rate=0.03,
        **QUICK | {"hidden": 0},
    ).fit(rows_of_two())  # fmt: skip


def marginal(model: Any, rows: np.ndarray) -> np.ndarray:
    """log N(x; mean, W W' + variance I) of a linear Gaussian VAE."""
    basis = model.inverse_transform(np.eye(2)) - model.inverse_transform(np.zeros((2, 2)))
    covariance = basis.T.astype(float) @ basis + model.variance_ * np.eye(6)
    mean = model.inverse_transform(np.zeros((1, 2)))[0]
    return stats.multivariate_normal.logpdf(rows, mean, covariance)


def test_the_weighted_bound_reaches_the_likelihood(linear: Any) -> None:
    rows = rows_of_two()[:60]
    exact = marginal(linear, rows)
    np.testing.assert_allclose(linear.score_samples(rows, samples=3000), exact, atol=0.1)


def test_one_draw_is_weighed_by_itself(linear: Any) -> None:
    """log p(x | h) + log p(h) - log q(h | x), in the units of the rows."""
    rows = rows_of_two()[:9]
    mean, deviation = linear.posterior(rows)
    noise = torch.randn(1, 2, generator=torch.Generator().manual_seed(0)).numpy()
    h = mean + deviation * noise
    fit = stats.norm(linear.inverse_transform(h), np.sqrt(linear.variance_)).logpdf(rows).sum(1)
    expected = fit + (stats.norm.logpdf(h) - stats.norm(mean, deviation).logpdf(h)).sum(1)
    np.testing.assert_allclose(linear.score_samples(rows, samples=1), expected, atol=1e-2)


def test_the_weighted_bound_rises_with_the_draws(linear: Any) -> None:
    rows, n = rows_of_two()[:40], 200
    data = Rows(linear._prepared.rows(sparse.csr_matrix(rows)), torch.device("cpu"), counts=False)
    generator = torch.Generator().manual_seed(0)
    batch, means = data.batch(np.arange(40)), []
    for samples in (1, 5, 25):
        noises = torch.randn(n, samples, 2, generator=generator)
        with torch.no_grad():
            bounds = [linear.module_.weighted_bound(batch, noise).mean() for noise in noises]
        means.append(float(torch.stack(bounds).mean()) - 6 * np.log(linear._prepared.scale))
    assert means[0] < means[1] < means[2] < marginal(linear, rows).mean()


def test_the_bound_is_below_the_likelihood(linear: Any) -> None:
    rows = rows_of_two()
    bound = -linear.history_[-1]["bound"]
    exact = marginal(linear, rows).mean()
    assert exact - 0.3 < bound < exact + 0.05


def test_the_posterior_is_the_exact_one_s(linear: Any) -> None:
    """Means of q are those of p(h | x), here known."""
    rows = rows_of_two()[:50]
    zero = linear.inverse_transform(np.zeros((1, 2)))[0]
    basis = (linear.inverse_transform(np.eye(2)) - zero).astype(float)
    precision = np.eye(2) + basis @ basis.T / linear.variance_
    exact = np.linalg.solve(precision, basis @ (rows - zero).T / linear.variance_).T
    means, deviations = linear.posterior(rows)
    assert np.array_equal(means, linear.transform(rows))
    assert np.corrcoef(means.ravel(), exact.ravel())[0, 1] > 0.99
    variances = np.median(deviations, axis=0) ** 2
    np.testing.assert_allclose(variances, 1 / np.diag(precision), rtol=0.2)


def test_the_variance_is_learned_and_may_be_stated(linear: Any) -> None:
    assert linear.variance_ == pytest.approx(1.0, rel=0.15)
    given = pt.VAE(dim=2, likelihood="gaussian", variance=0.25, epochs=2, **QUICK)
    assert given.fit(rows_of_two()).variance_ == pytest.approx(0.25, rel=1e-5)
    counts = pt.VAE(dim=2, epochs=1, **QUICK).fit(np.eye(6, dtype=int) + 1)
    with pytest.raises(AttributeError, match="has no variance"):
        _ = counts.variance_


def test_the_kl_is_that_of_monte_carlo() -> None:
    generator = torch.Generator().manual_seed(0)
    location, log_variance = torch.randn(2, 3, 4, generator=generator).double()
    q = latent.Gaussian(location, log_variance)
    p = latent.Gaussian(torch.zeros(1, 4).double(), torch.zeros(1, 4).double())
    n = 50_000
    many = latent.Gaussian(location.expand(n, 3, 4), log_variance.expand(n, 3, 4))
    h = many.draw(generator)
    ratio = many.log_density(h) - p.log_density(h)
    error = ratio.std(0) / n**0.5
    assert ((latent.kl(q, p) - ratio.mean(0)).abs() < 4 * error).all()


def test_both_gradients_have_one_expectation(corpus_counts: sparse.csr_matrix) -> None:
    """They agree within Monte Carlo error, and the score function's variance is larger."""
    module = pt.VAE(dim=2, dropout=0.0, epochs=2, **QUICK).fit(corpus_counts).module_
    batch = Rows(corpus_counts[:6], torch.device("cpu"), counts=True).batch(np.arange(6))
    found = {}
    for name in ("pathwise", "score"):
        module.gradient, generator = name, torch.Generator().manual_seed(0)
        draws = []
        for _ in range(300 if name == "pathwise" else 1500):
            loss, _ = module(batch, 1.0, generator)
            (gradient,) = torch.autograd.grad(loss, module.encoder.head_biases[0])
            draws.append(gradient)
        found[name] = torch.stack(draws).double()
    means = {name: values.mean(0) for name, values in found.items()}
    errors = {name: values.std(0) / len(values) ** 0.5 for name, values in found.items()}
    total = (errors["pathwise"] ** 2 + errors["score"] ** 2).sqrt()
    assert ((means["pathwise"] - means["score"]).abs() < 4 * total).all()
    assert (found["score"].var(0) > 3 * found["pathwise"].var(0)).all()


def test_beta_trades_the_kl(corpus_counts: sparse.csr_matrix) -> None:
    kl = [
        pt.VAE(dim=3, beta=beta, epochs=20, learning_rate=0.02, **QUICK)
        .fit(corpus_counts)
        .history_[-1]["kl"]
        for beta in (0.1, 1.0, 8.0)
    ]
    assert kl[0] > kl[1] > kl[2]


def test_samples_are_of_the_model(linear: Any) -> None:
    drawn = linear.sample(4000, random_state=0)
    assert drawn.shape == (4000, 6)
    assert np.array_equal(drawn, linear.sample(4000, random_state=0))
    assert not np.array_equal(drawn, linear.sample(4000, random_state=1))
    basis = linear.inverse_transform(np.eye(2)) - linear.inverse_transform(np.zeros((2, 2)))
    covariance = basis.T @ basis + linear.variance_ * np.eye(6)
    np.testing.assert_allclose(np.cov(drawn.T), covariance, atol=0.25)


def test_samples_of_counts_add_up(corpus_counts: sparse.csr_matrix) -> None:
    model = pt.VAE(dim=3, epochs=20, learning_rate=0.02, **QUICK).fit(corpus_counts)
    drawn = model.sample(700, n_tokens=25, random_state=0)
    assert sparse.issparse(drawn)
    assert (drawn.sum(axis=1) == 25).all()
    share = np.asarray(drawn.sum(axis=0)).ravel() / drawn.sum()
    seen = np.asarray(corpus_counts.sum(axis=0)).ravel() / corpus_counts.sum()
    np.testing.assert_allclose(share, seen, atol=0.03)
    binary = pt.VAE(dim=3, likelihood="bernoulli", epochs=1, **QUICK)
    assert set(np.unique(binary.fit(corpus_counts > 0).sample(9, random_state=0))) == {0.0, 1.0}


def test_what_cannot_be_sampled_says_so(corpus_counts: sparse.csr_matrix) -> None:
    with pytest.raises(NotFittedModelError, match="not fitted yet"):
        pt.VAE().sample(3)
    model = pt.VAE(dim=3, epochs=1, **QUICK).fit(corpus_counts)
    for bad in ({"n_samples": 0}, {"n_tokens": 0}):
        with pytest.raises(InputError, match=rf"{next(iter(bad))}: 0 .*at least 1"):
            model.sample(**bad)
    with pytest.raises(InputError, match=r"samples: 0 .*at least 1"):
        model.score(corpus_counts, samples=0)


def test_history_of_real_numbers_is_in_the_units_of_score() -> None:
    """A density of values a thousand times as large is a thousandth, an entry at a time."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(200, 3)) @ rng.normal(size=(3, 6)) + 0.1 * rng.normal(size=(200, 6))
    options: dict[str, Any] = {"dim": 3, "likelihood": "gaussian", "epochs": 15, "held_out": 0.2}
    one = pt.VAE(**QUICK | options).fit(rows)
    large = pt.VAE(**QUICK | options).fit(1000.0 * rows)
    shift = 6 * np.log(1000.0)
    for name, expected in (("bound", shift), ("loss", shift), ("held_out", shift / 6)):
        moved = large.history_[-1][name] - one.history_[-1][name]
        assert moved == pytest.approx(expected, rel=1e-2), name
    assert -one.history_[-1]["bound"] == pytest.approx(one.score(rows), abs=3.0)


def test_real_numbers_are_not_hidden_from_the_encoder_by_default() -> None:
    assert pt.VAE(likelihood="gaussian")._noise().rate == 0.0
    assert pt.VAE()._noise().rate == pt.VAE(likelihood="bernoulli")._noise().rate == 0.3
    assert pt.VAE(likelihood="gaussian", dropout=0.2)._noise().rate == 0.2


def test_trackers_are_told_the_units_of_score_too() -> None:
    told: list[dict[str, float]] = []

    class Kept:
        def log(self, values: dict[str, float], step: int) -> None:
            told.append(values)

    rows = 500.0 * np.random.default_rng(0).normal(size=(60, 4))
    model = pt.VAE(
        dim=2, likelihood="gaussian", epochs=3, hidden=8, random_state=0, trackers=Kept()
    ).fit(rows)
    model.partial_fit(rows[:40])
    assert [record for record in told if "epoch" in record] == model.history_
    steps = [record["step_loss"] for record in told if "step_loss" in record]
    assert steps[-1] == pytest.approx(model.history_[-1]["loss"], rel=0.1)
