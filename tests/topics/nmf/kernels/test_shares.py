"""Kernels of NMF's documents against scikit-learn and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, sparse

from polytopic.topics.lda.kernels.inference import csr_arrays, term_rows
from polytopic.topics.lda.kernels.inference_sweeps import Until
from polytopic.topics.nmf.kernels import shares

UNTIL = Until(np.float32(1e-6), 5000)


def problem(seed: int = 0) -> tuple[sparse.csr_matrix, np.ndarray]:
    """Weights (12, 20), the third document empty, and topics (5, 20) at sum one."""
    rng = np.random.default_rng(seed)
    weights = rng.random((12, 20)) * (rng.random((12, 20)) < 0.4)
    weights[2] = 0
    topics = rng.dirichlet(np.full(20, 0.3), 5) + 1e-3
    topics /= topics.sum(axis=1, keepdims=True)
    return sparse.csr_matrix(weights.astype(np.float32)), topics.astype(np.float32)


def found_by(kind: str, weights: sparse.csr_matrix, topics: np.ndarray) -> np.ndarray:
    theta = np.full((weights.shape[0], len(topics)), np.nan, np.float32)
    given = csr_arrays(weights), 0, weights.shape[0], term_rows(topics)
    if kind == "squares":
        shares.squares_block(*given, topics @ topics.T, UNTIL, theta)
    else:
        shares.divergence_block(*given, UNTIL, theta)
    return theta


def test_squares_are_scipy_s() -> None:
    weights, topics = problem()
    theta = found_by("squares", weights, topics)
    for row, document in enumerate(weights.toarray().astype(np.float64)):
        if not document.any():
            assert np.allclose(theta[row], 1 / len(topics))
            continue
        best, _ = optimize.nnls(topics.T.astype(np.float64), document)
        np.testing.assert_allclose(theta[row], best / best.sum(), atol=2e-3)
    assert (theta == 0).any(), "some shares are exactly zero"


def test_divergence_is_least() -> None:
    """The optimum's conditions (Karush, Kuhn & Tucker): sum_v x_v phi_kv / (theta . phi_v) is at
    most sum x, and equal to it where theta_k > 0."""
    weights, topics = problem(1)
    theta = found_by("divergence", weights, topics)
    for row, document in enumerate(weights.toarray().astype(np.float64)):
        if not document.any():
            assert np.allclose(theta[row], 1 / len(topics))
            continue
        mixed = theta[row].astype(np.float64) @ topics
        pull = topics @ (document / mixed) / document.sum()
        assert (pull < 1 + 1e-2).all()
        assert pull[theta[row] > 1e-2] == pytest.approx(1, abs=1e-2)


@pytest.mark.parametrize("kind", ["squares", "divergence"])
def test_the_scale_of_a_document_changes_nothing(kind: str) -> None:
    weights, topics = problem(2)
    theta = found_by(kind, weights, topics)
    np.testing.assert_allclose(found_by(kind, weights * 64, topics), theta, atol=1e-4)
