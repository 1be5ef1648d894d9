"""Labels of documents as they are given: which are known, and which classes there are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import column_or_1d

from polytopic.errors import InputError, NotFittedModelError
from polytopic.text.codes import numbered
from polytopic.text.columns import matrix_shape
from polytopic.text.values import as_column, missing

__all__ = ["NotFittedPredictorError", "known_labels", "read_classes"]


class NotFittedPredictorError(NotFittedModelError, NotFittedError):
    """Scikit-learn's own as well, which it asks for of models that predict."""


def read_classes(
    given: Any, n_documents: int
) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.bool_]]:
    """The classes, sorted, shape (L,); of known labels the number of each; which are known, (D,).

    None and NaN stand for a class that is not known; any other value, -1 too, is a class.

    Raises
    ------
    InputError
        If the labels are not one a document, or not of two classes at least.
    """
    values, known = known_labels(given, n_documents)
    truths = [isinstance(value, bool) for value in values]
    mixed = any(truths) and not all(truths)  # True is not 1
    one = any(all(isinstance(value, kind) for value in values) for kind in (str, (int, float)))
    if mixed or not one:
        raise InputError(
            "labels: hold what is neither name nor number, or both. Pass names of classes, or "
            "whole numbers."
        )
    distinct, numbers = numbered(values)
    classes = np.array(distinct)
    if classes.dtype.kind == "f" and not bool((classes == np.floor(classes)).all()):
        wrong = float(classes[classes != np.floor(classes)][0])
        raise InputError(
            f"labels: Unknown label type: {wrong} is a quantity, no class. Cut it into classes."
        )
    if classes.dtype.kind == "f" and len(np.unique(classes)) < len(distinct):
        classes = np.array([int(value) for value in distinct])  # floats of long whole numbers
    if len(classes) < 2:
        only = f"only one class ({classes.tolist()[0]!r})" if len(classes) else "none is known"
        raise InputError(f"labels: {only}. Pass labels of two classes or more, or no labels.")
    return classes, numbers, known


def known_labels(given: Any, n_documents: int) -> tuple[list[Any], NDArray[np.bool_]]:
    """The known labels, and which are known, (D,).

    Raises
    ------
    InputError
        If they are not one a document.
    """
    shape = matrix_shape(given)
    if shape is None:
        labels = as_column(given, "labels")
    else:
        labels = np.asarray(given)
        labels = column_or_1d(labels, warn=True) if shape[1:] == (1,) else labels
    if labels.shape != (n_documents,):
        raise InputError(
            f"labels: an array of shape {labels.shape} beside {n_documents} documents. Pass one "
            "label a document, in their order; None where it is not known."
        )
    known = ~missing(labels)
    return labels[known].tolist(), known
