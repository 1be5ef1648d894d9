"""The estimator contract shared by all models: scikit-learn's, with explaining errors.

Constructors are keyword-only and do no work; ``fit`` checks every parameter against what its
declaration accepts before it touches the data.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Self

import numpy as np

from polytopic.errors import InputError, NotFittedModelError
from polytopic.parameters import FLAG, NONE, SEED, AnyOf, Declared, Integer, attribute, parameter
from polytopic.tracking import TRACKERS

__all__ = ["Estimator", "refuse_embeddings", "seed_from"]


class Estimator(Declared):
    """Base of every model: parameters are declared, fitted attributes end in ``_``.

    It keeps scikit-learn's contract for parameters (``sklearn.base.clone`` works) without loading
    scikit-learn, which takes 65 MB; the topic models are scikit-learn's own estimators besides.
    """

    n_threads: int | None = parameter(
        AnyOf(Integer(1), NONE), "Threads; by default one a processor.", default=None
    )
    random_state: Any = parameter(
        SEED,
        "Where random numbers come from; None draws a fresh seed.",
        default=None,
        kind="int, RandomState, Generator or None",
    )
    trackers: Any = parameter(
        TRACKERS,
        "Told the loss of steps and the record of each epoch: names as Accelerate takes them "
        '("tensorboard", "wandb", ...), or objects with ``log(values, step=...)``.',
        default=None,
        kind="str, object with ``log``, list of these, or None",
    )
    verbose: bool = parameter(FLAG, "Show a progress bar.", default=False)

    _may_change: ClassVar[frozenset[str]] = frozenset(
        {
            "batch_size", "checkpoint", "cluster", "deterministic", "device", "epochs",
            "iterations", "learning_decay", "learning_offset", "learning_rate", "memory",
            "min_learning_rate", "n_threads", "samples", "trackers", "verbose",
        }
    )  # fmt: skip
    """Parameters that may change between two calls of ``partial_fit``: those of the run."""

    _fitted_with: Mapping[str, Any] = attribute()
    _not_saved: frozenset[str] = attribute(default=frozenset())
    """Parameters that are None since the model was loaded, given or not: vectors are not saved."""

    @classmethod
    def _defaults(cls) -> dict[str, Any]:
        """The constructor's parameters, sorted, with their defaults."""
        return {name: declared.default for name, declared in sorted(cls._parameters.items())}

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

    def check_parameters(self, skipped: Collection[str] = ()) -> None:
        """Refuse parameters that cannot be used; ``fit`` does so before it touches the data.

        ``skipped``: names of parameters that are not looked at.

        Raises
        ------
        InputError
            For the first one outside its constraint.
        """
        for name, value in self.get_params(deep=False).items():
            constraint = self._parameters[name].accepts if name not in skipped else None
            if constraint is not None and not constraint.accepts(value):
                shown = repr(value)
                shown = shown if len(shown) <= 60 else shown[:57] + "..."
                raise InputError(
                    f"{name}: {shown} cannot be used by {type(self).__name__}. "
                    f"It must be {constraint.describe()}."
                )

    def __repr__(self) -> str:
        changed = [
            f"{name}={getattr(self, name)!r}"
            for name, default in self._defaults().items()
            if not (getattr(self, name) is default or repr(getattr(self, name)) == repr(default))
        ]
        return f"{type(self).__name__}({', '.join(changed)})"

    def _require_fitted(self, attribute: str) -> None:
        if not hasattr(self, attribute):
            raise NotFittedModelError(
                f"{type(self).__name__}: this model is not fitted yet. "
                "Call fit(corpus) first, or polytopic.load(path)."
            )

    def __sklearn_is_fitted__(self) -> bool:
        return any(name.endswith("_") and not name.startswith("_") for name in vars(self))


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


def refuse_embeddings(model: Any, name: str) -> None:
    """Raise :class:`InputError` if a model's ``fit`` does not take embeddings of the documents.

    ``name``: what the message calls them.
    """
    if "embeddings" not in inspect.signature(model.fit).parameters:
        raise InputError(
            f"{name}: {type(model).__name__} does not read embeddings of documents. Use the model "
            "combined-tm, zero-shot-tm, cluster-tm or fastopic, or leave them out."
        )
