"""Factors of proximities against the dense matrices that their definitions give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import polytopic as pt
from polytopic.errors import InputError
from polytopic.graphs.graph import Graph
from polytopic.graphs.hope import HOPE

KINDS = ("katz", "pagerank", "common-neighbours", "adamic-adar")
N = 25


def weights() -> NDArray[np.float64]:
    """A directed graph; node 3 is left by no edge."""
    rng = np.random.default_rng(0)
    matrix = (rng.random((N, N)) < 0.2) * rng.random((N, N))
    np.fill_diagonal(matrix, 0.0)
    matrix[3] = 0.0
    return matrix


def dense(kind: str, matrix: NDArray[np.float64], decay: float) -> NDArray[np.float64]:
    """S by inverses and products of whole matrices."""
    whole = np.eye(len(matrix))
    if kind == "katz":
        less = decay * matrix / np.linalg.norm(matrix, 2)
        return np.linalg.solve(whole - less, less)
    if kind == "pagerank":
        sums = matrix.sum(axis=1, keepdims=True)
        steps = np.divide(matrix, sums, out=np.zeros_like(matrix), where=sums > 0)
        return (1.0 - decay) * np.linalg.inv(whole - decay * steps)
    degrees = matrix.sum(axis=0) + matrix.sum(axis=1)
    between = whole if kind == "common-neighbours" else np.diag(1.0 / degrees)
    return matrix @ between @ matrix


@pytest.mark.parametrize("decay", [0.3, 0.9])
@pytest.mark.parametrize("dim", [4, N - 1, N, N + 7])
@pytest.mark.parametrize("kind", KINDS)
def test_vectors_are_the_best_factors_of_the_proximity(kind: str, dim: int, decay: float) -> None:
    matrix = weights()
    left, values, right = np.linalg.svd(dense(kind, matrix, decay))
    best = (left[:, :dim] * values[:dim]) @ right[:dim]
    model = HOPE(dim=dim, proximity=kind, decay=decay, random_state=0).fit(matrix)
    assert model.source_.shape == model.target_.shape == (N, dim)
    np.testing.assert_allclose(model.source_ @ model.target_.T, best, atol=2e-6 * values[0])
    lengths = np.linalg.norm(model.source_, axis=0)
    np.testing.assert_allclose(lengths, np.linalg.norm(model.target_, axis=0), atol=1e-6)
    assert (np.diff(lengths) <= 1e-5).all()


def test_a_path_without_circles_has_no_proximity_backwards() -> None:
    model = HOPE(dim=8, random_state=0).fit(Graph.from_edges([("a", "b"), ("b", "c"), ("c", "d")]))
    forward = model.score([("a", "b"), ("a", "c"), ("a", "d")])
    np.testing.assert_allclose(forward, [0.5, 0.25, 0.125], rtol=1e-6)
    assert np.abs(model.score([("b", "a"), ("d", "a"), ("a", "a")])).max() < 1e-7


def test_weights_of_any_size_give_the_same_katz_proximity() -> None:
    few, many = (HOPE(dim=5, random_state=0).fit(weights() * size) for size in (1e-90, 1e90))
    np.testing.assert_allclose(
        few.source_ @ few.target_.T, many.source_ @ many.target_.T, atol=1e-6
    )


def test_the_same_seed_gives_the_same_bits_and_files_keep_them(tmp_path: Path) -> None:
    one, two = (HOPE(dim=6, random_state=1).fit(weights()) for _ in range(2))
    assert np.array_equal(one.source_, two.source_)
    loaded = pt.load(one.save(tmp_path / "model"))
    assert type(loaded) is HOPE
    assert np.array_equal(loaded.target_, one.target_)
    assert loaded.notes_["nodes"] == N


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"proximity": "common-neighbours"}, 'proximity: no two nodes.*Use "katz"'),
        ({"decay": 1.0}, "decay: 1.0 cannot be used"),
        ({"dim": 0}, "dim: 0 cannot be used"),
        ({"proximity": "simrank"}, "proximity: 'simrank' cannot be used"),
    ],
)
def test_what_cannot_be_factored_is_told(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        HOPE(**changes).fit(Graph.from_edges([("a", "b"), ("c", "b")]))


def test_weights_whose_products_leave_float32_are_told() -> None:
    with pytest.raises(InputError, match=r"graph: its largest weight is .*e\+89.*Divide"):
        HOPE(dim=3, proximity="common-neighbours").fit(weights() * 1e90)
