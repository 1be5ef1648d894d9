"""What all models of nodes share: two vectors a node, scores of pairs, saving."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic import persistence
from polytopic.base import Estimator
from polytopic.embeddings.checking import checked_matrix
from polytopic.embeddings.vectors import WordVectors
from polytopic.errors import InputError
from polytopic.graphs.graph import Graph, rows_of
from polytopic.io.schemas import ANYTHING, HISTORY, TEXT, ListOf, MapOf, Record
from polytopic.kernels.csr import as_csr
from polytopic.parameters import AnyOf, Constraint, Integer, attribute
from polytopic.text import Vocabulary

__all__ = ["NodeVectors", "notes_of", "without_loops"]


class NodeVectors(Estimator):
    """Base of the models that give each node a vector as a source and one as a target."""

    source_: NDArray[np.float32] = attribute()
    target_: NDArray[np.float32] = attribute()
    nodes_: list[Any] = attribute()
    history_: list[dict[str, float]] = attribute()
    notes_: dict[str, Any] = attribute()

    def score(self, edges: Any) -> NDArray[np.float32]:
        """Scores of M pairs (source, target) of node names: float32, shape (M,).

        Higher is likelier; they are logits of the training objective, not probabilities.

        Raises
        ------
        InputError
            If a node is unknown or an entry is no pair; the message names the entry.
        """
        self._require_fitted("source_")
        rows = rows_of(edges, self._rows)
        scores: NDArray[np.float32] = np.einsum(
            "me,me->m", self.source_[rows[:, 0]], self.target_[rows[:, 1]]
        )
        return scores

    @property
    def vectors_(self) -> WordVectors:
        """Both matrices with the nodes' names as words: neighbours, saving as word2vec and so on.

        Raises
        ------
        InputError
            If two names read the same as str (1 and "1").
        """
        self._require_fitted("source_")
        return self._vectors

    def save(self, path: str | Path) -> Path:
        """Write the model to a folder of safetensors and JSON; :func:`polytopic.load` reads it.

        Raises
        ------
        InputError
            If a node's name is neither str nor int, or the folder cannot be written.
        """
        self._require_fitted("source_")
        for node in self.nodes_:
            if type(node) not in (str, int):
                raise InputError(
                    f"nodes_: {node!r} is of type {type(node).__name__}, and names are saved as "
                    "str or int. Rename the nodes and fit again."
                )
        arrays = {"source": self.source_}
        if self.target_ is not self.source_:
            arrays["target"] = self.target_
        fitted = {"nodes": self.nodes_, "history": self.history_, "notes": self.notes_}
        return persistence.save_model(self, path, arrays, fitted)

    # ---- parts -----------------------------------------------------------------------------

    def _fitted_schema(self) -> Constraint:
        names = ListOf(AnyOf(TEXT, Integer(-(2**63), 2**63 - 1)))
        return Record({"nodes": names, "history": HISTORY, "notes": MapOf(ANYTHING)})

    def _load_state(self, arrays: Mapping[str, NDArray[Any]], fitted: Mapping[str, Any]) -> None:
        nodes = list(fitted["nodes"])
        words = Vocabulary([str(row) for row in range(len(nodes))])
        self.source_ = checked_matrix(arrays["source"], "source", words)
        self.target_ = self.source_
        if "target" in arrays:
            self.target_ = checked_matrix(arrays["target"], "target", words, self.source_.shape[1])
        self.nodes_ = nodes
        self.history_ = list(fitted["history"])
        self.notes_ = dict(fitted["notes"])

    @cached_property
    def _rows(self) -> dict[Any, int]:
        return {node: row for row, node in enumerate(self.nodes_)}

    @cached_property
    def _vectors(self) -> WordVectors:
        return WordVectors([str(node) for node in self.nodes_], self.source_, self.target_)

    def _forget(self) -> None:
        for name in ("_rows", "_vectors"):
            self.__dict__.pop(name, None)


def without_loops(graph: Graph) -> tuple[sparse.csr_matrix, int]:
    """The adjacency matrix without self-loops, and how many there were."""
    if graph.n_nodes == 0:
        raise InputError("graph: is empty. Pass a graph with nodes and edges.")
    entries = sparse.coo_matrix(as_csr(graph.adjacency, "graph"))
    apart = entries.row != entries.col
    if not apart.any():
        raise InputError(
            f"graph: has {graph.n_nodes} nodes and no edge between two of them. "
            "Vectors are learnt from edges: pass a graph that has some."
        )
    kept = (entries.data[apart], (entries.row[apart], entries.col[apart]))
    adjacency = sparse.csr_matrix(kept, shape=graph.adjacency.shape)
    adjacency.sort_indices()
    return adjacency, int((~apart).sum())


def notes_of(graph: Graph, adjacency: sparse.csr_matrix, loops: int) -> dict[str, Any]:
    """What ``notes_`` says of a graph: its size, and what was left out."""
    linked = np.diff(adjacency.indptr) + np.bincount(adjacency.indices, minlength=graph.n_nodes)
    return {
        "nodes": graph.n_nodes,
        "edges": int(adjacency.nnz),
        "self_loops_left_out": loops,
        "nodes_without_edges": int((linked == 0).sum()),
    }
