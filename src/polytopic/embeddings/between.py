"""How far documents are apart by the vectors of their words: pure functions over arrays."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError

__all__ = ["soft_cosine", "transport_cost", "word_shares"]

Floats = NDArray[np.float64]


def word_shares(
    words: Sequence[str], known: Callable[[str], bool]
) -> tuple[list[str], Floats, list[str]]:
    """The distinct words that are known, their shares of them, and those that are not."""
    counts = Counter(words)
    held = [word for word in counts if known(word)]
    numbers = np.array([counts[word] for word in held], dtype=np.float64)
    return held, numbers / max(numbers.sum(), 1.0), [w for w in counts if w not in set(held)]


def transport_cost(
    first: Floats, second: Floats, points: NDArray[np.float32], others: NDArray[np.float32]
) -> float:
    """The least cost of moving shares ``first`` at ``points`` to shares ``second`` at ``others``.

    Parameters
    ----------
    first, second : arrays of shapes (m,) and (n,)
        Each sums to one.
    points, others : arrays of shapes (m, E) and (n, E)
        Moving one unit costs their Euclidean distance.
    """
    from scipy import sparse
    from scipy.optimize import linprog
    from scipy.spatial.distance import cdist

    costs = cdist(points.astype(np.float64), others.astype(np.float64))
    m, n = costs.shape
    leave = sparse.kron(sparse.eye(m), np.ones((1, n)))
    arrive = sparse.kron(np.ones((1, m)), sparse.eye(n))
    found = linprog(  # type: ignore[call-overload]  # sparse is taken, the stubs do not say so
        costs.ravel(),
        A_eq=sparse.vstack([leave, arrive]).tocsr()[:-1],  # the last follows from the others
        b_eq=np.concatenate([first, second])[:-1],
        method="highs",
    )
    if found.fun is None:
        raise InputError(f"documents: no way to move one to the other was found ({found.message}).")
    return max(float(found.fun), 0.0)


def soft_cosine(
    unit: NDArray[np.float32], x: Floats, y: Floats, exponent: float, threshold: float
) -> float:
    """Soft cosine of weights x and y, shape (n,), of words with unit vectors, shape (n, E).

    Raises
    ------
    InputError
        If ``exponent`` is not above 0, or ``threshold`` not within -1 to 1.
    """
    if not (math.isfinite(exponent) and exponent > 0):
        raise InputError(f"exponent: is {exponent!r}. Give a number above 0.")
    if not -1 <= threshold <= 1:
        raise InputError(f"threshold: is {threshold!r}. Give a cosine, -1 to 1.")
    cosines = unit.astype(np.float64) @ unit.T.astype(np.float64)
    near = np.where(cosines > max(threshold, 0.0), np.maximum(cosines, 0.0) ** exponent, 0.0)
    np.fill_diagonal(near, 1.0)
    lengths = (x @ near @ x) * (y @ near @ y)
    return float(np.clip(x @ near @ y / np.sqrt(lengths), -1.0, 1.0))
