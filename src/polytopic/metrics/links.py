"""How well scores of node pairs foretell edges: existence and direction, apart from degree.

Existence asks whether u and v are linked at all, direction which way. A score that is the same both
ways has direction AUC .5, however good it is at existence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from polytopic.base import seed_from
from polytopic.counts import as_matrix
from polytopic.errors import InputError, InputTypeError

__all__ = [
    "EdgeSplit",
    "LinkScores",
    "degree_baseline",
    "link_prediction",
    "non_edges",
    "split_edges",
]

Scorer = Callable[[NDArray[np.int64]], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class EdgeSplit:
    """A graph cut into training and test edges over the same N nodes.

    Attributes
    ----------
    train : graph of the type that was split
        Without the test edges; no node is lost.
    test : int64 array of shape (M, 2)
        Rows of source and target of each test edge.
    adjacency : float64 CSR matrix of shape (N, N)
        All edges, training and test, without self-loops.
    """

    train: Any
    test: NDArray[np.int64]
    adjacency: sparse.csr_matrix


@dataclass(frozen=True)
class LinkScores:
    """AUCs of link prediction, each in [0, 1], .5 for guessing; ties count one half.

    Attributes
    ----------
    existence : float
        Test edges against as many pairs drawn evenly from those that are no edges.
    existence_matched : float
        Test edges against non-edges whose ends are drawn as ends of edges are: degree helps less.
    direction : float
        Test edges against the same turned round, where the turned one is no edge. NaN if all are
        mutual.
    n_edges, n_one_way : int
        Test edges, and those of them that are not mutual.
    """

    existence: float
    existence_matched: float
    direction: float
    n_edges: int
    n_one_way: int


def split_edges(graph: Any, test_size: float = 0.1, random_state: Any = None) -> EdgeSplit:
    """Take a random share of the edges out of a graph; every node stays.

    Parameters
    ----------
    graph : polytopic.embeddings.Graph, or square matrix of weights (N, N)
        Self-loops are left out: they have no direction.
    test_size : float
        Share of the edges, between 0 and 1.
    random_state : int, RandomState, Generator or None

    Raises
    ------
    InputError
        If the graph has fewer than two edges or the share is out of range.

    >>> ring = np.roll(np.eye(10), 1, axis=1)
    >>> split = split_edges(ring, test_size=0.2, random_state=0)
    >>> split.train.nnz, split.test.shape
    (8, (2, 2))
    """
    if not 0.0 < test_size < 1.0:
        raise InputError(f"test_size: {test_size} is no share. Pass a number between 0 and 1.")
    whole = sparse.coo_matrix(_adjacency(graph))
    apart = whole.row != whole.col
    rows, columns, data = whole.row[apart], whole.col[apart], whole.data[apart]
    if len(rows) < 2:
        raise InputError(f"graph: has {len(rows)} edges between two nodes. At least 2 are needed.")
    rng = np.random.default_rng(seed_from(random_state))
    n_test = min(max(round(test_size * len(rows)), 1), len(rows) - 1)
    chosen = np.zeros(len(rows), dtype=bool)
    chosen[rng.choice(len(rows), n_test, replace=False)] = True
    kept = _csr(data[~chosen], rows[~chosen], columns[~chosen], whole.shape)
    own = isinstance(getattr(graph, "adjacency", None), sparse.csr_matrix)
    test = np.column_stack([rows[chosen], columns[chosen]]).astype(np.int64)
    return EdgeSplit(
        train=replace(graph, adjacency=kept) if own else kept,
        test=test,
        adjacency=_csr(data, rows, columns, whole.shape),
    )


def non_edges(
    graph: Any, n: int, *, matched: bool = False, random_state: Any = None
) -> NDArray[np.int64]:
    """Random pairs of different nodes that are no edges: int64, shape (n, 2), repeats allowed.

    Drawn evenly or, if ``matched``, the source by its out-degree and the target by its in-degree.

    Raises
    ------
    InputError
        If the graph is so full that hardly any pair is free.
    """
    adjacency = _adjacency(graph)
    size = adjacency.shape[0]
    rng = np.random.default_rng(seed_from(random_state))
    ends = sparse.coo_matrix(adjacency)
    edges = np.sort(ends.row.astype(np.int64) * size + ends.col)
    found: list[NDArray[np.int64]] = []
    missing, tries = n, 0
    while missing > 0:
        tries += 1
        if tries > 200:
            raise InputError(
                f"graph: nearly every pair of its {size} nodes is an edge. "
                "Link prediction needs pairs that are not linked."
            )
        many = 2 * missing + 16
        if matched:
            sources, targets = rng.choice(ends.row, many), rng.choice(ends.col, many)
        else:
            sources, targets = rng.integers(size, size=many), rng.integers(size, size=many)
        codes = sources.astype(np.int64) * size + targets
        place = np.minimum(np.searchsorted(edges, codes), max(len(edges) - 1, 0))
        free = (sources != targets) & (edges[place] != codes if len(edges) else True)
        found.append(codes[free][:missing])
        missing -= len(found[-1])
    codes = np.concatenate(found) if found else np.empty(0, np.int64)
    return np.column_stack(np.divmod(codes, size))


def link_prediction(model: Any, split: EdgeSplit, random_state: Any = 0) -> LinkScores:
    """AUC of a model's scores on the test edges of a split, for existence and for direction.

    Parameters
    ----------
    model : fitted model with ``source_`` and ``target_``, or function
        A model scores u -> v by source_[u] . target_[v]. A function takes int64 rows (M, 2) and
        gives M scores.
    split : EdgeSplit
        Of :func:`split_edges`; the model must have seen ``split.train`` alone.
    random_state : int, RandomState, Generator or None
        Draws the non-edges: the same for every model of one seed.

    Returns
    -------
    LinkScores

    Raises
    ------
    InputError
        If the model has other nodes than the split, or a score is NaN.
    """
    score = _scorer(model, split.adjacency.shape[0])
    seed = seed_from(random_state)
    n = len(split.test)
    true = _checked(score(split.test), n)
    even, matched = (
        _checked(score(non_edges(split.adjacency, n, matched=kind, random_state=seed)), n)
        for kind in (False, True)
    )
    turned = split.test[:, ::-1]
    mutual = np.asarray(split.adjacency[turned[:, 0], turned[:, 1]]).ravel() > 0.0
    one_way = turned[~mutual]
    backward = _checked(score(one_way), len(one_way))
    return LinkScores(
        existence=auc(true, even),
        existence_matched=auc(true, matched),
        direction=auc(true[~mutual], backward),
        n_edges=n,
        n_one_way=len(one_way),
    )


def auc(positive: ArrayLike, negative: ArrayLike) -> float:
    """P(positive > negative) + P(equal) / 2 over all pairs; NaN if a side is empty.

    >>> auc([2.0, 3.0], [1.0, 2.0])
    0.875
    """
    from scipy.stats import rankdata  # takes longer to import than all metrics together

    high, low = np.asarray(positive, np.float64), np.asarray(negative, np.float64)
    if not high.size or not low.size:
        return float("nan")
    ranks = rankdata(np.concatenate([high, low]))[: high.size]
    return float((ranks.sum() - high.size * (high.size + 1) / 2) / (high.size * low.size))


def degree_baseline(train: Any, kind: str = "product", random_state: Any = 0) -> Scorer:
    """A scorer of pairs that knows degrees and nothing else.

    Parameters
    ----------
    train : graph or square matrix
        The training edges.
    kind : "product", "existence" or "direction"
        "product": (out-degree of u + 1) (in-degree of v + 1). The others are logistic regressions
        on the logarithms of the four degrees of a pair, fitted to tell training edges from random
        non-edges, or from themselves turned round; a training edge's degrees are counted without
        that edge.

    Returns
    -------
    function
        From int64 rows (M, 2) to M scores.
    """
    if kind not in ("product", "existence", "direction"):
        raise InputError(f'kind: "{kind}". Choose "product", "existence" or "direction".')
    adjacency = _adjacency(train)
    ends = sparse.coo_matrix(adjacency)
    size = adjacency.shape[0]
    out_degree, in_degree = (
        np.bincount(ends.row, minlength=size),
        np.bincount(ends.col, minlength=size),
    )
    if kind == "product":
        return lambda pairs: (out_degree[pairs[:, 0]] + 1.0) * (in_degree[pairs[:, 1]] + 1.0)
    from sklearn.linear_model import LogisticRegression

    edges = np.column_stack([ends.row, ends.col]).astype(np.int64)

    def features(pairs: NDArray[np.int64], less_out: Any = 0, less_in: Any = 0) -> Any:
        source, target = pairs[:, 0], pairs[:, 1]
        columns = [
            out_degree[source] - less_out, in_degree[target] - less_in,
            in_degree[source], out_degree[target],
        ]  # fmt: skip
        return np.log1p(np.column_stack(columns))

    true = features(edges, 1, 1)
    if kind == "existence":
        other = non_edges(adjacency, len(edges), random_state=random_state)
        wrong = features(other)
    else:
        wrong = true[:, [3, 2, 1, 0]]
    labels = np.repeat([1, 0], [len(true), len(wrong)])
    fitted = LogisticRegression().fit(np.vstack([true, wrong]), labels)
    return lambda pairs: np.asarray(fitted.decision_function(features(pairs)))


def _scorer(model: Any, size: int) -> Scorer:
    source, target = getattr(model, "source_", None), getattr(model, "target_", None)
    if source is None or target is None:
        if not callable(model):
            raise InputTypeError(
                f"model: of type {type(model).__name__}. Pass a fitted NodeEmbedding or a function "
                "from rows (M, 2) to scores."
            )
        return lambda pairs: np.asarray(model(pairs), dtype=np.float64)
    if len(source) != size:
        raise InputError(
            f"model: has {len(source)} nodes, the split has {size}. Fit it on split.train."
        )
    return lambda pairs: np.einsum(
        "me,me->m", source[pairs[:, 0]], target[pairs[:, 1]], dtype=np.float64
    )


def _checked(scores: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    if scores.shape != (n,) or np.isnan(scores).any():
        raise InputError(f"model: gave scores of shape {scores.shape} for {n} pairs, or NaN.")
    return scores


def _adjacency(graph: Any) -> Any:
    """The (N, N) matrix of a graph of ours, or of a matrix, with zeros left out."""
    own = getattr(graph, "adjacency", None)
    matrix: Any = own if sparse.issparse(own) else graph
    known: bool = sparse.issparse(matrix) or isinstance(matrix, np.ndarray)
    if not known:
        raise InputTypeError(
            f"graph: of type {type(graph).__name__}. Pass Graph.of(graph), or a square matrix."
        )
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise InputError(f"graph: shape {matrix.shape}. An adjacency matrix is square.")
    csr = as_matrix(matrix, "graph").astype(np.float64)
    csr.eliminate_zeros()
    return csr


def _csr(data: Any, rows: Any, columns: Any, shape: Any) -> Any:
    csr = sparse.csr_matrix((data, (rows, columns)), shape=shape)
    csr.sort_indices()
    return csr
