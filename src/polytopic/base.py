"""The estimator contract shared by all models: scikit-learn's, with explaining errors.

Constructors are keyword-only and do no work; ``fit`` checks every parameter against the table
``_constraints`` of its class before it touches the data.
"""

from __future__ import annotations

import inspect
import math
import numbers
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from polytopic.errors import InputError, NotFittedModelError

__all__ = ["AnyOf", "Choice", "Constraint", "Custom", "Estimator", "Integer", "Real", "seed_from"]


class Constraint(ABC):
    """What a parameter accepts: ``accepts`` decides, ``describe`` completes "It must be ..."."""

    @abstractmethod
    def accepts(self, value: Any) -> bool:
        """Whether ``value`` may be used."""

    @abstractmethod
    def describe(self) -> str:
        """What may be used, in words."""


@dataclass(frozen=True)
class Integer(Constraint):
    """An integer between ``low`` and ``high``, both included."""

    low: int
    high: int | None = None

    def accepts(self, value: Any) -> bool:
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
            return False
        return self.low <= int(value) and (self.high is None or int(value) <= self.high)

    def describe(self) -> str:
        upper = "" if self.high is None else f" and at most {self.high}"
        return f"an integer of at least {self.low}{upper}"


@dataclass(frozen=True)
class Real(Constraint):
    """A finite number between ``low`` and ``high``; the bounds are open where said."""

    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False

    def accepts(self, value: Any) -> bool:
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
            return False
        number = float(value)
        if not math.isfinite(number):
            return False
        above = number > self.low if self.open_low else number >= self.low
        below = number < self.high if self.open_high else number <= self.high
        return above and below

    def describe(self) -> str:
        parts = []
        if self.low > -math.inf:
            parts.append(f"{'above' if self.open_low else 'at least'} {self.low:g}")
        if self.high < math.inf:
            parts.append(f"{'below' if self.open_high else 'at most'} {self.high:g}")
        return " ".join(["a finite number", " and ".join(parts)]).strip()


@dataclass(frozen=True)
class Choice(Constraint):
    """One of a few values."""

    options: tuple[Any, ...]

    def accepts(self, value: Any) -> bool:
        return any(type(value) is type(option) and value == option for option in self.options)

    def describe(self) -> str:
        return "one of " + ", ".join(repr(option) for option in self.options)


@dataclass(frozen=True)
class Custom(Constraint):
    """Whatever ``test`` says, described by ``text``."""

    text: str
    test: Callable[[Any], bool]

    def accepts(self, value: Any) -> bool:
        return self.test(value)

    def describe(self) -> str:
        return self.text


class AnyOf(Constraint):
    """Accepted by at least one of several constraints."""

    def __init__(self, *parts: Constraint) -> None:
        self.parts = parts

    def accepts(self, value: Any) -> bool:
        return any(part.accepts(value) for part in self.parts)

    def describe(self) -> str:
        return ", or ".join(part.describe() for part in self.parts)


class Estimator:
    """Base of every model: parameters checked by a table, fitted attributes end in ``_``.

    It keeps scikit-learn's contract for parameters (``sklearn.base.clone`` works) without loading
    scikit-learn, which takes 65 MB; the topic models are scikit-learn's own estimators besides.
    """

    _constraints: ClassVar[Mapping[str, Constraint]] = {}

    _may_change: ClassVar[frozenset[str]] = frozenset(
        {
            "batch_size", "checkpoint", "deterministic", "device", "epochs", "iterations",
            "learning_decay", "learning_offset", "learning_rate", "memory", "min_learning_rate",
            "n_threads", "samples", "trackers", "verbose",
        }
    )  # fmt: skip
    """Parameters that may change between two calls of ``partial_fit``: those of the run."""

    _fitted_with: Mapping[str, Any]

    @classmethod
    def _defaults(cls) -> dict[str, Any]:
        """The constructor's parameters, sorted, with their defaults."""
        found = inspect.signature(cls).parameters
        return {name: found[name].default for name in sorted(found)}

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters of the constructor as they are now; ``deep`` changes nothing."""
        return {name: getattr(self, name) for name in self._defaults()}

    def set_params(self, **params: Any) -> Self:
        """Change parameters.

        Raises
        ------
        InputError
            If there is no such parameter.
        """
        known = self._defaults()
        for name, value in params.items():
            if name not in known:
                raise InputError(
                    f"{name}: is no parameter of {type(self).__name__}. It has: {', '.join(known)}."
                )
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        changed = [
            f"{name}={getattr(self, name)!r}"
            for name, default in self._defaults().items()
            if not (getattr(self, name) is default or repr(getattr(self, name)) == repr(default))
        ]
        return f"{type(self).__name__}({', '.join(changed)})"

    def _validate_parameters(self, skipped: Collection[str] = ()) -> None:
        """Raise :class:`InputError` for the first parameter outside its constraint."""
        for name, value in self.get_params(deep=False).items():
            constraint = self._constraints.get(name) if name not in skipped else None
            if constraint is not None and not constraint.accepts(value):
                shown = repr(value)
                shown = shown if len(shown) <= 60 else shown[:57] + "..."
                raise InputError(
                    f"{name}: {shown} cannot be used by {type(self).__name__}. "
                    f"It must be {constraint.describe()}."
                )

    def _require_fitted(self, attribute: str) -> None:
        if not hasattr(self, attribute):
            raise NotFittedModelError(
                f"{type(self).__name__}: this model is not fitted yet. "
                "Call fit(corpus) first, or polytopic.load(path)."
            )

    def __sklearn_is_fitted__(self) -> bool:
        return any(name.endswith("_") and not name.startswith("_") for name in vars(self))


NONE = Custom("None", lambda value: value is None)
"""Accepts None alone, for parameters that may be left out."""

SEED = AnyOf(
    Integer(0, 2**32 - 1),
    NONE,
    Custom(
        "a numpy RandomState or Generator",
        lambda value: isinstance(value, (np.random.RandomState, np.random.Generator)),
    ),
)
"""What ``random_state`` accepts."""


def seed_from(random_state: Any) -> int:
    """One 31-bit seed from an int, None (fresh entropy), a RandomState or a Generator.

    >>> seed_from(7) == seed_from(7)
    True
    """
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**31 - 1))
    if not isinstance(random_state, np.random.RandomState):
        random_state = np.random.RandomState(random_state)
    return int(random_state.randint(2**31 - 1))
