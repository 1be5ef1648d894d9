"""What it means to be a distribution: finite, at least zero, rows summing to one.

Everything the package calls a distribution passes :func:`check_distribution`. Word vectors are
not distributions; the error that refuses them says why and names the sound routes, two of which
are reached from here: ``from_vectors`` and ``prior`` live with the topic models and are loaded
when they are asked for.
"""

from __future__ import annotations

from typing import Any

from polytopic.late import bound
from polytopic.simplex.checks import (
    TOLERANCE,
    check_distribution,
    is_distribution,
    normalize,
    project,
    softmax,
)
from polytopic.simplex.sticks import stick_breaking

__all__ = [
    "TOLERANCE",
    "check_distribution",
    "check_prior",
    "from_vectors",
    "is_distribution",
    "normalize",
    "prior",
    "project",
    "softmax",
    "stick_breaking",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return bound(f"{__name__}.{name}")
