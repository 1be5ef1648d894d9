"""How well topics, taken as clusters of documents, agree with labels that people gave."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from polytopic import simplex
from polytopic.errors import InputError
from polytopic.text.codes import numbered
from polytopic.text.columns import matrix_shape
from polytopic.text.values import as_column, missing

__all__ = ["ami", "fowlkes_mallows", "nmi", "paired", "purity", "v_measure"]

_REACH = 10.0
"""Standard deviations of a cell's count that are summed: the rest is below 1e-15."""


def purity(doc_topic: Any, labels: ArrayLike) -> float:
    """Share of documents that carry the commonest label of their cluster.

    ``1/D sum_k max_c |cluster k and label c|``. It grows with the number of clusters: compare
    models of one K only, or by :func:`ami`, which does not.

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
    clusters, classes = paired(doc_topic, labels)
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

    clusters, classes = paired(doc_topic, labels)
    return float(np.clip(normalized_mutual_info_score(classes, clusters), 0.0, 1.0))


def ami(doc_topic: Any, labels: ArrayLike) -> float:
    """Mutual information of clusters and labels above what chance gives: adjusted, normalised.

    ``(I(C; L) - E[I]) / ((H(C) + H(L)) / 2 - E[I])``, with E[I] the expectation over all ways to
    deal the documents to clusters and labels of these sizes. Unlike purity and NMI it does not
    grow with the number of clusters, so models of different K can be compared.

    Parameters
    ----------
    doc_topic, labels
        As in :func:`purity`.

    Returns
    -------
    float
        At most 1; 0 is chance, and below it is less than chance.

    Raises
    ------
    InputError
        As :func:`purity`.

    Notes
    -----
    Vinh, Epps & Bailey (JMLR 11, 2010); scikit-learn's ``adjusted_mutual_info_score``.

    >>> ami([0, 0, 1, 1], ["a", "a", "b", "b"])
    1.0
    >>> ami([0, 1, 2, 3], ["a", "a", "b", "b"]) < 1e-9  # a cluster a document: purity 1, AMI 0
    True
    """
    from sklearn.metrics import mutual_info_score

    clusters, classes = paired(doc_topic, labels)
    sizes = [np.bincount(codes) for codes in (clusters, classes)]
    sizes = [held[held > 0] for held in sizes]
    if len(sizes[0]) == len(sizes[1]) and len(sizes[0]) in (1, clusters.size):
        return 1.0  # one of each, or each document alone in both: they agree, and chance is all
    shares = [held / clusters.size for held in sizes]
    entropy = -sum(float(share @ np.log(share)) for share in shares) / 2
    expected = _expected_information(*sizes)
    found = (mutual_info_score(classes, clusters) - expected) / (entropy - expected)
    return float(min(found, 1.0))


def _expected_information(rows: NDArray[np.intp], columns: NDArray[np.intp]) -> float:
    """E[I] of a table with these sums, of all dealings (Vinh et al. 2010, eq. 24a), in nats.

    The count of a cell is hypergeometric; what lies ten standard deviations from its mean adds
    nothing that float64 holds, and is left out, and so is every size but once.
    (scikit-learn's sums whole ranges: 6 s for 200,000 documents and 172 labels.)
    """
    total = int(rows.sum())
    log_factorial = gammaln(np.arange(total + 1) + 1.0)
    widths, uses = np.unique(columns, return_counts=True)
    expected = 0.0
    for row, often in zip(*np.unique(rows, return_counts=True), strict=True):
        mean = row * widths / total
        reach = _REACH * (np.sqrt(mean) + 1.0)
        first = np.maximum(np.maximum(1, row + widths - total), np.floor(mean - reach))
        last = np.minimum(np.minimum(row, widths), np.ceil(mean + reach))
        lengths = np.maximum(last - first + 1, 0).astype(np.int64)
        cell = np.repeat(np.arange(len(widths)), lengths)
        starts = np.cumsum(lengths) - lengths
        count = (np.arange(lengths.sum()) - starts[cell] + first[cell]).astype(np.int64)
        width = widths[cell]
        log_p = (
            log_factorial[row] + log_factorial[total - row]
            + log_factorial[width] + log_factorial[total - width]
            - log_factorial[total] - log_factorial[count] - log_factorial[row - count]
            - log_factorial[width - count] - log_factorial[total - row - width + count]
        )  # fmt: skip
        gain = count / total * np.log(total * count / (row * width.astype(np.float64)))
        expected += float(often * ((gain * np.exp(log_p)) @ uses[cell]))
    return expected


def v_measure(doc_topic: Any, labels: ArrayLike, *, beta: float = 1.0) -> float:
    """V-measure: the harmonic mean of homogeneity and completeness.

    ``(1 + beta) h c / (beta h + c)`` with homogeneity ``h = 1 - H(L | C) / H(L)`` (clusters hold
    one label) and completeness ``c = 1 - H(C | L) / H(C)`` (labels lie in one cluster). With beta
    = 1 it is :func:`nmi`; a larger beta weighs completeness more.

    Parameters
    ----------
    doc_topic, labels
        As in :func:`purity`.
    beta : float
        Positive.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    InputError
        As :func:`purity`; also if beta is not positive.

    Notes
    -----
    Rosenberg & Hirschberg (EMNLP-CoNLL 2007).

    >>> round(v_measure([0, 1, 2, 3], ["a", "a", "b", "b"]), 4)  # h = 1, c = 1/2
    0.6667
    """
    from sklearn.metrics import v_measure_score

    if not (np.isfinite(beta) and beta > 0):
        raise InputError(f"beta: is {beta!r}. Pass a positive number, such as 1.")
    clusters, classes = paired(doc_topic, labels)
    return float(np.clip(v_measure_score(classes, clusters, beta=beta), 0.0, 1.0))


def fowlkes_mallows(doc_topic: Any, labels: ArrayLike) -> float:
    """Fowlkes-Mallows index: of pairs of documents, the geometric mean of precision and recall.

    ``TP / sqrt((TP + FP) (TP + FN))``: TP pairs share cluster and label, FP the cluster only, FN
    the label only.

    Parameters
    ----------
    doc_topic, labels
        As in :func:`purity`.

    Returns
    -------
    float
        In [0, 1]; 0 if no two documents share both.

    Raises
    ------
    InputError
        As :func:`purity`.

    Notes
    -----
    Fowlkes & Mallows (JASA 78, 1983).

    >>> fowlkes_mallows([0, 0, 1, 1], ["a", "a", "b", "b"])
    1.0
    """
    from sklearn.metrics import fowlkes_mallows_score

    clusters, classes = paired(doc_topic, labels)
    return float(np.clip(fowlkes_mallows_score(classes, clusters), 0.0, 1.0))


def paired(doc_topic: Any, labels: Any) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Cluster and label of each document, numbered from 0.

    Raises
    ------
    InputError
        As :func:`purity`.
    """
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
