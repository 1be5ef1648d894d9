"""Directed graphs: from networkx, edge list files, npz and sparse matrices to nodes and a CSR."""

from __future__ import annotations

import sys
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from polytopic.counts import as_matrix
from polytopic.errors import InputError, InputTypeError
from polytopic.graphs.edge_files import LARGEST, SMALLEST, WEIGHTS, is_weight, read_edges
from polytopic.io.matrix_files import is_matrix_market, read_matrix_market, read_npz
from polytopic.kernels.csr import as_csr

__all__ = ["Graph"]


@dataclass(frozen=True, eq=False, repr=False)
class Graph:
    """A directed graph: N named nodes, and the weights of the edges between them.

    Make one by :meth:`of`, :meth:`read`, :meth:`from_edges` or :meth:`from_matrix`.

    Attributes
    ----------
    nodes : list of N str, int or other hashable names
        In row order.
    adjacency : float64 CSR matrix of shape (N, N)
        ``adjacency[u, v]`` is the weight of the edge u -> v, above 0. Rows are sorted, edges given
        several times added up.

    >>> graph = Graph.from_edges([("a", "b"), ("a", "c"), ("b", "c")])
    >>> graph.nodes, graph.n_edges
    (['a', 'b', 'c'], 3)
    """

    nodes: list[Any]
    adjacency: sparse.csr_matrix

    def __post_init__(self) -> None:
        sound = _canonical(self.adjacency)
        object.__setattr__(self, "adjacency", sound)
        if self.adjacency.shape != (len(self.nodes), len(self.nodes)):
            raise InputError(
                f"nodes: {len(self.nodes)} names for an adjacency matrix of shape "
                f"{self.adjacency.shape}. Give one name a row."
            )
        if len(self._rows) != len(self.nodes):
            raise InputError("nodes: a name is listed twice. List each node once.")

    @classmethod
    def of(cls, graph: Any) -> Graph:
        """A graph from whatever holds one.

        Parameters
        ----------
        graph : Graph, networkx graph, scipy sparse or square array, str or Path
            Of a networkx graph the edge attribute "weight" is read (1 where it is absent); its
            undirected edges go both ways. The nodes of a matrix are numbered 0 to N-1. A path is
            read by :meth:`read`.

        Raises
        ------
        InputError
            If it holds no usable graph; the message says which edge or row, and what to do.
        """
        if isinstance(graph, Graph):
            return graph
        if isinstance(graph, (str, Path)):
            return cls.read(graph)
        if sparse.issparse(graph) or isinstance(graph, np.ndarray):
            return cls.from_matrix(graph)
        networkx = sys.modules.get("networkx")
        if networkx is not None and isinstance(graph, networkx.Graph):
            return _from_networkx(graph)
        raise InputTypeError(
            f"graph: of type {type(graph).__name__}. Pass a networkx graph, a square SciPy matrix, "
            "a path of an edge list, or Graph.from_edges(pairs)."
        )

    @classmethod
    def read(cls, path: str | Path, *, weights: bool = True) -> Graph:
        """Read an edge list, or an adjacency matrix in npz form.

        A line holds source, target and, if there is a third column, the weight, apart by tabs,
        commas, semicolons or blanks (whichever the first line has, in this order). Names may be in
        double quotes. Empty lines and lines that begin with # or % are left out. What networkx
        writes as a third column (``{}`` or ``{'weight': 2}``) is read too. Names that are all
        whole numbers become int. The file may be packed (.gz, .bz2, .xz, .zst, .zip).

        A first line that names columns is left out: one like "source,target", whose columns are
        then found by their names ("weight" too; edges of type "Undirected" go both ways), or one
        without numbers above a line of numbers (told by a :class:`ReadingWarning`).

        MatrixMarket (.mtx) is read with nodes numbered from 1, as it numbers them. An .npz file is
        what ``scipy.sparse.save_npz`` writes, or holds the same arrays named ``adj_matrix.data``
        and so on; if it has ``node_names``, they name the nodes.

        Parameters
        ----------
        path : str or Path
        weights : bool
            False leaves the third column (a sign, a date) and all after it unread: every edge
            weighs 1.

        Raises
        ------
        FileMissingError, InputError
            If the file cannot be used; the message says which row, and what to do.
        """
        file = Path(path)
        if file.suffix.lower() == ".npz":
            matrix, names = read_npz(file)
            if not weights:
                matrix.data = np.ones_like(matrix.data)
            return cls.from_matrix(matrix, names, name=str(file))
        if is_matrix_market(file):
            numbered, rows = read_matrix_market(file)
            if not weights:
                numbered.data = np.ones_like(numbered.data)
            return cls.from_matrix(numbered, rows, name=str(file))
        edges = read_edges(file, weights=weights)
        return _assemble(edges.nodes, edges.sources, edges.targets, edges.weights)

    @classmethod
    def from_edges(
        cls,
        edges: Any,
        weights: ArrayLike | None = None,
        *,
        nodes: Sequence[Hashable] | None = None,
    ) -> Graph:
        """A graph from M pairs (source, target) of node names, in the order of first mention.

        ``nodes``, if given, lists all nodes in row order, also those without edges.
        """
        listed = None if nodes is None else [_plain(node) for node in nodes]
        position = {} if listed is None else {node: row for row, node in enumerate(listed)}
        ends: list[int] = []
        for row, edge in enumerate(edges):
            for node in _pair(edge, row):
                if listed is None:
                    ends.append(position.setdefault(node, len(position)))
                elif node in position:
                    ends.append(position[node])
                else:
                    raise InputError(f"edges: entry {row} names {node!r}, which is not in nodes.")
        pairs = np.array(ends, dtype=np.int64).reshape(-1, 2)
        values = np.ones(len(pairs)) if weights is None else np.asarray(weights, dtype=np.float64)
        if values.shape != (len(pairs),):
            raise InputError(
                f"weights: shape {values.shape} for {len(pairs)} edges. Give one each."
            )
        _check_weights(values, "edges: entry")
        names = list(position) if listed is None else listed
        return _assemble(names, pairs[:, 0], pairs[:, 1], values)

    @classmethod
    def from_matrix(
        cls, matrix: Any, nodes: Sequence[Hashable] | None = None, *, name: str = "graph"
    ) -> Graph:
        """A graph from its adjacency matrix (N, N): entry (u, v) is the weight of u -> v."""
        if getattr(matrix, "ndim", 0) != 2 or matrix.shape[0] != matrix.shape[1]:
            raise InputError(
                f"{name}: shape {getattr(matrix, 'shape', ())}, but an adjacency matrix is square. "
                "Make pairs into a graph with Graph.from_edges(pairs)."
            )
        if matrix.dtype.kind not in "biuf":
            raise InputError(f"{name}: of type {matrix.dtype}. Weights are real numbers.")
        coordinates = sparse.coo_matrix(as_matrix(matrix, name))
        values = coordinates.data.astype(np.float64)
        _check_weights(values, f"{name}: the edge at (row, column)", coordinates)
        names = range(matrix.shape[0]) if nodes is None else [_plain(node) for node in nodes]
        return _assemble(list(names), coordinates.row, coordinates.col, values, matrix.shape[0])

    @property
    def n_nodes(self) -> int:
        """N."""
        return len(self.nodes)

    @property
    def n_edges(self) -> int:
        """How many edges there are, each counted once."""
        return int(self.adjacency.nnz)

    @cached_property
    def _rows(self) -> dict[Any, int]:
        return {node: row for row, node in enumerate(self.nodes)}

    def rows(self, edges: Any) -> NDArray[np.int64]:
        """The rows of pairs of node names: int64, shape (M, 2).

        Raises
        ------
        InputError
            If a node is unknown; the message names the pair.
        """
        return rows_of(edges, self._rows)

    def transpose(self) -> Self:
        """The graph with every edge turned round, for lists that name the target first."""
        return type(self)(self.nodes, _canonical(self.adjacency.T))

    def __repr__(self) -> str:
        return f"Graph({self.n_nodes} nodes, {self.n_edges} edges)"


