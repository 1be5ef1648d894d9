"""``NodeEmbedding``: two vectors for each node of a directed graph, as a source and as a target."""

from __future__ import annotations

import time
import warnings
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from polytopic import __version__
from polytopic.base import seed_from
from polytopic.embeddings.checking import NS_EXPONENT
from polytopic.errors import InterruptedFitWarning
from polytopic.graphs.graph import Graph
from polytopic.graphs.node_training import (
    Edges,
    EdgeSampler,
    NodeTrainer,
    Sampler,
    WalkSampler,
)
from polytopic.graphs.node_vectors import NodeVectors, notes_of, without_loops
from polytopic.machine import resolve_threads
from polytopic.parameters import NONE, AnyOf, Choice, Integer, Real, parameter
from polytopic.tracking import Tracking

__all__ = ["NodeEmbedding"]

_BIAS = Real(1e-9, 1e9)
"""Of p and q: beyond, a step is as sure as the 53 bits of a draw can make it."""


class NodeEmbedding(NodeVectors):
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

    _noise_sources: ClassVar[bool] = True
    """Whether sources are replaced in negative pairs, too."""

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
        adjacency, loops = without_loops(graph)
        started = time.perf_counter()
        trainer = self._trainer(Edges(adjacency))
        trainer.run(description=type(self).__name__, verbose=self.verbose)
        self.source_, self.target_ = trainer.source, trainer.target
        self.nodes_ = list(graph.nodes)
        self.history_ = trainer.history
        self.notes_ = notes_of(graph, adjacency, loops) | {
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

    # ---- parts -----------------------------------------------------------------------------

    def _trainer(self, edges: Edges) -> NodeTrainer:
        seed = seed_from(self.random_state)
        rng = np.random.default_rng(seed)
        source, target = self._start(rng, edges.n_nodes)
        return NodeTrainer(
            edges=edges,
            sampler=self._sampler(edges, rng),
            noise=edges.noise(self.negative, self.ns_exponent)._replace(both=self._noise_sources),
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

    def _sampler(self, edges: Edges, rng: np.random.Generator) -> Sampler:
        """Where pairs come from."""
        if self.sampling == "edges":
            return EdgeSampler(edges)
        order = rng.permutation(edges.n_nodes).astype(np.int32)
        return WalkSampler(
            edges, self.walk_length, self.walks_per_node, order, self.window, self.p, self.q
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
