"""What is said of a graph, and what is left out of it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from polytopic.errors import InputError
from polytopic.graphs.graph import Graph
from polytopic.graphs.node_vectors import notes_of, without_loops


def test_loops_are_left_out_and_nodes_without_edges_counted() -> None:
    graph = Graph.from_matrix(sparse.csr_matrix(np.array([[2.0, 1, 0], [0, 3, 0], [0, 0, 0]])))
    adjacency, loops = without_loops(graph)
    assert adjacency.toarray().tolist() == [[0, 1, 0], [0, 0, 0], [0, 0, 0]]
    assert notes_of(graph, adjacency, loops) == {
        "nodes": 3, "edges": 1, "self_loops_left_out": 2, "nodes_without_edges": 1,
    }  # fmt: skip


def test_a_graph_of_loops_alone_is_refused() -> None:
    with pytest.raises(InputError, match="graph: has 2 nodes and no edge between two of them"):
        without_loops(Graph.from_matrix(np.eye(2)))
