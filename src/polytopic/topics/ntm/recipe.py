"""How NTM is trained: the choices of the paper, and those that keep it from collapsing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from polytopic.errors import InputError

__all__ = ["CURED", "PAPER", "RECIPES", "Recipe", "recipe_from"]

_STARTS = ("clusters", "autoencoder", "random")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Choices of a training.

    Attributes
    ----------
    margin : float
        Between the scores of a document that holds a term and of one that does not.
    logarithmic : bool
        The margin is on log ls, and not on ls.
    candidates : int
        Documents without the term that are drawn; the one that scores highest is used.
    subsample : float
        Pairs of terms of a higher share of all pairs are thinned out at random (0: none).
    unit : bool
        le is centred and of length one, and not the bare sum of vectors.
    start : "clusters", "autoencoder" or "random"
        What W2 begins from: directions of k-means, an auto-encoder of le, noise.
    contrast : float
        Length of the directions of k-means.
    bias : float or None
        Where the bias of lt begins; None: lt has none.
    centred : bool
        W1 begins from sums of log lt, centred over terms and topics and divided by the root of the
        document's length, and not from bare sums of lt.
    adaptive : bool
        AdaGrad with one number a row for W1 and Adam for W2, and not plain steps.
    document_rate, term_rate : float
        Learning rates of W1 and W2.
    decay : float
        Weight decay.
    decay_everywhere : bool
        Every step takes it from every row, and not only a row's own step.
    """

    margin: float = 1.0
    logarithmic: bool = True
    candidates: int = 4
    subsample: float = 1e-3
    unit: bool = True
    start: str = "clusters"
    contrast: float = 6.0
    bias: float | None = -2.0
    centred: bool = True
    adaptive: bool = True
    document_rate: float = 0.1
    term_rate: float = 0.4
    decay: float = 0.0
    decay_everywhere: bool = False


CURED = Recipe()

PAPER = Recipe(
    margin=0.5, logarithmic=False, candidates=1, subsample=0.0, unit=False, start="autoencoder",
    bias=None, centred=False, adaptive=False, document_rate=0.01, term_rate=0.01, decay=1e-3,
    decay_everywhere=True,
)  # fmt: skip

RECIPES = {"cured": CURED, "paper": PAPER}


def recipe_from(name: str, changes: Mapping[str, Any] | None) -> Recipe:
    """The recipe of a name, with some of its choices changed.

    Raises
    ------
    InputError
        If there is no such choice, or its value cannot be used.
    """
    base, changes = RECIPES[name], dict(changes or {})
    known = {field.name: getattr(base, field.name) for field in fields(Recipe)}
    for key, value in changes.items():
        if key not in known:
            raise InputError(f'changes: there is no "{key}". There are: {", ".join(known)}.')
        if not _fits(key, value):
            raise InputError(f"changes: {key} cannot be {value!r}. See {Recipe.__module__}.Recipe.")
    return replace(base, **changes)


def _fits(key: str, value: Any) -> bool:
    if key == "start":
        return value in _STARTS
    if key in ("logarithmic", "unit", "centred", "adaptive", "decay_everywhere"):
        return isinstance(value, bool)
    if key == "bias" and value is None:
        return True
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if key == "candidates":
        return number and value >= 1 and int(value) == value
    return number and abs(value) < 1e6 and (key == "bias" or value >= 0)
