"""``NodeEmbedding``: two vectors for each node of a directed graph, as a source and as a target."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic import __version__, persistence
from polytopic.base import Estimator, seed_from
from polytopic.embeddings.checking import NS_EXPONENT, checked_matrix
from polytopic.embeddings.vectors import WordVectors
from polytopic.errors import InputError, InterruptedFitWarning
from polytopic.graphs.graph import Graph, rows_of
from polytopic.graphs.node_training import (
    Edges,
    EdgeSampler,
    NodeTrainer,
    Sampler,
    WalkSampler,
)
from polytopic.io.schemas import ANYTHING, HISTORY, TEXT, ListOf, MapOf, Record
from polytopic.kernels.csr import as_csr
from polytopic.machine import resolve_threads
from polytopic.parameters import (
    NONE,
    AnyOf,
    Choice,
    Constraint,
    Integer,
    Real,
    attribute,
    parameter,
)
from polytopic.text import Vocabulary
from polytopic.tracking import Tracking

__all__ = ["NodeEmbedding"]

_BIAS = Real(1e-9, 1e9)
"""Of p and q: beyond, a step is as sure as the 53 bits of a draw can make it."""


class NodeEmbedding(Estimator):
    """Source and target vectors of the nodes of a directed graph.

    The score of an edge u -> v is ``source_[u] . target_[v]``, and that of v -> u another one: the
    two roles keep the direction (APP, Zhou et al., AAAI 2017; NERD, Khosla et al., ECML 2019).
    Pairs come from edges (LINE, Tang et al., WWW 2015) or from walks along them (DeepWalk, Perozzi
    et al., KDD 2014; node2vec, Grover & Leskovec, KDD 2016), an earlier node of a walk being the
    source of a later one. Each pair u -> v descends

        -log sigmoid(s_u . t_v) - sum_v' log sigmoid(-s_u . t_v') - sum_u' log sigmoid(-s_u' . t_v)
            - reverse log sigmoid(-s_v . t_u)

    over ``negative`` noise targets v' and as many noise sources u'; the last term is left out where
    v -> u is an edge.

    Attributes
    ----------
    source_, target_ : float32 arrays of shape (N, E)
    nodes_ : list of N node names
        In row order.
    vectors_ : WordVectors
        ``input`` is ``source_``, ``output`` is ``target_``, the words are the nodes' names as str.
    history_ : list of dict
        One record an epoch: mean loss of a pair in nats, pairs, seconds.
    notes_ : dict
        Nodes, edges, self-loops left out, nodes without edges, seconds.

    >>> model = NodeEmbedding(dim=4, epochs=50, n_threads=1, random_state=0)
    >>> model = model.fit(Graph.from_edges([("a", "b"), ("b", "c"), ("a", "c"), ("d", "c")]))
    >>> forward, backward = model.score([("a", "c"), ("c", "a")])
    >>> bool(forward > backward)
    True
    """

    dim: int = parameter(Integer(2), "E.", default=64)
    sampling: str = parameter(
        Choice(("walks", "edges")), "Where pairs of nodes come from.", default="walks"
    )
    order: int = parameter(
        Choice((1, 2)),
        "2 keeps two vectors a node. 1 keeps one for both roles (first-order proximity of "
        "LINE): ``target_`` is ``source_``, and scores say nothing of direction.",
        default=2,
        kind="2 or 1",
    )
    walk_length: int = parameter(
        Integer(2), "Nodes of a walk at most; it ends early where no edge leaves.", default=3
    )
    walks_per_node: int | None = parameter(
        AnyOf(Integer(1), NONE),
        "Walks from each node an epoch. None: as many walks as there are edges, the first "
        "step of each an edge drawn by weight.",
        default=None,
    )
    window: int = parameter(
        Integer(1),
        "How many steps back a source may lie; each target draws its reach from 1 to ``window``.",
        default=2,
    )
    p: float = parameter(
        _BIAS, "Return and in-out parameter of node2vec; 1 walks by weight alone.", default=1.0
    )
    q: float = parameter(
        _BIAS, "Return and in-out parameter of node2vec; 1 walks by weight alone.", default=1.0
    )
    negative: int = parameter(Integer(1), "Noise targets, and noise sources, of a pair.", default=1)
    ns_exponent: float = parameter(
        NS_EXPONENT,
        "Noise targets are drawn by in-degree^ns_exponent, noise sources by "
        "out-degree^ns_exponent; 0 draws all nodes alike.",
        default=0.75,
    )
    reverse: float = parameter(
        Real(0), "Weight of the pair turned round as a negative.", default=1.0
    )
    weight_decay: float = parameter(
        Real(0),
        "Shrinks the vectors of a pair and of its noise at each step; keeps rare nodes from "
        "being learnt by heart.",
        default=0.03,
    )
    epochs: int = parameter(
        Integer(1),
        "In each, as many edges are drawn (or walks begun) as the graph has.",
        default=60,
    )
    learning_rate: float = parameter(
        Real(0, open_low=True), "The rate falls evenly from one to the other.", default=0.1
    )
    min_learning_rate: float = parameter(
        Real(0), "The rate falls evenly from one to the other.", default=0.0001
    )
    n_threads: int | None = parameter(
        text="None takes all processors. One thread gives the same bits for the same seed.",
        default=None,
    )

    source_: NDArray[np.float32] = attribute()
    target_: NDArray[np.float32] = attribute()
    nodes_: list[Any] = attribute()
    history_: list[dict[str, float]] = attribute()
    notes_: dict[str, Any] = attribute()

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the vectors of a graph's nodes.

        Parameters
        ----------
        X : Graph, networkx graph, square SciPy or NumPy matrix, or path
            See :meth:`Graph.of` and :meth:`Graph.read`. Weights of edges given several times add
            up. Self-loops have no direction and are left out. Nodes without edges keep a row; all
            that is learnt of them is that they have no edges.
        y : ignored

        Returns
        -------
        self

        Raises
        ------
        FileMissingError, InputError
            If a parameter or the graph cannot be used, or the learning rate is so high that the
            loss diverges; the message says what to do.
        """
        self.check_parameters()
        graph = Graph.of(X)
        adjacency, loops = _without_loops(graph)
        started = time.perf_counter()
        trainer = self._trainer(Edges(adjacency))
        trainer.run(description=type(self).__name__, verbose=self.verbose)
        self.source_, self.target_ = trainer.source, trainer.target
        self.nodes_ = list(graph.nodes)
        self.history_ = trainer.history
        linked = np.diff(adjacency.indptr) + np.bincount(adjacency.indices, minlength=graph.n_nodes)
        self.notes_ = {
            "nodes": graph.n_nodes,
            "edges": int(adjacency.nnz),
            "self_loops_left_out": loops,
            "nodes_without_edges": int((linked == 0).sum()),
            "seconds": round(time.perf_counter() - started, 3),
            "version": __version__,
        }
        self._forget()
        if trainer.interrupted:
            warnings.warn(
                f"{type(self).__name__}: interrupted after {len(self.history_)} of {self.epochs} "
                "epochs; the vectors are those of that moment.",
                InterruptedFitWarning,
                stacklevel=2,
            )
        return self

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

    def _trainer(self, edges: Edges) -> NodeTrainer:
        seed = seed_from(self.random_state)
        rng = np.random.default_rng(seed)
        source, target = self._start(rng, edges.n_nodes)
        sampler: Sampler
        if self.sampling == "edges":
            sampler = EdgeSampler(edges)
        else:
            sampler = WalkSampler(
                edges, self.walk_length, self.walks_per_node, self.window, self.p, self.q,
                rng.permutation(edges.n_nodes).astype(np.int32),
            )  # fmt: skip
        return NodeTrainer(
            edges=edges,
            sampler=sampler,
            noise=edges.noise(self.negative, self.ns_exponent),
            source=source,
            target=target,
            reverse=self.reverse if self.order == 2 else 0.0,
            weight_decay=self.weight_decay,
            epochs=self.epochs,
            learning_rate=self.learning_rate,
            min_learning_rate=self.min_learning_rate,
            n_threads=resolve_threads(self.n_threads),
            seed=seed,
            tracking=Tracking.of(self),
        )

    def _start(
        self, rng: np.random.Generator, n_nodes: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Small even noise; with two matrices, one dimension of each starts at 1.

        The other matrix then holds a bias of each node there, so that degrees are learnt at once.
        """
        source, target = (
            (rng.random((n_nodes, self.dim), dtype=np.float32) - np.float32(0.5))
            / np.float32(self.dim)
            for _ in range(2)
        )
        if self.order == 1:
            return source, source
        source[:, 0] = 1.0
        target[:, 1] = 1.0
        return source, target

    @cached_property
    def _rows(self) -> dict[Any, int]:
        return {node: row for row, node in enumerate(self.nodes_)}

    @cached_property
    def _vectors(self) -> WordVectors:
        return WordVectors([str(node) for node in self.nodes_], self.source_, self.target_)

    def _forget(self) -> None:
        for name in ("_rows", "_vectors"):
            self.__dict__.pop(name, None)


def _without_loops(graph: Graph) -> tuple[sparse.csr_matrix, int]:
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
