"""How NTM is trained: the choices of the paper, those of others, and those without its collapse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from polytopic.errors import InputError
from polytopic.topics.ntm.kernels.ranking import COSTS
from polytopic.topics.ntm.kernels.steps import OPTIMISERS

__all__ = ["ACTIVATIONS", "CURED", "PAPER", "RECIPES", "Recipe", "recipe_from"]

ACTIVATIONS = ("sigmoid", "softmax-softplus")
_STARTS = ("clusters", "autoencoder", "random")
_DECAYED = ("both", "documents", "terms")
_SCALES = ("n_docs", "10**epoch")

_STEEPEST = 1e6
"""Where "10**epoch" stops: from there on steps of a document no longer differ but in sign."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Choices of a training; each goes with each of the others.

    Attributes
    ----------
    cost : "margin", "log-margin", "cross-entropy" or "binary-cross-entropy"
        max(0, margin - ls+ + ls-) of the scores of a document with a term and one without (Cao et
        al. 2015); the same of log ls; -log sigmoid(ls+ - ls-) (RankNet, Burges et al. 2005); or
        -log ls+ - log(1 - ls-).
    margin : float
        Of the two margins.
    turned : bool
        The documents change places in the cost, max(0, margin - ls- + ls+), as it is often
        printed: it ranks below chance.
    scale : float, "n_docs" or "10**epoch"
        What the slopes of the cost are multiplied by, and decay is not: a number, that of the
        documents, or 1, 10, 100, ... up to a million by epoch.
    candidates : int
        Documents without the term that are drawn; the one that scores highest is used.
    subsample : float
        Pairs of terms of a higher share of all pairs are thinned out at random (0: none).
    unit : bool
        le is centred and of length one, and not the bare sum of vectors.
    activation : "sigmoid" or "softmax-softplus"
        lt of le W2 + b: each topic for itself, or softmax(log(1 + exp(.))) over topics.
    start : "clusters", "autoencoder" or "random"
        What W2 begins from: directions of k-means, an auto-encoder of le, noise.
    tied : bool
        The auto-encoder rebuilds le as sigmoid(le W2) W2', and not by a matrix of its own.
    contrast : float
        Length of the directions of k-means.
    bias : float or None
        Where the bias of lt begins; None: lt has none.
    centred : bool
        W1 begins from sums of log lt, centred over terms and topics and divided by the root of the
        document's length, and not from bare sums of lt.
    unit_rows : bool
        Rows of W1 are brought back to length one after each step.
    optimiser : "row-adagrad", "sgd", "adagrad", "adam" or "adadelta"
        The first is AdaGrad with one number a row for W1 and Adam for W2, at rates that fall; the
        others are of both matrices, entry by entry.
    averaged : int
        0: a document's row moves by the sum of its own pairs, one block of documents after the
        other. N: W1 and W2 move once by the mean over a batch of about N pairs, and decay is part
        of that cost, as in programs that differentiate whole matrices.
    document_rate, term_rate : float
        Learning rates of W1 and W2.
    decay : float
        Weight decay.
    decay_on : "both", "documents" or "terms"
        W1 and W2, or one of them.
    decay_everywhere : bool
        Every step takes it from every row, and not only a row's own step.
    """

    cost: str = "log-margin"
    margin: float = 1.0
    turned: bool = False
    scale: float | str = 1.0
    candidates: int = 4
    subsample: float = 1e-3
    unit: bool = True
    activation: str = "sigmoid"
    start: str = "clusters"
    tied: bool = False
    contrast: float = 6.0
    bias: float | None = -2.0
    centred: bool = True
    unit_rows: bool = False
    optimiser: str = "row-adagrad"
    averaged: int = 0
    document_rate: float = 0.1
    term_rate: float = 0.4
    decay: float = 0.0
    decay_on: str = "both"
    decay_everywhere: bool = False

    @property
    def document_decay(self) -> float:
        return 0.0 if self.decay_on == "terms" else self.decay

    @property
    def term_decay(self) -> float:
        return 0.0 if self.decay_on == "documents" else self.decay

    def scaled(self, epoch: int, n_documents: int) -> float:
        """What slopes are multiplied by in an epoch, counted from 0.

        >>> Recipe(scale="10**epoch").scaled(2, 50), Recipe(scale="n_docs").scaled(2, 50)
        (100.0, 50.0)
        """
        if self.scale == "n_docs":
            return float(n_documents)
        if self.scale == "10**epoch":
            return min(10.0 ** min(epoch, 99), _STEEPEST)
        return float(self.scale)


CURED = Recipe()

PAPER = Recipe(
    cost="margin", margin=0.5, candidates=1, subsample=0.0, unit=False, start="autoencoder",
    bias=None, centred=False, optimiser="sgd", document_rate=0.01, term_rate=0.01, decay=1e-3,
    decay_everywhere=True,
)  # fmt: skip

RECIPES = {"cured": CURED, "paper": PAPER}

_EARLIER: dict[str, tuple[str, dict[bool, str]]] = {
    "logarithmic": ("cost", {True: "log-margin", False: "margin"}),
    "adaptive": ("optimiser", {True: "row-adagrad", False: "sgd"}),
}
"""Names of choices that were once two, and what they are now."""


def recipe_from(name: str, changes: Mapping[str, Any] | None) -> Recipe:
    """The recipe of a name, with some of its choices changed.

    Raises
    ------
    InputError
        If there is no such choice, its value cannot be used, or two exclude each other.
    """
    base, changes = RECIPES[name], _renamed(dict(changes or {}))
    known = {field.name: getattr(base, field.name) for field in fields(Recipe)}
    for key, value in changes.items():
        if key not in known:
            raise InputError(f'changes: there is no "{key}". There are: {", ".join(known)}.')
        if not _FITS[key](value):
            raise InputError(f"changes: {key} cannot be {value!r}. See {Recipe.__module__}.Recipe.")
    recipe = replace(base, **changes)
    for (key, other), clash in _CLASHES.items():
        if key in changes and clash(recipe):
            raise InputError(
                f"changes: {key}={changes[key]!r} has no part in a training with "
                f"{other}={getattr(recipe, other)!r}. Leave {key} away, or choose another {other}."
            )
    return recipe


_CLASHES: dict[tuple[str, str], Callable[[Recipe], bool]] = {
    ("margin", "cost"): lambda recipe: recipe.cost not in ("margin", "log-margin"),
    ("tied", "start"): lambda recipe: recipe.tied and recipe.start != "autoencoder",
    ("contrast", "start"): lambda recipe: recipe.start != "clusters",
}
"""A choice that was asked for, and another that leaves it without a part."""


def _renamed(changes: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for key, value in changes.items():
        now, values = _EARLIER.get(key, (key, None))
        if values is None:
            found[key] = value
            continue
        if now in changes:
            raise InputError(f"changes: {key} and {now} say the same. Pass {now} alone.")
        if not isinstance(value, bool):
            raise InputError(f"changes: {key} cannot be {value!r}. It is True or False.")
        found[now] = values[value]
    return found


def _number(value: Any) -> bool:
    real = isinstance(value, (int, float)) and not isinstance(value, bool)
    return real and abs(value) < 1e6


def _positive(value: Any) -> bool:
    return _number(value) and value >= 0


def _whole(least: int) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, (int, float)) and not isinstance(value, bool)
        and least <= value < 2**31 and int(value) == value
    )  # fmt: skip


def _one_of(*names: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in names


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


_FITS: dict[str, Callable[[Any], bool]] = {
    "cost": _one_of(*COSTS),
    "margin": _positive,
    "turned": _flag,
    "scale": lambda value: _one_of(*_SCALES)(value) or (_positive(value) and value > 0),
    "candidates": _whole(1),
    "subsample": _positive,
    "unit": _flag,
    "activation": _one_of(*ACTIVATIONS),
    "start": _one_of(*_STARTS),
    "tied": _flag,
    "contrast": _positive,
    "bias": lambda value: value is None or _number(value),
    "centred": _flag,
    "unit_rows": _flag,
    "optimiser": _one_of("row-adagrad", *OPTIMISERS),
    "averaged": _whole(0),
    "document_rate": _positive,
    "term_rate": _positive,
    "decay": _positive,
    "decay_on": _one_of(*_DECAYED),
    "decay_everywhere": _flag,
}
