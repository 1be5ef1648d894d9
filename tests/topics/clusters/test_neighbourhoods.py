"""Documents moved together along their nearest ones."""

from __future__ import annotations

import numpy as np
import pytest

from polytopic.topics.clusters import neighbourhoods
from polytopic.topics.clusters.neighbourhoods import gathered


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_what_lies_on_a_path_of_neighbours_comes_together() -> None:
    """Two arcs of documents, each near the next: both halves stay whole, and apart."""
    angles = np.concatenate([np.linspace(0, 1.2, 60), np.linspace(2.2, 3.4, 60)])
    rows = np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    moved = gathered(rows, 15)
    assert np.linalg.norm(moved, axis=1) == pytest.approx(1, abs=1e-5)
    for part in (slice(0, 60), slice(60, 120)):
        assert moved[part].std(axis=0).sum() < rows[part].std(axis=0).sum()
    apart = [np.linalg.norm(r[:60].mean(axis=0) - r[60:].mean(axis=0)) for r in (rows, moved)]
    assert apart[1] >= apart[0] - 1e-3


def test_the_walk_is_that_of_its_formula() -> None:
    """Against dense matrices, with widths found by a root finder."""
    from scipy.optimize import brentq

    rows = unit(np.random.default_rng(0).normal(size=(30, 4)))
    distances = 1.0 - rows.astype(float) @ rows.T
    np.fill_diagonal(distances, np.inf)
    weights = np.zeros((30, 30))
    for row, d in enumerate(distances):
        near = np.argsort(d)[:5]
        beyond = d[near] - d[near].min()
        total = lambda w, b=beyond: np.exp(-b / w).sum() - np.log2(6)  # noqa: E731
        weights[row, near] = np.exp(-beyond / brentq(total, 1e-6, 1e3))
    either = weights + weights.T - weights * weights.T
    walk = 0.5 * np.eye(30) + 0.5 * either / either.sum(axis=1, keepdims=True)
    expected = rows.astype(float)
    for _ in range(neighbourhoods._STEPS):
        expected = walk @ expected
        expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(gathered(rows, 6), expected, atol=1e-4)


@pytest.mark.parametrize("neighbours", [1, 2, 3, 50])
def test_few_points_and_points_that_are_alike(neighbours: int) -> None:
    """Finite and at length one, whatever is asked; one neighbour is the point itself."""
    for rows in (unit(np.eye(3)), np.tile(unit(np.ones((1, 3))), (8, 1)), unit(np.ones((1, 3)))):
        moved = gathered(rows, neighbours)
        assert np.linalg.norm(moved, axis=1) == pytest.approx(1, abs=1e-5)
        if neighbours == 1 or len(rows) == 1:
            np.testing.assert_array_equal(moved, rows)


def test_documents_without_near_ones_keep_their_place_among_blocks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """How many are looked at together changes nothing, nor does their order."""
    rows = unit(np.random.default_rng(1).normal(size=(40, 5)))
    whole = gathered(rows, 7)
    monkeypatch.setattr(neighbourhoods, "_BLOCK", 9)
    np.testing.assert_allclose(gathered(rows, 7), whole, atol=1e-5)
    order = np.random.default_rng(2).permutation(40)
    np.testing.assert_allclose(gathered(rows[order], 7), whole[order], atol=1e-5)
