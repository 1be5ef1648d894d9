"""Has a trace of log-likelihoods settled? One rule, said in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from polytopic.errors import InputError
from polytopic.told import Percent, Told

__all__ = ["Verdict", "judge_history", "judge_trace"]

_FEWEST = 12
"""Two values in each of the sixths that are compared."""

_LIKELIHOOD, _FIT = Told("log-likelihood"), Told("fit (minus the loss)")

TOLERANCE = 0.01
"""Of its rise that a settled trace may gain in its last sixth. A sampler of LDA that learns alphas
gains .005 to .006 after 200 passes and after 400, with topics that no longer get better (NPMI .243
and TD .63 after 200 and after 300 on 20 Newsgroups); after 60 passes it gains .014."""


@dataclass(frozen=True)
class Verdict:
    """Whether training had settled when it stopped.

    Attributes
    ----------
    state : "settled", "rising", "falling", "too short" or "not finite"
    gain : float
        Mean of the trace's last sixth less that of the sixth before it, in the trace's unit.
    rise : float
        Mean of the last sixth less the first value.
    noise : float
        Standard error of ``gain`` as if values were independent.
    sentence : str
    """

    state: Literal["settled", "rising", "falling", "too short", "not finite"]
    gain: float
    rise: float
    noise: float
    sentence: str

    @property
    def settled(self) -> bool:
        """True for the state "settled" only."""
        return self.state == "settled"


def judge_trace(
    trace: Sequence[float], *, tolerance: float = TOLERANCE, what: str = _LIKELIHOOD
) -> Verdict:
    """Judge a trace of log-likelihoods (or bounds, or any figure that rises while models learn).

    The means of its last two sixths are compared. It has settled if their difference, the gain, is
    at most ``tolerance`` of the whole rise since the first value, or at most two of its standard
    errors. Values of a sampler follow each other closely, so that the standard error is too small
    and the rule errs towards "rising". A settled likelihood is needed, but is no proof, that a
    sampler has reached its posterior.

    Parameters
    ----------
    trace : sequence of float
        In order, at even distances; at least 12 values for a verdict.
    tolerance : float
        Positive.
    what : str
        What the sentence calls the trace.

    Raises
    ------
    InputError
        If ``tolerance`` is not positive.

    >>> print(judge_trace([-9.0 + 2.0 * (1.0 - 0.5**i) for i in range(30)]).sentence)
    The log-likelihood has settled: its last 5 values are 0.0% of its rise above the 5 before.
    >>> judge_trace([0.1 * i for i in range(30)]).state
    'rising'
    """
    if not tolerance > 0.0:
        raise InputError(f"tolerance: is {tolerance}. Give a positive share, such as 0.01.")
    values = np.asarray(trace, dtype=np.float64)
    if len(values) < _FEWEST:
        sentence = Told(
            "The trace holds {values} values; a verdict needs {fewest}. Train for longer.",
            values=len(values), fewest=_FEWEST,
        )  # fmt: skip
        return Verdict("too short", np.nan, np.nan, np.nan, sentence)
    if not np.all(np.isfinite(values)):
        sentence = Told("The trace holds values that are not finite: training diverged.")
        return Verdict("not finite", np.nan, np.nan, np.nan, sentence)
    size = len(values) // 6
    last, before = values[-size:], values[-2 * size : -size]
    gain, rise = float(last.mean() - before.mean()), float(last.mean() - values[0])
    noise = float(np.sqrt((last.var(ddof=1) + before.var(ddof=1)) / size))
    if abs(gain) <= max(tolerance * abs(rise), 2.0 * noise):
        state: Literal["settled", "rising", "falling"] = "settled"
    else:
        state = "rising" if gain > 0.0 else "falling"
    return Verdict(state, gain, rise, noise, _sentence(what, state, gain, rise, size))


def judge_history(history: Sequence[Mapping[str, Any]]) -> Verdict | None:
    """Judge the history of a model that learns by passes: LDA's likelihood or bound, NMF's loss.

    None for other histories: the objective of a neural model changes while it is warmed up.
    """
    passes = [record for record in history if "iteration" in record]
    for name in ("log_likelihood", "bound"):
        trace = [float(record[name]) for record in passes if name in record]
        if trace:
            return judge_trace(trace)
    fits = [-float(record["loss"]) for record in passes if "loss" in record]
    return judge_trace(fits, what=_FIT) if fits else None


_SETTLED = (
    "The {what} has settled: its last {size} values are {gain} above the {size} before.",
    "The {what} has settled: its last {size} values are {gain} below the {size} before.",
)
_RISING = (
    "The {what} is still rising: its last {size} values are {gain} above the {size} before. "
    "Train for longer."
)
_FALLING = (
    "The {what} is falling: its last {size} values are {gain} below the {size} before. "
    "Check the input and the learning rate."
)


def _sentence(what: str, state: str, gain: float, rise: float, size: int) -> str:
    share = Told("{share} of its rise", share=Percent(abs(gain / rise), 1)) if rise else ""
    return Told(
        {"rising": _RISING, "falling": _FALLING}.get(state, _SETTLED[gain < 0.0]),
        what=what, size=size, gain=share or f"{abs(gain):.3g}",
    )  # fmt: skip
