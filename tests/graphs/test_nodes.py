"""Node vectors that know which way an edge leads."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone

import polytopic as pt
from polytopic import metrics
from polytopic.errors import (
    CheckpointError,
    InputError,
    InterruptedFitWarning,
    NotFittedModelError,
)
from polytopic.graphs.graph import Graph
from polytopic.graphs.node_training import Edges, EdgeSampler, NodeTrainer, WalkSampler
from polytopic.graphs.nodes import NodeEmbedding
from polytopic.training.run import Frame

# ---- learning -----------------------------------------------------------------------------------


def ring_of_groups(n_groups: int = 4, size: int = 30, seed: int = 0) -> sparse.csr_matrix:
    """Nodes of a group point at random nodes of the next group: all degrees are alike."""
    rng = np.random.default_rng(seed)
    n = n_groups * size
    rows = np.repeat(np.arange(n), 8)
    columns = (rows // size + 1) % n_groups * size + rng.integers(size, size=len(rows))
    matrix = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(n, n))
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix


def ranks(n: int = 200, seed: int = 0) -> sparse.csr_matrix:
    """Nodes in an order; a node points at a few of the next thirty."""
    rng = np.random.default_rng(seed)
    rows = np.repeat(np.arange(n), 14)
    columns = rows + rng.integers(1, 30, size=len(rows))
    inside = columns < n
    matrix = sparse.csr_matrix((np.ones(inside.sum()), (rows[inside], columns[inside])), (n, n))
    matrix.data[:] = 1.0
    return matrix


QUICK: dict[str, Any] = {"dim": 16, "n_threads": 1, "random_state": 0}


@pytest.mark.parametrize("sampling", ["walks", "edges"])
@pytest.mark.parametrize("plant", [ring_of_groups, ranks])
def test_planted_direction_is_found(plant: Any, sampling: str) -> None:
    split = metrics.split_edges(plant(), 0.1, random_state=1)
    model = NodeEmbedding(sampling=sampling, epochs=150, **QUICK).fit(split.train)
    scores = metrics.link_prediction(model, split)
    assert scores.direction > 0.9
    assert scores.existence > 0.75


def test_direction_needs_no_reversed_negatives_where_groups_tell_it() -> None:
    split = metrics.split_edges(ring_of_groups(), 0.1, random_state=1)
    model = NodeEmbedding(reverse=0.0, epochs=150, **QUICK).fit(split.train)
    assert metrics.link_prediction(model, split).direction > 0.9
    degrees = metrics.link_prediction(metrics.degree_baseline(split.train), split)
    assert degrees.direction < 0.75


@pytest.mark.parametrize("sampling", ["walks", "edges"])
def test_one_vector_a_node_cannot_tell_direction(sampling: str) -> None:
    split = metrics.split_edges(ring_of_groups(), 0.1, random_state=1)
    model = NodeEmbedding(sampling=sampling, order=1, epochs=150, **QUICK).fit(split.train)
    assert model.source_ is model.target_
    assert metrics.link_prediction(model, split).direction == 0.5


def test_one_vector_a_node_finds_groups() -> None:
    rng = np.random.default_rng(0)
    ends = rng.integers(30, size=(1200, 2)) + 30 * rng.integers(4, size=(1200, 1))
    split = metrics.split_edges(Graph.from_edges(ends, nodes=range(120)), 0.1, random_state=1)
    model = NodeEmbedding(sampling="edges", order=1, epochs=150, **QUICK).fit(split.train)
    assert metrics.link_prediction(model, split).existence > 0.75


def test_heavier_edges_score_higher() -> None:
    rng = np.random.default_rng(0)
    heavy = rng.permutation(400) < 200
    ends = np.column_stack([np.repeat(np.arange(40), 10), rng.integers(40, 80, 400)])
    graph = Graph.from_edges(ends, np.where(heavy, 8.0, 1.0))
    model = NodeEmbedding(sampling="edges", epochs=40, **QUICK).fit(graph)
    scores = model.score(ends)
    assert scores[heavy].mean() > scores[~heavy].mean() + 0.5


def test_score_is_source_by_target() -> None:
    graph = Graph.from_edges([("a", "b"), ("b", "c"), ("c", "a"), ("a", "d")])
    model = NodeEmbedding(epochs=2, **QUICK).fit(graph)
    assert model.source_.shape == model.target_.shape == (4, 16)
    assert model.source_.dtype == model.target_.dtype == np.float32
    expected = model.source_[0] @ model.target_[3]
    assert model.score([("a", "d")])[0] == pytest.approx(expected, rel=1e-5)
    assert model.score([]).shape == (0,)
    with pytest.raises(InputError, match=r"entry 1 names 'x', .*1 and '1' differ"):
        model.score([("a", "b"), ("x", "a")])
    with pytest.raises(InputError, match="entry 0 is no pair"):
        model.score(["ab"])


def test_vectors_hold_both_roles_by_name() -> None:
    model = NodeEmbedding(epochs=2, **QUICK).fit(nx.DiGraph([(1, 2), (2, 3)]))
    assert model.vectors_.vocabulary.terms == ["1", "2", "3"]
    assert np.array_equal(model.vectors_.input, model.source_)
    assert np.array_equal(model.vectors_.output, model.target_)
    model.fit(nx.DiGraph([(1, "1"), ("1", 3)]))
    with pytest.raises(InputError, match="listed twice"):
        _ = model.vectors_


def test_loops_and_lone_nodes_are_counted() -> None:
    graph = Graph.from_edges(
        [("a", "a"), ("a", "b"), ("b", "c"), ("c", "c")], nodes=["lone", "a", "b", "c"]
    )
    model = NodeEmbedding(epochs=30, **QUICK).fit(graph)
    assert model.notes_["self_loops_left_out"] == 2
    assert model.notes_["nodes_without_edges"] == 1
    assert model.notes_["edges"] == 2
    assert model.nodes_ == graph.nodes
    same = NodeEmbedding(epochs=30, **QUICK).fit(
        Graph.from_edges([("a", "b"), ("b", "c")], nodes=graph.nodes)
    )
    assert np.array_equal(model.source_, same.source_)


def samplers(matrix: sparse.csr_matrix) -> list[Any]:
    edges = Edges(matrix)
    order = np.random.default_rng(0).permutation(edges.n_nodes).astype(np.int32)
    return [
        EdgeSampler(edges),
        WalkSampler(edges, 6, None, order, 3, 1.0, 1.0),
        WalkSampler(edges, 6, 2, order, 3, 0.5, 2.0),
    ]


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_pairs_are_the_same_however_blocks_are_cut(kind: int) -> None:
    sampler = samplers(ring_of_groups())[kind]
    keys = np.array([5, 6, 7], np.uint64)
    whole = np.stack(sampler.pairs(0, 200, keys)[:2])
    cuts = [(0, 1), (1, 150), (150, 200)]
    pieces = np.hstack([np.stack(sampler.pairs(low, high, keys)[:2]) for low, high in cuts])
    assert np.array_equal(whole, pieces)
    again = np.hstack([np.stack(sampler.pairs(low, high, keys)[:2]) for low, high in cuts])
    assert np.array_equal(again, pieces)


def test_walks_begin_at_every_node_or_by_weight() -> None:
    matrix = ring_of_groups()
    _, by_edge, by_node = samplers(matrix)
    assert by_edge.n_units == matrix.nnz
    assert by_node.n_units == 2 * matrix.shape[0]
    weighted = sparse.csr_matrix(np.array([[0.0, 9.0, 0], [0, 0, 1.0], [0, 0, 0]]))
    order = np.arange(3, dtype=np.int32)
    sampler = WalkSampler(Edges(weighted), 2, None, order, 1, 1.0, 1.0)
    sources, _, _ = sampler.pairs(0, 4000, np.array([1, 2, 3], np.uint64))
    assert abs((sources == 0).mean() - 0.9) < 5 * np.sqrt(0.09 / 4000)


@pytest.mark.parametrize("sampling", ["walks", "edges"])
def test_one_thread_gives_the_same_bits(sampling: str) -> None:
    matrix = ring_of_groups()
    model = NodeEmbedding(sampling=sampling, epochs=3, **QUICK).fit(matrix)
    twin = clone(model).fit(matrix)
    assert np.array_equal(model.source_, twin.source_)
    assert np.array_equal(model.target_, twin.target_)
    assert [r["loss"] for r in model.history_] == [r["loss"] for r in twin.history_]
    other = clone(model).set_params(random_state=1).fit(matrix)
    assert not np.array_equal(model.source_, other.source_)


def test_several_threads_learn_the_same_thing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("polytopic.graphs.node_training.BLOCK", 64)
    split = metrics.split_edges(ring_of_groups(), 0.1, random_state=1)
    model = NodeEmbedding(epochs=150, **QUICK | {"n_threads": 4}).fit(split.train)
    assert metrics.link_prediction(model, split).direction > 0.9
    alone = NodeEmbedding(epochs=150, **QUICK).fit(split.train)
    assert model.history_[0]["pairs"] == alone.history_[0]["pairs"]
    assert model.history_[-1]["loss"] == pytest.approx(alone.history_[-1]["loss"], rel=0.1)


def test_loss_falls_and_is_recorded() -> None:
    model = NodeEmbedding(epochs=40, **QUICK).fit(ring_of_groups())
    losses = [record["loss"] for record in model.history_]
    assert len(losses) == 40
    assert losses[-1] < 0.7 * losses[0]
    assert model.history_[-1]["learning_rate"] == pytest.approx(0.0001)


@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
def test_a_diverging_rate_is_told() -> None:
    with pytest.raises(InputError, match="learning_rate: training diverged in epoch"):
        NodeEmbedding(learning_rate=1e20, epochs=5, **QUICK).fit(ring_of_groups())


def test_an_interrupt_keeps_what_was_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = NodeTrainer._run_block

    def stops(self: NodeTrainer, epoch: int, start: int, keys: Any) -> tuple[float, float]:
        if epoch == 3:
            raise KeyboardInterrupt
        return whole(self, epoch, start, keys)

    monkeypatch.setattr(NodeTrainer, "_run_block", stops)
    with pytest.warns(InterruptedFitWarning, match="after 3 of 10 epochs"):
        model = NodeEmbedding(epochs=10, **QUICK).fit(ring_of_groups())
    assert len(model.history_) == 3


def test_a_signal_ends_an_epoch_after_the_blocks_that_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not after the whole epoch; the blocks that were not begun leave the vectors alone."""
    monkeypatch.setattr("polytopic.graphs.node_training.BLOCK", 64)
    whole, begun = NodeTrainer._run_block, []

    def counts(self: NodeTrainer, epoch: int, start: int, keys: Any) -> tuple[float, float]:
        begun.append((epoch, start))
        if len(begun) == 20:
            os.kill(os.getpid(), signal.SIGINT)
            while True:  # until the handler has run in the main thread
                if frames[-1]._came:
                    break
                time.sleep(0.001)
        return whole(self, epoch, start, keys)

    frames: list[Frame] = []
    listen = Frame._listen
    monkeypatch.setattr(
        Frame, "_listen", lambda self, ending: (frames.append(self), listen(self, ending))[1]
    )
    monkeypatch.setattr(NodeTrainer, "_run_block", counts)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.warns(InterruptedFitWarning, match="after 1 of 10 epochs"):
            model = NodeEmbedding(epochs=10, sampling="edges", **QUICK).fit(ring_of_groups())
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(begun) == 20
    assert begun[-1][0] == 1
    assert np.isfinite(model.source_).all()


