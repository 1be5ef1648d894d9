"""Training of node vectors: pairs from walks or from edges, block by block, on several threads."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.embeddings.kernels.negatives import powers, weighted_table
from polytopic.errors import InputError
from polytopic.graphs.kernels.edges import NodeNoise, NodePairs, pairs_negative, sample_edges
from polytopic.graphs.kernels.walks import (
    Network,
    Walks,
    mark_one_way,
    random_walks,
    restart_ends,
    transition_table,
    walk_pairs,
)
from polytopic.tracking import NOT_TRACKED, Tracking
from polytopic.training.run import Checkpoint, Frame, running

__all__ = ["EdgeSampler", "Edges", "NodeTrainer", "RestartSampler", "Sampler", "WalkSampler"]

BLOCK = 16_384
"""Edges, or steps of walks, between two looks at the learning rate."""

_LIMIT = 2**31 - 1
"""Nodes and edges are numbered in 32 bits."""

Pairs = tuple[NDArray[np.int32], NDArray[np.int32], int]
"""Sources, targets, and the number of the first pair."""


class Edges:
    """The M edges of a graph as the kernels read them, and an alias table over their weights."""

    def __init__(self, adjacency: sparse.csr_matrix) -> None:
        if max(adjacency.shape[0], adjacency.nnz) > _LIMIT:
            raise InputError(f"graph: has more than {_LIMIT:,} nodes or edges. Train on a part.")
        self.n_nodes = int(adjacency.shape[0])
        self.indptr = adjacency.indptr.astype(np.int64)
        self.heads = adjacency.indices.astype(np.int32)
        self.weights = adjacency.data.astype(np.float64)
        nodes = np.arange(self.n_nodes, dtype=np.int32)
        self.tails = np.repeat(nodes, np.diff(self.indptr))
        self.table = weighted_table(self.weights)

    def sample(self, start: int, stop: int, key: np.uint64) -> Pairs:
        """Edges drawn by weight: the draws ``start`` to ``stop``."""
        sources, targets = np.empty(stop - start, np.int32), np.empty(stop - start, np.int32)
        sample_edges(self.tails, self.heads, self.table, start, key, sources, targets)
        return sources, targets, start

    def noise(self, negative: int, exponent: float) -> NodeNoise:
        """Each node drawn by its in-degree, or its out-degree, to the power ``exponent``.

        A degree is the sum of weights over the mean weight, and at least 1.
        """
        into = np.bincount(self.heads, self.weights, self.n_nodes)
        out = np.bincount(self.tails, self.weights, self.n_nodes)
        unit = self.weights.mean()
        degrees = np.maximum(into / unit, 1.0), np.maximum(out / unit, 1.0)
        targets, sources = (weighted_table(powers(degree, exponent)) for degree in degrees)
        return NodeNoise(negative, targets, sources)


class Sampler(Protocol):
    """Where pairs come from: ``n_units`` draws an epoch, ``block`` of them at a time."""

    n_units: int
    block: int

    def pairs(self, start: int, stop: int, keys: NDArray[np.uint64]) -> Pairs:
        """The pairs of the draws ``start`` to ``stop``; three keys are at hand."""


class EdgeSampler:
    """As many edges an epoch as there are, drawn by weight (LINE, Tang et al. 2015)."""

    def __init__(self, edges: Edges) -> None:
        self.edges = edges
        self.n_units = len(edges.heads)
        self.block = BLOCK

    def pairs(self, start: int, stop: int, keys: NDArray[np.uint64]) -> Pairs:
        return self.edges.sample(start, stop, keys[0])


@dataclass
class Starts:
    """Where walks begin.

    ``walks_per_node`` None starts a walk along each of M edges drawn by weight; a number starts
    so many at every node that an edge leaves, in ``order`` (DeepWalk, Perozzi et al. 2014).
    """

    edges: Edges
    walk_length: int
    walks_per_node: int | None
    order: NDArray[np.int32]
    n_units: int = field(init=False)
    block: int = field(init=False)

    def __post_init__(self) -> None:
        self.steps = transition_table(self.edges.indptr, self.edges.weights)
        self.network = Network(self.edges.indptr, self.edges.heads, self.edges.weights)
        self.block = max(1, BLOCK // self.walk_length)
        self.order = self.order[np.diff(self.edges.indptr)[self.order] > 0]
        per_node = self.walks_per_node
        self.n_units = len(self.edges.heads) if per_node is None else len(self.order) * per_node

    def starts(self, start: int, stop: int, key: np.uint64) -> NDArray[np.int32]:
        """The first nodes of the walks ``start`` to ``stop``."""
        if self.walks_per_node is None:
            return self.edges.sample(start, stop, key)[0]
        return self.order[np.arange(start, stop) % len(self.order)]


@dataclass
class RestartSampler(Starts):
    """Where walks begin and where they end, after each step with probability ``restart``."""

    restart: float

    def pairs(self, start: int, stop: int, keys: NDArray[np.uint64]) -> Pairs:
        starts = self.starts(start, stop, keys[0])
        sources, targets = np.empty((2, stop - start), np.int32)
        n = restart_ends(
            self.network, self.steps, starts, start, self.walk_length, self.restart, keys[1],
            sources, targets,
        )  # fmt: skip
        return sources[:n], targets[:n], start


@dataclass
class WalkSampler(Starts):
    """Walks along the edges; each node is a target of those up to ``window`` steps before it."""

    window: int
    p: float
    q: float

    def __post_init__(self) -> None:
        super().__post_init__()
        self.block = max(1, BLOCK // (self.walk_length * self.window))

    def pairs(self, start: int, stop: int, keys: NDArray[np.uint64]) -> Pairs:
        n_walks, starts = stop - start, self.starts(start, stop, keys[0])
        room = n_walks * self.walk_length
        walks = Walks(
            np.empty(room, np.int32), np.empty(room, np.int64), np.empty(n_walks + 1, np.int64)
        )
        n = random_walks(
            self.network,
            self.steps,
            starts,
            start,
            self.walk_length,
            keys[1],
            self.p,
            self.q,
            walks,
        )
        sources, targets = np.empty(n * self.window, np.int32), np.empty(n * self.window, np.int32)
        n = walk_pairs(walks, n_walks, self.window, keys[2], sources, targets)
        return sources[:n], targets[:n], start * self.walk_length * self.window


@dataclass
class NodeTrainer:
    """Gradient steps on the pairs of a sampler; changes ``source`` and ``target`` in place."""

    edges: Edges
    sampler: Sampler
    noise: NodeNoise
    source: NDArray[np.float32]
    target: NDArray[np.float32]
    reverse: float
    weight_decay: float
    epochs: int
    learning_rate: float
    min_learning_rate: float
    n_threads: int
    seed: int
    tracking: Tracking = NOT_TRACKED
    history: list[dict[str, float]] = field(default_factory=list)
    interrupted: bool = False

    def run(self, *, description: str, verbose: bool) -> None:
        """All epochs; Ctrl-C ends the run with whole blocks done.

        Raises
        ------
        InputError
            If the loss diverges.
        """
        nowhere = Checkpoint(None, description, {})
        with running(
            nowhere, description, self.epochs, shown=verbose, tracking=self.tracking
        ) as run:
            run.begin(lambda: None)
            for epoch in range(self.epochs):
                self._run_epoch(epoch, run)
                self.tracking.epoch(self.history[-1], (epoch + 1) * self._n_blocks)
                run.advance(epoch + 1.0, f"loss {self.history[-1]['loss']:.4f}")
        self.interrupted = run.interrupted

    def _run_epoch(self, epoch: int, run: Frame) -> None:
        started = time.perf_counter()
        keys = np.random.SeedSequence([self.seed, epoch]).generate_state(4, np.uint64)
        left = [*range(0, self.sampler.n_units, self.sampler.block)]
        done: list[tuple[float, float]] = []
        while left:
            with run.whole() as signals, ThreadPoolExecutor(self.n_threads) as pool:
                totals = [*pool.map(self._block_unless(signals, epoch, keys), left)]
            for loss, pairs in (sums for sums in totals if sums is not None):
                done.append((loss, pairs))
                number = epoch * self._n_blocks + len(done)
                self.tracking.step(loss / max(pairs, 1.0), number, self._n_blocks)
            left = [start for start, sums in zip(left, totals, strict=True) if sums is None]
        loss, pairs = (math.fsum(column) for column in zip(*done, strict=True))
        mean = loss / max(pairs, 1.0)
        if not math.isfinite(mean) or not np.isfinite(self.source).all():
            raise InputError(
                f"learning_rate: training diverged in epoch {epoch + 1} (the loss is {mean:.3g}). "
                f"Lower learning_rate (now {self.learning_rate:g})."
            )
        self.history.append(
            {
                "epoch": epoch + 1.0,
                "loss": mean,
                "pairs": pairs,
                "learning_rate": self._rate(epoch, self.sampler.n_units),
                "seconds": time.perf_counter() - started,
            }
        )

    @property
    def _n_blocks(self) -> int:
        return -(-self.sampler.n_units // self.sampler.block)

    def _block_unless(
        self, signals: list[int], epoch: int, keys: NDArray[Any]
    ) -> Callable[[int], tuple[float, float] | None]:
        """Trains the block from a draw on, and gives its sums; nothing once a signal has come."""
        return lambda start: None if signals else self._run_block(epoch, start, keys)

    def _run_block(self, epoch: int, start: int, keys: NDArray[Any]) -> tuple[float, float]:
        stop = min(start + self.sampler.block, self.sampler.n_units)
        sources, targets, first = self.sampler.pairs(start, stop, keys[:3])
        turned = np.zeros(len(sources), np.float32)
        if self.reverse > 0.0:
            edges = self.edges
            mark_one_way(edges.indptr, edges.heads, sources, targets, self.reverse, turned)
        totals = np.zeros(2)
        pairs_negative(
            NodePairs(sources, targets, turned, first), keys[3], self.noise, self.source,
            self.target, self._rate(epoch, start), self.weight_decay, totals,
        )  # fmt: skip
        return float(totals[0]), float(totals[1])

    def _rate(self, epoch: int, unit: int) -> float:
        """The learning rate, falling evenly from the first draw to the last."""
        done = (epoch + unit / self.sampler.n_units) / self.epochs
        return self.learning_rate + (self.min_learning_rate - self.learning_rate) * done
