"""Distances against SciPy, layouts against what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon, pdist, squareform

from polytopic.report.layout import (
    classical_scaling,
    colours,
    jensen_shannon,
    spread,
    topic_positions,
)


def test_jensen_shannon_agrees_with_scipy() -> None:
    rows = np.random.default_rng(0).dirichlet(np.full(50, 0.1), 12)
    rows[0] = np.eye(50)[3]
    expected = [[jensenshannon(p, q, base=2) for q in rows] for p in rows]
    np.testing.assert_allclose(jensen_shannon(rows), np.nan_to_num(expected), atol=1e-7)


def test_pooling_rare_terms_only_lessens_distances() -> None:
    rows = np.random.default_rng(0).dirichlet(np.full(2000, 0.02), 20)
    whole, pooled = jensen_shannon(rows), jensen_shannon(rows, budget=190 * 800)
    assert (pooled <= whole + 1e-12).all()
    assert np.abs(whole - pooled).max() > 0
    assert np.corrcoef(squareform(whole), squareform(pooled))[0, 1] > 0.8


def test_classical_scaling_recovers_a_plane() -> None:
    points = np.random.default_rng(1).normal(size=(20, 2))
    distances = squareform(pdist(points))
    np.testing.assert_allclose(squareform(pdist(classical_scaling(distances))), distances)


def test_spread_leaves_no_overlap() -> None:
    rng = np.random.default_rng(2)
    points, radii = rng.normal(scale=0.3, size=(60, 2)), rng.uniform(0.02, 0.1, size=60)
    gaps = pdist(spread(points, radii)) - pdist(radii[:, None], lambda a, b: (a + b).item())
    assert gaps.min() > -0.005


def test_spread_keeps_a_crowd_together() -> None:
    radii = np.full(60, 0.05)
    moved = spread(np.random.default_rng(0).normal(scale=0.01, size=(60, 2)), radii)
    assert pdist(moved).min() > 0.098
    assert np.abs(moved).max() < 2.0 * np.sqrt((radii**2).sum())


@pytest.mark.parametrize("n_topics", [1, 2, 3, 7, 8, 60])
def test_map_of_any_number_of_topics(n_topics: int) -> None:
    rng = np.random.default_rng(0)
    distances = jensen_shannon(rng.dirichlet(np.full(40, 0.1), n_topics))
    points, radii = topic_positions(distances, rng.dirichlet(np.ones(n_topics)))
    assert points.shape == (n_topics, 2)
    assert np.isfinite(points).all()
    assert (radii > 0).all()
    again, _ = topic_positions(distances, np.ones(n_topics))
    assert np.isfinite(again).all()


def test_neighbours_stay_near_on_the_map() -> None:
    rng = np.random.default_rng(0)
    centres = np.repeat(rng.dirichlet(np.full(200, 0.05), 4), 6, axis=0)
    rows = 0.7 * centres + 0.3 * rng.dirichlet(np.full(200, 0.05), 24)
    points, _ = topic_positions(jensen_shannon(rows), np.full(24, 1 / 24))
    lengths = squareform(pdist(points))
    np.fill_diagonal(lengths, np.inf)
    families = np.arange(24) // 6
    assert (families[lengths.argmin(axis=1)] == families).mean() > 0.9


def test_same_topics_can_be_drawn() -> None:
    distances = jensen_shannon(np.full((12, 5), 0.2))
    points, radii = topic_positions(distances, np.full(12, 1 / 12))
    assert np.isfinite(points).all()
    assert pdist(points).min() > radii.min()


def test_colours_are_distinct_hex() -> None:
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    made = colours(np.column_stack([np.cos(angles), np.sin(angles)]))
    assert len(set(made)) == 40
    assert all(len(colour) == 7 and int(colour[1:], 16) >= 0 for colour in made)
