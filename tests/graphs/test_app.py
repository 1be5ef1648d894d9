"""Vectors of the ends of walks, against what they are at their optimum."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import polytopic as pt
from polytopic.errors import InputError
from polytopic.graphs.app import APP
from polytopic.graphs.graph import Graph


def test_scores_approach_the_logarithm_of_rooted_pagerank() -> None:
    """With as many dimensions as nodes the optimum is known: log p(v | u) - log(n q(v)).

    A noise target that is u or v is left out: p / (1 - p) of pairs, as one in so many is no noise.
    """
    n, restart, negative = 6, 0.4, 5
    rng = np.random.default_rng(0)
    weights = rng.random((n, n)) + 0.3
    np.fill_diagonal(weights, 0.0)
    share = weights / weights.sum(axis=1, keepdims=True)
    ends = restart * share @ np.linalg.inv(np.eye(n) - (1.0 - restart) * share)
    np.fill_diagonal(ends, 0.0)
    ends /= ends.sum(axis=1, keepdims=True)
    model = APP(
        dim=n + 2, restart=restart, negative=negative, ns_exponent=0.0, walks_per_node=2000,
        epochs=60, learning_rate=0.05, n_threads=1, random_state=0,
    ).fit(weights)  # fmt: skip
    learned = model.source_ @ model.target_.T
    noise = negative / n * (1.0 - ends)  # v is noise of the pairs that do not end at it
    with np.errstate(divide="ignore"):
        wanted = np.log(ends) - np.log(noise)
    apart = ~np.eye(n, dtype=bool)
    assert np.abs(learned - wanted)[apart].max() < 0.1


def test_direction_is_kept() -> None:
    rng = np.random.default_rng(0)
    pairs = rng.integers(60, size=(900, 2))
    graph = Graph.from_edges(pairs[pairs[:, 0] < pairs[:, 1]])
    model = APP(dim=16, n_threads=1, random_state=0).fit(graph)
    edges = np.argwhere(graph.adjacency.toarray() > 0)
    forward = model.score([(graph.nodes[u], graph.nodes[v]) for u, v in edges])
    backward = model.score([(graph.nodes[v], graph.nodes[u]) for u, v in edges])
    assert (forward > backward).mean() > 0.95


def test_saved_and_loaded(tmp_path: Path) -> None:
    graph = Graph.from_edges([(1, 2), (2, 3)])
    model = APP(dim=4, epochs=2, n_threads=1, random_state=0).fit(graph)
    loaded = pt.load(model.save(tmp_path / "model"))
    assert type(loaded) is APP
    assert loaded.get_params() == model.get_params()
    assert np.array_equal(loaded.source_, model.source_)


@pytest.mark.parametrize(
    ("name", "value"), [("restart", 0.0), ("restart", 1.1), ("walk_length", 1), ("negative", 0)]
)
def test_bad_parameters_are_named(name: str, value: float) -> None:
    with pytest.raises(InputError, match=f"^{name}: "):
        APP(**{name: value}).fit(np.ones((3, 3)))


def test_parameters_of_other_walks_are_not_taken() -> None:
    with pytest.raises(TypeError, match="order"):
        APP(order=1)
