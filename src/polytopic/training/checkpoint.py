"""Checkpoints of a training run: everything the next epoch depends on, written atomically."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from polytopic.errors import CheckpointError
from polytopic.io.schemas import NUMBER, WHOLE, Array, history_of, like
from polytopic.parameters import NONE, AnyOf
from polytopic.training.run import Checkpoint

__all__ = ["KIND", "restore", "save"]

KIND = "training checkpoint"
_STATE = ("step", "exp_avg", "exp_avg_sq")
"""What Adam keeps of a parameter that it has moved."""
_RECORD = {
    "epoch": WHOLE,
    "best_epoch": WHOLE,
    "best_value": AnyOf(NUMBER, NONE),
    "history": history_of("epoch", "loss", "kl_weight"),
}
"""What its record holds beside identity and history."""


def save(
    checkpoint: Checkpoint,
    module: nn.Module,
    optimizer: Optimizer,
    best: Mapping[str, Tensor],
    progress: Mapping[str, Any],
) -> None:
    """Write weights, best weights, optimiser state and ``progress`` (JSON-ready)."""
    tensors = {f"weights/{name}": value for name, value in module.state_dict().items()}
    tensors |= {f"best/{name}": value for name, value in best.items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{index}/{name}": value for name, value in state.items()}
    arrays = {name: value.detach().cpu().numpy() for name, value in tensors.items()}
    checkpoint.save(arrays, progress)


def restore(
    checkpoint: Checkpoint, module: nn.Module, optimizer: Optimizer
) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """Load what there is into ``module`` and ``optimizer``; return best weights and progress.

    Raises
    ------
    CheckpointError
        If the files are damaged, or belong to other parameters or another corpus.
    """
    table = _table(module, optimizer)
    if (loaded := checkpoint.load(_RECORD, table)) is None:
        return None
    path, (arrays, progress) = checkpoint.path, loaded
    unknown = sorted(arrays.keys() - table.keys())
    if unknown:
        raise CheckpointError(f"{path}: holds an array {unknown[0]:.60}. Restore a copy.")
    tensors = {name: torch.from_numpy(value) for name, value in arrays.items()}
    module.load_state_dict(_part(tensors, "weights/"))
    states: dict[int, dict[str, Tensor]] = {}
    for name, value in _part(tensors, "optimizer/").items():
        index, key = name.split("/")
        states.setdefault(int(index), {})[key] = value
    if any(len(state) < len(_STATE) for state in states.values()):
        raise CheckpointError(f"{path}: holds half an optimiser's state. Restore a copy.")
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": states, "param_groups": groups})
    return _part(tensors, "best/"), progress


def _table(module: nn.Module, optimizer: Optimizer) -> dict[str, Array]:
    """The arrays that a checkpoint of this module and optimiser holds."""
    state = {name: value.detach().cpu().numpy() for name, value in module.state_dict().items()}
    table = like({f"weights/{name}": value for name, value in state.items()})
    table |= like({f"best/{name}": value for name, value in state.items()}, optional=True)
    parameters = [each for group in optimizer.param_groups for each in group["params"]]
    for index, parameter in enumerate(parameters):
        sides = tuple(parameter.shape) or (1,)
        arrays = Array(1, low=1, optional=True), Array(*sides, optional=True)
        moments = (*arrays, Array(*sides, low=0, optional=True))
        names = [f"optimizer/{index}/{name}" for name in _STATE]
        table |= dict(zip(names, moments, strict=True))
    return table


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {n.removeprefix(prefix): v for n, v in tensors.items() if n.startswith(prefix)}
