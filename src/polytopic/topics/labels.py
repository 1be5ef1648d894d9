"""Labels of documents as they are given: which are known, and which classes there are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import column_or_1d

from polytopic.errors import InputError, NotFittedModelError

__all__ = ["NotFittedPredictorError", "as_array", "known_labels", "missing", "read_classes"]


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
    if not any(all(isinstance(value, kind) for value in values) for kind in (str, (int, float))):
        raise InputError(
            "labels: hold what is neither name nor number, or both. Pass names of classes, or "
            "whole numbers."
        )
    present = np.array(values)
    if present.dtype.kind == "f" and not bool((present == np.floor(present)).all()):
        wrong = float(present[present != np.floor(present)][0])
        raise InputError(
            f"labels: Unknown label type: {wrong} is a quantity, no class. Cut it into classes."
        )
    classes, numbers = np.unique(present, return_inverse=True)
    if len(classes) < 2:
        only = f"only one class ({classes.tolist()[0]!r})" if len(classes) else "none is known"
        raise InputError(f"labels: {only}. Pass labels of two classes or more, or no labels.")
    return classes, numbers.astype(np.int64), known


def known_labels(given: Any, n_documents: int) -> tuple[list[Any], NDArray[np.bool_]]:
    """The known labels, and which are known, (D,).

    Raises
    ------
    InputError
        If they are not one a document.
    """
    labels = as_array(given)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = column_or_1d(labels, warn=True)
    if labels.shape != (n_documents,):
        raise InputError(
            f"labels: an array of shape {labels.shape} beside {n_documents} documents. Pass one "
            "label a document, in their order; None where it is not known."
        )
    known = ~missing(labels)
    return labels[known].tolist(), known


def as_array(given: Any) -> NDArray[Any]:
    """An array as it is; of anything else one of objects, in which None and NaN stay themselves."""
    return np.asarray(given) if hasattr(given, "dtype") else np.asarray(given, dtype=object)


def missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Which are None or NaN, pandas's own too, shape (D,)."""
    if values.dtype.kind == "f":
        return np.asarray(np.isnan(values))
    if values.dtype.kind != "O":
        return np.zeros(len(values), dtype=np.bool_)
    return np.array([_is_missing(value) for value in values], dtype=np.bool_)


def _is_missing(value: Any) -> bool:
    nan = isinstance(value, (float, np.floating)) and bool(value != value)
    return value is None or nan or type(value).__name__ in ("NAType", "NaTType")
