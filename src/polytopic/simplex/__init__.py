"""What it means to be a distribution: finite, at least zero, rows summing to one.

Everything the package calls a distribution passes :func:`check_distribution`. Word vectors are
not distributions; the error that refuses them says why and names the sound routes, two of which
are reached from here: :func:`from_vectors` and :func:`prior` live with
the topic models and are loaded when they are asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from polytopic.simplex.checks import (
    TOLERANCE,
    check_distribution,
    is_distribution,
    normalize,
    project,
    softmax,
)

if TYPE_CHECKING:
    from polytopic.topics.from_vectors.priors import check_prior as check_prior
    from polytopic.topics.from_vectors.priors import prior as prior
    from polytopic.topics.from_vectors.vectors import from_vectors as from_vectors

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
]

_BRIDGE = {
    "check_prior": "polytopic.topics.from_vectors.priors",
    "prior": "polytopic.topics.from_vectors.priors",
    "from_vectors": "polytopic.topics.from_vectors.vectors",
}


def __getattr__(name: str) -> Any:
    if name not in _BRIDGE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_BRIDGE[name]), name)
