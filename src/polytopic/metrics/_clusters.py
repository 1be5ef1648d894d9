"""How well topics, taken as clusters of documents, agree with labels that people gave."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polytopic import simplex
from polytopic.errors import InputError

__all__ = ["nmi", "purity"]


def purity(doc_topic: ArrayLike, labels: ArrayLike) -> float:
    """Share of documents that carry the commonest label of their cluster.

    ``1/D sum_k max_c |cluster k and label c|``. It grows with the number of clusters: compare
    models of one K only.

    Parameters
    ----------
    doc_topic : float array of shape (D, K), or D cluster names
        Topic proportions, of which the largest (the first of equals) gives the cluster; or the
        clusters themselves.
    labels : D labels
        Of any one type: str, int.

    Returns
    -------
    float
        In (0, 1].

    Raises
    ------
    InputError
        If lengths differ, labels are missing, or doc_topic is no distribution.

    Notes
    -----
    Manning, Raghavan & Schuetze (2008), section 16.3. TopMost computes the same.

    >>> purity([0, 0, 1, 1], ["a", "a", "a", "b"])
    0.75
    """
    clusters, classes = _paired(doc_topic, labels)
    table = np.zeros((int(clusters.max()) + 1, int(classes.max()) + 1), dtype=np.int64)
    np.add.at(table, (clusters, classes), 1)
    return float(table.max(axis=1).sum() / clusters.size)


def nmi(doc_topic: ArrayLike, labels: ArrayLike) -> float:
    """Normalised mutual information of clusters and labels, I(C; L) / ((H(C) + H(L)) / 2).

    Normalised by the *arithmetic* mean of the entropies: scikit-learn's
    ``normalized_mutual_info_score`` with its default, which TopMost calls too. (Manning et al.
    2008 do the same; others divide by the geometric mean, which gives more.)

    Parameters
    ----------
    doc_topic, labels
        As in :func:`purity`.

    Returns
    -------
    float
        In [0, 1]; 0 where clusters say nothing of labels. 1 if there is one cluster and one label.

    Raises
    ------
    InputError
        As :func:`purity`.

    >>> nmi([0, 0, 1, 1], ["a", "a", "b", "b"])
    1.0
    """
    from sklearn.metrics import normalized_mutual_info_score

    clusters, classes = _paired(doc_topic, labels)
    return float(np.clip(normalized_mutual_info_score(classes, clusters), 0.0, 1.0))


def _paired(doc_topic: ArrayLike, labels: ArrayLike) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    given = np.asarray(doc_topic)
    if given.ndim == 2:
        clusters = simplex.check_distribution(given, "doc_topic").argmax(axis=1)
    else:
        clusters = _codes(given, "doc_topic")
    classes = _codes(np.asarray(labels), "labels")
    if clusters.size != classes.size:
        raise InputError(
            f"labels: there are {classes.size}, doc_topic has {clusters.size} documents. "
            "Pass one label a document, in the same order."
        )
    if classes.size == 0:
        raise InputError("labels: there are none. Pass at least one labelled document.")
    return np.unique(clusters, return_inverse=True)[1].ravel(), classes


def _codes(values: NDArray[Any], name: str) -> NDArray[np.intp]:
    if values.ndim != 1:
        raise InputError(f"{name}: shape {values.shape}. Pass one entry a document.")
    if values.dtype == object:
        missing = sum(value is None or value != value for value in values)
        values = values if missing else values.astype(str)
    else:
        missing = int(np.isnan(values).sum()) if np.issubdtype(values.dtype, np.floating) else 0
    if missing:
        raise InputError(
            f"{name}: {missing} of {values.size} are missing. Leave those documents out."
        )
    return np.unique(values, return_inverse=True)[1].ravel()
