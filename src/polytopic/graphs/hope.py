"""``HOPE``: source and target vectors as factors of a proximity of nodes, never computed whole."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import linalg

from polytopic import __version__
from polytopic.base import seed_from
from polytopic.errors import InputError
from polytopic.graphs.graph import Graph
from polytopic.graphs.node_vectors import NodeVectors, notes_of, without_loops
from polytopic.machine import one_blas_thread
from polytopic.parameters import Choice, Integer, Real, parameter

__all__ = ["HOPE", "proximity"]

_SMALL = 1e-13
"""Power of ``decay`` at which a series is cut: the rest is rounding."""

_NONE = 1e-7
"""Singular values below this share of the largest are none, and their vectors are left at zero:
ARPACK finds their squares, to 1e-16 of the largest."""

_WIDEST = 1e30
"""Largest weight, or one over it, of products of weights whose roots are float32."""

Apply = Callable[[NDArray[np.float64]], NDArray[np.float64]]


class HOPE(NodeVectors):
    """Vectors that preserve a high-order proximity (Ou, Cui, Pei, Zhang & Zhu, KDD 2016).

    With S the proximity of nodes, ``source_ @ target_.T`` is its best approximation of rank E: for
    the largest singular values S = sum_k sigma_k a_k b_k^T, column k of ``source_`` is
    sqrt(sigma_k) a_k, that of ``target_`` sqrt(sigma_k) b_k (equations 4 and 14). With A the
    adjacency matrix, P its rows divided by their sums, |A| its largest singular value:

    - ``"katz"``: sum_{k >= 1} (b A)^k, b = ``decay`` / \\|A\\|;
    - ``"pagerank"``: (1 - ``decay``) sum_{k >= 0} (``decay`` P)^k, rooted PageRank;
    - ``"common-neighbours"``: A A;
    - ``"adamic-adar"``: A D A, D_vv = 1 / the sum of the weights of v's edges, both ways.

    S is only ever multiplied with vectors (Lanczos, ARPACK): memory is that of the graph and of the
    vectors.

    Attributes
    ----------
    source_, target_ : float32 arrays of shape (N, E)
        Columns by falling singular values; zeros beyond the rank of S.
    nodes_ : list of N node names
    vectors_ : WordVectors
        ``input`` is ``source_``, ``output`` is ``target_``, the words are the nodes' names as str.
    history_ : list
        Empty: nothing is trained.
    notes_ : dict
        Nodes, edges, self-loops left out, nodes without edges, seconds.

    Raises
    ------
    FileMissingError, InputError
        From ``fit``, if a parameter or the graph cannot be used, or no two nodes have a proximity.

    >>> from polytopic import Graph
    >>> graph = Graph.from_edges([("a", "b"), ("b", "c"), ("a", "c"), ("d", "c")])
    >>> model = HOPE(dim=4, random_state=0).fit(graph)
    >>> forward, backward = model.score([("a", "c"), ("c", "a")])
    >>> bool(forward > 0.3), bool(abs(backward) < 1e-6)
    (True, True)
    """

    dim: int = parameter(Integer(1), "E.", default=64)
    proximity: str = parameter(
        Choice(("katz", "pagerank", "common-neighbours", "adamic-adar")), "S.", default="katz"
    )
    decay: float = parameter(
        Real(0, 1, open_low=True, open_high=True),
        "Of katz and pagerank: how little a longer path counts less.",
        default=0.5,
    )

    _left_out: ClassVar[tuple[str, ...]] = ("trackers", "verbose")
    """There are no epochs to tell of."""

    @one_blas_thread()
    def fit(self, X: Any, y: Any = None) -> Self:
        """Factor the proximity of a graph's nodes.

        Parameters
        ----------
        X : Graph, networkx graph, square SciPy or NumPy matrix, or path
            As for :meth:`NodeEmbedding.fit`.
        y : ignored

        Raises
        ------
        FileMissingError, InputError
            As :class:`HOPE`.
        """
        self.check_parameters()
        graph = Graph.of(X)
        adjacency, loops = without_loops(graph)
        started = time.perf_counter()
        left, values, right = _factors(
            proximity(adjacency, self.proximity, self.decay),
            self.dim,
            np.random.default_rng(seed_from(self.random_state)),
        )
        if not values.any():
            raise InputError(
                f'proximity: no two nodes of this graph have one of "{self.proximity}": no two '
                'edges follow one another. Use "katz".'
            )
        self.source_, self.target_ = (
            (vectors * np.sqrt(values)).astype(np.float32) for vectors in (left, right)
        )
        self.nodes_, self.history_ = list(graph.nodes), []
        self.notes_ = notes_of(graph, adjacency, loops) | {
            "seconds": round(time.perf_counter() - started, 3),
            "version": __version__,
        }
        self._forget()
        return self


def proximity(adjacency: sparse.csr_matrix, kind: str, decay: float) -> linalg.LinearOperator:
    """S of :class:`HOPE` as what multiplies it with vectors, shape (N, N)."""
    there = sparse.csr_matrix(adjacency, dtype=np.float64)
    back, shape = there.T.tocsr(), there.shape
    out, into = (np.asarray(there.sum(axis=axis)).ravel() for axis in (1, 0))
    degrees = out + into
    if kind == "katz":
        there.data /= there.data.max()  # singular values of very large weights leave float64
        largest = linalg.svds(there, k=1, v0=np.ones(len(degrees)), return_singular_vectors=False)
        there.data /= largest[0]
        back = there.T.tocsr()
        return _operator(
            lambda x: _series(there, x, decay) - x, lambda x: _series(back, x, decay) - x, shape
        )
    if kind == "pagerank":
        steps = sparse.diags_array(1.0 / np.where(out > 0.0, out, 1.0)) @ there
        turned = steps.T.tocsr()
        return _operator(
            lambda x: (1.0 - decay) * _series(steps, x, decay),
            lambda x: (1.0 - decay) * _series(turned, x, decay),
            shape,
        )
    largest = there.data.max()
    if not 1.0 / _WIDEST < largest < _WIDEST:
        raise InputError(
            f'graph: its largest weight is {largest:g}, and "{kind}" multiplies weights, which '
            "then leave float32. Divide them by the largest."
        )
    if kind == "common-neighbours":
        degrees = np.ones_like(degrees)
    between = sparse.diags_array(1.0 / np.where(degrees > 0.0, degrees, 1.0))
    return _operator(
        lambda x: there @ (between @ (there @ x)),
        lambda x: back @ (between @ (back @ x)),
        shape,
    )


def _operator(apply: Apply, turned: Apply, shape: tuple[int, int]) -> linalg.LinearOperator:
    return linalg.LinearOperator(
        shape, matvec=apply, rmatvec=turned, matmat=apply, rmatmat=turned, dtype=np.float64
    )


def _series(matrix: Any, x: NDArray[np.float64], decay: float) -> NDArray[np.float64]:
    """sum_{k >= 0} (decay M)^k x, to rounding: terms fall as powers of ``decay``, or end."""
    total, term = x.copy(), x
    for _ in range(int(np.ceil(np.log(_SMALL) / np.log(decay)))):
        term = decay * (matrix @ term)
        if not term.any():
            break
        total += term
    return total


def _factors(
    operator: linalg.LinearOperator, dim: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Left vectors (N, E), singular values (E,) and right vectors (N, E), the largest first."""
    n = operator.shape[0]
    if dim < n:
        try:
            left, values, right = linalg.svds(operator, k=dim, v0=rng.random(n) + 0.5)
        except linalg.ArpackError as error:
            raise InputError(
                f"dim: {dim} factors of this proximity were not found ({error}). Lower dim."
            ) from None
    else:
        left, values, right = np.linalg.svd(operator.matmat(np.eye(n)))
    order = np.argsort(-values, kind="stable")[:dim]
    values = np.where(values[order] > _NONE * values.max(), values[order], 0.0)
    left, right = left[:, order], right.T[:, order]
    largest = np.abs(left).argmax(axis=0)
    signs = np.where(left[largest, np.arange(len(values))] < 0.0, -1.0, 1.0)
    wide = ((0, 0), (0, dim - len(values)))
    return (
        np.pad(left * signs, wide), np.pad(values, wide[1]), np.pad(right * signs, wide)
    )  # fmt: skip