def rows_of(edges: Any, position: dict[Any, int]) -> NDArray[np.int64]:
    """The rows of pairs of node names, shape (M, 2); see :meth:`Graph.rows`."""
    rows: list[int] = []
    for number, edge in enumerate(edges):
        for node in _pair(edge, number):
            row = position.get(node)
            if row is None:
                raise InputError(
                    f"edges: entry {number} names {node!r}, which is not among the "
                    f"{len(position)} nodes. Use names as nodes_ lists them (1 and '1' differ)."
                )
            rows.append(row)
    return np.array(rows, dtype=np.int64).reshape(-1, 2)


def _pair(edge: Any, number: int) -> tuple[Any, Any]:
    """Source and target of an entry, with NumPy's scalars as Python's."""
    if isinstance(edge, str) or not hasattr(edge, "__len__") or len(edge) != 2:
        raise InputError(
            f"edges: entry {number} is no pair (source, target). "
            "Pass pairs of node names, and weights apart from them."
        )
    source, target = (_plain(node) for node in edge)
    return source, target


def _plain(node: Any) -> Any:
    """A name as a dict can hold it; NumPy's scalars become Python's."""
    if isinstance(node, np.generic):
        return node.item()
    if not isinstance(node, Hashable):
        raise InputTypeError(
            f"nodes: {node!r} is of type {type(node).__name__}. Names are str, int or tuples."
        )
    return node


