"""How far judges agree: Krippendorff's alpha."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError

__all__ = ["krippendorff_alpha"]

Level = Literal["nominal", "ordinal", "interval"]


def krippendorff_alpha(ratings: Any, *, level: Level = "ordinal") -> float:
    """Krippendorff's alpha of judges who each answered some of the questions.

    ``alpha = 1 - D_o / D_e``: the observed disagreement of judges on one question, by the expected
    one of answers dealt at random; 1 is agreement, 0 chance. With n_c answers c in all and o_ck
    pairs of answers c and k to one question (each question of m answers gives pairs of weight
    1 / (m - 1))::

        D_o = sum_ck o_ck d_ck / n        D_e = sum_ck n_c n_k d_ck / (n (n - 1))

    d is 0 or 1 (nominal), (c - k)^2 (interval), or the squared number of answers between c and k
    with half of those that are c and k (ordinal).

    Parameters
    ----------
    ratings : float array of shape (judges, questions)
        NaN where a judge gave no answer; questions with fewer than two answers say nothing.
    level : {"nominal", "ordinal", "interval"}

    Returns
    -------
    float
        At most 1; below 0 where judges disagree more than chance. NaN where all answers are one,
        since nothing can be told from it.

    Raises
    ------
    InputError
        If no question was answered by two judges, or the level is none of these.

    Notes
    -----
    Krippendorff, Content Analysis (4th ed., 2018), chapter 12.

    >>> krippendorff_alpha([[1, 2, 3, 3], [1, 2, 3, 3]])
    1.0
    >>> round(krippendorff_alpha([[1, 2, 3, 1], [1, 2, 3, float("nan")]], level="nominal"), 3)
    1.0
    """
    if level not in ("nominal", "ordinal", "interval"):
        raise InputError(f'level: is {level!r:.40}. Pass "nominal", "ordinal" or "interval".')
    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2:
        raise InputError(f"ratings: shape {table.shape}. Pass a row a judge, a column a question.")
    answered = (~np.isnan(table)).sum(axis=0)
    table = table[:, answered >= 2]
    if not table.size:
        raise InputError(
            "ratings: no question was answered by two judges, so none can agree. Join the answers "
            "of judges who had the same questions."
        )
    values, codes = np.unique(table[~np.isnan(table)], return_inverse=True)
    pairs = _coincidences(table, codes, len(values))
    uses = pairs.sum(axis=0)
    total = float(uses.sum())
    distances = _distances(values, uses, level)
    expected = float(uses @ distances @ uses) / (total - 1)
    if expected == 0:
        return float("nan")
    return 1.0 - float((pairs * distances).sum()) / expected


def _coincidences(
    table: NDArray[np.float64], codes: NDArray[np.intp], n_values: int
) -> NDArray[np.float64]:
    """Pairs of answers to one question, (values, values)."""
    counts = np.zeros((table.shape[1], n_values))
    questions = np.nonzero(~np.isnan(table))[1]
    np.add.at(counts, (questions, codes), 1.0)
    weights = 1.0 / (counts.sum(axis=1) - 1.0)
    return np.asarray((counts.T * weights) @ counts - np.diag(weights @ counts))


def _distances(
    values: NDArray[np.float64], uses: NDArray[np.float64], level: Level
) -> NDArray[np.float64]:
    """The squared distance of each two answers."""
    if level == "nominal":
        return 1.0 - np.eye(len(values))
    if level == "interval":
        return np.asarray((values[:, None] - values) ** 2)
    middles = np.cumsum(uses) - uses / 2
    return np.asarray((middles[:, None] - middles) ** 2)