# ---- saving, parameters -------------------------------------------------------------------------


@pytest.mark.parametrize("order", [1, 2])
def test_save_and_load_are_equal(order: int, tmp_path: Path) -> None:
    graph = Graph.from_edges([("a", "b"), ("b", 3), (3, "a"), ("a", "d")])
    model = NodeEmbedding(epochs=3, order=order, **QUICK).fit(graph)
    loaded = pt.load(model.save(tmp_path / "model"))
    assert type(loaded) is NodeEmbedding
    assert loaded.get_params() == model.get_params()
    assert loaded.nodes_ == model.nodes_
    assert loaded.history_ == model.history_
    assert loaded.notes_ == model.notes_
    pairs = [("a", "b"), ("b", "a"), (3, "d")]
    assert np.array_equal(loaded.score(pairs), model.score(pairs))
    assert (loaded.source_ is loaded.target_) == (order == 1)


def test_what_cannot_be_saved_or_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFittedModelError, match="not fitted yet"):
        NodeEmbedding().save(tmp_path / "model")
    with pytest.raises(NotFittedModelError, match="not fitted yet"):
        NodeEmbedding().score([("a", "b")])
    model = NodeEmbedding(epochs=1, **QUICK).fit(nx.DiGraph([((0, 0), (0, 1))]))
    with pytest.raises(InputError, match=r"\(0, 0\) is of type tuple.*Rename the nodes"):
        model.save(tmp_path / "model")
    model.fit(nx.DiGraph([("a", "b")])).save(tmp_path / "model")
    about = tmp_path / "model" / "about.json"
    record = json.loads(about.read_text(encoding="utf-8"))
    record["about"]["fitted"]["nodes"] = ["a"]
    about.write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(CheckpointError, match="does not hold a whole model"):
        pt.load(tmp_path / "model")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dim", 1), ("sampling", "nodes"), ("order", 3), ("walk_length", 1), ("walks_per_node", 0),
        ("window", 0), ("p", 0.0), ("q", -1.0), ("negative", 0), ("ns_exponent", float("nan")),
        ("ns_exponent", 400), ("p", 1e-320), ("q", 1e300),
        ("reverse", -1.0), ("weight_decay", -0.1), ("epochs", 0), ("learning_rate", 0.0),
        ("n_threads", 0), ("random_state", "x"), ("verbose", "yes"),
    ],
)  # fmt: skip
def test_bad_parameters_are_named(name: str, value: Any) -> None:
    with pytest.raises(InputError, match=f"^{name}: .*It must be"):
        NodeEmbedding().set_params(**{name: value}).fit(np.ones((2, 2)))


def test_weights_far_apart_are_trained_on() -> None:
    """Powers of their sums leave float64; the noise does not turn even."""
    graph = Graph.from_edges([("a", "b"), ("b", "c"), ("c", "a")], [1e-100, 1e100, 1.0])
    for exponent in (15, -15):
        model = NodeEmbedding(dim=2, epochs=2, ns_exponent=exponent, n_threads=1, random_state=0)
        assert np.isfinite(model.fit(graph).source_).all()
        assert all(np.isfinite(record["loss"]) for record in model.history_)
