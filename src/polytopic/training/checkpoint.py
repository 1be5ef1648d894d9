"""Checkpoints of a training run: everything the next epoch depends on, written atomically."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from polytopic.io import read_checkpoint, write_folder

__all__ = ["restore", "save"]

KIND = "training checkpoint"


def save(
    path: Path,
    module: nn.Module,
    optimizer: Optimizer,
    best: Mapping[str, Tensor],
    progress: Mapping[str, Any],
) -> None:
    """Write weights, best weights, optimiser state and ``progress`` (JSON-ready) to a folder."""
    tensors = {f"weights/{name}": value for name, value in module.state_dict().items()}
    tensors |= {f"best/{name}": value for name, value in best.items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{index}/{name}": value for name, value in state.items()}
    arrays = {name: value.detach().cpu().numpy() for name, value in tensors.items()}
    write_folder(path, KIND, arrays, dict(progress))


def restore(
    path: Path, module: nn.Module, optimizer: Optimizer, identity: Mapping[str, Any]
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Load a checkpoint into ``module`` and ``optimizer``; return best weights and progress.

    Raises
    ------
    CheckpointError
        If the files are damaged, or belong to other parameters or another corpus.
    """
    arrays, progress = read_checkpoint(path, KIND, identity)
    tensors = {name: torch.from_numpy(value) for name, value in arrays.items()}
    module.load_state_dict(_part(tensors, "weights/"))
    states: dict[int, dict[str, Tensor]] = {}
    for name, value in _part(tensors, "optimizer/").items():
        index, key = name.split("/")
        states.setdefault(int(index), {})[key] = value
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": states, "param_groups": groups})
    return _part(tensors, "best/"), progress


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {n.removeprefix(prefix): v for n, v in tensors.items() if n.startswith(prefix)}
