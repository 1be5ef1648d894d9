"""Draws of a Dirichlet process by breaking a stick."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError

__all__ = ["stick_breaking"]


def stick_breaking(
    alpha: float, n_atoms: int = 100, n_draws: int = 1, *, random_state: Any = None
) -> NDArray[np.float64]:
    """Weights of the atoms of a Dirichlet process (Sethuraman 1994), (n_draws, n_atoms).

    v_k ~ Beta(1, alpha),  w_k = v_k prod_{j<k} (1 - v_j)

    The last atom takes what is left, so that rows sum to one. The smaller alpha, the sooner the
    stick is used up: after n breaks (alpha / (1 + alpha))^n of it are left on average.

    Parameters
    ----------
    alpha : float
        Concentration of the process, above 0.
    n_atoms, n_draws : int
        At least 1.
    random_state : int, Generator or None

    Raises
    ------
    InputError
        If alpha is not a positive, finite number, or there are no atoms or draws.

    >>> stick_breaking(1.0, 4, random_state=0).round(2)
    array([[0.49, 0.32, 0.  , 0.18]])
    """
    if isinstance(alpha, bool) or not (isinstance(alpha, (int, float)) and 0 < alpha < np.inf):
        raise InputError(
            f"alpha: {alpha!r} given. The concentration of a Dirichlet process is a number above "
            "0: at 0 the first atom would take the whole stick."
        )
    for name, value in (("n_atoms", n_atoms), ("n_draws", n_draws)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
            raise InputError(f"{name}: {value!r} given. Give a whole number from 1 on.")
    rng = np.random.default_rng(random_state)
    # 1 - v ~ Beta(alpha, 1) = u^(1/alpha): in logarithms no small alpha underflows
    log_rest = np.cumsum(-rng.standard_exponential((n_draws, n_atoms - 1)) / alpha, axis=1)
    left = np.exp(np.hstack([np.zeros((n_draws, 1)), log_rest]))
    return np.hstack([left[:, :-1] - left[:, 1:], left[:, -1:]])
