"""What the autoencoders read: rows of counts or of real numbers, checked, sparse, put to scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse

from polytopic.autoencoders.rows.encoder import Reading
from polytopic.counts import as_counts, as_matrix, counts_in
from polytopic.errors import InputError, InputTypeError
from polytopic.io.schemas import Array
from polytopic.kernels.arrays import refuse_masked
from polytopic.nets import SparseCounts
from polytopic.text.columns import as_list, column_names, held

__all__ = ["Preparation", "Rows", "as_rows", "codes", "listed", "names"]

_MOSTLY = 0.5
"""Share of entries that are not zero from which rows of real numbers are centred and held whole."""

_RAREST = 1e-4
"""Share of ones that a column without any, or of ones alone, begins with: its logit is 9.2."""

_SMOOTHING = 0.5
"""Half a count a column (Jeffreys), so that the log of one without any is finite."""


def as_rows(values: Any, likelihood: str) -> sparse.csr_matrix:
    """The input as a canonical CSR matrix of what the likelihood can stand.

    Parameters
    ----------
    values : Corpus, sparse matrix or array, shape (D, V)
    likelihood : {"categorical", "gaussian", "bernoulli"}

    Returns
    -------
    csr_matrix of float64 (of counts float32), shape (D, V)

    Raises
    ------
    InputError
        If it is no finite matrix, or of the wrong kind: fractions for the categorical likelihood,
        counts for the Gaussian, entries outside [0, 1] for the Bernoulli; the message says what to
        do.
    """
    source: Any = counts_in(values)
    if likelihood == "categorical":
        _refuse_fractions(source)
        return as_counts(values, "X")
    whole = sparse.issparse(source) and np.dtype(getattr(source, "dtype", None)).kind in "iu"
    counted = source is not values or whole
    if likelihood == "gaussian" and counted:
        raise InputError(
            'X: holds counts, and likelihood="gaussian" is squared error on real numbers, which '
            'the frequent terms alone would decide. Use likelihood="categorical", pass weights '
            "such as tf-idf, or, if you mean it, counts.astype(float)."
        )
    matrix = _matrix(source)
    if likelihood == "bernoulli" and matrix.nnz and not 0 <= matrix.data.min() <= (
        matrix.data.max()
    ) <= 1:  # fmt: skip
        wrong = (matrix.data < 0) | (matrix.data > 1)
        raise InputError(
            f"X: {_where(matrix, wrong)} is {matrix.data[wrong.argmax()]:g}, outside [0, 1]. The "
            "Bernoulli likelihood reads what is there or not: pass counts > 0, or use "
            'likelihood="categorical" for counts and "gaussian" for real numbers.'
        )
    return matrix


def _refuse_fractions(source: Any) -> None:
    data = getattr(source, "data", None) if sparse.issparse(source) else source
    if not isinstance(data, np.ndarray) or data.dtype.kind != "f" or not np.isfinite(data).all():
        return
    wrong = data != np.floor(data)
    if wrong.any() and not (data < 0).any():
        raise InputError(
            f"X: holds {data[wrong].flat[0]:g}, which is no count, and the categorical likelihood "
            'reads whole counts. Use likelihood="gaussian" for tf-idf and other real numbers, or '
            "pass corpus.counts."
        )


def _matrix(source: Any) -> sparse.csr_matrix:
    refuse_masked(source, "X")
    if not sparse.issparse(source):
        try:
            array = np.asarray(source)
            array = array.astype(np.float64) if array.dtype.kind in "OUSbiuf" else array
        except (TypeError, ValueError) as error:
            kind = InputTypeError if isinstance(error, TypeError) else InputError
            raise kind(
                f"X: cannot be read as a table of numbers ({error!s:.90}). Pass a sparse matrix or "
                "an array of shape (rows, columns); for raw text use Corpus.from_texts."
            ) from None
        if array.dtype.kind != "c" and array.ndim != 2:
            raise InputError(
                f"X: has {array.ndim} dimension(s), expected 2 (rows, columns). "
                "Reshape your data: a single row is array.reshape(1, -1)."
            )
        source = array
    if source.dtype.kind == "c":
        raise InputError("X: Complex data not supported. Pass real numbers.")
    matrix = as_matrix(source, "X").astype(np.float64, copy=False)
    for place, name in enumerate(("sample(s)", "feature(s)")):
        if matrix.shape[place] == 0:
            raise InputError(
                f"X: Found array with 0 {name} (shape={matrix.shape}) while a minimum of 1 is "
                "required. Check how the table was read."
            )
    wrong = ~np.isfinite(matrix.data)
    if wrong.any():
        raise InputError(
            f"X: {_where(matrix, wrong)} is {matrix.data[wrong.argmax()]}; it holds NaN or "
            "infinity. Drop or fill those entries."
        )
    matrix = matrix.copy()
    matrix.eliminate_zeros()
    return matrix


def _where(matrix: sparse.csr_matrix, wrong: NDArray[np.bool_]) -> str:
    place = int(wrong.argmax())
    row = int(np.searchsorted(matrix.indptr, place, side="right")) - 1
    return f"the entry in row {row}, column {int(matrix.indices[place])}"


PREPARED = {
    "prepared/mean": Array("V", kind="float64"),
    "prepared/weight": Array("V", kind="float64", low=0),
    "prepared/numbers": Array(2, kind="float64", low=0),
}
"""What :meth:`Preparation.arrays` gives."""


@dataclass(frozen=True)
class Preparation:
    """What was seen of the training rows, and how rows are put to scale by it.

    Real numbers are divided by ``scale``. Rows that hold few zeros are centred too and held whole,
    which costs nothing then and loses no digits; sparse ones keep their zeros, and ``shift`` stands
    beside them. Counts and entries in [0, 1] stay as they are.

    Attributes
    ----------
    likelihood : str
    mean : float64 array of shape (V,)
        Mean of each column; of counts, its share of the tokens.
    weight : float64 array of shape (V,)
        Of each column at the encoder.
    scale : float
        Root mean square of an entry about its column's mean.
    centred : bool
    """

    likelihood: str
    mean: NDArray[np.float64]
    weight: NDArray[np.float64]
    scale: float
    centred: bool

    @classmethod
    def of(cls, rows: sparse.csr_matrix, likelihood: str) -> Self:
        """From training rows (D, V) that ``as_rows`` checked."""
        n_rows, n_columns = rows.shape
        if likelihood == "categorical":
            totals = np.asarray(rows.sum(axis=0, dtype=np.float64)).ravel() + _SMOOTHING
            holding = np.bincount(rows.indices, minlength=n_columns)
            rarity = np.log((1 + n_rows) / (1 + holding)) + 1.0
            return cls(likelihood, totals / totals.sum(), rarity, 1.0, False)
        mean = np.asarray(rows.mean(axis=0), dtype=np.float64).ravel()
        centred = likelihood == "gaussian" and rows.nnz > _MOSTLY * n_rows * n_columns
        if centred:
            square = float(np.square(rows.toarray() - mean).mean())
        else:
            square = float(rows.power(2).sum()) / (n_rows * n_columns) - float(np.mean(mean**2))
        scale = max(square, 0.0) ** 0.5
        scale = scale if scale > 1e-9 * float(np.abs(mean).max(initial=1e-300)) else 1.0
        weight = np.full(n_columns, n_columns**-0.5)
        if likelihood == "bernoulli":
            return cls(likelihood, mean, weight / scale, 1.0, False)
        return cls(likelihood, mean, weight, scale, centred)

    @property
    def shift(self) -> NDArray[np.float64]:
        """What is still to be taken from prepared rows, shape (V,)."""
        if self.likelihood == "categorical" or self.centred:
            return np.zeros_like(self.mean)
        return self.mean / self.scale

    @property
    def bias(self) -> NDArray[np.float64]:
        """What a decoder says of a row without its code, shape (V,)."""
        if self.likelihood == "categorical":
            return np.log(self.mean)
        if self.likelihood == "bernoulli":
            share = np.clip(self.mean, _RAREST, 1 - _RAREST)
            return np.asarray(np.log(share) - np.log1p(-share))
        return np.zeros_like(self.mean)

    def reading(self) -> Reading:
        """How the encoder reads prepared rows."""
        return Reading(
            weight=torch.from_numpy(self.weight).float(),
            center=torch.from_numpy(self.shift * self.weight).float(),
            counts=self.likelihood == "categorical",
        )

    def rows(self, matrix: sparse.csr_matrix) -> sparse.csr_matrix:
        """Prepared rows: float32, shape (D, V)."""
        if not self.centred:
            return sparse.csr_matrix(matrix / self.scale, dtype=np.float32)
        n_rows, n_columns = matrix.shape
        whole = ((matrix.toarray() - self.mean) / self.scale).astype(np.float32)
        columns = np.tile(np.arange(n_columns, dtype=np.int32), n_rows)
        ends = np.arange(0, n_rows * n_columns + 1, n_columns)
        return sparse.csr_matrix((whole.ravel(), columns, ends), shape=matrix.shape)

    def outputs(self, mean: NDArray[np.float32]) -> NDArray[np.float32]:
        """A decoder's rows in the units of the data."""
        if self.likelihood != "gaussian":
            return mean
        back = mean * self.scale + (self.mean if self.centred else 0.0)
        return np.asarray(back, dtype=np.float32)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """For saving."""
        numbers = np.array([self.scale, float(self.centred)])
        return {"prepared/mean": self.mean, "prepared/weight": self.weight,
                "prepared/numbers": numbers}  # fmt: skip

    @classmethod
    def restored(cls, arrays: Mapping[str, NDArray[Any]], likelihood: str) -> Self:
        """What ``arrays`` wrote."""
        scale, centred = arrays["prepared/numbers"].tolist()
        mean, weight = arrays["prepared/mean"], arrays["prepared/weight"]
        return cls(likelihood, mean, weight, scale, bool(centred))


