"""EM from given topics: its passes beside a plain twin, likelihood, and what stays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from polytopic.ensembles import refining
from polytopic.ensembles.refining import ALPHA, ETA, refined


@pytest.fixture
def given() -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(0)
    beta, theta = rng.dirichlet(np.full(12, 0.3), 3), rng.dirichlet(np.ones(3), 20)
    counts = np.array([rng.multinomial(15, row) for row in theta @ beta])
    counts[4] = 0
    return rng.dirichlet(np.ones(12), 3), rng.dirichlet(np.ones(3), 20), counts


def plain(beta: Any, theta: Any, counts: Any) -> tuple[Any, Any]:
    """One pass, with the shares of each token written out."""
    q = theta[:, None, :] * beta.T[None]
    q /= q.sum(axis=2, keepdims=True)
    held = counts[:, :, None] * q
    words, shares = held.sum(axis=0).T + ETA, held.sum(axis=1) + ALPHA
    return words / words.sum(axis=1, keepdims=True), shares / shares.sum(axis=1, keepdims=True)


def test_passes_are_those_of_the_equations(given: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    beta, theta, counts = given
    expected = beta, theta
    for _ in range(3):
        expected = plain(*expected, counts)
    found = refined(beta, theta, sparse.csr_matrix(counts), passes=3)
    np.testing.assert_allclose(found, expected[0], rtol=1e-10)
    monkeypatch.setattr(refining, "BLOCK", 30)  # ten pairs at once
    np.testing.assert_allclose(refined(beta, theta, sparse.csr_matrix(counts), passes=3), found)


def test_no_pass_leaves_the_topics_and_inputs_as_they_are(given: Any) -> None:
    beta, theta, counts = given
    csr = sparse.csr_matrix(counts)
    before = (beta.copy(), theta.copy(), csr.data.copy())
    assert np.array_equal(refined(beta, theta, csr, passes=0), beta)
    refined(beta, theta, csr)
    for one, other in zip(before, (beta, theta, csr.data), strict=True):
        np.testing.assert_array_equal(one, other)


def test_topics_without_a_token_stay_distributions(given: Any) -> None:
    beta, theta, counts = given
    found = refined(beta, theta, sparse.csr_matrix(np.zeros_like(counts)))
    np.testing.assert_allclose(found, 1 / 12)
