"""Labels of supervised NTM: read as given, and the layer that foretells them from topics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.utils.validation import column_or_1d

from polytopic.errors import InputError, NotFittedModelError

__all__ = ["Labels", "NotFittedPredictorError", "answers", "fit_layer"]

_INVERSE_PENALTY = 0.1
_RIDGE = 1.0
_LEAST = 1e-3


class NotFittedPredictorError(NotFittedModelError, NotFittedError):
    """Scikit-learn's own as well, which it asks for of models that predict."""


@dataclass(frozen=True)
class Labels:
    """What is known of D documents.

    ``known``: (D,); ``targets``: numbers of classes, or numbers less their mean and divided by
    their deviation, float32, (D,); ``classes``: sorted, (L,), or None for numbers; ``mean`` and
    ``scale`` of the numbers.
    """

    known: NDArray[np.bool_]
    targets: NDArray[np.float32]
    classes: NDArray[Any] | None
    mean: float = 0.0
    scale: float = 1.0

    @property
    def n_answers(self) -> int:
        """L, or one for numbers."""
        return 1 if self.classes is None else len(self.classes)

    @classmethod
    def of_classes(cls, given: Any, n_documents: int) -> Self:
        """Names or whole numbers; None and NaN where not known.

        Raises
        ------
        InputError
            If they are not one a document, or not of two classes at least.
        """
        values, known = _present(given, n_documents)
        kinds: tuple[Any, ...] = (str, (int, float))
        if not any(all(isinstance(value, kind) for value in values) for kind in kinds):
            raise InputError(
                "labels: hold what is neither name nor number, or both. Pass names of classes, or "
                "whole numbers."
            )
        present = np.array(values)
        if present.dtype.kind == "f" and not bool((present == np.floor(present)).all()):
            wrong = float(present[present != np.floor(present)][0])
            raise InputError(
                f"labels: Unknown label type: {wrong} is a quantity, no class. Cut it into "
                'classes, or use task="numbers".'
            )
        classes, numbers = np.unique(present, return_inverse=True)
        if len(classes) < 2:
            only = f"only one class ({classes.tolist()[0]!r})" if len(classes) else "none is known"
            raise InputError(f"labels: {only}. Pass labels of two classes or more, or no labels.")
        targets = np.zeros(n_documents, dtype=np.float32)
        targets[known] = numbers
        return cls(known, targets, classes)

    @classmethod
    def of_numbers(cls, given: Any, n_documents: int) -> Self:
        """Finite numbers; None and NaN where not known.

        Raises
        ------
        InputError
            If they are not one a document, no numbers, or infinite.
        """
        values, known = _present(given, n_documents)
        try:
            present = np.array(values, dtype=np.float64)
        except (TypeError, ValueError):
            raise InputError(
                'labels: hold what is no number. Pass numbers, or use task="classes".'
            ) from None
        if len(present) == 0 or not np.isfinite(present).all():
            wrong = "hold infinity" if len(present) else "none is known"
            raise InputError(f"labels: {wrong}. Pass finite numbers, or no labels.")
        mean, scale = float(present.mean()), float(present.std()) or 1.0
        targets = np.zeros(n_documents, dtype=np.float32)
        targets[known] = (present - mean) / scale
        return cls(known, targets, None, mean, scale)


def fit_layer(
    theta: NDArray[np.float32], labels: Labels
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights (L, K) and bias (L,) that foretell known labels from theta (D, K).

    Classes: multinomial logistic regression on log(theta + .001); numbers: ridge regression on
    theta, in the numbers' own units.
    """
    classes = labels.classes is not None
    rows, targets = _read(theta[labels.known], classes), labels.targets[labels.known]
    if not classes:
        line = Ridge(alpha=_RIDGE).fit(rows, targets.astype(np.float64))
        bias = np.array([line.intercept_ * labels.scale + labels.mean])
        return np.atleast_2d(line.coef_ * labels.scale), bias
    layer = LogisticRegression(C=_INVERSE_PENALTY, max_iter=1000).fit(rows, targets)
    weights, bias = layer.coef_, layer.intercept_
    if labels.n_answers == 2:
        weights, bias = np.vstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return np.ascontiguousarray(weights), bias


def answers(
    theta: NDArray[np.float32],
    weights: NDArray[np.float64],
    bias: NDArray[np.float64],
    *,
    classes: bool,
) -> NDArray[np.float64]:
    """What the layer says of documents, (D, L); each row for itself, whatever stands beside it."""
    found: NDArray[np.float64] = np.einsum("dk,lk->dl", _read(theta, classes), weights)
    return found + bias


def _read(theta: NDArray[np.float32], logarithm: bool) -> NDArray[np.float64]:
    rows = theta.astype(np.float64)
    return np.log(rows + _LEAST) if logarithm else rows


def _present(given: Any, n_documents: int) -> tuple[list[Any], NDArray[np.bool_]]:
    """The known labels, and which are known, (D,)."""
    labels = given if hasattr(given, "dtype") else np.asarray(given, dtype=object)
    if getattr(labels, "ndim", 1) == 2 and labels.shape[1] == 1:
        labels = column_or_1d(labels, warn=True)
    labels = np.asarray(labels)
    if labels.shape != (n_documents,):
        raise InputError(
            f"labels: an array of shape {labels.shape} beside {n_documents} documents. Pass one "
            "label a document, in their order; None where it is not known."
        )
    known = np.array([not _is_missing(value) for value in labels.tolist()], dtype=bool)
    return labels[known].tolist(), known


def _is_missing(value: Any) -> bool:
    nan = isinstance(value, float) and value != value
    return value is None or nan or type(value).__name__ in ("NAType", "NaTType")