class Rows(SparseCounts):
    """Prepared rows on a device. The size of a row is its tokens, or else its V entries."""

    def __init__(self, rows: sparse.csr_matrix, device: torch.device, *, counts: bool) -> None:
        super().__init__(rows, device)
        if not counts:
            self._totals = torch.full_like(self._totals, float(rows.shape[1]))
            self.n_tokens = float(rows.shape[0] * rows.shape[1])


def listed(value: Any) -> list[Any]:
    """A list or tuple as a list, anything else as the only member of one."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def names(X: Any, n_columns: int, terms: Sequence[str] | None) -> list[str]:
    """Names of the columns: given, those of a Corpus or a data frame, or numbers."""
    own = column_names(X) or getattr(held(X, "vocabulary"), "terms", None)
    given = own if terms is None else as_list(terms, "terms")
    found = [str(name) for name in (given if given is not None else range(n_columns))]
    if len(found) != n_columns:
        raise InputError(
            f"terms: {len(found)} names for {n_columns} columns. Pass one for each column."
        )
    return found


def codes(values: Any, dim: int) -> NDArray[np.float32]:
    """Vectors (D, E) to be decoded, checked."""
    found = np.asarray(values, dtype=np.float32)
    if found.ndim != 2 or found.shape[1] != dim or len(found) == 0:
        raise InputError(
            f"X: vectors of shape {found.shape}, expected (rows, {dim}). Pass transform's answer."
        )
    if not np.isfinite(found).all():
        raise InputError("X: holds NaN or infinity. Pass transform's answer.")
    return found