def _from_networkx(graph: Any) -> Graph:
    nodes = [_plain(node) for node in graph.nodes]
    position = {node: row for row, node in enumerate(nodes)}
    sources, targets, weights = [], [], []
    for source, target, weight in graph.edges(data="weight", default=1):
        try:
            weights.append(float(weight))
        except (TypeError, ValueError):
            raise InputError(
                f"graph: edge {source!r} -> {target!r} has weight {weight!r}, which is no number. "
                "Set a number or remove the attribute."
            ) from None
        sources.append(position[source])
        targets.append(position[target])
        if not is_weight(weights[-1]):
            raise InputError(
                f"graph: edge {source!r} -> {target!r} has weight {weights[-1]:g}. "
                f"{WEIGHTS}: fix it or remove the edge."
            )
        if not graph.is_directed() and source != target:
            sources.append(position[target])
            targets.append(position[source])
            weights.append(weights[-1])
    rows, columns = np.array(sources, np.int64), np.array(targets, np.int64)
    return _assemble(nodes, rows, columns, np.array(weights, np.float64))


def _check_weights(values: NDArray[np.float64], what: str, at: Any = None) -> None:
    bad = np.flatnonzero(~((values == 0.0) | ((values >= SMALLEST) & (values <= LARGEST))))
    if bad.size:
        first = int(bad[0])
        place = first if at is None else (int(at.row[first]), int(at.col[first]))
        raise InputError(
            f"{what} {place} has weight {values[first]:g}. {WEIGHTS}: fix it or leave the edge out."
        )


def _assemble(
    nodes: list[Any],
    sources: NDArray[Any],
    targets: NDArray[Any],
    weights: NDArray[np.float64],
    size: int | None = None,
) -> Graph:
    size = len(nodes) if size is None else size
    matrix = sparse.coo_matrix((weights, (sources, targets)), shape=(size, size))
    return Graph(nodes, _canonical(matrix))


def _canonical(matrix: Any) -> sparse.csr_matrix:
    """CSR in float64 with sorted rows, doubles added up and zeros left out."""
    csr = as_csr(matrix, "adjacency", np.float64)
    if not csr.data.all():
        csr = csr.copy()
        csr.eliminate_zeros()
    return csr
