"""Splits of graphs, non-edges, the AUCs of existence and direction, and the degree baselines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import roc_auc_score

from polytopic import metrics
from polytopic.errors import InputError, InputTypeError
from polytopic.graphs.graph import Graph
from polytopic.metrics.links import auc


@pytest.fixture(scope="module")
def matrix() -> sparse.csr_matrix:
    """300 nodes; some receive far more edges than others; no loops."""
    rng = np.random.default_rng(0)
    popular = rng.dirichlet(np.full(300, 0.3))
    rows, columns = rng.integers(300, size=3000), rng.choice(300, 3000, p=popular)
    apart = rows != columns
    built = sparse.csr_matrix((np.ones(apart.sum()), (rows[apart], columns[apart])), (300, 300))
    built.data[:] = 1.0
    return built


def test_auc_is_scikit_learn_s() -> None:
    rng = np.random.default_rng(1)
    high, low = rng.integers(0, 9, 200), rng.integers(0, 7, 300)
    expected = roc_auc_score(np.repeat([1, 0], [200, 300]), np.concatenate([high, low]))
    assert auc(high, low) == pytest.approx(expected, abs=1e-12)
    assert np.isnan(auc([], low))


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_a_split_parts_the_edges_and_keeps_the_nodes(
    matrix: sparse.csr_matrix, share: float
) -> None:
    split = metrics.split_edges(matrix, share, random_state=0)
    assert split.train.shape == matrix.shape
    assert len(split.test) == round(share * matrix.nnz)
    test = sparse.csr_matrix((np.ones(len(split.test)), tuple(split.test.T)), matrix.shape)
    assert split.train.multiply(test).nnz == 0
    assert (split.train + test != matrix).nnz == 0
    assert (split.adjacency != matrix).nnz == 0
    again = metrics.split_edges(matrix, share, random_state=0)
    assert np.array_equal(split.test, again.test)
    assert not np.array_equal(split.test, metrics.split_edges(matrix, share, random_state=1).test)


def test_a_graph_of_ours_stays_one(matrix: sparse.csr_matrix) -> None:
    graph = Graph([f"n{row}" for row in range(300)], matrix)
    split = metrics.split_edges(graph, 0.2, random_state=0)
    assert isinstance(split.train, Graph)
    assert split.train.nodes == graph.nodes
    assert split.train.n_edges + len(split.test) == graph.n_edges


def test_loops_are_left_out() -> None:
    split = metrics.split_edges(np.ones((5, 5)), 0.2, random_state=0)
    assert split.adjacency.nnz == 20
    assert (split.test[:, 0] != split.test[:, 1]).all()


@pytest.mark.parametrize("matched", [False, True])
def test_non_edges_are_none(matrix: sparse.csr_matrix, matched: bool) -> None:
    pairs = metrics.non_edges(matrix, 20_000, matched=matched, random_state=0)
    assert pairs.shape == (20_000, 2)
    assert np.asarray(matrix[pairs[:, 0], pairs[:, 1]]).sum() == 0
    assert (pairs[:, 0] != pairs[:, 1]).all()
    degrees = np.asarray(matrix.sum(axis=0)).ravel()
    among_targets = degrees[pairs[:, 1]].mean()
    even = degrees.mean()
    assert (among_targets > 2 * even) == matched


def test_the_four_scores_are_what_they_say(matrix: sparse.csr_matrix) -> None:
    split = metrics.split_edges(matrix, 0.2, random_state=0)

    def knows_all(pairs: np.ndarray) -> np.ndarray:
        return np.asarray(matrix[pairs[:, 0], pairs[:, 1]]).ravel()

    def knows_links_only(pairs: np.ndarray) -> np.ndarray:
        return knows_all(pairs) + knows_all(pairs[:, ::-1])

    scores = metrics.link_prediction(knows_all, split)
    assert (scores.existence, scores.existence_matched, scores.direction) == (1.0, 1.0, 1.0)
    assert scores.n_edges == len(split.test)
    mutual = knows_all(split.test[:, ::-1]) > 0
    assert scores.n_one_way == len(split.test) - mutual.sum()
    assert metrics.link_prediction(knows_links_only, split).direction == 0.5
    backward = metrics.link_prediction(lambda pairs: -knows_all(pairs), split)
    assert backward.direction == 0.0


def test_a_model_scores_by_its_two_matrices(matrix: sparse.csr_matrix) -> None:
    class Model:
        source_ = np.random.default_rng(0).normal(size=(300, 6)).astype(np.float32)
        target_ = np.random.default_rng(1).normal(size=(300, 6)).astype(np.float32)

    split = metrics.split_edges(matrix, 0.2, random_state=0)
    whole = Model.source_.astype(np.float64) @ Model.target_.T.astype(np.float64)
    by_function = metrics.link_prediction(lambda pairs: whole[pairs[:, 0], pairs[:, 1]], split)
    assert metrics.link_prediction(Model(), split) == by_function


def test_degree_product_is_the_product_of_degrees(matrix: sparse.csr_matrix) -> None:
    pairs = np.array([[3, 9], [9, 3], [100, 200]])
    out, into = matrix.getnnz(axis=1), matrix.getnnz(axis=0)
    expected = (out[pairs[:, 0]] + 1) * (into[pairs[:, 1]] + 1)
    assert metrics.degree_baseline(matrix)(pairs).tolist() == expected.tolist()


def test_fitted_degrees_learn_what_they_are_fitted_for() -> None:
    """Half of the nodes only point, half are only pointed at: degrees alone tell direction."""
    rng = np.random.default_rng(0)
    rows, columns = rng.integers(100, size=900), rng.integers(100, 200, size=900)
    graph = sparse.csr_matrix((np.ones(900), (rows, columns)), (200, 200))
    split = metrics.split_edges(graph, 0.1, random_state=0)
    for kind in ("direction", "existence"):
        scorer = metrics.degree_baseline(split.train, kind)
        scores = metrics.link_prediction(scorer, split)
        assert scores.direction > 0.99
        assert scores.existence > 0.7


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: metrics.split_edges(m, 0.0), "test_size: 0.0 is no share"),
        (lambda m: metrics.split_edges(np.ones((2, 3))), r"shape \(2, 3\)"),
        (lambda m: metrics.split_edges(np.eye(4)), "has 0 edges between two nodes"),
        (lambda m: metrics.non_edges(np.ones((4, 4)), 3), "nearly every pair"),
        (lambda m: metrics.degree_baseline(m, "sum"), 'kind: "sum"'),
        (
            lambda m: metrics.link_prediction(
                lambda pairs: np.full(len(pairs), np.nan), metrics.split_edges(m)
            ),
            "or NaN",
        ),
        (
            lambda m: metrics.link_prediction(
                type("Other", (), {"source_": np.ones((3, 2)), "target_": np.ones((3, 2))})(),
                metrics.split_edges(m),
            ),
            "has 3 nodes, the split has 300",
        ),
    ],
)
def test_bad_input_is_named(matrix: sparse.csr_matrix, call: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call(matrix)


def test_bad_types_are_named(matrix: sparse.csr_matrix) -> None:
    with pytest.raises(InputTypeError, match=r"of type list\. Pass Graph\.of"):
        metrics.split_edges([("a", "b")])
    with pytest.raises(InputTypeError, match="model: of type str"):
        metrics.link_prediction("model", metrics.split_edges(matrix))
