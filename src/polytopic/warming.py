"""What the first answer would wait for, done ahead: kernels compiled, libraries loaded."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from polytopic import registry
from polytopic.errors import MissingExtraError

__all__ = ["warm_up"]

_DOCUMENTS, _TERMS = 40, 12
"""Of the counts that are fitted: as small as all models take."""


def warm_up(*models: str) -> None:
    """Compile and load what these models need, so that their first fit and answer are quick.

    Compiled kernels are kept on the disk: once a machine is enough, until the package is another.
    In a process that is to answer, call the fitted model's own ``warm_up()``.

    Parameters
    ----------
    *models : str
        Names in the registry; by default LDA and the default model, if its extra is installed.

    Raises
    ------
    InputError
        If there is no such topic model.
    MissingExtraError
        If a model that was named needs an optional dependency that is not installed.
    """
    for name in models or ("lda", registry.DEFAULT_TOPIC_MODEL):
        try:
            kind: Any = registry.load_class(registry.find(name, "topics"))
        except MissingExtraError:
            if models:
                raise
            continue
        known = kind().get_params()
        quick = {"n_topics": 2, "epochs": 1, "iterations": 2, "dim": 4, "random_state": 0}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = kind(**{n: value for n, value in quick.items() if n in known})
            model.fit(_counts(), terms=[f"word{n}" for n in range(_TERMS)]).warm_up()


def _counts() -> Any:
    """Counts of two plain topics."""
    half = _TERMS // 2
    return np.kron(np.eye(2, dtype=np.int64), np.full((_DOCUMENTS // 2, half), 2))
