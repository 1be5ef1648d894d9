"""Covariates and labels as they are given: checked, named and numbered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.errors import InputError
from polytopic.io.schemas import SCALAR, TEXTS, ListOf, Record
from polytopic.nets import UNKNOWN, checked_csr, checked_rows
from polytopic.parameters import FLAG, NONE, AnyOf
from polytopic.text.columns import column_names, matrix_shape
from polytopic.text.values import as_column, missing
from polytopic.topics.labels import read_classes

__all__ = ["Columns", "read_labels"]

_CONSTANT = 1e-6
"""Deviation over mean of a column that is constant but for rounding: it is not scaled up."""

Rows = NDArray[np.float32] | sparse.csr_matrix


METADATA = Record(
    {
        "classes": AnyOf(ListOf(SCALAR), NONE),
        "covariates": AnyOf(Record({"names": TEXTS, "categories": FLAG}), NONE),
    }
)
"""What is saved of classes, and what :meth:`Columns.about` gives."""


@dataclass(frozen=True)
class Columns:
    """The covariates of a corpus.

    ``names``: C of them; ``categories``: whether they are those of one category; ``mean`` and
    ``scale``, shape (C,): what a column is centred and divided by. A column of 0 and 1 alone keeps
    its scale.
    """

    names: list[str]
    categories: bool
    mean: NDArray[np.float32]
    scale: NDArray[np.float32]

    @classmethod
    def learn(cls, given: Any, n_documents: int) -> Self:
        """The columns of what was given for ``n_documents`` documents.

        Raises
        ------
        InputError
            If it cannot be used.
        """
        named = _category_names(given, n_documents)
        if named is not None:
            found, numbers = np.unique(named, return_inverse=True)
            if len(found) < 2:
                raise InputError(
                    f"covariates: every document is {named[0]!r}, and what does not differ "
                    "explains nothing. Leave the covariates out."
                )
            share = np.bincount(numbers, minlength=len(found)) / n_documents
            ones = np.ones(len(found), np.float32)
            return cls(found.tolist(), True, share.astype(np.float32), ones)
        rows = _matrix(given, n_documents)
        names = column_names(given) or [str(column) for column in range(rows.shape[1])]
        mean, scale = _moments(rows)
        return cls(names, False, mean, scale)

    def rows(self, given: Any, n_documents: int) -> Rows:
        """What was given as numbers, shape (D, C), neither centred nor scaled.

        Raises
        ------
        InputError
            If it cannot be used, or has columns or categories that were not learned.
        """
        named = _category_names(given, n_documents)
        if (named is not None) != self.categories:
            kind = "a 1-d array of category names" if self.categories else "a matrix of numbers"
            raise InputError(f"covariates: the model was fitted with {kind}. Pass the same kind.")
        if named is None:
            rows = _matrix(given, n_documents)
            if rows.shape[1] != len(self.names):
                raise InputError(
                    f"covariates: {rows.shape[1]} columns, the model was fitted with "
                    f"{len(self.names)}. Pass the same columns in the same order."
                )
            return rows
        number = {name: index for index, name in enumerate(self.names)}
        found = np.array([number.get(name, -1) for name in named], dtype=np.int64)
        if (found < 0).any():
            row = int((found < 0).argmax())
            raise InputError(
                f"covariates: row {row} is {named[row]!r}, which no document of the training was. "
                f"There are: {', '.join(self.names[:10])}."
            )
        ones = np.ones(n_documents, np.float32)
        places = (ones, found, np.arange(n_documents + 1))
        return sparse.csr_matrix(places, shape=(n_documents, len(self.names)))

    def csr_arrays(self, given: Any, n_documents: int) -> list[NDArray[Any]]:
        """What makes these covariates differ from others."""
        rows = sparse.csr_matrix(self.rows(given, n_documents))
        return [rows.data, rows.indices, rows.indptr]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What is saved as arrays."""
        return {"covariates/mean": self.mean, "covariates/scale": self.scale}

    def about(self) -> dict[str, Any]:
        """What is saved as JSON."""
        return {"names": self.names, "categories": self.categories}

    @classmethod
    def restore(cls, about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The columns that ``about`` and ``arrays`` gave."""
        moments = arrays["covariates/mean"], arrays["covariates/scale"]
        return cls(list(about["names"]), bool(about["categories"]), *moments)


def read_labels(given: Any, n_documents: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The classes, sorted, shape (L,), and the number of each document's, shape (D,).

    None and NaN stand for a class that is not known, and become ``UNKNOWN``; any other value, -1
    too, is a class.

    Raises
    ------
    InputError
        If the labels are not one a document, or not of two classes at least.
    """
    classes, numbers, known = read_classes(given, n_documents)
    codes = np.full(n_documents, UNKNOWN, dtype=np.int64)
    codes[known] = numbers
    return classes, codes


def _matrix(given: Any, n_documents: int) -> Rows:
    check = checked_csr if sparse.issparse(given) else checked_rows
    return check("covariates", given, n_documents)


def _category_names(given: Any, n_documents: int) -> list[str] | None:
    """The names of a 1-d array of categories; None for a matrix."""
    if matrix_shape(given) is not None or column_names(given) is not None:
        return None
    array = as_column(given, "covariates")
    if len(array) != n_documents:
        raise InputError(
            f"covariates: an array of shape {array.shape} beside {n_documents} documents. Pass one "
            "category a document, or a matrix with one row a document, in their order."
        )
    absent = missing(array)
    if array.dtype.kind == "O" and absent.any():
        raise InputError(
            f"covariates: row {int(absent.argmax())} holds no name. Give such documents a "
            'category of their own, such as "unknown".'
        )
    if not all(isinstance(value, (str, bool)) for value in array.tolist()):
        raise InputError(
            "covariates: a 1-d array of numbers may be quantities or categories. Pass "
            "values.reshape(-1, 1) for quantities, values.astype(str) for categories."
        )
    return [str(value) for value in array.tolist()]


def _moments(rows: Rows) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and scale of each column."""
    whole = sparse.csc_matrix(rows, dtype=np.float64)
    mean = np.asarray(whole.mean(axis=0)).ravel()
    square = np.asarray(whole.multiply(whole).mean(axis=0)).ravel()
    deviation = np.sqrt(np.maximum(square - mean**2, 0))
    odd = sparse.csc_matrix(whole.multiply(whole) - whole)
    odd.eliminate_zeros()
    keeps = (np.diff(odd.indptr) == 0) | (deviation < _CONSTANT * np.maximum(1.0, np.abs(mean)))
    return mean.astype(np.float32), np.where(keeps, 1.0, deviation).astype(np.float32)
