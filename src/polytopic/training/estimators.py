"""What estimators trained by the loop share: limits of parameters, held-out rows, state, end."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from polytopic.base import Estimator
from polytopic.errors import InputError, InterruptedFitWarning
from polytopic.parameters import FOLDER, NONE, AnyOf, Custom, Integer, Real, parameter
from polytopic.training.loop import Outcome

__all__ = [
    "NOT_PART_OF_A_RUN",
    "LoopEstimator",
    "module_arrays",
    "module_state",
    "split",
    "tell_interrupted",
]

_MOST_HELD_OUT = 2_000
"""Documents that judge early stopping: more would take time of each epoch for a steadier mean than
it needs."""

_DEVICE = Custom(
    'a device name such as "auto", "cpu" or "cuda"', lambda value: isinstance(value, str)
)


class LoopEstimator(Estimator):
    """Base of the estimators that the training loop trains: the parameters of a run."""

    batch_size: int = parameter(Integer(2), "Documents or rows a step.", default=200)
    held_out: float = parameter(
        Real(0, 0.5),
        "Share of the documents kept out of training; their bound decides which weights are kept.",
        default=0.0,
    )
    patience: int | None = parameter(
        AnyOf(Integer(1), NONE),
        "With ``held_out``: epochs without a better bound before training stops.",
        default=None,
    )
    device: str = parameter(_DEVICE, '"auto", "cpu", "cuda", "cuda:1", "mps".', default="auto")
    n_threads: int | None = parameter(
        text="Blocks of documents inferred at once, one a processor by default. Training runs "
        "on one thread. The same seed gives the same bits, whatever the number.",
        default=None,
    )
    checkpoint: str | Path | None = parameter(
        FOLDER,
        "Folder written after each epoch; a fit that finds one there goes on from it.",
        default=None,
        kind="path, optional",
    )


NOT_PART_OF_A_RUN = (
    "checkpoint", "verbose", "trackers", "device", "n_threads", "random_state",
)  # fmt: skip
"""Parameters that may change between the parts of an interrupted run (the seed is kept as such)."""


def split(
    rows: NDArray[np.int64], share: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows without a share of them, and that share, 2,000 at most; both in order."""
    n_held_out = min(int(share * len(rows)), _MOST_HELD_OUT)
    if n_held_out == 0:
        return rows, rows[:0]
    order = np.random.default_rng([seed, 1]).permutation(rows)
    return np.sort(order[n_held_out:]), np.sort(order[:n_held_out])


_LARGEST_WEIGHT, _LARGEST_MOMENT = 1e10, 1e30
"""Of a saved network, by a thousand times and more what training reaches: three layers of such
weights stay below what float32 holds; moments of batch normalisation are divided by."""


def module_arrays(module: nn.Module) -> dict[str, NDArray[Any]]:
    """A module's weights and buffers, as a model saves them."""
    return {f"module/{name}": value.cpu().numpy() for name, value in module.state_dict().items()}


def module_state(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Tensor]:
    """What ``load_state_dict`` takes, of the arrays that :func:`module_arrays` gave.

    Raises
    ------
    InputError
        If weights are so large that layers overflow, or a variance is negative.
    """
    for name, value in arrays.items():
        if name.startswith("module/") and value.size and value.dtype.kind == "f":
            running = ".running_" in name
            low = 0.0 if name.endswith(".running_var") else -_LARGEST_WEIGHT
            high = _LARGEST_MOMENT if running else _LARGEST_WEIGHT
            if not (low <= value.min() and value.max() <= high):
                raise InputError(f"array {name} holds {value.min():g} to {value.max():g}")
    return {
        name.removeprefix("module/"): torch.from_numpy(value)
        for name, value in arrays.items()
        if name.startswith("module/")
    }


def tell_interrupted(model: object, outcome: Outcome, *, stacklevel: int) -> None:
    """Warn that Ctrl-C ended a run, if it did; ``stacklevel`` as in the caller's own warning."""
    if not outcome.interrupted:
        return
    warnings.warn(
        f"{type(model).__name__}: interrupted after {len(outcome.history)} of {outcome.epochs} "
        "epochs; the best weights so far are in place. Fit again with the same checkpoint to go "
        "on.",
        InterruptedFitWarning,
        stacklevel=stacklevel + 1,
    )
