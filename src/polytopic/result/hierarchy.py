"""Topics of topics: which belong together, from all apart to all in one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.io.leaving import LONGEST_SHOWN, visible
from polytopic.result.record import Record, called

__all__ = ["Hierarchy", "hierarchy_of"]

_WORDS = 4
_MOST_DOCUMENTS = 20_000
"""Documents, evenly spaced, by which topics are joined: correlations of more would differ by less
than .01."""

_ALIKE = 1e-7
"""Deviation of roots of shares below which they are all alike: float32 holds no smaller ones."""

_LEAST_SIZE = 1e-6
"""Share of tokens that a topic of none counts with, so that sizes divide."""


@dataclass(frozen=True, eq=False, repr=False)
class Hierarchy:
    """A tree over the shown topics.

    By documents: the two groups whose shares go together most are joined first. Theta of a group is
    the sum of its topics'; the height is one minus the correlation of the square roots of both
    groups' theta over documents, or that of an earlier joining where it is higher. Chosen over
    Ward's method, average linkage, and distances of words, word vectors and documents' vectors on
    arXiv's archives and the sections of the New York Times (`benchmarks/hierarchy_choice.py`).

    By words: Ward's method on Hellinger's distances. Topics are points, the square roots of
    p(word | topic); joining groups A and B of sizes s_A, s_B (shares of tokens) with means m costs
    sqrt(2 s_A s_B / (s_A + s_B)) |m_A - m_B|, the growth of the weighted variance within groups
    (Ward, JASA 58, 1963); the cheapest are joined first.

    Attributes
    ----------
    topics : int64 array of shape (n,)
        Numbers of the leaves: the topics that are not hidden.
    linkage : float64 array of shape (n - 1, 4)
        As SciPy has it: the two nodes joined (leaf i is ``topics[i]``, node n + j the j-th row's),
        the height, and the number of leaves.
    labels : tuple of str
        Name or first words of each leaf.
    sizes : float64 array of shape (n,)
        Shares of tokens.
    """

    topics: NDArray[np.int64]
    linkage: NDArray[np.float64]
    labels: tuple[str, ...]
    sizes: NDArray[np.float64]

    def cut(self, n: int) -> list[list[int]]:
        """The topics in ``n`` groups, the largest group first; numbers of topics.

        Raises
        ------
        InputError
            If there are not so many topics.
        """
        n_leaves = len(self.topics)
        if type(n) is not int or not 1 <= n <= n_leaves:
            raise InputError(f"n: is {n!r:.40}, and there are {n_leaves} topics. Give 1 to that.")
        held: dict[int, list[int]] = {leaf: [leaf] for leaf in range(n_leaves)}
        for step, row in enumerate(self.linkage[: n_leaves - n]):
            held[n_leaves + step] = held.pop(int(row[0])) + held.pop(int(row[1]))
        groups = sorted(held.values(), key=lambda g: (-self.sizes[g].sum(), min(g)))
        return [sorted(int(self.topics[leaf]) for leaf in group) for group in groups]

    def to_text(self) -> str:
        """The tree as lines, a topic each, with the height of every joining.

        Nodes that are joined last stand nearest to the left.
        """
        n_leaves = len(self.topics)
        if n_leaves == 1:
            return self._leaf(0)
        lines: list[str] = []
        waiting: list[tuple[int, str, str]] = [(2 * n_leaves - 2, "", "")]
        while waiting:
            node, before, after = waiting.pop()
            if node < n_leaves:
                lines.append(before + self._leaf(node))
                continue
            row = self.linkage[node - n_leaves]
            lines.append(f"{before}{row[2]:.3f} ({int(row[3])})")
            one, other = sorted((int(row[0]), int(row[1])), key=lambda m: -self._size(m))
            waiting.append((other, f"{after}└─ ", f"{after}   "))
            waiting.append((one, f"{after}├─ ", f"{after}│  "))
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"Hierarchy({len(self.topics)} topics)\n{self.to_text()}"

    def _leaf(self, leaf: int) -> str:
        label = visible(self.labels[leaf], LONGEST_SHOWN).replace("\n", " ")
        return f"{self.topics[leaf]} {label} {self.sizes[leaf]:.1%}"

    def _size(self, node: int) -> float:
        n_leaves, total, waiting = len(self.topics), 0.0, [node]
        while waiting:
            at = waiting.pop()
            if at < n_leaves:
                total += float(self.sizes[at])
            else:
                waiting += [int(m) for m in self.linkage[at - n_leaves, :2]]
        return total


def hierarchy_of(record: Record, by: str = "documents") -> Hierarchy:
    """The work of :meth:`TopicResult.hierarchy`."""
    shown = record.shown
    if by not in ("documents", "words"):
        raise InputError(f'by: is {by!r:.40}. Join topics by "documents" or by "words".')
    sizes = np.asarray(record.topic_sizes[shown])
    words = record.top_words(_WORDS)
    labels = called([record.names[k] for k in shown], [words[k] for k in shown])
    if by == "documents":
        rows = np.flatnonzero(record.has_topic)
        rows = rows[:: max(1, -(-len(rows) // _MOST_DOCUMENTS))]
        tree = correlated_of(record.doc_topic[rows][:, shown])
    else:
        roots = np.sqrt(record.topic_word[shown].astype(np.float64))
        tree = ward_of(np.clip(2.0 - 2.0 * roots @ roots.T, 0.0, None), sizes)
    return Hierarchy(shown, tree, labels, sizes)


def correlated_of(theta: NDArray[Any]) -> NDArray[np.float64]:
    """Linkage (n - 1, 4) of topics whose shares, (D, n), go together; see :class:`Hierarchy`.

    >>> shares = np.array([[4, 4, 1, 1], [5, 3, 1, 1], [1, 1, 3, 5], [1, 1, 4, 4]]) / 10
    >>> correlated_of(shares)[:, [0, 1, 3]].tolist()
    [[0.0, 1.0, 2.0], [2.0, 3.0, 2.0], [4.0, 5.0, 4.0]]
    """
    sums = np.ascontiguousarray(theta.T, dtype=np.float64)
    units = np.stack([_unit(row) for row in sums])
    alike = units @ units.T
    n = len(sums)
    np.fill_diagonal(alike, -np.inf)
    nodes, leaves, linkage = np.arange(n), np.ones(n), np.zeros((max(n - 1, 0), 4))
    for step in range(n - 1):
        one, other = sorted(divmod(int(alike.argmax()), len(alike)))
        pair = sorted((int(nodes[one]), int(nodes[other])))
        linkage[step] = [*pair, 1.0 - alike[one, other], leaves[one] + leaves[other]]
        sums[one] += sums[other]
        units[one] = _unit(sums[one])
        alive = np.asarray(np.isfinite(alike).any(axis=1))
        alive[[one, other]] = False
        alike[other] = alike[:, other] = -np.inf
        alike[one] = alike[:, one] = np.where(alive, units @ units[one], -np.inf)
        leaves[one], nodes[one] = leaves[one] + leaves[other], n + step
        if 2 * (n - 1 - step) <= len(sums):  # half of the rows are joined to others: let them go
            kept = np.flatnonzero(np.isfinite(alike).any(axis=1))
            sums, units, nodes, leaves = sums[kept], units[kept], nodes[kept], leaves[kept]
            alike = alike[np.ix_(kept, kept)]
    linkage[:, 2] = np.maximum.accumulate(np.maximum(linkage[:, 2], 0.0))
    return linkage


def _unit(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Square roots less their mean, of length one; zeros where all are alike."""
    roots = np.sqrt(shares)
    roots -= roots.sum() / max(1, len(roots))
    length = float(np.sqrt(np.einsum("i,i->", roots, roots)))  # in this thread: too short for more
    return roots / length if length > _ALIKE * len(roots) ** 0.5 else np.zeros_like(roots)


def ward_of(squared: NDArray[np.float64], sizes: NDArray[Any]) -> NDArray[np.float64]:
    """Linkage (n - 1, 4) by Ward's method, of squared distances (n, n) and sizes (n,) of points.

    With equal sizes of one it is SciPy's ``linkage(points, "ward")``, whose points all count alike.
    What joining A and B adds to the variance within groups, s_A s_B / (s_A + s_B) |m_A - m_B|^2,
    is updated as Lance & Williams do (Computer Journal 9, 1967).
    """
    n = len(squared)
    weights = np.maximum(np.asarray(sizes, dtype=np.float64), _LEAST_SIZE)
    cost = weights[:, None] * weights / (weights[:, None] + weights) * squared
    np.fill_diagonal(cost, np.inf)
    nodes, leaves, alive = np.arange(n), np.ones(n), np.arange(n)
    linkage = np.zeros((max(n - 1, 0), 4))
    for step in range(n - 1):
        within = cost[np.ix_(alive, alive)]
        flat = int(within.argmin())
        one, other = sorted((int(alive[flat // len(alive)]), int(alive[flat % len(alive)])))
        joined = float(cost[one, other])
        pair = sorted((int(nodes[one]), int(nodes[other])))
        height = np.sqrt(max(2.0 * joined, 0.0))
        linkage[step] = [*pair, height, leaves[one] + leaves[other]]
        alive = alive[alive != other]
        rest = alive[alive != one]
        s_one, s_other, s = weights[one], weights[other], weights[rest]
        row = (s_one + s) * cost[one, rest] + (s_other + s) * cost[other, rest] - s * joined
        cost[one, rest] = cost[rest, one] = row / (s_one + s_other + s)
        weights[one] = s_one + s_other
        leaves[one], nodes[one] = leaves[one] + leaves[other], n + step
    return linkage
