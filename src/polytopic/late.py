"""Public names that one part of the package offers and a part above it fills in.

Imports run one way; a user need not know which. ``result.report(...)`` is written by the report,
``simplex.from_vectors`` made by the topic models: what offers such a name knows nothing of who
fills it in. The package itself binds them, where its public names stand, and what is bound is
loaded when it is first used.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from functools import wraps
from operator import attrgetter
from typing import Any, ParamSpec, TypeVar

__all__ = ["bind", "bound", "late"]

P = ParamSpec("P")
R = TypeVar("R")

_PLACES: dict[str, str] = {}


def bind(places: Mapping[str, str]) -> None:
    """Say what fills in which name: ``{"package.module.name": "other.module:function"}``."""
    _PLACES.update(places)


def bound(name: str) -> Any:
    """What fills in a name, by its whole path."""
    module, _, path = _PLACES[name].partition(":")
    return attrgetter(path)(importlib.import_module(module))


def late(function: Callable[P, R]) -> Callable[P, R]:
    """A function or method that is a name and a signature: what is bound to it does the work."""
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        done: R = bound(name)(*args, **kwargs)
        return done

    return call
