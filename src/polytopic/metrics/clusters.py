"""How well topics, taken as clusters of documents, agree with labels that people gave."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polytopic import simplex
from polytopic.errors import InputError
from polytopic.text.codes import numbered
from polytopic.text.columns import matrix_shape
from polytopic.text.values import as_column, missing

__all__ = ["nmi", "purity"]


def purity(doc_topic: Any, labels: ArrayLike) -> float:
    """Share of documents that carry the commonest label of their cluster.

    ``1/D sum_k max_c |cluster k and label c|``. It grows with the number of clusters: compare
    models of one K only.

    Parameters
    ----------
    doc_topic : TopicResult, float array of shape (D, K), or D cluster names
        Topic proportions, of which the largest (the first of equals) gives the cluster; or the
        clusters themselves. Of a TopicResult the documents that have no topic are left out.
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


def nmi(doc_topic: Any, labels: ArrayLike) -> float:
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


def _paired(doc_topic: Any, labels: Any) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    if hasattr(type(doc_topic), "top_topic"):
        result, labels = doc_topic, as_column(labels, "labels", doc_topic.n_documents)
        doc_topic, labels = result.top_topic[result.has_topic], labels[result.has_topic]
    if np.ndim(doc_topic) == 2:
        clusters = simplex.check_distribution(doc_topic, "doc_topic").argmax(axis=1)
    else:
        clusters = _codes(doc_topic, "doc_topic")
    classes = _codes(labels, "labels")
    if clusters.size != classes.size:
        raise InputError(
            f"labels: there are {classes.size}, doc_topic has {clusters.size} documents. "
            "Pass one label a document, in the same order."
        )
    if classes.size == 0:
        raise InputError("labels: there are none. Pass at least one labelled document.")
    return np.unique(clusters, return_inverse=True)[1].ravel(), classes


def _codes(given: Any, name: str) -> NDArray[np.intp]:
    shape = matrix_shape(given)
    if shape is not None:
        raise InputError(f"{name}: shape {shape}. Pass one entry a document.")
    values = as_column(given, name)
    if values is None:
        raise InputError(f"{name}: is None. Pass one entry a document.")
    absent = int(missing(values).sum())
    if absent:
        raise InputError(
            f"{name}: {absent} of {values.size} are missing. Leave those documents out."
        )
    if values.dtype == object:
        return numbered([str(value) for value in values])[1]
    return np.unique(values, return_inverse=True)[1].ravel()
