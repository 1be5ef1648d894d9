"""Graphs from everywhere: edge lists, npz, networkx, matrices; bad ones are named."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
from scipy import sparse

from polytopic.errors import FileMissingError, InputError, InputTypeError
from polytopic.graphs.graph import Graph
from polytopic.graphs.nodes import NodeEmbedding

EDGES = {("a", "b"): 1.0, ("a", "c"): 1.0, ("c", "a"): 1.0}


def as_dict(graph: Graph) -> dict[Any, float]:
    """Edges by the names of their ends."""
    entries = graph.adjacency.tocoo()
    ends = zip(entries.row, entries.col, entries.data, strict=True)
    return {(graph.nodes[u], graph.nodes[v]): float(w) for u, v, w in ends}


@pytest.mark.parametrize(
    "text",
    [
        "a b\na c\nc a\n",
        "a\tb\r\na\tc\r\nc\ta",
        "# from KONECT\n% asym\n\na,b\na , c\n\nc,a\n",
        "source;target\na;b\na;c\nc;a\n",
        "src dst weight\na b 1\na c 1.0\nc a 1e0\n",
        "\ufefffrom,to,when\na,b,1\na,c,1\nc,a,1\n",
    ],
)
def test_edge_lists_are_read(text: str, tmp_path: Path) -> None:
    file = tmp_path / "graph.txt"
    file.write_text(text, encoding="utf-8", newline="")
    assert as_dict(Graph.read(file)) == EDGES
    packed = tmp_path / "graph.txt.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    assert as_dict(Graph.of(str(packed))) == EDGES


def test_weights_of_a_file_add_up_or_are_left_unread(tmp_path: Path) -> None:
    file = tmp_path / "graph.csv"
    file.write_text("x y,z,0.5\nx y,z,2\nz,x y,0\n", encoding="utf-8")
    assert as_dict(Graph.read(file)) == {("x y", "z"): 2.5}
    assert as_dict(Graph.read(file, weights=False)) == {("x y", "z"): 2.0, ("z", "x y"): 1.0}


@pytest.mark.parametrize(
    ("text", "nodes"), [("7 10\n-3 0", [7, 10, -3, 0]), ("07 10\n3 0", ["07", "10", "3", "0"])]
)
def test_names_become_numbers_only_if_nothing_is_lost(
    text: str, nodes: list[Any], tmp_path: Path
) -> None:
    file = tmp_path / "graph.txt"
    file.write_text(text, encoding="utf-8")
    assert Graph.read(file).nodes == nodes


def test_npz_of_scipy_and_with_names_are_read(tmp_path: Path) -> None:
    matrix = sparse.csr_matrix(([1.0, 1.0, 1.0], ([0, 0, 2], [1, 2, 0])), shape=(4, 4))
    sparse.save_npz(tmp_path / "plain.npz", matrix)
    assert (Graph.read(tmp_path / "plain.npz").adjacency != matrix).nnz == 0
    parts = {f"adj_matrix.{n}": getattr(matrix, n) for n in ("data", "indices", "indptr", "shape")}
    names = np.array(["a", "b\n", "c", "d"])
    odd = np.array([object()])  # never unpickled
    np.savez(tmp_path / "named.npz", **parts, node_names=names, metadata=odd, allow_pickle=True)
    graph = Graph.read(tmp_path / "named.npz")
    assert graph.nodes == ["a", "b", "c", "d"]
    assert as_dict(graph) == EDGES


def test_networkx_graphs_are_read() -> None:
    directed = nx.DiGraph(EDGES.keys())
    directed.add_node(("lone", 1))
    graph = Graph.of(directed)
    assert as_dict(graph) == EDGES
    assert graph.nodes[-1] == ("lone", 1)
    both_ways = nx.Graph([("a", "b"), ("b", "b")])
    assert as_dict(Graph.of(both_ways)) == {("a", "b"): 1, ("b", "a"): 1, ("b", "b"): 1}
    several = nx.MultiDiGraph()
    several.add_edge("a", "b", weight=2)
    several.add_edge("a", "b")
    assert as_dict(Graph.of(several)) == {("a", "b"): 3.0}


def test_matrices_and_pairs_are_graphs() -> None:
    dense = np.array([[0, 2], [1, 0]])
    for matrix in (dense, sparse.csr_matrix(dense), sparse.coo_array(dense), dense > 0):
        assert Graph.of(matrix).nodes == [0, 1]
        assert Graph.of(matrix).n_edges == 2
    graph = Graph.from_edges([("b", "a"), ("b", "a")], [1, 0.5], nodes=["a", "b", "lone"])
    assert as_dict(graph) == {("b", "a"): 1.5}
    assert as_dict(graph.transpose()) == {("a", "b"): 1.5}
    assert graph.rows([("lone", "b")]).tolist() == [[2, 1]]
    numbers = Graph.from_edges(np.array([[5, 7], [7, 9]]))
    assert [type(node) for node in numbers.nodes] == [int, int, int]
    assert numbers.rows(np.array([[9, 5]])).tolist() == [[2, 0]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a b\nc\n", "row 2 has 1 column. A row holds a source, a target"),
        (b"a,b\nc,\n", "row 2 has 1 column"),
        (b"a b c d\n", "row 1 has 4 columns"),
        (b"# x\na b\n\xff\xfe c\n", "row 3 is not UTF-8"),
        (b"a b 1\nb c -1\n", r'row 2 has weight "-1".* weights=False'),
        (b"a b 1\nb c nan\n", 'row 2 has weight "nan"'),
        (b"a b 1\nb c inf\n", 'row 2 has weight "inf"'),
        (b"a b 1\nb c x\n", 'row 2 has weight "x"'),
        (b"", "holds no edges"),
        (b"# nothing\nsource target\n", "holds no edges"),
    ],
)
def test_bad_edge_lists_are_named(content: bytes, message: str, tmp_path: Path) -> None:
    file = tmp_path / "graph.txt"
    file.write_bytes(content)
    with pytest.raises(InputError, match=f"^{re.escape(str(file))}: .*{message}") as caught:
        Graph.read(file)
    assert "\n" not in str(caught.value)


def test_missing_and_damaged_files_are_named(tmp_path: Path) -> None:
    for name in ("none.txt", "none.npz"):
        with pytest.raises(FileMissingError, match="no such file"):
            Graph.read(tmp_path / name)
    with pytest.raises(InputError, match="is a folder"):
        Graph.read(tmp_path)
    (tmp_path / "cut.txt.gz").write_bytes(gzip.compress(b"a b\n" * 999)[:-9])
    (tmp_path / "cut.npz").write_bytes(b"PK\x03\x04 cut short")
    for name in ("cut.txt.gz", "cut.npz"):
        with pytest.raises(InputError, match=f"{name}: (cannot be read|is cut short)"):
            Graph.read(tmp_path / name)
    np.savez(tmp_path / "other.npz", x=np.ones(3))
    with pytest.raises(InputError, match="holds no array data.*save_npz"):
        Graph.read(tmp_path / "other.npz")
    sparse.save_npz(tmp_path / "csc.npz", sparse.csc_matrix(np.eye(3)))
    with pytest.raises(InputError, match="not in CSR form"):
        Graph.read(tmp_path / "csc.npz")
    parts = {"data": np.ones(2), "indices": np.array([0, 9]), "indptr": np.array([0, 1, 2])}
    np.savez(tmp_path / "outside.npz", **parts, shape=np.array([2, 2]))
    with pytest.raises(InputError, match=r"outside.npz: cannot be read"):
        Graph.read(tmp_path / "outside.npz")


def bad_weight(value: Any) -> nx.DiGraph:
    graph = nx.DiGraph([("a", "b")])
    graph.add_edge("b", "c", weight=value)
    return graph


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (np.ones((2, 3)), r"shape \(2, 3\), but an adjacency matrix is square"),
        (np.zeros((0, 0)), "graph: is empty"),
        (nx.DiGraph(), "graph: is empty"),
        (np.zeros((3, 3)), "3 nodes and no edge between two of them"),
        (np.eye(3), "3 nodes and no edge between two of them"),
        (np.array([[0.0, -1.0], [1.0, 0.0]]), r"\(0, 1\) has weight -1"),
        (np.array([[0.0, 1.0], [np.nan, 0.0]]), r"\(1, 0\) has weight nan"),
        (np.array([["a", "b"], ["c", "d"]]), "Weights are real numbers"),
        (bad_weight(-2), "edge 'b' -> 'c' has weight -2"),
        (bad_weight(float("nan")), "edge 'b' -> 'c' has weight nan"),
        (bad_weight("heavy"), "edge 'b' -> 'c' has weight 'heavy', which is no number"),
    ],
)
def test_bad_graphs_are_named(graph: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        NodeEmbedding(epochs=1).fit(graph)


def test_bad_pairs_are_named() -> None:
    with pytest.raises(InputError, match="entry 1 is no pair"):
        Graph.from_edges([("a", "b"), ("a", "b", "c")])
    with pytest.raises(InputError, match="entry 0 is no pair"):
        Graph.from_edges(["ab"])
    with pytest.raises(InputError, match=r"weights: shape \(1,\) for 2 edges"):
        Graph.from_edges([("a", "b"), ("b", "a")], [1.0])
    with pytest.raises(InputError, match="entry 1 has weight -3"):
        Graph.from_edges([("a", "b"), ("b", "a")], [1.0, -3.0])
    with pytest.raises(InputError, match="names 'c', which is not in nodes"):
        Graph.from_edges([("a", "c")], nodes=["a", "b"])
    with pytest.raises(InputError, match="listed twice"):
        Graph.from_edges([], nodes=["a", "a"])
    with pytest.raises(InputError, match=r"nodes: 2 names for .* \(3, 3\)"):
        Graph.from_matrix(np.eye(3), ["a", "b"])
    with pytest.raises(InputError, match="listed twice"):
        Graph.from_matrix(np.eye(2), ["a", "a"])
    with pytest.raises(InputTypeError, match=r"\['x'\] is of type list"):
        Graph.from_edges([("a", ["x"])])
    with pytest.raises(InputTypeError, match=r"of type list.*Graph.from_edges\(pairs\)"):
        Graph.of([("a", "b")])
