"""Where the concentrations of LDA's two Dirichlet priors come from: given, or learned."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import psi

from polytopic.errors import InputError
from polytopic.io.schemas import Array, like
from polytopic.topics.from_vectors.priors import check_prior
from polytopic.topics.lda import concentrations
from polytopic.topics.lda.concentrations import CountHistogram

__all__ = ["Asymmetric", "Given", "PriorRule", "Symmetric", "alpha_rule", "eta_rule"]

_STEPS = 20
"""Steps of the fixed point at a time: the counts of a sampler change before it settles."""

START_ALPHA, START_ETA = 0.1, 0.01
"""Where learning begins: .1 a topic and .01 a term, tomotopy's defaults."""

SAVED_PRIORS = {
    "alpha": Array("K", kind="float64", positive=True),
    "lambda": Array("K", "V", kind="float32", positive=True, optional=True),
    "updates": Array(1, kind="i", low=0, optional=True),
}
"""What a saved LDA holds beside its topics and eta; the last two if it was learned online."""


class PriorRule(ABC):
    """Concentrations of Dirichlets over C categories, as they are now, and how they are learned.

    ``values``: a number, (C,), or (R, C) with a row a Dirichlet; float64.
    """

    learned: bool = True
    from_start: bool = False
    """Learn in the passes before the chain proper too, whose assignments are softer."""
    each_pass: bool = False
    """A step after every pass of the sampler, of which it is a part, and not every few."""

    def __init__(self, values: NDArray[np.float64]) -> None:
        self.values = values

    @abstractmethod
    def fit_counts(self, counts: Any) -> None:
        """Move towards what fits whole counts of shape (R, C) best, dense or sparse."""

    def fit_logs(self, mean_logs: NDArray[np.float64], step: float) -> None:
        """Move by ``step`` to what fits the mean of E[log p] best, shape (C,)."""
        raise NotImplementedError(f"{type(self).__name__} is learned from whole counts only.")

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What a checkpoint must hold."""
        return {"values": np.atleast_1d(self.values)} if self.learned else {}

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take back what ``arrays`` gave."""
        if self.learned:
            self.values = arrays["values"].reshape(self.values.shape)


class Given(PriorRule):
    """Concentrations that stay as they are."""

    learned = False

    def fit_counts(self, counts: Any) -> None:
        """Nothing to learn."""


class Symmetric(PriorRule):
    """One concentration for all categories, by Minka's fixed point."""

    def fit_counts(self, counts: Any) -> None:
        found = concentrations.symmetric(
            CountHistogram.of(counts), float(self.values), iterations=_STEPS
        )
        self.values = np.asarray(found)

    def fit_logs(self, mean_logs: NDArray[np.float64], step: float) -> None:
        old = float(self.values)
        best = concentrations.symmetric_from_expected_logs(
            float(mean_logs.mean()), len(mean_logs), old
        )
        self.values = np.asarray((1.0 - step) * old + step * best)


class Asymmetric(PriorRule):
    """One concentration a category, by Minka's fixed point (Wallach, Mimno & McCallum 2009).

    Learned in the start too: topics take their sizes while they are still soft.
    """

    from_start = True

    def fit_counts(self, counts: Any) -> None:
        self.values = concentrations.asymmetric(
            CountHistogram.of(counts), self.values, iterations=_STEPS
        )

    def fit_logs(self, mean_logs: NDArray[np.float64], step: float) -> None:
        best = concentrations.from_expected_logs(mean_logs, self.values)
        self.values = (1.0 - step) * self.values + step * best


def alpha_rule(alpha: Any, n_topics: int) -> PriorRule:
    """The prior of documents over K topics: a number, (K,), "symmetric" or "asymmetric"."""
    if isinstance(alpha, str):
        if alpha == "symmetric":
            return Symmetric(np.asarray(START_ALPHA))
        return Asymmetric(np.full(n_topics, START_ALPHA))
    return Given(check_prior(alpha, None, n_topics, "alpha"))


def eta_rule(eta: Any, n_topics: int, n_terms: int) -> PriorRule:
    """The prior of topics over V terms: a number, (V,), (K, V) or "symmetric"."""
    if isinstance(eta, str):
        return Symmetric(np.asarray(START_ETA))
    return Given(check_prior(eta, n_topics, n_terms, "eta", allow_zero=True))


def rule_arrays(**rules: PriorRule) -> dict[str, NDArray[Any]]:
    """What a checkpoint must hold of several rules, each part under its rule's name."""
    return {f"{n}/{part}": v for n, rule in rules.items() for part, v in rule.arrays().items()}


def rule_table(**rules: PriorRule) -> dict[str, Array]:
    """What :func:`rule_arrays` gives, as a checkpoint must hold it: concentrations are positive."""
    table: dict[str, Array] = {}
    for name, array in rule_arrays(**rules).items():
        table |= like({name: array}, positive=name.endswith("/values"))
    return table


def restore_rules(arrays: Mapping[str, NDArray[Any]], **rules: PriorRule) -> None:
    """Give each rule back what :func:`rule_arrays` took; other arrays are left alone."""
    for name, rule in rules.items():
        prefix = f"{name}/"
        rule.restore({n.removeprefix(prefix): v for n, v in arrays.items() if n.startswith(prefix)})


def saved_eta(eta: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """eta as a model holds it, from a file: (), (V,) or (K, V) beside topics of that shape.

    Raises
    ------
    InputError
        If it is none.
    """
    if eta.shape not in ((1,), shape[1:], shape) or eta.dtype.kind != "f" or eta.min() < 0:
        raise InputError(f"eta: {eta.dtype} of shape {eta.shape}, for topics of {shape}")
    return eta.reshape(()) if eta.size == 1 else eta


def mean_logs(gamma: NDArray[np.floating]) -> NDArray[np.float64]:
    """The mean of E[log p] over the rows of Dirichlet parameters, shape (C,)."""
    rows = gamma.astype(np.float64)
    logs = psi(rows) - psi(rows.sum(axis=1, keepdims=True))
    return np.asarray(logs.mean(axis=0))
