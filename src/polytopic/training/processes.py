"""Devices and several processes, all through Accelerate."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim import Optimizer

from polytopic.errors import InputError
from polytopic.extras import require
from polytopic.whole_batch import shared

__all__ = ["Processes"]

_Made = TypeVar("_Made")

LETTING_GO = 0.1
"""Seconds in which threads let go of what they carried: they need the interpreter's lock for some
microseconds, and as long again as a busy machine keeps them from running."""


class Processes:
    """The processes and the device of a run.

    Started alone, there is one process. Under ``torchrun`` or ``accelerate launch`` each process
    trains on its share of every batch and the gradients are averaged.

    Parameters
    ----------
    device : str
        ``"auto"`` (what Accelerate picks), or a torch device such as ``"cpu"`` or ``"cuda:0"``.
    """

    def __init__(self, device: str = "auto") -> None:
        accelerate = require("accelerate", "training a neural model")
        self._accelerator = accelerate.Accelerator(
            device_placement=False, cpu=_several_on_processors(device)
        )
        if self.count > 1:
            atexit.unregister(_part)
            atexit.register(_part)
        self.device = self._pick(device)

    @property
    def count(self) -> int:
        """How many processes train together."""
        return int(self._accelerator.num_processes)

    @property
    def rank(self) -> int:
        """Number of this process, from 0."""
        return int(self._accelerator.process_index)

    @property
    def is_main(self) -> bool:
        """Whether this process writes files and shows progress."""
        return bool(self._accelerator.is_main_process)

    def share(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """This process's part of a batch."""
        return np.array_split(rows, self.count)[self.rank] if self.count > 1 else rows

    def sharing(self) -> AbstractContextManager[None]:
        """Inside, what is drawn for a batch and reckoned over it is that of the whole one."""
        return shared(self.rank, self.count)

    def prepare(self, module: nn.Module, optimizer: Optimizer) -> tuple[nn.Module, Optimizer]:
        """Wrap for several processes; alone, both come back as they are."""
        if self.count == 1:
            return module, optimizer
        for parameter in module.parameters():
            if parameter.numel() == 0:  # no gradient ever comes, and PyTorch would wait for it
                parameter.requires_grad_(False)
        wrapped, stepper = self._accelerator.prepare(module, optimizer)
        return wrapped, stepper

    def once(self, make: Callable[[], _Made]) -> _Made:
        """What ``make`` gives in the main process, in every one; an error there is everyone's."""
        if self.count == 1:
            return make()
        from accelerate.utils import broadcast_object_list

        sent: list[Any] = [None, None]
        if self.is_main:
            try:
                sent[0] = make()
            except Exception as error:  # noqa: BLE001 (the others wait for an answer)
                sent[1] = error
        broadcast_object_list(sent, from_process=0)
        if sent[1] is not None:
            raise sent[1]
        made: _Made = sent[0]
        return made

    def align(self, module: nn.Module) -> None:
        """Give every process the buffers of the main one (running averages differ by its share)."""
        if self.count == 1:
            return
        from accelerate.utils import broadcast

        for buffer in module.buffers():
            buffer.copy_(broadcast(buffer.contiguous(), from_process=0))

    def backward(self, loss: Tensor, share: float) -> None:
        """Accelerate's backward pass of a mean over this process's ``share`` of the documents.

        The mean of the processes' gradients is then that of the whole batch.
        """
        self._accelerator.backward(loss if self.count == 1 else loss * (share * self.count))

    def mean(self, value: float) -> float:
        """Mean of a number over the processes."""
        if self.count == 1:
            return value
        tensor = torch.tensor(value, dtype=torch.float64, device=self.device)
        return float(self._accelerator.reduce(tensor, reduction="mean"))

    def _pick(self, device: str) -> torch.device:
        if device == "auto":
            picked = self._accelerator.device
            assert isinstance(picked, torch.device)
            return picked
        try:
            chosen = torch.device(device)
            torch.empty(0, device=chosen)
        except (RuntimeError, AssertionError) as error:
            reason = str(error).splitlines()[0]
            raise InputError(
                f'device: "{device}" cannot be used here ({reason}). Use "auto" or "cpu".'
            ) from None
        return chosen


def _several_on_processors(device: str) -> bool:
    """Whether this is one of several processes that have no accelerator to train on.

    Accelerate must then be told so; alone it need not, and is left free to serve another device
    later in the same program.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) < 2:
        return False
    return device == "cpu" or not (torch.cuda.is_available() or torch.backends.mps.is_available())


def _part() -> None:
    """Leave the other processes before the interpreter ends.

    The threads that carry what is sent hold tensors of Python's for a moment longer than it takes;
    one that lets go of them while the interpreter ends aborts the whole program. They end with the
    group where nothing else holds it (PyTorch's wrapper of a module does) and are given time where
    something does. After an error nothing is waited for: the others may never answer.
    """
    if torch.distributed.is_initialized() and not hasattr(sys, "last_value"):
        torch.distributed.destroy_process_group()
        gc.collect()
        time.sleep(LETTING_GO)
