"""``APP``: asymmetric proximity preserving embedding, by walks that may end at each step."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from polytopic.graphs.node_training import Edges, RestartSampler, Sampler
from polytopic.graphs.nodes import NodeEmbedding
from polytopic.parameters import Real, parameter

__all__ = ["APP"]


class APP(NodeEmbedding):
    """Source and target vectors by rooted PageRank (Zhou, Liu, Liu, Liu & Gao, AAAI 2017).

    A walk from u ends after each step with probability ``restart``, or where no edge leaves; it
    ends at v with the probability that rooted PageRank gives v, its stay at u left out. The pair of
    its start and its end descends, over ``negative`` noise targets v',

        -log sigmoid(s_u . t_v) - sum_v' log sigmoid(-s_u . t_v')

    At the optimum of n noise targets drawn by q, s_u . t_v = log p(v given u) - log(n q(v)): the
    proximity is kept with its direction (section 3 of the paper).

    Attributes
    ----------
    source_, target_ : float32 arrays of shape (N, E)
    nodes_, vectors_, history_, notes_
        As for :class:`~polytopic.NodeEmbedding`.

    Raises
    ------
    FileMissingError, InputError
        From ``fit``, if a parameter or the graph cannot be used, or the loss diverges.

    >>> from polytopic import Graph
    >>> graph = Graph.from_edges([("a", "b"), ("b", "c"), ("a", "c"), ("d", "c")])
    >>> model = APP(dim=4, epochs=50, n_threads=1, random_state=0).fit(graph)
    >>> forward, backward = model.score([("a", "c"), ("c", "a")])
    >>> bool(forward > backward)
    True
    """

    restart: float = parameter(
        Real(0, 1, open_low=True),
        "Probability that a walk ends, after each step; at 1 pairs are edges.",
        default=0.15,
    )
    walk_length: int = parameter(default=50)
    negative: int = parameter(text="Noise targets of a pair.", default=5)
    reverse: float = parameter(default=0.0)
    weight_decay: float = parameter(default=0.0)

    _left_out: ClassVar[tuple[str, ...]] = ("sampling", "order", "window", "p", "q")
    _noise_sources: ClassVar[bool] = False

    def _sampler(self, edges: Edges, rng: np.random.Generator) -> Sampler:
        order = rng.permutation(edges.n_nodes).astype(np.int32)
        return RestartSampler(edges, self.walk_length, self.walks_per_node, order, self.restart)
