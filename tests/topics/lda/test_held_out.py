"""Likelihood of held-out documents, against sums over every assignment of topics."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from enumeration import exact
from numpy.typing import NDArray
from scipy import sparse

from polytopic.errors import InputError
from polytopic.topics.lda.held_out import annealed, left_to_right

PHI = np.array([[0.6, 0.2, 0.1, 0.1], [0.05, 0.05, 0.4, 0.5], [0.2, 0.6, 0.15, 0.05]])
ALPHA = np.array([0.3, 0.1, 0.7])
DOCUMENTS = [[0, 0, 2, 3, 3], [1], [0, 1, 2, 3, 0, 0], [], [3, 3, 3, 3]]

ESTIMATES = [
    lambda counts, seed: left_to_right(counts, PHI, ALPHA, particles=1, random_state=seed),
    lambda counts, seed: left_to_right(counts, PHI, ALPHA, particles=3, random_state=seed),
    lambda counts, seed: left_to_right(counts, PHI, ALPHA, particles=4, moves=0, random_state=seed),
    lambda counts, seed: left_to_right(counts, PHI, ALPHA, particles=2, moves=1, random_state=seed),
    lambda counts, seed: annealed(counts, PHI, ALPHA, temperatures=1, random_state=seed),
    lambda counts, seed: annealed(counts, PHI, ALPHA, temperatures=7, chains=1, random_state=seed),
]


def counts_of(documents: list[list[int]]) -> sparse.csr_matrix:
    dense = np.array([np.bincount(words, minlength=4) for words in documents])
    return sparse.csr_matrix(dense.astype(np.float32))


@pytest.mark.parametrize("estimate", ESTIMATES)
def test_estimates_are_unbiased(
    estimate: Callable[[sparse.csr_matrix, int], NDArray[np.float64]],
) -> None:
    """The mean of 1,500 estimates of p(w) is within 4 of its standard errors of the exact p(w)."""
    counts = counts_of(DOCUMENTS)
    draws = np.exp([estimate(counts, seed) for seed in range(1500)])
    wanted = np.array([exact(words, PHI, ALPHA)[0] for words in DOCUMENTS])
    error = draws.std(axis=0) / np.sqrt(len(draws))
    assert np.all(np.abs(draws.mean(axis=0) - wanted) < 4.0 * error + 2e-6 * wanted)


def test_documents_of_one_token_are_exact() -> None:
    counts = counts_of([[0], [1], [2], [3]])
    wanted = np.log(ALPHA @ PHI / ALPHA.sum())
    np.testing.assert_allclose(left_to_right(counts, PHI, ALPHA, particles=1), wanted, atol=2e-6)


def test_one_topic_is_a_multinomial() -> None:
    phi, counts = PHI[:1], counts_of(DOCUMENTS)
    wanted = counts @ np.log(phi[0])
    for found in (
        left_to_right(counts, phi, ALPHA[:1], particles=2),
        annealed(counts, phi, ALPHA[:1], temperatures=3, chains=2),
    ):
        np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_more_particles_and_temperatures_come_closer() -> None:
    words = [0, 0, 2, 3, 3, 1, 1]
    counts, wanted = counts_of([words]), np.log(exact(words, PHI, ALPHA)[0])

    def spread(estimate: Callable[[int], NDArray[np.float64]]) -> float:
        return float(np.sqrt(np.mean([(estimate(s)[0] - wanted) ** 2 for s in range(200)])))

    few = spread(lambda s: left_to_right(counts, PHI, ALPHA, particles=2, random_state=s))
    many = spread(lambda s: left_to_right(counts, PHI, ALPHA, particles=200, random_state=s))
    assert 5.0 < few / many < 20.0  # 10 in theory
    hot = spread(lambda s: annealed(counts, PHI, ALPHA, temperatures=2, random_state=s))
    cold = spread(lambda s: annealed(counts, PHI, ALPHA, temperatures=500, random_state=s))
    assert cold < hot / 5.0


def planted() -> tuple[sparse.csr_matrix, NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(0)
    phi, alpha = rng.dirichlet(np.full(50, 0.1), size=20), np.full(20, 0.2)
    theta = rng.dirichlet(alpha, size=60)
    counts = np.array([rng.multinomial(40, row) for row in theta @ phi])
    return sparse.csr_matrix(counts.astype(np.float32)), phi, alpha


def test_the_two_methods_agree_on_longer_documents() -> None:
    counts, phi, alpha = planted()
    left = left_to_right(counts, phi, alpha, particles=50).sum()
    cold = annealed(counts, phi, alpha, temperatures=1000, chains=5).sum()
    assert left == pytest.approx(cold, abs=0.004 * float(counts.sum()))


def test_same_bits_for_any_threads_order_and_neighbours() -> None:
    counts, phi, alpha = planted()
    for estimate in (
        lambda c, n: left_to_right(c, phi, alpha, particles=3, moves=5, n_threads=n),
        lambda c, n: annealed(c, phi, alpha, temperatures=5, chains=2, n_threads=n),
    ):
        whole = estimate(counts, 1)
        np.testing.assert_array_equal(estimate(counts, 4), whole)
        np.testing.assert_array_equal(estimate(counts[::-1], 2)[::-1], whole)
        np.testing.assert_array_equal(estimate(counts[[17]], 1), whole[[17]])


def test_a_term_of_no_topic_has_no_likelihood() -> None:
    phi = np.array([[0.5, 0.5, 0.0], [0.3, 0.7, 0.0]])
    found = left_to_right(sparse.csr_matrix([[1.0, 0.0, 2.0]]), phi, ALPHA[:2], particles=2)
    assert found[0] == -np.inf


def test_unusable_input_is_named() -> None:
    counts = counts_of(DOCUMENTS)
    with pytest.raises(InputError, match="topic_word: shape"):
        left_to_right(counts, PHI[:, :3], ALPHA)
    with pytest.raises(InputError, match="alpha: holds -0.1"):
        annealed(counts, PHI, np.array([0.3, -0.1, 0.7]))
    with pytest.raises(InputError, match="particles: is 0"):
        left_to_right(counts, PHI, ALPHA, particles=0)
    with pytest.raises(InputError, match="moves: is -1"):
        left_to_right(counts, PHI, ALPHA, moves=-1)
    with pytest.raises(InputError, match="chains: is 0"):
        annealed(counts, PHI, ALPHA, chains=0)
