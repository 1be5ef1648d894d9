"""What it means to be a distribution: finite, at least zero, rows summing to one.

Everything the package calls a distribution passes :func:`check_distribution`. Word vectors are
not distributions; the error that refuses them says why and names the sound routes, two of which
are here: :func:`from_vectors` and :func:`prior`.
"""

from __future__ import annotations

from polytopic.simplex.checks import (
    TOLERANCE,
    check_distribution,
    is_distribution,
    normalize,
    project,
    softmax,
)
from polytopic.simplex.priors import check_prior, prior
from polytopic.simplex.vectors import from_vectors

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
