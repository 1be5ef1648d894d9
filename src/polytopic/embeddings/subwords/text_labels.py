"""Labels of a classifier's texts, one or several each: numbers, chances, those that are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polytopic.embeddings.kernels.arguments import Tree
from polytopic.errors import InputError
from polytopic.text.columns import as_list, is_missing

__all__ = ["LIKELY", "Labels", "label_chances", "likeliest", "read_labels"]

LIKELY = 0.5
"""The chance from which a label is given: it is likelier than its absence."""

_SEVERAL = (list, tuple, set, frozenset, np.ndarray)


@dataclass(frozen=True)
class Labels:
    """The labels of D texts.

    ``names``: the K distinct ones, the commonest first; ``counts`` (K,); those of text d are
    ``numbers[bounds[d]:bounds[d + 1]]``, rising; ``several``: they were given as lists.
    """

    names: list[Any]
    counts: NDArray[np.int64]
    bounds: NDArray[np.int64]
    numbers: NDArray[np.int32]
    several: bool


def read_labels(y: ArrayLike, n_texts: int, loss: str) -> Labels:
    """Check and number the labels of ``n_texts`` texts, or lists of labels.

    Raises
    ------
    InputError
        If they are not one entry a text, one is missing, some entries are lists and some are not,
        a text has a label twice, there are less than two labels, or lists meet another loss than
        ``"ova"``.
    """
    if getattr(y, "ndim", 1) == 2:
        raise InputError(
            "y: is a table. Give each text a list of its labels, as "
            "MultiLabelBinarizer.inverse_transform does."
        )
    given = as_list(y, "y")
    if len(given) != n_texts:
        raise InputError(f"y: {len(given):,} labels for {n_texts:,} texts. Give one a text.")
    several = any(isinstance(entry, _SEVERAL) for entry in given)
    if several and loss != "ova":
        row = next(row for row, entry in enumerate(given) if isinstance(entry, _SEVERAL))
        raise InputError(
            f"y: entry {row} is {given[row]!r:.60}, several labels, and loss={loss!r} learns one a "
            "text. Give one, or loss='ova'."
        )
    lists = [_checked(row, entry, several) for row, entry in enumerate(given)]
    values, numbers, counts = np.unique(
        np.array([label for labels in lists for label in labels]),
        return_inverse=True, return_counts=True,
    )  # fmt: skip
    if len(values) < 2:
        told = f"all are {values[0]!s:.40}" if len(values) else "there are none"
        raise InputError(f"y: {told}. A classifier needs labels of two kinds at least.")
    order = np.argsort(-counts, kind="stable")
    places = np.empty(len(order), dtype=np.int32)
    places[order] = np.arange(len(order))
    sizes = np.array([len(labels) for labels in lists], dtype=np.int64)
    found = places[numbers]
    found = found[np.lexsort((found, np.repeat(np.arange(len(sizes)), sizes)))]
    bounds = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    return Labels(values[order].tolist(), counts[order].astype(np.int64), bounds, found, several)


def _checked(row: int, entry: Any, several: bool) -> list[Any]:
    """The labels of one text."""
    if several and not isinstance(entry, _SEVERAL):
        raise InputError(
            f"y: entry {row} is {entry!r:.60}, and others are lists. Give each text a list."
        )
    labels = (
        list(entry.tolist() if isinstance(entry, np.ndarray) else entry) if several else [entry]
    )
    for label in labels:
        if is_missing(label) or isinstance(label, (*_SEVERAL, dict)):
            told = f"holds {label!r:.60}" if several else f"is {label!r:.60}"
            raise InputError(f"y: entry {row} {told}, no label. Leave such texts out.")
    twice = next((label for label in labels if labels.count(label) > 1), None)
    if twice is not None:
        raise InputError(f"y: entry {row} has the label {twice!r:.60} twice. Give each label once.")
    return labels


def label_chances(
    scores: NDArray[np.float64], loss: str, tree: Tree, several: bool
) -> NDArray[np.float64]:
    """Chances of K labels, shape (D, K), from the scores of labels, or nodes of the tree.

    Rows sum to one but for ``several``, where each label has a chance of its own.
    """
    shares: NDArray[np.float64]
    if loss == "softmax":
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    else:
        shares = ups = np.exp(-np.logaddexp(0.0, -scores))
        if loss == "hierarchical":
            shares = np.ones((len(scores), len(tree.starts) - 1))
            for label in range(shares.shape[1]):
                for place in range(tree.starts[label], tree.starts[label + 1]):
                    up = ups[:, tree.points[place]]
                    shares[:, label] *= up if tree.codes[place] else 1.0 - up
    if several:
        return shares
    total = shares.sum(axis=1, keepdims=True)
    even = np.full_like(shares, 1.0 / shares.shape[1])
    found: NDArray[np.float64] = np.divide(shares, total, out=even, where=total > 0)
    return found


def likeliest(
    chances: NDArray[np.float64], names: NDArray[Any], top: int | None, threshold: float | None
) -> list[tuple[Any, ...]]:
    """Labels of each text, likeliest first: at most ``top``, of a chance of ``threshold`` or more.

    Without ``threshold`` it is 0 beside a ``top``, else ``LIKELY``.

    Raises
    ------
    InputError
        If ``top`` is below 1 or ``threshold`` no chance.
    """
    if top is not None and (isinstance(top, bool) or not isinstance(top, int) or top < 1):
        raise InputError(f"top: is {top!r:.40}. Give a number of labels, 1 or more.")
    least = threshold if threshold is not None else (LIKELY if top is None else 0.0)
    if not isinstance(least, int | float | np.floating) or not 0 <= least <= 1:
        raise InputError(f"threshold: is {least!r:.40}. Give a chance between 0 and 1.")
    order = np.argsort(-chances, axis=1, kind="stable")[:, :top]
    given = np.take_along_axis(chances, order, axis=1) >= least
    labels = names.tolist()
    return [
        tuple(labels[k] for k in row[kept].tolist()) for row, kept in zip(order, given, strict=True)
    ]
