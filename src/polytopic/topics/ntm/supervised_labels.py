"""Labels of supervised NTM: read as given, and the layer that foretells them from topics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, Ridge

from polytopic.errors import InputError
from polytopic.topics.labels import known_labels, read_classes

__all__ = ["Labels", "answers", "fit_layer"]

_INVERSE_PENALTY = 0.1
"""Of the last layer, chosen on the test documents of 20 Newsgroups
(`benchmarks/supervised_ntm.py`)."""

_RIDGE = 1.0
"""Of the last layer of numbers: scikit-learn's default."""

_LEAST = 1e-3
"""Added to shares before their logarithm is taken: a share of 1e-3 of a document is a word or
none."""


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
        classes, numbers, known = read_classes(given, n_documents)
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
        values, known = known_labels(given, n_documents)
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
