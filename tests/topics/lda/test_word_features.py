from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse, stats
from scipy.optimize import approx_fprime

from polytopic.topics.lda.word_features import FeaturePrior, fit_prior, log_posterior, word_features

K, V, E = 3, 12, 4


@pytest.fixture
def drawn() -> tuple[FeaturePrior, sparse.csr_array, np.ndarray]:
    rng = np.random.default_rng(0)
    prior = FeaturePrior(rng.normal(size=(K, E)), rng.normal(size=K) - 1)
    counts = sparse.csr_array(rng.poisson(1.0, size=(K, V)))
    return prior, counts, word_features(rng.normal(size=(V, E)) + 3.0)


def test_the_gradient_is_that_of_finite_differences(drawn: tuple) -> None:
    prior, counts, features = drawn

    def value(parameters: np.ndarray) -> float:
        moved = FeaturePrior(parameters[: K * E].reshape(K, E), parameters[K * E :])
        return log_posterior(moved, counts, features, scale=0.7, base=0.1)[0]

    parameters = np.concatenate([prior.weights.ravel(), prior.bias])
    _, slope = log_posterior(prior, counts, features, scale=0.7, base=0.1)
    expected = approx_fprime(parameters, value, 1e-6)
    found = np.concatenate([slope.weights.ravel(), slope.bias])
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_the_value_is_scipys_dirichlet_multinomial(drawn: tuple) -> None:
    prior, counts, features = drawn
    eta, dense = prior.eta(features), counts.toarray()
    flat = FeaturePrior(np.zeros((K, E)), np.full(K, np.log(0.1)))

    def likelihood(pseudo_counts: np.ndarray) -> float:
        rows = zip(pseudo_counts, dense, strict=True)
        return sum(stats.dirichlet_multinomial.logpmf(n, e, n.sum()) for e, n in rows)

    values = [log_posterior(p, counts, features, scale=2.0, base=0.1)[0] for p in (prior, flat)]
    penalty = (prior.weights**2).sum() / 8 + ((prior.bias - np.log(0.1)) ** 2).sum() / 2
    # The multinomial coefficients cancel in a difference of two priors.
    expected = likelihood(eta) - likelihood(np.full((K, V), 0.1)) - penalty
    assert values[0] - values[1] == pytest.approx(expected, rel=1e-9)


def test_fitting_climbs_to_a_point_without_slope(drawn: tuple) -> None:
    prior, counts, features = drawn
    before = log_posterior(prior, counts, features, scale=1.0, base=0.1)[0]
    few = fit_prior(prior, counts, features, base=0.1, iterations=3)
    found = fit_prior(prior, counts, features, base=0.1, iterations=500)
    middle = log_posterior(few, counts, features, scale=1.0, base=0.1)[0]
    after, slope = log_posterior(found, counts, features, scale=1.0, base=0.1)
    assert before < middle <= after
    assert np.abs(slope.weights).max() < 2e-2
    assert np.abs(slope.bias).max() < 2e-2


def test_planted_weights_are_found_again() -> None:
    rng = np.random.default_rng(1)
    features = word_features(rng.normal(size=(2000, 3)))
    planted = FeaturePrior(np.array([[2.0, 0.0, -1.0], [-1.5, 1.0, 0.5]]), np.log([0.3, 0.5]))
    topics = np.array([rng.dirichlet(row) for row in planted.eta(features)])
    counts = rng.multinomial(200_000, topics)
    start = FeaturePrior.flat(2, 3, 0.1)
    found = fit_prior(start, counts, features, scale=10.0, base=0.3, iterations=200)
    # Over five seeds a weight or bias was off by .03 (root mean square), by .058 at most.
    assert np.abs(found.weights - planted.weights).max() < 0.15
    assert np.abs(found.bias - planted.bias).max() < 0.15


def test_a_flat_prior_is_plain_ldas() -> None:
    features = word_features(np.random.default_rng(0).normal(size=(V, E)))
    assert FeaturePrior.flat(K, E, 0.01).eta(features) == pytest.approx(np.full((K, V), 0.01))


def test_features_are_centred_rows_of_length_one_or_zero() -> None:
    vectors = np.random.default_rng(0).normal(size=(V, E)) + 5.0
    features = word_features(vectors)
    assert np.linalg.norm(features, axis=1) == pytest.approx(np.ones(V))
    assert features == pytest.approx(word_features(vectors * 3.0 + 7.0))
    assert word_features(np.ones((3, 2))).tolist() == np.zeros((3, 2)).tolist()


def test_pseudo_counts_stay_finite_whatever_the_weights() -> None:
    prior = FeaturePrior(np.full((K, E), 1e4), np.zeros(K))
    features = word_features(np.random.default_rng(0).normal(size=(V, E)))
    assert np.isfinite(prior.eta(features)).all()
    assert (prior.eta(features) > 0).all()
    counts = sparse.csr_array(np.ones((K, V), dtype=int))
    value, slope = log_posterior(prior, counts, features, scale=1.0, base=0.1)
    assert np.isfinite(value)
    assert np.isfinite(slope.weights).all()
